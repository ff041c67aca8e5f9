"""Station files against the database: planned, applied whole or not at all, and exported."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import func, insert, select, update

from bot.common.clock import CHINA
from bot.common.facilities import FACILITIES
from bot.geo.datum import Datum, from_wgs84
from bot.geo.point import Point
from bot.hours.weekly import parse
from bot.services.dataset_version import Dataset, dataset_version, raise_version
from bot.services.demo.stations import has_demo, remove_demo, seed_demo
from bot.services.spreadsheets import reader, writer
from bot.services.spreadsheets.cells import clean
from bot.services.spreadsheets.errors import PlanRefused
from bot.services.stations.errors import StationsChanged
from bot.services.stations.importing.apply import apply
from bot.services.stations.importing.cells import DatedHours
from bot.services.stations.importing.columns import COLUMNS
from bot.services.stations.importing.duplicates import are_alike
from bot.services.stations.importing.plan import Plan, locate_missing, plan_import
from bot.services.stations.importing.rows import StationEntry, read_entry
from bot.services.stations.importing.stored import export
from bot.services.stations.statuses import StationStatus
from bot.store.engine import Store, open_store
from bot.store.models.stations import FacilityRow, StationChangeRow, StationRow
from tests.conftest import ManualClock

TODAY = date(2026, 11, 23)
MOMENT = datetime(2026, 11, 23, 10, tzinfo=CHINA)
LIST = """编号,名称,经度,纬度,坐标系,服务时间,服务设施,电话,星级,状态,例外安排
A1,新城支行驿站,111.6659,40.8264,gcj02,周一至周五9:00-12:00 13:30-17:00,\
热水;充电=故障,04711,五星,营业,
A2,鼓楼驿站,111.7000,40.8000,gcj02,24小时,seat、卫生间,12351,,暂停,\
2026-12-01..2027-02-28 Mo-Fr 09:30-16:30 冬季时间;2026-10-01 closed 国庆停业
A3,没登记时间驿站,118.9,42.26,gcj02,,,,,,
"""


@pytest.fixture
async def file(sqlite_url: str) -> AsyncIterator[Store]:
    """A SQLite database, for what does not depend on the kind."""
    opened = await open_store(sqlite_url)
    yield opened
    await opened.close()


@pytest.fixture
def spare_url(sqlite_template: Path, tmp_path: Path) -> str:
    """A second database, empty."""
    shutil.copyfile(sqlite_template, tmp_path / "spare.db")
    return f"sqlite+aiosqlite:///{tmp_path / 'spare.db'}"


def table(text: str) -> reader.Table:
    return reader.read(text.encode(), COLUMNS)


async def planned(store: Store, text: str, **options: Any) -> Plan:
    async with store.reading() as db:
        return await plan_import(db, table(text), Datum.WGS84, TODAY, **options)


async def applied(store: Store, text: str, clock: ManualClock, **options: Any) -> Plan:
    plan = await planned(store, text)
    assert plan.problems == ()
    async with store.writing() as db:
        await apply(db, plan, clock(), **options)
    return plan


async def count(store: Store) -> int:
    async with store.reading() as db:
        return await db.scalar(select(func.count()).select_from(StationRow)) or 0


async def version(store: Store) -> int:
    async with store.reading() as db:
        return await dataset_version(db, Dataset.STATIONS)


async def station(store: Store, code: str) -> StationRow:
    async with store.reading() as db:
        return (await db.scalars(select(StationRow).where(StationRow.code == code))).one()


async def test_a_list_becomes_stations_with_everything_it_says(
    store: Store, clock: ManualClock
) -> None:
    plan = await applied(store, LIST, clock)
    assert (len(plan.new), len(plan.changed), plan.unchanged, plan.missing) == (3, 0, 0, ())
    assert await version(store) == 1
    first = await station(store, "A1")
    assert (first.name, first.star, first.status, first.phone) == (
        "新城支行驿站", 5, "open", "04711",
    )  # fmt: skip
    assert first.hours == "Mo-Fr 09:00-12:00,13:30-17:00"
    assert (first.raw_lon, first.raw_lat, first.datum) == (111.6659, 40.8264, "gcj02")
    shifted = from_wgs84(Point(first.lat, first.lon), Datum.GCJ02)
    assert shifted == pytest.approx((40.8264, 111.6659), abs=1e-9)
    assert abs(first.lon - first.raw_lon) > 0.003
    assert first.updated_at == clock()
    async with store.reading() as db:
        has = select(FacilityRow.code, FacilityRow.state).where(FacilityRow.station_id == first.id)
        assert {tuple(row) for row in await db.execute(has)} == {
            ("water", "ok"),
            ("charge", "broken"),
        }
        dated = select(StationChangeRow).order_by(StationChangeRow.first)
        closed, winter = (await db.scalars(dated)).all()
    assert (closed.first, closed.last, closed.hours, closed.reason) == (
        date(2026, 10, 1), date(2026, 10, 1), None, "国庆停业",
    )  # fmt: skip
    assert (winter.last, winter.hours, winter.reason) == (
        date(2027, 2, 28), "Mo-Fr 09:30-16:30", "冬季时间",
    )  # fmt: skip
    assert (await station(store, "A3")).hours is None


async def test_the_same_list_again_changes_nothing(store: Store, clock: ManualClock) -> None:
    await applied(store, LIST, clock)
    clock.forward(days=1)
    plan = await applied(store, LIST, clock)
    assert (plan.new, plan.changed, plan.unchanged) == ((), (), 3)
    assert await version(store) == 1
    assert (await station(store, "A1")).updated_at < clock()


async def test_changes_are_told_field_by_field_and_details_of_facilities_stay(
    store: Store, clock: ManualClock
) -> None:
    await applied(store, LIST, clock)
    async with store.writing() as db:
        seen = update(FacilityRow).values(note="加热慢", verified_at=TODAY)
        await db.execute(seen)
    clock.forward(hours=1)
    text = LIST.replace("热水;充电=故障", "热水;充电;wifi").replace("国庆停业", "装修")
    plan = await applied(store, text.replace("12351", ""), clock)
    told = {
        (one.after.code, each.field): (each.before, each.after)
        for one in plan.changed
        for each in one.differences
    }
    assert told.keys() == {("A1", "facilities"), ("A2", "phone"), ("A2", "changes")}
    assert told["A1", "facilities"] == ("water;charge=故障", "water;charge;wifi")
    assert told["A2", "phone"] == ("12351", "")
    assert plan.unchanged == 1
    assert await version(store) == 2
    assert (await station(store, "A1")).updated_at == clock()
    async with store.reading() as db:
        rows = list(
            await db.scalars(select(FacilityRow).join(StationRow).where(StationRow.code == "A1"))
        )
        reasons = set(await db.scalars(select(StationChangeRow.reason)))
    assert {row.code: (row.state, row.note) for row in rows} == {
        "water": ("ok", "加热慢"),
        "charge": ("ok", ""),
        "wifi": ("ok", ""),
    }
    assert reasons == {"冬季时间", "装修"}


async def test_columns_that_the_file_lacks_stay_and_blank_cells_clear(
    file: Store, clock: ManualClock
) -> None:
    await applied(file, LIST, clock)
    short = "code,name,lng,lat,datum,star\nA1,新城支行驿站,111.6659,40.8264,高德,\n"
    plan = await applied(file, short, clock)
    assert [one.field for change in plan.changed for one in change.differences] == ["star"]
    row = await station(file, "A1")
    assert row.star is None
    assert row.hours == "Mo-Fr 09:00-12:00,13:30-17:00"
    assert [(one.code, one.name) for one in plan.missing] == [
        ("A2", "鼓楼驿站"),
        ("A3", "没登记时间驿站"),
    ]
    assert await count(file) == 3


async def test_a_station_moves_far_only_if_that_is_allowed(file: Store, clock: ManualClock) -> None:
    await applied(file, LIST, clock)
    near = LIST.replace("118.9,42.26", "118.9,42.2620")
    assert (await planned(file, near)).moved == ()
    plan = await planned(file, LIST.replace("118.9,42.26", "118.9,42.2640"))
    assert [(one.row, one.code) for one in plan.moved] == [(4, "moved")]
    assert int(plan.moved[0].params["metres"]) == pytest.approx(444, abs=2)
    async with file.writing() as db:
        with pytest.raises(PlanRefused):
            await apply(db, plan, clock())
        await apply(db, plan, clock(), allow_moves=True)
    assert (await station(file, "A3")).raw_lat == 42.264


async def test_a_forgotten_datum_shows_as_stations_that_moved(
    file: Store, clock: ManualClock
) -> None:
    await applied(file, LIST, clock)
    plan = await planned(file, LIST.replace(",gcj02,", ",wgs84,"))
    assert len(plan.moved) == 3
    assert all(300 < int(one.params["metres"]) < 700 for one in plan.moved)


@pytest.mark.parametrize(
    ("name", "shift", "code"),
    [
        ("新城区支行爱心驿站", 0.0, "twin_place"),
        ("中国工商银行(新城支行)户外劳动者驿站", 0.00001, "twin_place"),
        ("邮政大厦司机之家", 0.0001, "shared_place"),
        ("新城支行驿站2号", 0.0, "shared_place"),
        ("新城支行驿站", 0.001, None),
    ],
)
async def test_two_rows_at_one_place(
    file: Store, clock: ManualClock, name: str, shift: float, code: str | None
) -> None:
    new = f"B1,{name},{111.6659 + shift},40.8264,gcj02,,,,,,\n"
    together = await planned(file, LIST + new)
    await applied(file, LIST, clock)
    alone = await planned(file, "".join([*LIST.splitlines(keepends=True)[:1], new]))
    for plan, row in ((together, "2"), (alone, "")):
        found = [*plan.problems, *plan.warnings]
        assert [one.code for one in found] == [code] * (code is not None)
        assert [one.code for one in plan.problems] == [code] * (code == "twin_place")
        assert all(one.params["code"] == "A1" and one.params["row"] == row for one in found)


async def test_stations_that_are_no_more_have_no_twins(file: Store, clock: ManualClock) -> None:
    await applied(file, LIST.replace("五星,营业", "五星,搬迁"), clock)
    again = LIST.replace("A1,", "B1,").splitlines(keepends=True)
    assert (await planned(file, "".join(again[:2]))).problems == ()


@pytest.mark.parametrize("other", ["东胜天骄路驿站", "东胜区天骄路工会户外劳动者爱心驿站"])
def test_like_names(other: str) -> None:
    assert are_alike("示例·东胜区天骄路爱心驿站", other)
    assert not are_alike("东胜区1号驿站", "东胜区2号驿站")
    assert not are_alike("爱心驿站", "邮政大厦驿站")


async def test_a_whole_list_at_one_point_is_compared_quickly(file: Store) -> None:
    rows = "".join(f"{n},{n}号驿站,111.7,40.8,wgs84,,,,,,\n" for n in range(5000))
    plan = await planned(file, LIST.splitlines()[0] + "\n" + rows)
    assert len(plan.warnings) == 4999


async def test_a_plan_is_good_for_the_stations_it_was_made_for(
    store: Store, clock: ManualClock
) -> None:
    plan = await planned(store, LIST)
    other = "code,name,lng,lat\nC1,其他驿站,112,41\n"
    await applied(store, other, clock)
    with pytest.raises(StationsChanged):
        async with store.writing() as db:
            await apply(db, plan, clock())
    assert await count(store) == 1


async def test_of_two_imports_at_once_one_is_told_to_try_again(
    store: Store, clock: ManualClock
) -> None:
    await applied(store, "code,name,lng,lat\nC1,其他驿站,112,41\n", clock)
    plan = await planned(store, LIST)

    async def attempt() -> bool:
        try:
            async with store.writing() as db:
                await apply(db, plan, clock())
        except StationsChanged:
            return False
        return True

    assert sorted(await asyncio.gather(attempt(), attempt())) == [False, True]
    assert (await count(store), await version(store)) == (4, 2)


async def test_one_bad_row_and_nothing_is_written(file: Store, clock: ManualClock) -> None:
    plan = await planned(file, LIST.replace("111.7000,40.8000", "40.8000,111.7000"))
    assert [(one.row, one.value, one.code) for one in plan.problems] == [
        (3, "40.8,111.7", "swapped")
    ]
    assert len(plan.new) == 2
    async with file.writing() as db:
        with pytest.raises(PlanRefused):
            await apply(db, plan, clock())
    assert await count(file) == 0


async def test_what_fails_midway_leaves_nothing_behind(store: Store, clock: ManualClock) -> None:
    plan = await planned(store, LIST)
    first, *rest = plan.new
    unknown = cast(StationStatus, "?")
    torn = replace(plan, new=(*rest, replace(first, entry=replace(first.entry, status=unknown))))
    with pytest.raises(Exception, match=r"ck_station_status|CHECK constraint"):
        async with store.writing() as db:
            await apply(db, torn, clock())
    assert (await count(store), await version(store)) == (0, 0)


async def test_anywhere_lets_other_regions_in(file: Store) -> None:
    shanghai = "code,name,lng,lat\nS1,上海驿站,121.47,31.23\n"
    assert [one.code for one in (await planned(file, shanghai)).problems] == ["out_of_region"]
    assert (await planned(file, shanghai, anywhere=True)).problems == ()


class Atlas:
    """A geocoder that knows one address."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    async def locate(self, text: str) -> Point | None:
        self.asked.append(text)
        return Point(40.81, 111.66) if "车站东街107号" in text else None


