"""`yizhan trainings …` as an organiser runs it."""

import argparse
import csv
import io
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from gettext import NullTranslations
from pathlib import Path

import pytest
import xlsxwriter  # type: ignore[import-untyped]
from sqlalchemy import select, update

from bot.commands.trainings.trainings import add_parser, run_in
from bot.common.clock import CHINA
from bot.common.i18n import Translator
from bot.config.settings import Settings, read_settings
from bot.geo.places import Places
from bot.services.couriers.profiles import Profiles
from bot.services.spreadsheets.reader import read
from bot.services.trainings.administration import Sessions
from bot.services.trainings.errors import TrainingsChanged
from bot.services.trainings.importing.apply import apply
from bot.services.trainings.importing.columns import COLUMNS
from bot.services.trainings.importing.plan import plan_import
from bot.services.trainings.registrations import Registrations
from bot.store.encryption import parse_keys
from bot.store.engine import Store, open_store
from bot.store.models.notifications import OutboxRow
from bot.store.models.trainings import RegistrationRow, TrainingRow
from tests.conftest import WallClock
from tests.support.pdf import text_of
from tests.support.trainings import create_couriers, create_session

KEYS = "1:" + "A" * 43 + "="
HEAD = (
    "编号,主题,类别,盟市,线上,直播链接,地点,地址,经度,纬度,开始时间,结束时间,报名截止,名额,"
    "最少人数,限公司,限盟市"
)
GOOD = (
    "T1,冬季骑行安全,交通安全,呼和浩特市,,,二楼会议室,x路1号,111.66,40.82,"
    "2026-11-28 9:00,11:30,2026-11-27,40,5,,"
)
# The cells that differ from a good row, then the column that must be named.
BAD: list[tuple[dict[str, str], str]] = [
    ({"编号": ""}, "编号"),
    ({"编号": "T" * 65}, "编号"),
    ({"编号": "T1"}, "编号"),
    ({"主题": ""}, "主题"),
    ({"主题": "长" * 121}, "主题"),
    ({"盟市": "上海市"}, "盟市"),
    ({"线上": "也许"}, "线上"),
    ({"地点": ""}, "地点"),
    ({"经度": "东经"}, "经度"),
    ({"经度": "40.82", "纬度": "111.66"}, "经度"),
    ({"经度": "121.47", "纬度": "31.23"}, "经度"),
    ({"开始时间": ""}, "开始时间"),
    ({"开始时间": "下周六"}, "开始时间"),
    ({"开始时间": "2026-02-30 9:00"}, "开始时间"),
    ({"开始时间": "9:00"}, "开始时间"),
    ({"开始时间": "2026-11-01 9:00", "报名截止": ""}, "开始时间"),
    ({"结束时间": "8:00"}, "结束时间"),
    ({"结束时间": "25:00"}, "结束时间"),
    ({"报名截止": "2026-11-29"}, "报名截止"),
    ({"名额": ""}, "名额"),
    ({"名额": "0"}, "名额"),
    ({"名额": "四十"}, "名额"),
    ({"最少人数": "-1"}, "最少人数"),
    ({"限盟市": "火星"}, "限盟市"),
]


say = Translator("en", NullTranslations())


def arguments(*words: str | Path) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    add_parser(parser.add_subparsers(dest="command"), say)
    return parser.parse_args(["trainings", *map(str, words)])


@pytest.fixture
async def file(sqlite_url: str) -> AsyncIterator[Store]:
    """A SQLite database; what differs on PostgreSQL is tested with the services."""
    opened = await open_store(sqlite_url)
    yield opened
    await opened.close()


class Desk:
    """Runs commands and keeps what they print."""

    def __init__(
        self, store: Store, clock: WallClock, capsys: pytest.CaptureFixture[str], **more: str
    ) -> None:
        self._store = store
        self._clock = clock
        self._capsys = capsys
        self.settings: Settings = read_settings({"YIZHAN_SECRET_KEYS": KEYS, **more})

    async def __call__(self, code: int, *words: str | Path) -> str:
        """What was printed; the exit code must be this one."""
        self._capsys.readouterr()
        args = arguments(*words)
        given = await run_in(args, self._store, self.settings, say, clock=self._clock)
        captured = self._capsys.readouterr()
        assert given == code, captured
        return captured.out + captured.err


@pytest.fixture
def desk(file: Store, clock: WallClock, capsys: pytest.CaptureFixture[str]) -> Desk:
    """The organiser's desk."""
    return Desk(file, clock, capsys)


