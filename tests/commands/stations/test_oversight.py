"""`yizhan stations keeper-link|stars|weekly|stale` and `yizhan weather`, as operators run them."""

import argparse
import csv
import re
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from bot.commands.stations import keepers, oversight, upkeep, weather
from bot.commands.stations.stations import add_parser
from bot.common.i18n import load_languages
from bot.config.settings import read_settings
from bot.services.stations.keepers import links
from bot.services.stations.keepers.links import KeeperLinkInvalid
from bot.store.engine import Store
from bot.store.models.stations import StationRow
from tests.conftest import ManualClock
from tests.services.stations.test_oversight import searches
from tests.support.pdf import text_of
from tests.support.stations import create_stations

CHINESE = load_languages().of("zh_CN", None)
SETTINGS = {"YIZHAN_PUBLIC_URL": "https://bot.example.org/"}


class Command:
    """Runs a command in Chinese on a database, and keeps what it prints."""

    def __init__(
        self, store: Store, clock: ManualClock, capsys: pytest.CaptureFixture[str]
    ) -> None:
        self.store, self.clock, self._capsys = store, clock, capsys
        self.settings = SETTINGS

    async def __call__(self, code: int, *words: str | Path) -> str:
        """What was printed; the exit code must be this one."""
        parser = argparse.ArgumentParser()
        commands = parser.add_subparsers(dest="command")
        add_parser(commands, CHINESE)
        weather.add_parser(commands, CHINESE)
        args = parser.parse_args([*map(str, words)])
        self._capsys.readouterr()
        store, t, clock = self.store, CHINESE, self.clock
        match args.command, args.what:
            case "weather", _:
                given = await weather.run_in(args, store, t, clock=clock)
            case _, "keeper-link":
                settings = read_settings(self.settings)
                given = await keepers.run_in(args, store, settings, t, clock=clock)
            case _, "stale":
                given = await upkeep.run_in(args, store, t, clock=clock)
            case _:
                given = await oversight.run_in(args, store, t, clock=clock)
        captured = self._capsys.readouterr()
        printed = captured.out + captured.err
        assert given == code, printed
        return printed


@pytest.fixture
async def command(store: Store, clock: ManualClock, capsys: pytest.CaptureFixture[str]) -> Command:
    """Commands on a database with six stations."""
    await create_stations(store, clock)
    return Command(store, clock, capsys)


async def opens(command: Command, printed: str) -> str:
    """The code of the station that the printed link opens; empty for none."""
    found = re.search(r"https://bot\.example\.org/k#([\w-]{43})$", printed, re.MULTILINE)
    assert found is not None
    async with command.store.reading() as db:
        try:
            return (await links.open_link(db, found[1], command.clock())).code
        except KeeperLinkInvalid:
            return ""


async def test_a_link_is_printed_once_and_ends_the_one_before(command: Command) -> None:
    first = await command(0, "stations", "keeper-link", "S1")
    assert "2027-05-22" in first
    assert await opens(command, first) == "S1"
    second = await command(0, "stations", "keeper-link", "S1")
    assert await opens(command, first) == ""
    assert await opens(command, second) == "S1"
    assert "已作废" in await command(0, "stations", "keeper-link", "S1", "--revoke")
    assert await opens(command, second) == ""
    assert "没有能用的链接" in await command(0, "stations", "keeper-link", "S1", "--revoke")


async def test_the_code_for_the_back_room_is_a_pdf(command: Command, tmp_path: Path) -> None:
    file = tmp_path / "S1.pdf"
    await command(0, "stations", "keeper-link", "S1", "--file", file)
    text = text_of(file.read_bytes(), tmp_path)
    assert "新城支行驿站" in text
    assert "贴在里屋" in text
    assert "2027年5月22日" in text


async def test_nothing_is_issued_where_it_could_not_be_used(
    command: Command, tmp_path: Path
) -> None:
    assert "没有编号" in await command(2, "stations", "keeper-link", "S99")
    wrong = tmp_path / "S1.png"
    assert "pdf" in await command(2, "stations", "keeper-link", "S1", "--file", wrong)
    await command(2, "stations", "keeper-link", "S1", "--revoke", "--file", tmp_path / "a.pdf")
    command.settings = {}
    assert "YIZHAN_PUBLIC_URL" in await command(2, "stations", "keeper-link", "S1")
    async with command.store.reading() as db:
        assert await links.states(db, None, command.clock()) == {}