async def test_rows_without_coordinates_are_looked_up_once_and_marked(
    file: Store, clock: ManualClock
) -> None:
    text = "code,name,league,address,lng,lat\nG1,甲驿站,呼和浩特市,车站东街107号,,\n"
    assert [one.code for one in (await planned(file, text)).problems] == ["no_coordinates"]
    atlas = Atlas()
    for asked in (["呼和浩特市车站东街107号"], []):
        atlas.asked.clear()
        async with file.reading() as db:
            places = await locate_missing(db, table(text), atlas)
        assert atlas.asked == asked
        plan = await planned(file, text, places=places)
        assert plan.problems == ()
        async with file.writing() as db:
            await apply(db, plan, clock())
    row = await station(file, "G1")
    assert (row.lat, row.lon, row.datum, row.geocoded) == (40.81, 111.66, "wgs84", True)
    confirmed = text.replace(",,", ",111.6601,40.8101")
    await applied(file, confirmed, clock)
    assert not (await station(file, "G1")).geocoded
    unknown = text.replace("107号", "1号").replace("G1", "G2")
    async with file.reading() as db:
        places = await locate_missing(db, table(unknown), atlas)
    problems = (await planned(file, unknown, places=places)).problems
    assert [(one.row, one.code) for one in problems] == [(2, "not_found")]


