"""`yizhan trainings import` and `export`."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest
import xlsxwriter  # type: ignore[import-untyped]
from sqlalchemy import select

from bot.common.clock import CHINA
from bot.geo.places import Places
from bot.services.spreadsheets.reader import read
from bot.services.trainings.administration import TrainingAdministration
from bot.services.trainings.errors import TrainingsChanged
from bot.services.trainings.importing.apply import apply
from bot.services.trainings.importing.columns import COLUMNS
from bot.services.trainings.importing.plan import plan_import
from bot.services.trainings.seating import Seating
from bot.store.engine import Store
from bot.store.models.trainings import TrainingRow
from tests.conftest import ManualClock
from tests.support.training_commands import (
    CommandLine,
    notification_kinds,
    register,
    stored_training,
)
from tests.support.trainings import create_training

HEAD = (
    "编号,主题,类别,盟市,线上,直播链接,地点,地址,经度,纬度,坐标系,开始时间,结束时间,报名截止,名额,"
    "最少人数,限公司,限盟市"
)
GOOD = (
    "T1,冬季骑行安全,交通安全,呼和浩特市,,,二楼会议室,x路1号,111.66,40.82,WGS84,"
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
    ({"坐标系": ""}, "经度"),
    ({"坐标系": "北京54"}, "坐标系"),
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


def write(folder: Path, *rows: str, name: str = "list.csv") -> Path:
    path = folder / name
    path.write_text("\n".join((HEAD, *rows)) + "\n", encoding="gb18030")
    return path


async def test_every_bad_row_is_named_and_nothing_is_written(
    command: CommandLine, sqlite_store: Store, tmp_path: Path
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
    out = await command(1, "import", path, "--apply")
    told = [one for one in out.splitlines() if one.startswith("Problem: ")]
    for at, (cells, column) in enumerate(BAD, 3):
        named = [one for one in told if f"名单, row {at}, column {column}" in one]
        assert len(named) == 1, (cells, told)
    assert len(told) == len(BAD)
    assert "not accepted" not in out
    async with sqlite_store.reading() as db:
        assert (await db.scalars(select(TrainingRow))).all() == []


async def test_a_dry_run_then_the_real_thing_then_nothing_new(
    command: CommandLine, sqlite_store: Store, tmp_path: Path
) -> None:
    online = (
        "T2,急救入门,急救,包头,是,https://live.example/1,,,,,,2026年12月5日 14:00,16:00,,30,,美团,"
    )
    path = write(tmp_path, GOOD, online)
    assert "Dry run" in await command(0, "import", path)
    async with sqlite_store.reading() as db:
        assert (await db.scalars(select(TrainingRow))).all() == []
    out = await command(0, "import", path, "--apply")
    assert "New: T1 冬季骑行安全" in out
    one, two = await stored_training(sqlite_store), await stored_training(sqlite_store, "T2")
    assert one.starts_at == datetime(2026, 11, 28, 9, tzinfo=CHINA)
    assert one.ends_at == datetime(2026, 11, 28, 11, 30, tzinfo=CHINA)
    assert one.deadline == datetime(2026, 11, 27, 23, 59, tzinfo=CHINA)
    assert (one.league, one.capacity, one.min_attendance) == ("150100", 40, 5)
    assert (two.league, two.is_online, two.only_firm) == ("150200", True, "美团")
    assert two.deadline == two.starts_at
    assert len({one.checkin_code, two.checkin_code}) == 2
    assert "0 new, 0 changed, 2 unchanged" in await command(0, "import", path, "--apply")


async def test_an_export_comes_back_unchanged_and_lists_are_kept(
    command: CommandLine, sqlite_store: Store, clock: ManualClock, tmp_path: Path
) -> None:
    await command(0, "import", write(tmp_path, GOOD), "--apply")
    async with sqlite_store.writing() as db:
        await create_training(db, clock() + timedelta(days=9), now=clock(), code="T9")
    for name in ("out.csv", "out.xlsx"):
        await command(0, "export", tmp_path / name)
        await command(2, "export", tmp_path / name)
        assert "0 changed, 2 unchanged, 0 missing" in await command(0, "import", tmp_path / name)
    again = write(tmp_path, GOOD, name="again.csv")
    assert "Missing from the file, kept: T9" in await command(0, "import", again, "--apply")
    listed = await command(0, "list")
    assert "T1  2026年11月28日（周六）9:00-11:30  冬季骑行安全" in listed
    assert "T9" in listed


async def test_a_list_that_moves_a_training_tells_everybody_in_it(
    command: CommandLine, sqlite_store: Store, clock: ManualClock, tmp_path: Path
) -> None:
    await command(0, "import", write(tmp_path, GOOD), "--apply")
    row = await stored_training(sqlite_store)
    await register(sqlite_store, clock, row.id, 2)
    moved = write(tmp_path, GOOD.replace("9:00,11:30", "14:00,16:00"), name="moved.csv")
    out = await command(0, "import", moved)
    assert "开始时间 2026-11-28 09:00 → 2026-11-28 14:00" in out
    assert "2 couriers will be told" in out
    assert "training.changed" not in await notification_kinds(sqlite_store)
    await command(0, "import", moved, "--apply")
    assert (await notification_kinds(sqlite_store)).count("training.changed") == 2
    row = await stored_training(sqlite_store)
    assert row.starts_at == datetime(2026, 11, 28, 14, tzinfo=CHINA)
    assert (row.sequence, row.lat) == (1, 40.82)
    other = write(
        tmp_path, GOOD.replace("9:00,11:30", "14:00,16:00").replace("安全,", "安全与防寒,", 1)
    )
    await command(0, "import", other, "--apply")
    row = await stored_training(sqlite_store)
    assert (row.title, row.sequence) == ("冬季骑行安全与防寒", 2)
    assert (await notification_kinds(sqlite_store)).count("training.changed") == 2


async def test_a_new_place_without_coordinates_takes_the_old_pin_away(
    command: CommandLine, sqlite_store: Store, tmp_path: Path
) -> None:
    await command(0, "import", write(tmp_path, GOOD), "--apply")
    path = tmp_path / "place.csv"
    path.write_text("编号,地点\nT1,三楼礼堂\n", encoding="utf-8")
    await command(0, "import", path, "--apply")
    row = await stored_training(sqlite_store)
    assert (row.place, row.lat, row.lon, row.capacity) == ("三楼礼堂", None, None, 40)


async def test_more_places_are_offered_to_the_line_and_fewer_than_taken_are_refused(
    command: CommandLine, sqlite_store: Store, clock: ManualClock, tmp_path: Path
) -> None:
    await command(0, "import", write(tmp_path, GOOD.replace(",40,5,", ",2,,")), "--apply")
    row = await stored_training(sqlite_store)
    await register(sqlite_store, clock, row.id, 4)
    fewer = write(tmp_path, GOOD.replace(",40,5,", ",1,,"), name="fewer.csv")
    assert "2 places are taken already" in await command(1, "import", fewer, "--apply")
    more = write(tmp_path, GOOD.replace(",40,5,", ",3,,"), name="more.csv")
    await command(0, "import", more, "--apply")
    assert (await notification_kinds(sqlite_store)).count("training.offer") == 1
    listed = await command(0, "list")
    assert "3/3" in listed
    assert "1 waiting" in listed


async def test_what_cannot_be_read_is_said_in_one_sentence(
    command: CommandLine, tmp_path: Path
) -> None:
    (tmp_path / "old.xls").write_bytes(b"\xd0\xcf\x11\xe0" + bytes(100))
    for name in ("absent.csv", "old.xls"):
        assert (await command(2, "import", tmp_path / name)).count("\n") == 1


async def test_two_lists_at_once_do_not_overwrite_each_other(
    sqlite_store: Store, clock: ManualClock, tmp_path: Path
) -> None:
    organiser = TrainingAdministration(Seating(timedelta(hours=2)))
    table = read(write(tmp_path, GOOD).read_bytes(), COLUMNS)
    async with sqlite_store.reading() as db:
        plan = await plan_import(db, table, Places.load(), clock())
    async with sqlite_store.writing() as db:
        await apply(db, plan, organiser, clock())
    with pytest.raises(TrainingsChanged):
        async with sqlite_store.writing() as db:
            await apply(db, plan, organiser, clock())
    changed = read(write(tmp_path, GOOD.replace(",40,", ",50,")).read_bytes(), COLUMNS)
    async with sqlite_store.reading() as db:
        plan = await plan_import(db, changed, Places.load(), clock())
    async with sqlite_store.writing() as db:
        row = (await db.scalars(select(TrainingRow))).one()
        row.title = "别的"
    with pytest.raises(TrainingsChanged):
        async with sqlite_store.writing() as db:
            await apply(db, plan, organiser, clock())


NO_DATUM = (
    "编号,主题,开始时间,结束时间,名额,地点,经度,纬度\n"
    "X1,安全课,2027-01-09 9:00,11:00,5,文化宫,111.66,40.82\n"
)


async def test_coordinates_of_an_unsaid_datum_are_asked_about(
    command: CommandLine, sqlite_store: Store, tmp_path: Path
) -> None:
    path = tmp_path / "list.csv"
    path.write_text(NO_DATUM, encoding="utf-8-sig")
    assert "which map are the coordinates from?" in await command(1, "import", path, "--apply")
    async with sqlite_store.reading() as db:
        assert (await db.scalars(select(TrainingRow))).all() == []
    await command(0, "import", path, "--datum", "wgs84", "--apply")
    wgs84 = await stored_training(sqlite_store, "X1")
    assert (wgs84.lat, wgs84.lon) == (40.82, 111.66)
    await command(0, "import", path, "--datum", "gcj02", "--apply")
    assert (await stored_training(sqlite_store, "X1")).lat != 40.82


async def test_a_list_without_coordinates_needs_no_datum(
    command: CommandLine, tmp_path: Path
) -> None:
    path = tmp_path / "list.csv"
    bare = NO_DATUM.replace(",经度,纬度", "").replace(",111.66,40.82", "")
    path.write_text(bare, encoding="utf-8-sig")
    await command(0, "import", path, "--apply")


async def test_a_datum_in_the_heading_is_used_and_never_contradicted(
    command: CommandLine, sqlite_store: Store, tmp_path: Path
) -> None:
    path = tmp_path / "list.csv"
    path.write_text(
        NO_DATUM.replace("经度,纬度", "经度（百度）,纬度（百度）"), encoding="utf-8-sig"
    )
    assert "another datum than" in await command(1, "import", path, "--datum", "gcj02")
    await command(0, "import", path, "--apply")
    stored = await stored_training(sqlite_store, "X1")
    assert stored.lon is not None
    assert 0.005 < 111.66 - stored.lon < 0.03
    path.write_text(NO_DATUM.replace("经度", "经度（地方）"), encoding="utf-8-sig")
    assert "column 经度" in await command(1, "import", path)


async def test_an_import_is_in_the_history_and_is_undone(
    command: CommandLine, clock: ManualClock, tmp_path: Path
) -> None:
    path = tmp_path / "课表.csv"
    path.write_text(f"{HEAD}\n{GOOD}\n", encoding="utf-8")
    printed = await command(0, "import", path, "--datum", "gcj02", "--apply")
    assert "Written as revision 1; to take it back: yizhan trainings undo 1" in printed
    await command(0, "reschedule", "T1", "--start", "14:00", "--apply")
    printed = await command(0, "history", "T1")
    assert "rescheduled" in printed
    assert "开始时间: 2026-11-28 09:00 → 2026-11-28 14:00" in printed
    assert "课表.csv" in printed
    printed = await command(1, "undo", "1", "--apply")
    assert "Changed since: T1, 开始时间, by revision 2" in printed
    assert "2026-11-28 14:00 → 2026-11-28 09:00" in await command(0, "undo", "2")
    await command(0, "undo", "2", "--apply")
    await command(0, "cancel", "T1", "--apply")
    assert "it was called off" in await command(1, "undo", "4", "--apply")


async def test_good_rows_are_written_without_the_faulty_ones(
    command: CommandLine, sqlite_store: Store, tmp_path: Path
) -> None:
    file = tmp_path / "list.csv"
    file.write_text(f"{HEAD}\n{GOOD}\n{GOOD.replace('T1', 'T2').replace('2026-11-28 9:00', '?')}\n")
    assert "Problem" in await command(1, "import", file, "--apply")
    said = await command(0, "import", file, "--good-rows", "--apply")
    assert "Left out" in said
    assert "row 3" in said
    async with sqlite_store.reading() as db:
        assert list(await db.scalars(select(TrainingRow.code))) == ["T1"]