def write(folder: Path, *rows: str, name: str = "list.csv") -> Path:
    path = folder / name
    path.write_text("\n".join((HEAD, *rows)) + "\n", encoding="gb18030")
    return path


async def session(store: Store, code: str = "T1") -> TrainingRow:
    async with store.reading() as db:
        found = await db.scalars(select(TrainingRow).where(TrainingRow.code == code))
        return found.one()


async def register(store: Store, clock: WallClock, training_id: int, count: int) -> list[int]:
    """So many couriers with a name and a phone, registered in order."""
    profiles = Profiles(parse_keys(KEYS))
    async with store.writing() as db:
        couriers = await create_couriers(db, count, clock())
        for number, courier in enumerate(couriers):
            name, phone = f"张{'一二三四五'[number]}", f"1380000000{number}"
            await profiles.remember(db, courier, name, phone, clock(), "web")
            doing = Registrations(timedelta(hours=2))
            await doing.register(db, training_id, courier, clock())
    return couriers


async def kinds(store: Store) -> list[str]:
    async with store.reading() as db:
        open_ = OutboxRow.status != "cancelled"
        return sorted(await db.scalars(select(OutboxRow.kind).where(open_)))


async def test_every_bad_row_is_named_and_nothing_is_written(
    desk: Desk, file: Store, tmp_path: Path
) -> None:
    heads, good = HEAD.split(","), GOOD.split(",")
    path = tmp_path / "bad.xlsx"
    book = xlsxwriter.Workbook(path)
    page = book.add_worksheet("名单")
    rows = [heads, good]
    for number, (cells, _) in enumerate(BAD):
        row = {**dict(zip(heads, good, strict=True)), "编号": f"N{number}", **cells}
        rows.append(list(row.values()))
    for at, values in enumerate(rows):
        for place, value in enumerate(values):
            page.write_string(at, place, value)
    book.close()
    out = await desk(1, "import", path, "--apply")
    told = [one for one in out.splitlines() if one.startswith("Problem: ")]
    for at, (cells, column) in enumerate(BAD, 3):
        named = [one for one in told if f"名单, row {at}, column {column}" in one]
        assert len(named) == 1, (cells, told)
    assert len(told) == len(BAD)
    assert "not accepted" not in out
    async with file.reading() as db:
        assert (await db.scalars(select(TrainingRow))).all() == []


async def test_a_dry_run_then_the_real_thing_then_nothing_new(
    desk: Desk, file: Store, tmp_path: Path
) -> None:
    online = (
        "T2,急救入门,急救,包头,是,https://live.example/1,,,,,2026年12月5日 14:00,16:00,,30,,美团,"
    )
    path = write(tmp_path, GOOD, online)
    assert "Dry run" in await desk(0, "import", path)
    async with file.reading() as db:
        assert (await db.scalars(select(TrainingRow))).all() == []
    out = await desk(0, "import", path, "--apply")
    assert "New: T1 冬季骑行安全" in out
    one, two = await session(file), await session(file, "T2")
    assert one.starts_at == datetime(2026, 11, 28, 9, tzinfo=CHINA)
    assert one.ends_at == datetime(2026, 11, 28, 11, 30, tzinfo=CHINA)
    assert one.deadline == datetime(2026, 11, 27, 23, 59, tzinfo=CHINA)
    assert (one.league, one.capacity, one.min_attendance) == ("150100", 40, 5)
    assert (two.league, two.is_online, two.only_firm) == ("150200", True, "美团")
    assert two.deadline == two.starts_at
    assert len({one.checkin_code, two.checkin_code}) == 2
    assert "0 new, 0 changed, 2 unchanged" in await desk(0, "import", path, "--apply")


async def test_an_export_comes_back_unchanged_and_lists_are_kept(
    desk: Desk, file: Store, clock: WallClock, tmp_path: Path
) -> None:
    await desk(0, "import", write(tmp_path, GOOD), "--apply")
    async with file.writing() as db:
        await create_session(db, clock() + timedelta(days=9), now=clock(), code="T9")
    for name in ("out.csv", "out.xlsx"):
        await desk(0, "export", tmp_path / name)
        await desk(2, "export", tmp_path / name)
        assert "0 changed, 2 unchanged, 0 missing" in await desk(0, "import", tmp_path / name)
    again = write(tmp_path, GOOD, name="again.csv")
    assert "Missing from the file, kept: T9" in await desk(0, "import", again, "--apply")
    listed = await desk(0, "list")
    assert "T1  2026年11月28日（周六）9:00-11:30  冬季骑行安全" in listed
    assert "T9" in listed


