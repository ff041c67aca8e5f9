"""`yizhan stations add|set|close …`, `history`, `undo`, `stale`, `demand report` as operators run
them."""

import argparse
from collections.abc import AsyncIterator
from gettext import NullTranslations
from pathlib import Path

import pytest

from bot.commands import revisions
from bot.commands.stations import demand, edits, merging, upkeep
from bot.commands.stations.importing import run_import
from bot.commands.stations.stations import add_parser
from bot.common.i18n import Translator, load_languages
from bot.config.settings import read_settings
from bot.services.stations.editing.edits import find
from bot.services.stations.importing.rows import StationEntry
from bot.store.engine import Store, open_store
from tests.conftest import ManualClock
from tests.services.stations.test_editing import keep
from tests.services.stations.test_upkeep import search

ENGLISH = Translator("en", NullTranslations())
CHINESE = load_languages().of("zh_CN", None)
LIST = """编号,名称,建设单位,经度,纬度,坐标系,服务时间,服务设施,核实日期
A1,甲驿站,总工会,111.66,40.82,wgs84,周一至周五 9:00-17:00,饮水机,2026-05-01
A2,乙驿站,农行,111.70,40.82,wgs84,,,
"""


class Command:
    """Runs `yizhan stations …` on a database and keeps what it prints."""

    def __init__(
        self, store: Store, clock: ManualClock, capsys: pytest.CaptureFixture[str]
    ) -> None:
        self.store = store
        self.clock = clock
        self._capsys = capsys

    async def __call__(self, code: int, *words: str | Path, t: Translator = ENGLISH) -> str:
        """What was printed; the exit code must be this one."""
        parser = argparse.ArgumentParser()
        commands = parser.add_subparsers(dest="command")
        add_parser(commands, t)
        demand.add_parser(commands, t)
        self._capsys.readouterr()
        args = parser.parse_args([*map(str, words)])
        match args.command, args.what:
            case _, "import":
                given = await run_import(args, self.store, t, clock=self.clock)
            case "stations", "history" | "undo":
                given = await revisions.run_in(
                    "stations", args, self.store, read_settings({}), t, clock=self.clock
                )
            case "stations", "merge":
                given = await merging.run_in(args, self.store, t, clock=self.clock)
            case "stations", "stale" | "missing-hours":
                given = await upkeep.run_in(args, self.store, t, clock=self.clock)
            case "demand", _:
                given = await demand.run_in(args, self.store, t, clock=self.clock)
            case _:
                given = await edits.run_in(args, self.store, t, clock=self.clock)
        captured = self._capsys.readouterr()
        printed = captured.out + captured.err
        assert given == code, printed
        return printed


