"""What a list of stations changes in the database: new, changed, moved and doubled ones."""

from datetime import date

import pytest
from sqlalchemy import select, update

from bot.geo.datum import Datum, from_wgs84
from bot.geo.point import Point
from bot.services.spreadsheets.errors import PlanRefused
from bot.services.stations.importing.apply import apply
from bot.services.stations.importing.duplicates import are_alike
from bot.services.stations.importing.plan import locate_missing
from bot.services.stations.importing.terms import Terms
from bot.store.engine import Store
from bot.store.models.stations import FacilityRow, StationChangeRow, StationRow
from tests.conftest import ManualClock
from tests.services.stations.station_lists import (
    LIST,
    TODAY,
    applied,
    count,
    planned,
    table,
    version,
)


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


async def test_anywhere_lets_other_regions_in(file: Store) -> None:
    shanghai = "code,name,lng,lat\nS1,上海驿站,121.47,31.23\n"
    assert [one.code for one in (await planned(file, shanghai)).problems] == ["out_of_region"]
    assert (await planned(file, shanghai, terms=Terms(anywhere=True))).problems == ()


class FakeGeocoder:
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
    geocoder = FakeGeocoder()
    for asked in (["呼和浩特市车站东街107号"], []):
        geocoder.asked.clear()
        async with file.reading() as db:
            places = await locate_missing(db, table(text), geocoder)
        assert geocoder.asked == asked
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
        places = await locate_missing(db, table(unknown), geocoder)
    problems = (await planned(file, unknown, places=places)).problems
    assert [(one.row, one.code) for one in problems] == [(2, "not_found")]