# As published, dirty: pub010, pub018-pub020, pub024 and others of the news extracts of 2021-2026.
@pytest.mark.parametrize(
    ("text", "stored"),
    [
        ("8:30-11:00 13:30-17:00", "Mo-Su 08:30-11:00,13:30-17:00"),
        ("星期一到星期五 9:30-17:00", "Mo-Fr 09:30-17:00"),
        ("6:00-18:00", "Mo-Su 06:00-18:00"),
        ("", None),
    ],
)
def test_published_hours(text: str, stored: str | None) -> None:
    entry = read_entry({"code": "1", "name": "x", "datum": "gcj02", "hours": text})
    assert isinstance(entry, StationEntry)
    assert entry.hours == stored


def test_hours_that_are_only_a_guess_are_refused() -> None:
    faults = read_entry({"code": "1", "name": "x", "datum": "bd09", "hours": "24小时（仅据站名）"})
    assert isinstance(faults, list)
    assert [(one.field, one.code) for one in faults] == [("hours", "hours")]


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("桌椅|饮水设备|应急药箱|充电插座|微波炉", "seat water charge microwave medkit"),
        ("微波炉|空调|饮水机|充电宝|医药箱", "water charge microwave hvac medkit"),
        ("冰箱、微波炉、饮水机、桌椅、报刊书籍、雨伞、急救箱、针线包",
         "seat water microwave medkit fridge rain books tools"),
        ("室内场所|桌凳", None),
        ("饮水机(冷/热);AED 除颤器;WiFi", "water wifi aed"),
        ("AED=坏掉了", None),
    ],
)  # fmt: skip
def test_published_facilities(text: str, codes: str | None) -> None:
    entry = read_entry({"code": "1", "name": "x", "datum": "wgs84", "facilities": text})
    if codes is None:
        assert isinstance(entry, list)
        return
    assert isinstance(entry, StationEntry)
    assert [code for code, _ in entry.facilities] == codes.split()