async def test_stale_stations_show_the_state_of_their_links(
    command: Command, clock: ManualClock, tmp_path: Path
) -> None:
    for code in ("S1", "S2"):
        await command(0, "stations", "keeper-link", code)
    await command(0, "stations", "keeper-link", "S2", "--revoke")
    clock.forward(days=60)
    file = tmp_path / "stale.csv"
    assert "其中 5 家没有站长链接" in await command(0, "stations", "stale", file)
    with file.open(encoding="utf-8-sig", newline="") as lines:
        states = {row["编号"]: row["站长链接"] for row in csv.DictReader(lines)}
    assert (states["S1"], states["S2"], states["S3"]) == ("正常", "作废", "没有")
    clock.forward(days=120)
    other = tmp_path / "later.csv"
    await command(0, "stations", "stale", other)
    assert "过期" in other.read_text(encoding="utf-8-sig")


async def test_stars_are_suggested_with_reasons_and_never_given(
    command: Command, tmp_path: Path
) -> None:
    async with command.store.writing() as db:
        rated = update(StationRow).where(StationRow.code.in_(["S1", "S2"]))
        await db.execute(rated.values(star=1))
    file = tmp_path / "stars.xlsx"
    printed = await command(0, "stations", "stars", "--file", file)
    assert "S2 鼓楼驿站" in printed
    assert "现 1 星，建议 考虑摘牌：设施坏了" in printed
    assert "S1" not in printed
    assert file.exists()
    async with command.store.reading() as db:
        row = await db.get_one(StationRow, 2)
    assert row.star == 1


async def test_the_weekly_list_is_by_league_and_as_a_file(
    command: Command, clock: ManualClock, tmp_path: Path
) -> None:
    await searches(command.store, clock() - timedelta(hours=14), 5, "none_open")
    file = tmp_path / "weekly.csv"
    printed = await command(0, "stations", "weekly", "--league", "呼市", "--file", file)
    assert "== 呼和浩特市" in printed
    assert "热水坏了 不知从哪天起" in printed
    assert "20:00–21:00 也开" in printed
    with file.open(encoding="utf-8-sig", newline="") as lines:
        kinds = [row["事项"] for row in csv.DictReader(lines)]
    assert kinds == ["坏了很久", "该多开几小时"]
    assert "没有要处理的" in await command(0, "stations", "weekly", "--league", "赤峰")
    assert "不是本区的盟市" in await command(2, "stations", "weekly", "--league", "北京")


async def test_a_weather_mode_is_set_listed_and_ended(command: Command, clock: ManualClock) -> None:
    printed = await command(0, "weather", "set", "呼伦贝尔", "cold", "--until", "2026-11-25")
    assert "呼伦贝尔市：寒冷，到 2026-11-26 00:00" in printed
    assert "0 名骑手" in printed
    await command(0, "weather", "set", "150400", "dust", "--until", "2026-11-23T18:00")
    listed = await command(0, "weather", "list")
    assert "呼伦贝尔市：寒冷" in listed
    assert "赤峰市：沙尘，到 2026-11-23 18:00" in listed
    clock.forward(hours=8)
    assert "赤峰" not in await command(0, "weather", "list")
    assert "没有开" in await command(1, "weather", "clear", "赤峰")
    assert "1" in await command(0, "weather", "clear", "呼伦贝尔", "cold")
    assert "没有开" in await command(0, "weather", "list")


@pytest.mark.parametrize(
    ("league", "until", "said"),
    [
        ("北京", "2026-11-25", "不是本区的盟市"),
        ("呼市", "2026-11-22", "已经过了"),
        ("呼市", "2027-03-01", "最多 31 天"),
    ],
)
async def test_a_mode_that_makes_no_sense_is_refused(
    command: Command, league: str, until: str, said: str
) -> None:
    assert said in await command(2, "weather", "set", league, "cold", "--until", until)
