"""What is known of who observed: were they shown the station, can they be there, who is alike."""

from datetime import timedelta

import pytest
from sqlalchemy import insert

from bot.geo.point import Point
from bot.services.stations import visits
from bot.services.stations.demand import coarse_cell
from bot.services.stations.evidence import reporters
from bot.services.stations.evidence.reporters import CourierAtStation
from bot.store.engine import Store
from bot.store.models.stations import DemandRow
from tests.conftest import ManualClock
from tests.support.observations import LOCKED, create_couriers, door, ride_and_tell
from tests.support.stations import HERE, create_stations

FAR = Point(43.65, 122.24)  # Tongliao, 900 km away
MINUTES = timedelta(minutes=1)


@pytest.fixture(autouse=True)
async def stations(file: Store, clock: ManualClock) -> None:
    await create_stations(file, clock)
    async with file.writing() as db:
        await create_couriers(db, (1, 2), clock())


async def read(file: Store, clock: ManualClock, location: Point | None = None) -> CourierAtStation:
    async with file.reading() as db:
        return await reporters.read(db, 1, 1, door(1), location, clock())


async def ask(file: Store, clock: ManualClock, point: Point) -> None:
    """The courier searched from there in this hour."""
    async with file.writing() as db:
        await db.execute(
            insert(DemandRow).values(
                courier_id=1,
                at=clock().replace(minute=0),
                cell=coarse_cell(point),
                league="",
                wanted="",
                outcome="found",
            )
        )


async def test_who_never_asked_was_not_shown_the_way(file: Store, clock: ManualClock) -> None:
    found = await read(file, clock)
    assert (found.was_shown, found.can_have_arrived, found.at_door) == (False, False, False)
    assert found.age == timedelta(days=60)


@pytest.mark.parametrize(("minutes", "arrived"), [(4, False), (5, True)])
async def test_who_chose_the_station_can_have_arrived_after_half_the_ride(
    file: Store, clock: ManualClock, minutes: int, arrived: bool
) -> None:
    async with file.writing() as db:
        await visits.plan(db, 1, 1, 10 * MINUTES, clock())
    clock.forward(minutes=minutes)
    found = await read(file, clock)
    assert (found.was_shown, found.can_have_arrived) == (True, arrived)


async def test_who_searched_nearby_was_shown_the_way(file: Store, clock: ManualClock) -> None:
    await ask(file, clock, Point(*HERE))
    found = await read(file, clock)
    assert (found.was_shown, found.can_have_arrived) == (True, True)
    clock.forward(days=2)
    assert not (await read(file, clock)).was_shown


async def test_a_search_from_another_region_does_not_count(file: Store, clock: ManualClock) -> None:
    await ask(file, clock, FAR)
    found = await read(file, clock)
    assert (found.was_shown, found.cell) == (False, coarse_cell(door(1)))


async def test_from_ten_kilometres_away_nobody_arrives_within_the_minute(
    file: Store, clock: ManualClock
) -> None:
    await ask(file, clock, Point(HERE[0] + 0.1, HERE[1]))
    found = await read(file, clock)
    assert (found.was_shown, found.can_have_arrived) == (True, False)
    clock.forward(minutes=30)
    assert (await read(file, clock)).can_have_arrived


@pytest.mark.parametrize(("metres", "at_door"), [(140, True), (160, False)])
async def test_a_shared_location_is_at_the_door_within_150_metres(
    file: Store, clock: ManualClock, metres: int, at_door: bool
) -> None:
    there = Point(door(1).lat + metres / 111_050, door(1).lon)
    found = await read(file, clock, there)
    assert (found.at_door, found.can_have_arrived) == (at_door, at_door)
    assert found.cell == coarse_cell(there)


@pytest.mark.parametrize(
    ("first", "second", "alike"),
    [
        ((60, ""), (60, ""), False),
        ((1, ""), (1, ""), True),
        ((60, ""), (1, ""), False),
        ((1, ""), (60, ""), False),
        ((60, "meituan"), (60, "meituan"), True),
        ((60, "meituan"), (60, "sf"), False),
    ],
)
async def test_new_accounts_and_people_of_one_firm_count_less_after_each_other(
    file: Store,
    clock: ManualClock,
    first: tuple[int, str],
    second: tuple[int, str],
    alike: bool,
) -> None:
    async with file.writing() as db:
        for courier_id, (days, firm) in ((11, first), (12, second)):
            await create_couriers(db, [courier_id], clock(), days=days, firm=firm)
    await ride_and_tell(file, 11, 1, LOCKED, clock())
    async with file.writing() as db:
        await visits.plan(db, 12, 1, MINUTES, clock() - MINUTES)
    async with file.reading() as db:
        courier = await reporters.read(db, 12, 1, door(1), None, clock())
        after = await reporters.weigh(db, courier, 1, "enter", False, clock())
        alone = await reporters.weigh(db, courier, 2, "enter", False, clock())
        other_sign = await reporters.weigh(db, courier, 1, "enter", True, clock())
    assert (after < alone) is alike
    assert other_sign == alone
