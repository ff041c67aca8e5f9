"""The quiet hours that a courier sets: stored for that courier only, joined, and counted."""

import pytest

from bot.services.notifications.quiet_hours import (
    DAY,
    NIGHT,
    NOTHING_OWN,
    PEAKS,
    USUAL,
    Hours,
    OwnQuiet,
    joined,
    left_over,
    own_quiet,
    set_own_quiet,
)
from bot.store.engine import Store
from tests.support.outbox import couriers
from tests.support.stations import NOON

EVENING, MORNING = OwnQuiet((20 * 60, 21 * 60)), OwnQuiet((6 * 60, 7 * 60))
BY_DAY = OwnQuiet((7 * 60 + 30, 17 * 60), at_night=False, days=frozenset({5, 6}))
WEEKEND = OwnQuiet(days=frozenset({5, 6}))


async def test_own_hours_are_kept_changed_and_taken_back_for_one_courier(store: Store) -> None:
    await couriers(store, NOON, 2)
    async with store.writing() as db:
        assert await own_quiet(db, 1) == NOTHING_OWN
        await set_own_quiet(db, 1, EVENING)
        await set_own_quiet(db, 2, MORNING)
    async with store.reading() as db:
        assert [await own_quiet(db, one) for one in (1, 2)] == [EVENING, MORNING]
    async with store.writing() as db:
        await set_own_quiet(db, 1, MORNING)
        await set_own_quiet(db, 2, NOTHING_OWN)
    async with store.reading() as db:
        assert [await own_quiet(db, one) for one in (1, 2)] == [MORNING, NOTHING_OWN]
    for own in (BY_DAY, WEEKEND):
        async with store.writing() as db:
            await set_own_quiet(db, 1, own)
        async with store.reading() as db:
            assert await own_quiet(db, 1) == own


def test_own_hours_come_on_top_of_the_usual_ones() -> None:
    assert NOTHING_OWN.quiet == USUAL
    assert EVENING.quiet.hours == (NIGHT, *PEAKS, EVENING.hours)
    assert BY_DAY.quiet.hours == (*PEAKS, BY_DAY.hours)


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
