"""The quiet hours that a courier sets: stored for that courier only, joined, and counted."""

import pytest

from bot.services.notifications.quiet_hours import (
    DAY,
    NIGHT,
    PEAKS,
    USUAL,
    Hours,
    joined,
    left_over,
    own_hours,
    quiet_with,
    set_own_hours,
)
from bot.store.engine import Store
from tests.support.outbox import couriers
from tests.support.stations import NOON

EVENING, MORNING = (20 * 60, 21 * 60), (6 * 60, 7 * 60)


async def test_own_hours_are_kept_changed_and_taken_back_for_one_courier(store: Store) -> None:
    await couriers(store, NOON, 2)
    async with store.writing() as db:
        assert await own_hours(db, 1) is None
        await set_own_hours(db, 1, EVENING)
        await set_own_hours(db, 2, MORNING)
    async with store.reading() as db:
        assert [await own_hours(db, one) for one in (1, 2)] == [EVENING, MORNING]
    async with store.writing() as db:
        await set_own_hours(db, 1, MORNING)
        await set_own_hours(db, 2, None)
    async with store.reading() as db:
        assert [await own_hours(db, one) for one in (1, 2)] == [MORNING, None]


def test_own_hours_come_on_top_of_the_usual_ones() -> None:
    assert quiet_with(None) == USUAL
    assert quiet_with(EVENING).hours == (NIGHT, *PEAKS, EVENING)


@pytest.mark.parametrize(
    ("hours", "expected"),
    [
        ([], []),
        ([(60, 120)], [(60, 120)]),
        ([(60, 120), (120, 180)], [(60, 180)]),
        ([(60, 120), (121, 180)], [(60, 120), (121, 180)]),
        ([(100, 300), (200, 250)], [(100, 300)]),
        ([(1400, 10), (5, 20)], [(1400, 20)]),
        ([(0, 1)], [(0, 1)]),
        ([(1439, 0)], [(1439, 0)]),
        ([(7, 7)], [(0, 0)]),
        ([(0, 720), (720, 0)], [(0, 0)]),
    ],
)
def test_hours_are_joined_without_overlaps(hours: list[Hours], expected: list[Hours]) -> None:
    assert joined(hours) == expected


@pytest.mark.parametrize(
    ("hours", "expected"),
    [
        ([], DAY),
        ([(60, 120), (100, 130)], DAY - 70),
        ([(1400, 10)], DAY - 50),
        ([(5, 5)], 0),
        ([NIGHT, *PEAKS], DAY - 10 * 60 - 2 * 60 - 150),
    ],
)
def test_the_minutes_that_are_left(hours: list[Hours], expected: int) -> None:
    assert left_over(hours) == expected
