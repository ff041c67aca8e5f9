"""Counters at the exact instants at which a window or a lock ends, and two limits together."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.services.lockout import counters
from bot.services.lockout.counters import Counter, Limit, Scope
from bot.store.encryption import Keyring
from bot.store.engine import Store

NOW = datetime(2026, 11, 23, 2, tzinfo=UTC)
INSTANT = timedelta(microseconds=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
KEYS = Keyring(1, {1: bytes(32)})
FIVE_A_DAY = counters.of_subject(KEYS, Scope.CHAT, "web|a", "attempt.test", Limit(5, DAY, DAY))
ONE = counters.of_subject(KEYS, Scope.CHAT, "web|b", "attempt.test", Limit(1, HOUR, 2 * HOUR))
ALL = (Counter(Scope.ALL, b"all", Limit(6, HOUR, HOUR)),)


async def wrong(store: Store, charged: tuple[Counter, ...], at: datetime) -> bool:
    """Counts a wrong guess; whether it was let in."""
    async with store.writing() as db:
        if await counters.admit(db, charged, at):
            return False
        await counters.count_wrong(db, charged, at)
        return True


async def is_full(store: Store, charged: tuple[Counter, ...], at: datetime) -> bool:
    async with store.writing() as db:
        return bool(await counters.admit(db, charged, at))


@pytest.mark.parametrize(
    ("later", "locks"),
    [(timedelta(0), True), (DAY - INSTANT, True), (DAY, False), (DAY + HOUR, False)],
)
async def test_the_fifth_wrong_guess_locks_only_within_a_day_of_the_first(
    store: Store, later: timedelta, locks: bool
) -> None:
    for _ in range(4):
        assert await wrong(store, FIVE_A_DAY, NOW)
    assert not await is_full(store, FIVE_A_DAY, NOW + later)
    assert await wrong(store, FIVE_A_DAY, NOW + later)
    assert await is_full(store, FIVE_A_DAY, NOW + later + INSTANT) == locks


@pytest.mark.parametrize(
    ("later", "full"), [(2 * HOUR - INSTANT, True), (2 * HOUR, False), (2 * HOUR + INSTANT, False)]
)
async def test_a_lock_ends_at_its_instant(store: Store, later: timedelta, full: bool) -> None:
    assert await wrong(store, ONE, NOW)
    assert await is_full(store, ONE, NOW + later) == full
    async with store.writing() as db:
        assert await counters.left(db, ONE, NOW + later) == (0 if full else 1)


async def test_after_a_lock_that_is_shorter_than_its_window_the_count_begins_anew(
    store: Store,
) -> None:
    limit = Limit(2, DAY, HOUR)
    charged = counters.of_subject(KEYS, Scope.CHAT, "web|d", "attempt.test", limit)
    for start in (NOW, NOW + HOUR):
        for left in (1, 0):
            assert await wrong(store, charged, start)
            async with store.writing() as db:
                assert await counters.left(db, charged, start) == left
        assert await is_full(store, charged, start + HOUR - INSTANT)
    async with store.writing() as db:
        assert await counters.left(db, charged, NOW + 2 * HOUR) == 2


async def test_ones_own_lock_and_everybodys_lock_hold_together(store: Store) -> None:
    both = (*ALL, *FIVE_A_DAY)
    for _ in range(5):
        assert await wrong(store, both, NOW)
    async with store.writing() as db:
        assert await counters.admit(db, both, NOW) == set(FIVE_A_DAY)
    other = (*ALL, *ONE)
    assert await wrong(store, other, NOW)  # the sixth of everybody
    async with store.writing() as db:
        assert await counters.admit(db, other, NOW) == set(other)
        assert await counters.admit(db, both, NOW) == set(both)
        assert await counters.admit(db, both, NOW + HOUR) == set(FIVE_A_DAY)
        assert await counters.left(db, both, NOW + HOUR) == 0
        assert await counters.admit(db, both, NOW + DAY) == set()


@pytest.mark.parametrize(
    ("later", "kept"),
    [
        (counters.RETENTION - INSTANT, True),
        (counters.RETENTION, True),
        (counters.RETENTION + INSTANT, False),
    ],
)
async def test_a_counter_is_deleted_when_it_can_lock_nobody(
    store: Store, later: timedelta, kept: bool
) -> None:
    assert await wrong(store, ONE, NOW)
    await counters.forget(store, NOW + later)
    async with store.reading() as db:
        assert await counters.left(db, ONE, NOW) == (0 if kept else 1)


def test_the_key_of_a_counter_tells_scopes_and_subjects_apart() -> None:
    other = counters.of_subject(KEYS, Scope.CHAT, "web|c", "attempt.test", Limit(1, HOUR, HOUR))
    assert {one.key for one in other}.isdisjoint({one.key for one in ONE})
    assert all(len(one.key) >= 16 for one in other)