@pytest.fixture
async def command(
    sqlite_url: str, clock: ManualClock, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> AsyncIterator[Command]:
    """The operator's command, on two stations that were imported from a list."""
    store = await open_store(sqlite_url)
    run = Command(store, clock, capsys)
    path = tmp_path / "名单.csv"
    path.write_text(LIST, encoding="utf-8")
    printed = await run(0, "stations", "import", path, "--datum", "wgs84", "--apply")
    assert "Written as revision 1; to take it back: yizhan stations undo 1" in printed
    yield run
    await store.close()


async def entry(command: Command, code: str = "A1") -> StationEntry:
    async with command.store.reading() as db:
        found = await find(db, code)
    assert found is not None
    return found.entry


async def test_hours_are_shown_in_words_before_they_are_written(command: Command) -> None:
    words = ("stations", "set", "A1", "hours", "周一至周五 8:00-18:00")
    shown = await command(0, *words, t=CHINESE)
    assert "服务时间：周一至周五 09:00–17:00" in shown
    assert "周一至周五 08:00–18:00" in shown
    assert "--apply" in shown
    assert (await entry(command)).hours == "Mo-Fr 09:00-17:00"
    assert "revision 2" in await command(0, *words, "--apply")
    assert (await entry(command)).hours == "Mo-Fr 08:00-18:00"


async def test_fields_go_by_any_of_their_names(command: Command) -> None:
    await command(0, "stations", "set", "A1", "电话=12351", "address", "x路1号", "--apply")
    found = await entry(command)
    assert (found.phone, found.address) == ("12351", "x路1号")
    assert "is no field" in await command(2, "stations", "set", "A1", "编号", "A9")
    assert "no value" in await command(2, "stations", "set", "A1", "hours")
    assert "no station" in await command(2, "stations", "set", "A9", "电话", "1")
    assert "Nothing changes" in await command(0, "stations", "set", "A1", "电话", "12351")


async def test_a_wrong_value_says_what_to_write(command: Command) -> None:
    printed = await command(1, "stations", "set", "A1", "hours", "看心情", "--apply", t=CHINESE)
    assert "看心情" in printed
    assert "周一至周五 9:00-17:00" in printed
    printed = await command(1, "stations", "facility", "A1", "擦鞋机=故障")
    assert "擦鞋机" in printed
    assert "state" in await command(2, "stations", "facility", "A1", "water")


async def test_doubtful_hours_need_a_yes(command: Command) -> None:
    words = ("stations", "set", "A1", "hours", "周六周日 9:00-17:00", "--apply")
    assert "--accept-doubtful" in await command(1, *words)
    assert (await entry(command)).hours == "Mo-Fr 09:00-17:00"
    await command(0, *words, "--accept-doubtful")
    assert (await entry(command)).hours == "Sa-Su 09:00-17:00"


async def test_a_closure_and_its_end(command: Command, clock: ManualClock) -> None:
    await keep(command.store, clock, "A1", couriers=2)
    close = ("stations", "close", "A1", "--from", "2026-12-01", "--to", "2026-12-07")
    assert "2 couriers would be told" in await command(0, *close, "--reason", "装修")
    await command(0, *close, "--reason", "装修", "--apply")
    assert [one.reason for one in (await entry(command)).changes] == ["装修"]
    assert "--to" in await command(1, "stations", "close", "A1", "--from", "2026-12-01")
    await command(0, "stations", "reopen", "A1", "--from", "2026-12-01", "--to", "2026-12-07",
                  "--apply")  # fmt: skip
    assert (await entry(command)).changes == ()


async def test_a_facility_a_check_and_a_new_station(command: Command) -> None:
    await command(0, "stations", "facility", "A1", "water=broken", "空调=正常", "--apply")
    assert dict((await entry(command)).facilities) == {"water": "broken", "hvac": "ok"}
    await command(0, "stations", "verify", "A1", "--apply")
    assert str((await entry(command)).verified_at) == "2026-11-23"
    add = ("stations", "add", "B1", "name", "丙驿站", "lng", "111.75", "lat", "40.82")
    assert "datum" in await command(1, *add)
    await command(0, *add, "datum", "gcj02", "--apply")
    assert "already" in await command(2, *add)
    assert (await entry(command, "B1")).name == "丙驿站"


async def test_history_says_who_when_from_which_file_and_what(command: Command) -> None:
    await command(0, "stations", "set", "A1", "hours", "8:00-18:00", "--apply")
    printed = await command(0, "stations", "history", "A1", t=CHINESE)
    newest, _, first, *_ = printed.splitlines()
    assert newest.startswith("2  2026-11-23 10:00  cli:")
    assert "服务时间：周一至周五 09:00–17:00" in printed
    assert "每天 08:00–18:00" in printed
    assert "名单.csv" in printed.split("\n", 2)[2]
    assert "revision" not in first
    assert "1  2026-11-23" in await command(0, "stations", "history")
    assert "No changes of A9" in await command(0, "stations", "history", "A9")


async def test_undo_is_a_dry_run_first(command: Command) -> None:
    await command(0, "stations", "set", "A1", "hours", "8:00-18:00", "--apply")
    shown = await command(0, "stations", "undo", "2")
    assert "1 changed back, 0 removed, 0 back again" in shown
    assert (await entry(command)).hours == "Mo-Su 08:00-18:00"
    assert "revision 3" in await command(0, "stations", "undo", "2", "--apply")
    assert (await entry(command)).hours == "Mo-Fr 09:00-17:00"
    assert "undone already, by revision 3" in await command(2, "stations", "undo", "2")
    assert "undone by revision 3" in await command(0, "stations", "history", "A1")
    assert "no revision 9" in await command(2, "stations", "undo", "9")


async def test_undo_names_what_came_after(command: Command) -> None:
    await command(0, "stations", "set", "A1", "hours", "8:00-18:00", "--apply")
    await command(0, "stations", "set", "A1", "hours", "7:00-18:00", "--apply")
    printed = await command(1, "stations", "undo", "2", "--apply", t=CHINESE)
    assert "A1" in printed
    assert "服务时间" in printed
    assert "修订 3" in printed
    assert (await entry(command)).hours == "Mo-Su 07:00-18:00"


async def test_stale_stations_by_owner_and_as_a_list_that_imports_back(
    command: Command, tmp_path: Path
) -> None:
    file = tmp_path / "stale.csv"
    printed = await command(0, "stations", "stale", file)
    assert "总工会: over 30 days 1, over 60 1, over 90 1; never 0" in printed
    assert "农行: over 30 days 0, over 60 0, over 90 0; never 1" in printed
    assert file.read_text(encoding="utf-8-sig").count("\n") == 3
    assert "农行: 1 without hours" in await command(0, "stations", "missing-hours")
    assert "exists" in await command(2, "stations", "stale", file)


async def test_demand_is_reported_from_five_couriers_on(
    command: Command, clock: ManualClock, tmp_path: Path
) -> None:
    await search(command.store, clock, range(1, 5))
    assert "Nowhere" in await command(0, "demand", "report")
    await search(command.store, clock, range(5, 6))
    file = tmp_path / "demand.xlsx"
    printed = await command(0, "demand", "report", "--file", file)
    assert "couriers: 5" in printed
    assert file.stat().st_size > 1000
    await search(command.store, clock, range(1, 9))
    assert "8" in await command(0, "demand", "report", "--days", "7")


async def test_two_stations_are_merged_with_what_is_taken_of_the_other(command: Command) -> None:
    words = ("stations", "merge", "A1", "A2")
    said = await command(0, *words, "--take", "owner")
    assert "owner 建设单位: 农行 (not: 总工会)" in said
    assert "name 名称: 甲驿站 (not: 乙驿站)" in said
    assert "Dry run" in said
    await entry(command, "A2")
    assert "“phone” does not differ" in await command(2, *words, "--take", "phone")
    assert "no station A9" in await command(2, "stations", "merge", "A1", "A9")
    await command(2, "stations", "merge", "A1", "A1")
    assert "revision 2" in await command(0, *words, "--take", "owner", "--apply")
    assert (await entry(command)).owner == "农行"
    for again in (words, ("stations", "set", "A2", "电话=12351")):
        assert "A2 was merged into A1 甲驿站" in await command(2, *again)
    assert "Back again: A2" in await command(0, "stations", "undo", "2", "--apply")
    await entry(command, "A2")
