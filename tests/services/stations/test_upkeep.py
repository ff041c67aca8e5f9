"""Stations that want looking after, and where couriers searched in vain."""

from datetime import datetime, timedelta

from sqlalchemy import insert

from bot.geo.places import Places
from bot.geo.point import Point
from bot.services.stations import upkeep
from bot.services.stations.demand import DemandOutcome, coarse_cell
from bot.services.stations.demand_report import LEAST_COURIERS, Unmet, unmet_demand
from bot.services.stations.upkeep import OwnerCount
from bot.store.engine import Store
from bot.store.models.couriers import CourierRow
from bot.store.models.stations import DemandRow
from tests.conftest import ManualClock
from tests.services.stations.station_lists import TODAY, applied

HOHHOT = Point(40.82, 111.66)
LIST = """编号,名称,经度,纬度,坐标系,建设单位,核实日期,服务时间,状态
A1,甲驿站,111.61,40.80,gcj02,总工会,2026-11-20,9:00-17:00,
A2,乙驿站,111.62,40.80,gcj02,总工会,2026-10-24,,
A3,丙驿站,111.63,40.80,gcj02,总工会,2026-09-01,9:00-17:00,
A4,丁驿站,111.64,40.80,gcj02,总工会,2026-05-01,,撤销
B1,戊驿站,111.65,40.80,gcj02,农行,,,
"""


async def test_stations_are_stale_by_owner_and_age(store: Store, clock: ManualClock) -> None:
    await applied(store, LIST, clock)
    async with store.reading() as db:
        found = await upkeep.stale(db, TODAY)
    assert [(one.code, one.days) for one in found] == [("B1", None), ("A3", 83), ("A2", 30)]
    assert upkeep.by_owner(found) == [
        OwnerCount("总工会", (2, 1, 0), 0),
        OwnerCount("农行", (0, 0, 0), 1),
    ]


async def test_stations_without_hours_are_found_while_they_are_served(
    file: Store, clock: ManualClock
) -> None:
    await applied(file, LIST, clock)
    async with file.reading() as db:
        found = await upkeep.missing_hours(db, TODAY)
    assert [one.code for one in found] == ["B1", "A2"]


async def search(
    store: Store,
    clock: ManualClock,
    couriers: range,
    outcome: DemandOutcome = DemandOutcome.NONE_OPEN,
    wanted: str = "",
    at: datetime | None = None,
) -> None:
    """Each of these couriers searched once in Hohhot."""
    async with store.writing() as db:
        for number in couriers:
            if await db.get(CourierRow, number) is None:
                db.add(CourierRow(id=number, created_at=clock(), seen_at=clock()))
                await db.flush()
            row = {
                "courier_id": number, "at": at or clock(), "cell": coarse_cell(HOHHOT),
                "league": "150100", "wanted": wanted, "outcome": outcome, "nearest_m": None,
            }  # fmt: skip
            await db.execute(insert(DemandRow).values(row))


async def unmet(store: Store, clock: ManualClock) -> list[Unmet]:
    async with store.reading() as db:
        return await unmet_demand(db, Places.load(), clock() - timedelta(days=90))


async def test_fewer_than_five_couriers_are_never_shown(store: Store, clock: ManualClock) -> None:
    await search(store, clock, range(1, LEAST_COURIERS))
    for _ in range(3):  # the same four again
        await search(store, clock, range(1, LEAST_COURIERS))
    await search(store, clock, range(10, 20), DemandOutcome.FOUND)
    assert await unmet(store, clock) == []
    await search(store, clock, range(5, 6), DemandOutcome.NONE_NEAR, at=clock())
    place, hour = await unmet(store, clock)
    assert (place.couriers, place.searches, place.none_near) == (5, 17, 1)
    assert (place.league, place.hour, place.facility) == ("呼和浩特市", None, "")
    assert place.place in {one.name for one in Places.load().by_adcode.values()}
    assert abs(place.point.lat - HOHHOT.lat) <= 0.025
    assert hour.hour == 10


async def test_hours_and_facilities_need_five_couriers_of_their_own(
    file: Store, clock: ManualClock
) -> None:
    early = clock() - timedelta(hours=4)
    await search(file, clock, range(1, 6), wanted="charge,water")
    await search(file, clock, range(6, 10), wanted="toilet", at=early)
    found = await unmet(file, clock)
    assert [(one.hour, one.facility, one.couriers) for one in found] == [
        (None, "", 9),
        (10, "", 5),
        (None, "charge", 5),
        (None, "water", 5),
    ]


async def test_proposed_stations_count_for_their_place_and_kind_and_for_no_hour(
    file: Store, clock: ManualClock
) -> None:
    await search(file, clock, range(1, 4), wanted="water")
    await search(file, clock, range(4, 6), DemandOutcome.PROPOSED, wanted="water")
    place, water = await unmet(file, clock)
    assert (place.couriers, place.searches, place.proposed) == (5, 3, 2)
    assert (water.facility, water.hour, water.proposed) == ("water", None, 2)


async def test_old_searches_are_left_out(file: Store, clock: ManualClock) -> None:
    await search(file, clock, range(1, 9), at=clock() - timedelta(days=91))
    assert await unmet(file, clock) == []
