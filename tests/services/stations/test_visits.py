"""Who chose a station is asked once, after the expected arrival, about the last one they chose."""

import asyncio
from datetime import timedelta

import pytest

from bot.services.stations import visits
from bot.store.engine import Store
from tests.conftest import ManualClock
from tests.support.observations import OPEN, create_couriers, ride_and_tell
from tests.support.stations import create_stations

RIDE = timedelta(minutes=10)


@pytest.fixture(autouse=True)
async def couriers(store: Store, clock: ManualClock) -> None:
    await create_stations(store, clock)
    async with store.writing() as db:
        await create_couriers(db, range(1, 6), clock())


async def plan(store: Store, courier_id: int, station_id: int, clock: ManualClock) -> None:
    async with store.writing() as db:
        await visits.plan(db, courier_id, station_id, RIDE, clock())


async def due(store: Store, clock: ManualClock, limit: int = 10) -> list[tuple[int, int]]:
    """Courier and station of each that is to be asked about."""
    async with store.writing() as db:
        found = await visits.due(db, clock(), limit)
    return [(one.courier_id, one.station_id) for one in found]


async def test_a_visit_is_due_once_twelve_minutes_after_the_expected_arrival(
    store: Store, clock: ManualClock
) -> None:
    await plan(store, 1, 1, clock)
    clock.forward(minutes=21)
    assert await due(store, clock) == []
    clock.forward(minutes=1)
    assert await due(store, clock) == [(1, 1)]
    assert await due(store, clock) == []


async def test_a_second_tap_within_three_hours_is_the_same_visit(
    store: Store, clock: ManualClock
) -> None:
    await plan(store, 1, 1, clock)
    clock.forward(minutes=5)
    await plan(store, 1, 1, clock)
    clock.forward(minutes=21)
    assert await due(store, clock) == []
    clock.forward(minutes=1)
    assert await due(store, clock) == [(1, 1)]
    await plan(store, 1, 1, clock)
    clock.forward(hours=1)
    assert await due(store, clock) == []
    clock.forward(hours=3)
    await plan(store, 1, 1, clock)
    clock.forward(minutes=22)
    assert await due(store, clock) == [(1, 1)]


async def test_only_the_station_chosen_last_on_the_way_is_asked_about(
    store: Store, clock: ManualClock
) -> None:
    await plan(store, 1, 1, clock)
    clock.forward(minutes=1)
    await plan(store, 1, 2, clock)
    clock.forward(minutes=30)
    assert await due(store, clock) == [(1, 2)]


async def test_who_chose_another_and_came_back_is_asked_about_the_first(
    store: Store, clock: ManualClock
) -> None:
    await plan(store, 1, 1, clock)
    clock.forward(minutes=1)
    await plan(store, 1, 2, clock)
    clock.forward(minutes=1)
    await plan(store, 1, 1, clock)
    clock.forward(minutes=30)
    assert await due(store, clock) == [(1, 1)]


async def test_who_told_by_themselves_is_not_asked(store: Store, clock: ManualClock) -> None:
    await plan(store, 1, 1, clock)
    clock.forward(minutes=10)
    await ride_and_tell(store, 1, 1, OPEN, clock())
    await plan(store, 1, 1, clock)
    clock.forward(minutes=30)
    assert await due(store, clock) == []


async def test_nobody_is_asked_hours_later(store: Store, clock: ManualClock) -> None:
    await plan(store, 1, 1, clock)
    clock.forward(hours=4)
    assert await due(store, clock) == []


async def test_two_replicas_never_ask_about_one_visit(store: Store, clock: ManualClock) -> None:
    for courier_id in range(1, 6):
        await plan(store, courier_id, 1, clock)
    clock.forward(minutes=30)
    found = await asyncio.gather(due(store, clock, 5), due(store, clock, 5))
    asked = sorted(one for each in found for one in each)
    assert asked == [(courier_id, 1) for courier_id in range(1, 6)]
