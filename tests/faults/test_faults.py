"""A platform, a database and a clock that misbehave, against the real Telegram client."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from sqlalchemy import text

from bot.channels.telegram.channel import TelegramChannel
from bot.outbox.rate_limit import RateLimiter
from bot.outbox.sender import ChannelSender
from bot.outbox.worker import Worker
from bot.store.engine import Store, open_store
from bot.store.models.notifications import OutboxRow
from tests.conftest import ManualClock
from tests.support.killable_process import TOKEN, no_turn
from tests.support.outbox import (
    CARD,
    REMIND,
    RENDERER,
    MonotonicClock,
    couriers,
    let_leases_lapse,
    notice,
    rows,
    states,
)
from tests.support.platform_process import Platform

ALL = 12
PATIENT = 20.0  # seconds
IMPATIENT = 0.5
"""For an answer that never comes: ten times what the platform needs to take all notices."""


@pytest.fixture
async def platform() -> AsyncIterator[Platform]:
    async with Platform() as running:
        yield running


@pytest.fixture
async def telegram(platform: Platform) -> AsyncIterator[TelegramChannel]:
    """The real client. It waits long for an answer, so that a slow machine is no lost answer."""
    channel = TelegramChannel(TOKEN, no_turn, api_base=platform.url)
    channel._transport._read = PATIENT
    await channel.open()
    yield channel
    await channel.close()


def worker(
    store: Store,
    telegram: TelegramChannel,
    clock: ManualClock,
    monotonic: MonotonicClock | None = None,
) -> Worker:
    monotonic = monotonic or MonotonicClock()
    limiter = RateLimiter(monotonic, rate=1e6, reserve=0, per_chat=0)
    return Worker(
        store, [ChannelSender(telegram, limiter)], RENDERER, {REMIND}, clock, monotonic=monotonic
    )


async def write(store: Store, clock: ManualClock, kind: str) -> None:
    await couriers(store, clock(), ALL)
    for n in range(1, ALL + 1):
        await notice(store, clock(), n, kind=kind, n=n)


@pytest.mark.parametrize("how", ["swallow", "drop"])
@pytest.mark.parametrize(("kind", "copies"), [(REMIND, 2), (CARD, 1)])
async def test_a_platform_that_takes_it_and_does_not_say_so(
    store: Store,
    platform: Platform,
    telegram: TelegramChannel,
    clock: ManualClock,
    how: str,
    kind: str,
    copies: int,
) -> None:
    """A reminder arrives twice at most and says so in its row; news of a card never twice."""
    await write(store, clock, kind)
    setattr(platform, how, ALL)
    if how == "swallow":
        telegram._transport._read = IMPATIENT
        platform.when_swallowed = lambda: setattr(telegram._transport, "_read", PATIENT)
    await worker(store, telegram, clock).run_once()
    assert set(platform.accepted.values()) == {copies}
    assert len(platform.accepted) == ALL
    found = set(await rows(store, OutboxRow.status, OutboxRow.reason))
    assert found == ({("sent", "repeated")} if kind == REMIND else {("unknown", "")})


async def test_a_platform_that_never_says_so(
    store: Store, platform: Platform, telegram: TelegramChannel, clock: ManualClock
) -> None:
    """No storm of copies: two, and then it waits for the courier."""
    await write(store, clock, REMIND)
    platform.drop = 1000
    for _ in range(5):
        await worker(store, telegram, clock).run_once()
        clock.forward(minutes=5)
    assert set(platform.accepted.values()) == {2}
    assert set(await states(store)) == {"held"}


async def test_a_429_storm(
    store: Store, platform: Platform, telegram: TelegramChannel, clock: ManualClock
) -> None:
    await write(store, clock, REMIND)
    platform.throttle = 3 * ALL
    monotonic = MonotonicClock()
    delivery = worker(store, telegram, clock, monotonic)
    for _ in range(3):
        assert await delivery.run_once() == ALL
        assert await delivery.run_once() == 0  # it waits as long as it was asked to
        clock.forward(minutes=1)
        monotonic.now += 60
    assert not platform.accepted
    await delivery.run_once()
    assert set(platform.accepted.values()) == {1}
    assert set(await states(store)) == {"sent"}


async def test_no_platform_at_all(store: Store, clock: ManualClock) -> None:
    """Nobody listens: surely not sent, so nothing is unknown."""
    await write(store, clock, CARD)
    nobody = TelegramChannel(TOKEN, no_turn, api_base="http://127.0.0.1:9")
    await nobody.open()
    await worker(store, nobody, clock).run_once()
    await nobody.close()
    assert set(await states(store)) == {"ready"}


@pytest.mark.parametrize("jump", [timedelta(days=-2), timedelta(minutes=-3), timedelta(minutes=50)])
async def test_the_clock_jumps(
    store: Store,
    platform: Platform,
    telegram: TelegramChannel,
    clock: ManualClock,
    jump: timedelta,
) -> None:
    """Back: it waits for its hour again. On: it is said at once. Never twice, never lost."""
    await write(store, clock, REMIND)
    planned = clock()
    delivery = worker(store, telegram, clock)
    clock.set(planned + jump)
    await delivery.run_once()
    assert set(platform.accepted.values()) == ({1} if jump > timedelta(0) else set())
    clock.set(planned)
    await delivery.run_once()
    clock.set(planned + jump)
    await delivery.run_once()
    assert list(platform.accepted.values()) == [1] * ALL
    assert set(await states(store)) == {"sent"}


async def test_the_clock_jumps_while_a_call_is_in_flight(
    store: Store, platform: Platform, telegram: TelegramChannel, clock: ManualClock
) -> None:
    """A lease runs on the clock of the database: another worker takes nothing over."""
    await write(store, clock, REMIND)
    platform.at_call[3] = reached = asyncio.Event()
    first, second = worker(store, telegram, clock), worker(store, telegram, clock)
    running = asyncio.create_task(first.run_once())
    await asyncio.wait_for(reached.wait(), 10)
    clock.forward(minutes=50)
    await second.run_once()
    await running
    assert list(platform.accepted.values()) == [1] * ALL
    assert set(await states(store)) == {"sent"}


async def test_the_database_restarts(
    postgres_url: str, platform: Platform, telegram: TelegramChannel, clock: ManualClock
) -> None:
    """Every connection breaks in the middle: delivery goes on by itself, and nothing is doubled.

    What was accepted while its acknowledgement was lost is `unknown`, and stays so for a card.
    """
    store = await open_store(postgres_url)
    watcher = await open_store(postgres_url)
    await write(store, clock, CARD)
    platform.at_call[5] = reached = asyncio.Event()
    stop = asyncio.Event()
    delivery = worker(store, telegram, clock)
    running = asyncio.create_task(delivery.run(stop))
    await asyncio.wait_for(reached.wait(), 10)
    await _break_connections(watcher)
    async with asyncio.timeout(90):
        while not set(await states(watcher)) <= {"sent", "unknown"}:
            await let_leases_lapse_if_claimed(watcher, clock)
    stop.set()
    await running
    ended = list(await states(watcher))
    assert set(platform.accepted.values()) == {1}
    assert ended.count("sent") <= len(platform.accepted) <= len(ended)
    for one in (store, watcher):
        await one.close()


async def let_leases_lapse_if_claimed(store: Store, clock: ManualClock) -> None:
    """What was claimed and not begun when the connection broke would else rest for a minute."""
    if set(await states(store)) <= {"claimed", "sending", "sent", "unknown"}:
        await let_leases_lapse(store, clock())


async def _break_connections(store: Store) -> None:
    others = "datname = current_database() AND pid <> pg_backend_pid()"
    async with store.writing() as db:
        await db.execute(
            text(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {others}")  # noqa: S608
        )