async def test_a_list_that_moves_a_session_tells_everybody_in_it(
    desk: Desk, file: Store, clock: WallClock, tmp_path: Path
) -> None:
    await desk(0, "import", write(tmp_path, GOOD), "--apply")
    row = await session(file)
    await register(file, clock, row.id, 2)
    moved = write(tmp_path, GOOD.replace("9:00,11:30", "14:00,16:00"), name="moved.csv")
    out = await desk(0, "import", moved)
    assert "开始时间 2026-11-28 09:00 → 2026-11-28 14:00" in out
    assert "2 couriers will be told" in out
    assert "training.changed" not in await kinds(file)
    await desk(0, "import", moved, "--apply")
    assert (await kinds(file)).count("training.changed") == 2
    row = await session(file)
    assert row.starts_at == datetime(2026, 11, 28, 14, tzinfo=CHINA)
    assert (row.sequence, row.lat) == (1, 40.82)
    other = write(
        tmp_path, GOOD.replace("9:00,11:30", "14:00,16:00").replace("安全,", "安全与防寒,", 1)
    )
    await desk(0, "import", other, "--apply")
    row = await session(file)
    assert (row.title, row.sequence) == ("冬季骑行安全与防寒", 2)
    assert (await kinds(file)).count("training.changed") == 2


async def test_a_new_place_without_coordinates_takes_the_old_pin_away(
    desk: Desk, file: Store, tmp_path: Path
) -> None:
    await desk(0, "import", write(tmp_path, GOOD), "--apply")
    path = tmp_path / "place.csv"
    path.write_text("编号,地点\nT1,三楼礼堂\n", encoding="utf-8")
    await desk(0, "import", path, "--apply")
    row = await session(file)
    assert (row.place, row.lat, row.lon, row.capacity) == ("三楼礼堂", None, None, 40)


async def test_more_places_are_offered_to_the_line_and_fewer_than_taken_are_refused(
    desk: Desk, file: Store, clock: WallClock, tmp_path: Path
) -> None:
    await desk(0, "import", write(tmp_path, GOOD.replace(",40,5,", ",2,,")), "--apply")
    row = await session(file)
    await register(file, clock, row.id, 4)
    fewer = write(tmp_path, GOOD.replace(",40,5,", ",1,,"), name="fewer.csv")
    assert "2 places are taken already" in await desk(1, "import", fewer, "--apply")
    more = write(tmp_path, GOOD.replace(",40,5,", ",3,,"), name="more.csv")
    await desk(0, "import", more, "--apply")
    assert (await kinds(file)).count("training.offer") == 1
    listed = await desk(0, "list")
    assert "3/3" in listed
    assert "1 waiting" in listed


async def test_calling_off_is_dry_first_and_tells_the_line_too(
    desk: Desk, file: Store, clock: WallClock
) -> None:
    async with file.writing() as db:
        number = await create_session(
            db, clock() + timedelta(days=3), now=clock(), code="T1", capacity=1
        )
    await register(file, clock, number, 3)
    assert "3 couriers would be told" in await desk(0, "cancel", "T1")
    assert (await session(file)).status == "planned"
    assert "3 couriers are told" in await desk(0, "cancel", "T1", "--apply")
    assert (await kinds(file)).count("training.cancelled") == 3
    assert "cancelled or over" in await desk(1, "cancel", "T1", "--apply")
    assert "cancelled or over" in await desk(1, "reschedule", "T1", "--start", "2026-12-01 9:00")
    assert "no session T8" in await desk(2, "cancel", "T8", "--apply")


async def test_moving_by_hand_says_from_when_to_when(
    desk: Desk, file: Store, clock: WallClock
) -> None:
    async with file.writing() as db:
        number = await create_session(
            db, datetime(2026, 11, 28, 9, tzinfo=CHINA), now=clock(), code="T1"
        )
    await register(file, clock, number, 1)
    dry = await desk(0, "reschedule", "T1", "--start", "14:00")
    assert "→ 2026-11-28 14:00 – 2026-11-28 16:00" in dry
    assert "Up to 1 couriers" in dry
    assert (await session(file)).sequence == 0
    words = ("reschedule", "T1", "--start", "2026-11-29 10:00", "--place", "三楼", "--apply")
    assert "1 couriers are told" in await desk(0, *words)
    row = await session(file)
    assert (row.starts_at, row.place) == (datetime(2026, 11, 29, 10, tzinfo=CHINA), "三楼")
    assert "Say what changes" in await desk(2, "reschedule", "T1")
    assert "write the time" in await desk(2, "reschedule", "T1", "--start", "明天")
    assert "in the past" in await desk(1, "reschedule", "T1", "--start", "2026-11-01 9:00")


