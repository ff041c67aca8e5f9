"""`yizhan trainings attend` with names, a text file and a filled-in check-in sheet."""

from datetime import timedelta
from pathlib import Path

import pytest

from bot.services.spreadsheets.reader import read
from bot.services.spreadsheets.writer import xlsx_bytes
from bot.services.trainings.attendance import COLUMNS
from bot.store.engine import Store
from tests.conftest import ManualClock
from tests.support.training_commands import CommandLine, register
from tests.support.trainings import create_training


@pytest.fixture
async def yesterday(sqlite_store: Store, clock: ManualClock) -> None:
    """Four couriers (张一 0000 to 张四 0003) of a session that is over, the last without a seat."""
    async with sqlite_store.writing() as db:
        starts = clock() + timedelta(days=1)
        number = await create_training(db, starts, now=clock(), code="T1", capacity=3)
    await register(sqlite_store, clock, number, 4)
    clock.forward(days=2)


@pytest.mark.usefixtures("yesterday")
async def test_names_and_digits_are_marked_after_a_dry_run(command: CommandLine) -> None:
    out = await command(0, "attend", "T1", "张一", "0001", "李四", "张四")
    assert "Not marked: 李四: nobody in this session fits" in out
    assert "Not marked: 张四: on the waitlist, without a seat" in out
    assert "2 to mark, 0 marked before, 2 not found" in out
    assert "Dry run" in out
    assert "Attended: 0" in await command(0, "attendance", "T1")
    assert "2 marked as attended" in await command(0, "attend", "T1", "张一", "0001", "--apply")
    assert "0 to mark, 2 marked before" in await command(0, "attend", "T1", "张一", "0001")
    assert "Attended: 2" in await command(0, "attendance", "T1")
    assert "Say who came" in await command(2, "attend", "T1")
    assert "no session T9" in await command(2, "attend", "T9", "张一")


@pytest.mark.usefixtures("yesterday")
async def test_the_check_in_sheet_comes_back_filled_in(
    command: CommandLine, tmp_path: Path
) -> None:
    path = tmp_path / "door.xlsx"
    await command(0, "check-in-sheet", "T1", path)
    (page,) = read(path.read_bytes(), COLUMNS).sheets
    signed = page.fields.index("signed")
    rows = [list(cells) for _, cells in page.rows]
    for cells, mark in zip(rows, ("√", "未到", "张三", "√"), strict=True):
        cells[signed] = mark
    headings = [page.headings[field] for field in page.fields]
    path.write_bytes(xlsx_bytes("名单", [headings, *rows]))
    out = await command(0, "attend", "T1", "--file", path, "--apply")
    assert "Not marked: row 5: on the waitlist" in out
    assert "2 marked as attended" in out
    assert "张四" not in out


@pytest.mark.usefixtures("yesterday")
async def test_a_text_file_has_one_a_line(command: CommandLine, tmp_path: Path) -> None:
    path = tmp_path / "came.txt"
    path.write_text("张一\n\n张二 0001\n", encoding="utf-8-sig")
    assert "2 marked" in await command(0, "attend", "T1", "--file", path, "--apply")
    path.write_bytes("张一".encode("gb18030"))
    assert "UTF-8" in await command(2, "attend", "T1", "--file", path)
    assert "cannot be read" in await command(2, "attend", "T1", "--file", tmp_path / "no.csv")


async def test_before_the_start_nobody_has_attended(
    command: CommandLine, sqlite_store: Store, clock: ManualClock
) -> None:
    async with sqlite_store.writing() as db:
        starts = clock() + timedelta(days=1)
        number = await create_training(db, starts, now=clock(), code="T1", capacity=3)
    await register(sqlite_store, clock, number, 1)
    assert "has not begun" in await command(1, "attend", "T1", "张一", "--apply")
