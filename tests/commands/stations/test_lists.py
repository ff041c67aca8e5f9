"""`yizhan stations import` with the lists of offices: what is told, asked, kept and forgotten."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final

import pytest
from sqlalchemy import func, select

from bot.commands.stations.importing import run_import
from bot.store.engine import Store, open_store
from bot.store.models.administration.lists import ListMappingRow
from bot.store.models.stations import StationRow
from tests.commands.stations.test_import import arguments, say
from tests.conftest import ManualClock

LISTS: Final = Path(__file__).parents[2] / "data" / "lists"
ASKING: Final = "编号,名称,经度,纬度,定位时段\nA1,甲驿站,111.66,40.82,9:00-17:00\n"


@pytest.fixture
async def file(sqlite_url: str) -> AsyncIterator[Store]:
    opened = await open_store(sqlite_url)
    yield opened
    await opened.close()


async def hours(store: Store) -> list[str | None]:
    async with store.reading() as db:
        return list(await db.scalars(select(StationRow.hours).order_by(StationRow.code)))


async def answers(store: Store) -> int:
    async with store.reading() as db:
        return await db.scalar(select(func.count()).select_from(ListMappingRow)) or 0


@pytest.mark.parametrize(
    ("name", "code", "told"),
    [
        ("05_formula_no_value.xlsx", 1, ["a formula without a value", "1 problems"]),
        ("12_two_header_rows.xlsx", 0, ["0 problems; 1 new"]),
        ("13_tail_notes.xlsx", 0, ["row 3 “合计”", "row 4", "row 5", "0 problems; 1 new"]),
        ("html-table.xls", 0, ["0 problems; 1 new"]),
        ("merged-stations.xlsx", 0, ["Filled: ", "rows 2 to 4", "0 problems; 3 new"]),
        ("office.xls", 0, ["1 hidden rows are left out (6)", "0 problems; 3 new"]),
    ],
)
async def test_a_list_of_an_office(
    file: Store,
    clock: ManualClock,
    capsys: pytest.CaptureFixture[str],
    name: str,
    code: int,
    told: list[str],
) -> None:
    args = arguments("import", LISTS / name, "--datum", "gcj02")
    assert await run_import(args, file, say, clock=clock) == code
    out = capsys.readouterr().out
    assert [one for one in told if one not in out] == []


async def test_merged_cells_do_not_clear_what_was_there(
    file: Store, clock: ManualClock, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("merged-1-first.xlsx", "merged-2-then.xlsx"):
        args = arguments("import", LISTS / name, "--datum", "gcj02", "--apply")
        assert await run_import(args, file, say, clock=clock) == 0
    assert "0 new, 0 changed, 3 unchanged" in capsys.readouterr().out
    assert len(set(await hours(file))) == 1


async def test_an_open_question_forbids_writing_and_names_the_option(
    file: Store, clock: ManualClock, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "list.csv"
    path.write_text(ASKING, encoding="utf-8")
    args = arguments("import", path, "--datum", "gcj02", "--apply")
    assert await run_import(args, file, say, clock=clock) == 1
    out = capsys.readouterr().out
    assert '--map "定位时段=服务时间"' in out
    assert '--map "定位时段="' in out
    assert await hours(file) == []


async def test_an_answer_is_kept_when_the_list_was_written_and_used_until_it_is_forgotten(
    file: Store, clock: ManualClock, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "list.csv"
    path.write_text(ASKING, encoding="utf-8")
    base: list[str | Path] = ["import", path, "--datum", "gcj02"]
    answer = ["--map", "定位时段=服务时间"]
    assert await run_import(arguments(*base, *answer), file, say, clock=clock) == 0
    assert await answers(file) == 0
    assert await run_import(arguments(*base, *answer, "--apply"), file, say, clock=clock) == 0
    assert len(await hours(file)) == await answers(file) == 1

    capsys.readouterr()
    assert await run_import(arguments(*base, "--apply"), file, say, clock=clock) == 0
    assert "column 定位时段: read as 服务时间, as last time" in capsys.readouterr().out
    assert await answers(file) == 1

    left_out = [*base, "--map", "定位时段=", "--apply"]
    assert await run_import(arguments(*left_out), file, say, clock=clock) == 0
    capsys.readouterr()
    assert await run_import(arguments(*base), file, say, clock=clock) == 0
    assert "column 定位时段: left out, as last time" in capsys.readouterr().out

    assert await run_import(arguments(*base, "--forget-map"), file, say, clock=clock) == 1
    forget = [*base, *answer, "--forget-map", "--apply"]
    assert await run_import(arguments(*forget), file, say, clock=clock) == 0
    assert await answers(file) == 1


@pytest.mark.parametrize("answer", ["定位时段", "=服务时间", "定位时段=天气"])
async def test_an_answer_that_is_none_is_refused(
    file: Store, tmp_path: Path, answer: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "list.csv"
    path.write_text(ASKING, encoding="utf-8")
    args = arguments("import", path, "--datum", "gcj02", "--map", answer)
    assert await run_import(args, file, say) == 2
    assert "--map" in capsys.readouterr().err