@pytest.mark.parametrize(
    ("field", "text", "value"),
    [
        ("phone", "13800138000.0", "13800138000"),
        ("phone", "0471-123 转 8", "0471-123 转 8"),
        ("code", "1001.0", "1001"),
        ("star", "4.0", 4),
        ("star", "三星级", 3),
        ("verified_at", "2026年3月1日", date(2026, 3, 1)),
        ("verified_at", "2026/3/1", date(2026, 3, 1)),
        ("lng", "111.75°E", 111.75),
        ("datum", "GCJ-02", Datum.GCJ02),
        ("datum", "百度", Datum.BD09),
        ("status", "暂停开放", "paused"),
        (
            "changes",
            "2026-10-01 停业",
            (DatedHours(date(2026, 10, 1), date(2026, 10, 1), None, ""),),
        ),
    ],
)
def test_cells_as_people_write_them(field: str, text: str, value: object) -> None:
    entry = read_entry({"code": "1", "name": "x", "datum": "wgs84", field: text})
    assert isinstance(entry, StationEntry)
    assert getattr(entry, field) == value


TEXT = st.text(
    st.sampled_from("=+-@'中文（），·1a 站\"") | st.characters(exclude_categories=["Cs"])
)
HOURS = st.sampled_from(
    [
        "24/7",
        "off",
        "Mo-Fr 09:00-17:00; PH off",
        "Mo-Su 18:00-02:00",
        "Sa,Su 10:00-12:00,13:00-15:30",
    ]
).map(lambda text: str(parse(text)))
CHANGES = st.builds(
    DatedHours,
    first=st.dates(date(2026, 1, 1), date(2026, 6, 30)),
    last=st.dates(date(2026, 7, 1), date(2027, 6, 30)),
    hours=st.none() | HOURS.filter(lambda text: text != "off"),
    reason=st.sampled_from(["", "冬季时间", "国庆（含调休）停业", "装修 2 楼"]),
)
ROWS: st.SearchStrategy[dict[str, Any]] = st.builds(
    dict,
    name=TEXT.filter(lambda text: bool(clean(text)))
    .map(lambda text: text[:60])
    .filter(lambda text: bool(clean(text))),
    **{name: TEXT.map(lambda text: text[:20]) for name in ("owner", "address", "door", "toilet")},
    phone=st.sampled_from(["", "+86 471 1", "(0471)1-1", "12351"]),
    raw_lat=st.floats(37.5, 53.0),
    raw_lon=st.floats(97.5, 126.0),
    datum=st.sampled_from(["wgs84", "gcj02", "bd09"]),
    geocoded=st.booleans(),
    hours=st.none() | HOURS,
    star=st.none() | st.integers(1, 5),
    verified_at=st.none() | st.dates(date(2020, 1, 1), TODAY),
    status=st.sampled_from(["open", "paused", "moved", "closed"]),
    is_demo=st.booleans(),
)
FACILITY_ROWS = st.dictionaries(
    st.sampled_from(sorted(FACILITIES)), st.sampled_from(["ok", "broken", "empty", "unconfirmed"])
)


