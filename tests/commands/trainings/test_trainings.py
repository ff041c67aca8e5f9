"""`yizhan trainings`: cancel, reschedule, check-in sheet, attendance and poster."""

import csv
import io
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from bot.common.clock import CHINA
from bot.services.spreadsheets.reader import read
from bot.services.trainings.registration_queries import COMMENT, save_comment, save_score
from bot.services.trainings.registrations import Registrations
from bot.services.trainings.seating import Seating
from bot.store.encryption import parse_keys
from bot.store.engine import Store
from tests.conftest import ManualClock
from tests.support.pdf import text_of
from tests.support.training_commands import (
    KEYS,
    CommandLine,
    notification_kinds,
    register,
    stored_training,
)
from tests.support.trainings import create_training


async def test_cancelling_is_a_dry_run_first_and_tells_the_waitlist_too(
    command: CommandLine, sqlite_store: Store, clock: ManualClock
) -> None:
    async with sqlite_store.writing() as db:
        number = await create_training(
            db, clock() + timedelta(days=3), now=clock(), code="T1", capacity=1
        )
    await register(sqlite_store, clock, number, 3)
    assert "3 couriers would be told" in await command(0, "cancel", "T1")
    assert (await stored_training(sqlite_store)).status == "planned"
    assert "3 couriers are told" in await command(0, "cancel", "T1", "--apply")
    assert (await notification_kinds(sqlite_store)).count("training.cancelled") == 3
    assert "cancelled or over" in await command(1, "cancel", "T1", "--apply")
    assert "cancelled or over" in await command(1, "reschedule", "T1", "--start", "2026-12-01 9:00")
    assert "no session T8" in await command(2, "cancel", "T8", "--apply")


async def test_rescheduling_prints_the_old_and_the_new_time(
    command: CommandLine, sqlite_store: Store, clock: ManualClock
) -> None:
    async with sqlite_store.writing() as db:
        number = await create_training(
            db, datetime(2026, 11, 28, 9, tzinfo=CHINA), now=clock(), code="T1"
        )
    await register(sqlite_store, clock, number, 1)
    dry = await command(0, "reschedule", "T1", "--start", "14:00")
    assert "→ 2026-11-28 14:00 – 2026-11-28 16:00" in dry
    assert "Up to 1 couriers" in dry
    assert (await stored_training(sqlite_store)).sequence == 0
    words = ("reschedule", "T1", "--start", "2026-11-29 10:00", "--place", "三楼", "--apply")
    assert "1 couriers are told" in await command(0, *words)
    row = await stored_training(sqlite_store)
    assert (row.starts_at, row.place) == (datetime(2026, 11, 29, 10, tzinfo=CHINA), "三楼")
    assert "Say what changes" in await command(2, "reschedule", "T1")
    assert "write the time" in await command(2, "reschedule", "T1", "--start", "明天")
    assert "in the past" in await command(1, "reschedule", "T1", "--start", "2026-11-01 9:00")


async def test_the_check_in_sheet_has_names_and_last_digits_of_phones(
    command: CommandLine, sqlite_store: Store, clock: ManualClock, tmp_path: Path
) -> None:
    async with sqlite_store.writing() as db:
        number = await create_training(
            db, clock() + timedelta(days=1), now=clock(), code="T1", capacity=2
        )
    couriers = await register(sqlite_store, clock, number, 3)
    sheet = tmp_path / "door.xlsx"
    assert "3 people" in await command(0, "check-in-sheet", "T1", sheet)
    assert sheet.stat().st_mode & 0o077 == 0
    columns = {"name": ("姓名",), "phone": ("手机尾号",), "status": ("状态",)}
    (page,) = read(sheet.read_bytes(), columns).sheets
    assert [cells for _, cells in page.rows] == [
        ("张一", "0000", "已报名"),
        ("张二", "0001", "已报名"),
        ("张三", "0002", "候补"),
    ]
    clock.forward(days=1)
    async with sqlite_store.writing() as db:
        doing = Registrations(Seating(timedelta(hours=2)))
        await doing.check_in(db, number, couriers[0], clock())
        await save_score(db, number, couriers[0], 4, clock())
        sealed = parse_keys(KEYS).seal("后排\n听不清", COMMENT)
        await save_comment(db, number, couriers[0], sealed, clock())
    numbers = await command(0, "attendance", "T1")
    assert "What they wrote:\n  4 of 5: 后排 听不清" in numbers
    assert "张" not in numbers
    for words in ("Registered: 2", "Attended: 1", "In line: 1", "Score: 4.0 of 5, from 1"):
        assert words in numbers
    path = tmp_path / "came.csv"
    await command(0, "attendance", "T1", path)
    rows = list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8-sig"))))
    assert [bool(row["签到时间"]) for row in rows] == [True, False, False]
    assert (rows[0]["评分"], rows[0]["留言"]) == ("4", "后排\n听不清")
    assert "1380000000" not in path.read_text(encoding="utf-8-sig")


async def test_a_poster_has_the_code_and_refuses_what_it_cannot_print(
    sqlite_store: Store, clock: ManualClock, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    command = CommandLine(sqlite_store, clock, capsys, YIZHAN_PUBLIC_URL="https://b.example/")
    async with sqlite_store.writing() as db:
        start = clock() + timedelta(days=1)
        await create_training(db, start, now=clock(), code="T1")
        await create_training(db, start, now=clock(), code="T2", title="安全\U0001f600")
    path = tmp_path / "poster.pdf"
    out = await command(0, "poster", "T1", path, "--telegram", "@yizhan_bot")
    assert "482913" in out
    said = text_of(path.read_bytes(), tmp_path)
    assert "Telegram" in said
    assert "手机浏览器" in said
    assert "YIZHAN_PRINT_FONT" in await command(1, "poster", "T2", tmp_path / "other.pdf")
    assert not (tmp_path / "other.pdf").exists()
    assert "name it .pdf" in await command(2, "poster", "T1", tmp_path / "poster.png")