async def test_the_sheet_for_the_door_names_people_by_name_and_last_digits(
    desk: Desk, file: Store, clock: WallClock, tmp_path: Path
) -> None:
    async with file.writing() as db:
        number = await create_session(
            db, clock() + timedelta(days=1), now=clock(), code="T1", capacity=2
        )
    couriers = await register(file, clock, number, 3)
    sheet = tmp_path / "door.xlsx"
    assert "3 people" in await desk(0, "check-in-sheet", "T1", sheet)
    assert sheet.stat().st_mode & 0o077 == 0
    columns = {"name": ("姓名",), "phone": ("手机尾号",), "status": ("状态",)}
    (page,) = read(sheet.read_bytes(), columns).sheets
    assert [cells for _, cells in page.rows] == [
        ("张一", "0000", "已报名"),
        ("张二", "0001", "已报名"),
        ("张三", "0002", "候补"),
    ]
    clock.forward(days=1)
    async with file.writing() as db:
        doing = Registrations(timedelta(hours=2))
        await doing.check_in(db, number, couriers[0], clock())
        await db.execute(
            update(RegistrationRow).where(RegistrationRow.courier_id == couriers[0]).values(score=4)
        )
    numbers = await desk(0, "attendance", "T1")
    for words in ("Registered: 2", "Attended: 1", "In line: 1", "Score: 4.0 of 5, from 1"):
        assert words in numbers
    path = tmp_path / "came.csv"
    await desk(0, "attendance", "T1", path)
    rows = list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8-sig"))))
    assert [bool(row["签到时间"]) for row in rows] == [True, False, False]
    assert rows[0]["评分"] == "4"
    assert "1380000000" not in path.read_text(encoding="utf-8-sig")


async def test_a_poster_has_the_code_and_refuses_what_it_cannot_print(
    file: Store, clock: WallClock, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    desk = Desk(file, clock, capsys, YIZHAN_PUBLIC_URL="https://b.example/")
    async with file.writing() as db:
        start = clock() + timedelta(days=1)
        await create_session(db, start, now=clock(), code="T1")
        await create_session(db, start, now=clock(), code="T2", title="安全\U0001f600")
    path = tmp_path / "poster.pdf"
    out = await desk(0, "poster", "T1", path, "--telegram", "@yizhan_bot")
    assert "482913" in out
    said = text_of(path.read_bytes(), tmp_path)
    assert "Telegram" in said
    assert "手机浏览器" in said
    assert "YIZHAN_PRINT_FONT" in await desk(1, "poster", "T2", tmp_path / "other.pdf")
    assert not (tmp_path / "other.pdf").exists()
    assert "name it .pdf" in await desk(2, "poster", "T1", tmp_path / "poster.png")


async def test_what_cannot_be_read_is_said_in_one_sentence(desk: Desk, tmp_path: Path) -> None:
    (tmp_path / "old.xls").write_bytes(b"\xd0\xcf\x11\xe0" + bytes(100))
    for name in ("absent.csv", "old.xls"):
        assert (await desk(2, "import", tmp_path / name)).count("\n") == 1


async def test_two_lists_at_once_do_not_overwrite_each_other(
    file: Store, clock: WallClock, tmp_path: Path
) -> None:
    organiser = Sessions(timedelta(hours=2))
    table = read(write(tmp_path, GOOD).read_bytes(), COLUMNS)
    async with file.reading() as db:
        plan = await plan_import(db, table, Places.load(), clock())
    async with file.writing() as db:
        await apply(db, plan, organiser, clock())
    with pytest.raises(TrainingsChanged):
        async with file.writing() as db:
            await apply(db, plan, organiser, clock())
    changed = read(write(tmp_path, GOOD.replace(",40,", ",50,")).read_bytes(), COLUMNS)
    async with file.reading() as db:
        plan = await plan_import(db, changed, Places.load(), clock())
    async with file.writing() as db:
        row = (await db.scalars(select(TrainingRow))).one()
        row.title = "别的"
    with pytest.raises(TrainingsChanged):
        async with file.writing() as db:
            await apply(db, plan, organiser, clock())