@settings(max_examples=40)
@given(
    stations=st.lists(st.tuples(ROWS, FACILITY_ROWS, st.lists(CHANGES, max_size=2)), max_size=5),
    as_csv=st.booleans(),
)
def test_an_export_imports_back_unchanged(
    sqlite_template: Path,
    tmp_path_factory: pytest.TempPathFactory,
    stations: list[tuple[dict[str, Any], dict[str, str], list[DatedHours]]],
    as_csv: bool,
) -> None:
    path = tmp_path_factory.mktemp("export") / "bot.db"
    path.write_bytes(sqlite_template.read_bytes())

    async def round_trip() -> None:
        store = await open_store(f"sqlite+aiosqlite:///{path}")
        async with store.writing() as db:
            for number, (row, facilities, changes) in enumerate(stations, 1):
                place = {"lat": row["raw_lat"], "lon": row["raw_lon"]}
                values = {"id": number, "code": f"=C-{number}", **row, **place}
                await db.execute(insert(StationRow).values(**values, updated_at=MOMENT))
                for code, state in facilities.items():
                    has = {"station_id": number, "code": code, "state": state, "note": ""}
                    await db.execute(insert(FacilityRow).values(has))
                for one in changes:
                    dated = {"station_id": number, "first": one.first, "last": one.last}
                    hours = {"hours": one.hours, "reason": one.reason}
                    await db.execute(insert(StationChangeRow).values(**dated, **hours))
        async with store.reading() as db:
            rows = await export(db)
            data = writer.csv_bytes(rows) if as_csv else writer.xlsx_bytes("驿站", rows)
            back = reader.read(data, COLUMNS)
            plan = await plan_import(db, back, Datum.BD09, TODAY)
        await store.close()
        assert (plan.problems, plan.warnings, plan.moved) == ((), (), ())
        assert (plan.new, plan.changed, plan.unchanged) == ((), (), len(stations))

    asyncio.run(round_trip())


