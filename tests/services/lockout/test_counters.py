"""Counting wrong guesses, whatever they are about."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select

from bot.services.lockout import counters
from bot.services.lockout.counters import Counter, Limit, Scope
from bot.store.encryption import Keyring
from bot.store.engine import Store
from bot.store.models.attempts import AttemptRow

NOW = datetime(2026, 11, 23, 2, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
LIMIT = Limit(3, 10 * MINUTE, 20 * MINUTE)
KEYS = Keyring(1, {1: bytes(32)})
CHAT = counters.of_subject(KEYS, Scope.CHAT, "web|a", "attempt.test", LIMIT)
ALL = Counter(Scope.ALL, b"all", Limit(5, 10 * MINUTE, MINUTE))


async def guess(store: Store, charged: tuple[Counter, ...], now: datetime) -> str:
    """`full` before the guess, `filled` by it, or the guesses that are left."""
    async with store.writing() as db:
        if await counters.admit(db, charged, now):
            return "full"
        filled = await counters.count_wrong(db, charged, now)
        return "filled" if filled else str(await counters.left(db, charged, now))


async def test_the_guess_that_reaches_the_limit_locks_from_then_on(store: Store) -> None:
    times = [NOW, NOW + 9 * MINUTE, NOW + 9 * MINUTE, NOW + 28 * MINUTE, NOW + 29 * MINUTE]
    assert [await guess(store, CHAT, at) for at in times] == ["2", "1", "filled", "full", "2"]


async def test_the_window_begins_with_the_first_guess(store: Store) -> None:
    times = [NOW, NOW + 9 * MINUTE, NOW + 10 * MINUTE]
    assert [await guess(store, CHAT, at) for at in times] == ["2", "1", "2"]


SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("last_try", "came"),
    [
        (9 * MINUTE, "filled"),
        (10 * MINUTE - SECOND, "filled"),
        (10 * MINUTE, "2"),  # the window is over at exactly its length
        (10 * MINUTE + SECOND, "2"),
    ],
)
async def test_the_third_guess_at_the_edge_of_the_window(
    store: Store, last_try: timedelta, came: str
) -> None:
    for at in (NOW, NOW + MINUTE):
        await guess(store, CHAT, at)
    assert await guess(store, CHAT, NOW + last_try) == came


@pytest.mark.parametrize(
    ("after", "came", "rest"),
    [
        (timedelta(0), "full", 0),
        (20 * MINUTE - SECOND, "full", 0),
        (20 * MINUTE, "2", 3),  # the lock is over at exactly its length
        (20 * MINUTE + SECOND, "2", 3),
    ],
)
async def test_a_guess_at_the_edge_of_the_lock(
    store: Store, after: timedelta, came: str, rest: int
) -> None:
    for _ in range(3):
        await guess(store, CHAT, NOW)
    async with store.writing() as db:
        assert await counters.left(db, CHAT, NOW + after) == rest
    assert await guess(store, CHAT, NOW + after) == came


@pytest.mark.parametrize(
    ("after", "rest"), [(10 * MINUTE - SECOND, 1), (10 * MINUTE, 3), (10 * MINUTE + SECOND, 3)]
)
async def test_what_is_left_at_the_edge_of_the_window(
    store: Store, after: timedelta, rest: int
) -> None:
    for _ in range(2):
        await guess(store, CHAT, NOW)
    async with store.reading() as db:
        assert await counters.left(db, CHAT, NOW + after) == rest


@pytest.mark.parametrize(("after", "kept"), [(-SECOND, 1), (timedelta(0), 1), (SECOND, 0)])
async def test_a_counter_is_deleted_after_its_retention(
    store: Store, after: timedelta, kept: int
) -> None:
    await guess(store, CHAT, NOW)
    await counters.forget(store, NOW + counters.RETENTION + after)
    async with store.reading() as db:
        assert await db.scalar(select(func.count()).select_from(AttemptRow)) == kept


async def test_a_guess_that_is_charged_to_nothing_is_admitted(store: Store) -> None:
    async with store.writing() as db:
        assert await counters.admit(db, (), NOW) == set()
        assert await counters.count_wrong(db, (), NOW) == []


async def test_each_counter_has_its_own_limit_and_the_fullest_counts(store: Store) -> None:
    both = (ALL, *CHAT)
    assert [await guess(store, both, NOW) for _ in range(3)] == ["2", "1", "filled"]
    async with store.writing() as db:
        assert await counters.admit(db, both, NOW) == set(CHAT)
        assert await counters.left(db, (ALL,), NOW) == 2


async def test_a_full_counter_is_charged_no_further(store: Store) -> None:
    for _ in range(3):
        await guess(store, CHAT, NOW)
    async with store.writing() as db:
        assert await counters.count_wrong(db, CHAT, NOW + 19 * MINUTE) == []
    assert await guess(store, CHAT, NOW + 20 * MINUTE) == "2"


async def test_a_new_key_gives_no_new_guesses(store: Store) -> None:
    newer = Keyring(2, {**KEYS.keys, 2: b"2" * 32})
    charged = counters.of_subject(newer, Scope.CHAT, "web|a", "attempt.test", LIMIT)
    for _ in range(3):
        await guess(store, CHAT, NOW)
    assert await guess(store, charged, NOW) == "full"


async def test_labels_keep_features_of_one_scope_apart(store: Store) -> None:
    other = counters.of_subject(KEYS, Scope.CHAT, "web|a", "attempt.other", LIMIT)
    for _ in range(3):
        await guess(store, CHAT, NOW)
    assert await guess(store, other, NOW) == "2"


async def test_a_right_guess_forgets_the_wrong_ones(store: Store) -> None:
    await guess(store, CHAT, NOW)
    async with store.writing() as db:
        await counters.reset(db, CHAT)
        assert await counters.left(db, CHAT, NOW) == LIMIT.most
        assert await db.scalar(select(func.count()).select_from(AttemptRow)) == 0
