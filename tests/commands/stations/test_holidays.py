"""`yizhan holidays import`: whatever table people send, and each fault by its row."""

import argparse
import csv
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import select

from bot.commands import revisions
from bot.commands.stations.holidays import import_holidays
from bot.common.i18n import load_languages
from bot.config.settings import read_settings
from bot.hours.calendar import Holidays
from bot.services.dataset_version import Dataset, dataset_version
from bot.services.spreadsheets.writer import xlsx_bytes
from bot.services.stations.results import Travel
from bot.services.stations.search import StationSearch
from bot.store.engine import Store
from bot.store.models.stations import HolidayRow
from tests.conftest import ManualClock
from tests.support.paths import ROOT

T = load_languages().of("zh_CN", None)
ROWS = [
    ["日期", "名称", "是否放假", "补哪天"],
    ["2027-01-01", "元旦", "是", ""],
    ["2027/10/1", "国庆节", "1", ""],
    ["2027年10月9日", "国庆节", "否", "2027-10-06"],
]


def text(rows: list[list[str]]) -> str:
    return "".join(",".join(row) + "\n" for row in rows)


@pytest.mark.parametrize("kind", ["utf-8", "gb18030", "xlsx"])
async def test_a_year_in_any_table_and_its_make_up_days(
    kind: str, store: Store, clock: ManualClock, tmp_path: Path
) -> None:
    path = tmp_path / ("2027.xlsx" if kind == "xlsx" else "2027.csv")
    path.write_bytes(xlsx_bytes("放假", ROWS) if kind == "xlsx" else text(ROWS).encode(kind))
    assert await import_holidays(store, path, T, apply=True) == 0
    async with store.reading() as db:
        days = {row.day: row for row in await db.scalars(select(HolidayRow))}
    assert [one.is_off for one in days.values()] == [True, True, False]
    assert days[date(2027, 10, 9)].replaces == date(2027, 10, 6)
    stations = StationSearch(store, Travel(1.3, 18), Holidays({}), clock, demo=False)
    await stations.refresh()
    assert stations._loaded is not None
    assert stations._loaded.holidays.days[date(2027, 10, 9)].replaces == date(2027, 10, 6)


@pytest.mark.parametrize(
    ("content", "code", "said"),
    [
        ("date,name,is_off\n2027-13-01,x,True\n", 1, "第 2 行"),
        ("date,name,is_off\n2027-01-01,x,maybe\n", 1, "写“是”"),
        ("date,name,is_off\n2027-01-01,x,1\n2027-01-01,x,1\n", 1, "第 3 行"),
        ("date,name\n2027-01-01,x\n", 1, "是否放假"),
        ("date,name,is_off\n", 1, "没有"),
        ("", 2, "csv"),
        ("day off,what\n2027-01-01,x\n", 2, "是否放假"),
    ],
)
async def test_each_fault_is_one_sentence(
    content: str,
    code: int,
    said: str,
    store: Store,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    path = tmp_path / "days.csv"
    path.write_text(content)
    assert await import_holidays(store, path, T, apply=True) == code
    told = capsys.readouterr()
    assert said in told.out + told.err
    async with store.reading() as db:
        assert await db.scalar(select(HolidayRow.day)) is None


async def test_a_stray_day_of_another_year_leaves_that_year(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "days.csv"
    path.write_text(text(ROWS))
    assert await import_holidays(store, path, T, apply=True) == 0
    path.write_text("date,name,is_off\n2027-12-31,元旦,true\n2028-10-01,国庆节,true\n")
    assert await import_holidays(store, path, T, apply=True) == 0
    async with store.reading() as db:
        assert len(list(await db.scalars(select(HolidayRow.day)))) == 5


def test_the_sample_in_the_documentation_can_be_imported() -> None:
    page = ROOT / "docs" / "operations.md"
    sample = page.read_text(encoding="utf-8").split("```csv\n")[1].split("```")[0]
    assert next(iter(csv.reader(sample.splitlines()))) == ["日期", "名称", "是否放假", "补哪天"]


async def test_a_year_is_taken_back_until_it_was_changed_again(
    store: Store, clock: ManualClock, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async def run(code: int, *words: str) -> str:
        commands = argparse.ArgumentParser()
        revisions.add_parsers(commands.add_subparsers(dest="what"), "holidays", T)
        args = commands.parse_args(words)
        capsys.readouterr()
        given = await revisions.run_in("holidays", args, store, read_settings({}), T, clock=clock)
        printed = "".join(capsys.readouterr())
        assert given == code, printed
        return printed

    async def days() -> dict[date, HolidayRow]:
        async with store.reading() as db:
            return {row.day: row for row in await db.scalars(select(HolidayRow))}

    path = tmp_path / "2027.csv"
    path.write_text(text(ROWS))
    assert await import_holidays(store, path, T, apply=True, clock=clock) == 0
    assert "yizhan holidays undo 1" in capsys.readouterr().out
    path.write_text(text(ROWS[:3]))
    assert await import_holidays(store, path, T, apply=True, clock=clock) == 0
    assert len(await days()) == 2
    assert "2027.csv" in await run(0, "history", "2027-10-09")
    assert "修订 2" in await run(1, "undo", "1", "--apply")
    await run(0, "undo", "2")
    assert len(await days()) == 2
    await run(0, "undo", "2", "--apply")
    assert (await days())[date(2027, 10, 9)].replaces == date(2027, 10, 6)
    await run(0, "undo", "1", "--apply")
    assert await days() == {}
    async with store.reading() as db:
        assert await dataset_version(db, Dataset.STATIONS) == 4