async def test_an_export_fills_an_empty_database_with_the_same(
    store: Store, spare_url: str, clock: ManualClock
) -> None:
    await applied(store, LIST, clock)
    async with store.reading() as db:
        rows = await export(db)
    other = await open_store(spare_url)
    plan = await applied(other, writer.csv_bytes(rows).decode("utf-8-sig"), clock)
    assert len(plan.new) == 3
    async with other.reading() as db:
        assert await export(db) == rows
    await other.close()


async def test_demo_stations_come_by_the_same_door_and_go_again(
    store: Store, clock: ManualClock
) -> None:
    await applied(store, LIST, clock)
    for _ in range(2):
        async with store.writing() as db:
            await seed_demo(db, clock())
        assert await version(store) == 2
    async with store.reading() as db:
        assert await has_demo(db)
        demo = select(func.count()).select_from(StationRow).where(StationRow.is_demo.is_(True))
        held = await db.scalar(demo) or 0
        assert held == await count(store) - 3
        unmarked = ~StationRow.name.contains("示例") & StationRow.is_demo.is_(True)
        assert (await db.scalars(select(StationRow.name).where(unmarked))).all() == []
    plan = await planned(store, LIST)
    assert (plan.unchanged, plan.missing) == (3, ())
    async with store.writing() as db:
        assert await remove_demo(db) == held
        assert await remove_demo(db) == 0
    assert (await count(store), await version(store)) == (3, 3)
    async with store.reading() as db:
        assert not await has_demo(db)


async def test_two_first_lists_at_once_count_as_two(store: Store) -> None:
    async def other() -> None:
        async with store.writing() as db:
            await raise_version(db, Dataset.STATIONS)

    async with store.writing() as db:
        await raise_version(db, Dataset.STATIONS)
        waiting = asyncio.create_task(other())
        await asyncio.sleep(0.2)  # time to find the table as empty as it still looks from outside
    await waiting
    async with store.reading() as db:
        assert await dataset_version(db, Dataset.STATIONS) == 2
