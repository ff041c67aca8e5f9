"""A database that cannot write or keeps a turn waiting: the event is delivered again, none is lost.

SQLite meets real limits; PostgreSQL is read-only, locked or raises what it raises on a full disk.
"""

import asyncio
import resource
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from sqlalchemy import func, select, text, update

from bot.conversation.context import Context
from bot.conversation.dispatcher import Dispatcher
from bot.conversation.events import Address, Event, Text, Unavailable
from bot.conversation.replies import Answer
from bot.store import engine
from bot.store.encryption import new_key, parse_keys
from bot.store.engine import Store, open_store
from bot.store.models.couriers import CourierRow
from bot.store.models.stations import DemandRow
from bot.store.sqlite_turns import SqliteTurns
from tests.conftest import ManualClock
from tests.support.turn_replicas import LI, CountingHandlers, lines, new_dispatcher

SENDERS = 20
LARGEST_FILE = 64 * 1024  # bytes; the write-ahead log passes that after a few turns
LONG = "你好" * 450


def first_messages(clock: ManualClock) -> list[Event]:
    return [Event(f"m{n}", Address("web", f"{n}"), clock.now, Text(LONG)) for n in range(SENDERS)]


async def pragma(store: Store, *statements: str) -> None:
    """Runs them on the connection that turns write with."""
    assert isinstance(store.turns, SqliteTurns)
    connection = await store.turns.connection()
    for statement in statements:
        connection.execute(f"PRAGMA {statement}")


@asynccontextmanager
async def no_page_left(store: Store) -> AsyncIterator[None]:
    """The database file may not grow any more."""
    await pragma(store, "max_page_count=1")  # SQLite takes the present size instead
    yield
    await pragma(store, f"max_page_count={1 << 30}")


@asynccontextmanager
async def no_room_for_files(_: Store) -> AsyncIterator[None]:
    """The kernel refuses to write beyond the first pages of any file."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (LARGEST_FILE, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@asynccontextmanager
async def read_only(store: Store) -> AsyncIterator[None]:
    await pragma(store, "query_only=ON")
    yield
    await pragma(store, "query_only=OFF")


async def answer_or_none(dispatcher: Dispatcher, event: Event) -> Answer | None:
    try:
        return await dispatcher.turn(event)
    except Unavailable:
        return None


@pytest.mark.parametrize("limit", [no_page_left, no_room_for_files, read_only])
async def test_no_message_is_lost_while_sqlite_cannot_write(
    sqlite_url: str, clock: ManualClock, limit: object
) -> None:
    assert callable(limit)
    store, handlers = await open_store(sqlite_url), CountingHandlers()
    dispatcher = new_dispatcher(store, handlers, clock, parse_keys(new_key()))
    events = first_messages(clock)
    async with limit(store):
        first = [await answer_or_none(dispatcher, event) for event in events]
    assert first.count(None) > SENDERS / 2
    again = [await dispatcher.turn(event) for event in events]
    assert [lines(answer) for answer in again] == [[f"{LONG} 1"]] * SENDERS
    assert all(answer in (None, stored) for answer, stored in zip(first, again, strict=True))
    async with store.reading() as db:
        assert await db.scalar(select(func.count()).select_from(DemandRow)) == SENDERS
    await store.close()


@pytest.mark.parametrize("state", ["53100", "58030", "25006", "53200", "55P03", "57014"])
async def test_a_turn_that_postgresql_cannot_finish_is_unavailable(
    postgres_url: str, clock: ManualClock, state: str
) -> None:
    """53100 is a full disk, 58030 an I/O error, 25006 a standby or a read-only server."""

    async def fail(ctx: Context) -> None:
        raising = f"DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '{state}'; END $$"
        await ctx.db.execute(text(raising))

    store, handlers = await open_store(postgres_url), CountingHandlers(failure=fail)
    dispatcher = new_dispatcher(store, handlers, clock, parse_keys(new_key()))
    event = Event("1", LI, clock.now, Text("一"))
    with pytest.raises(Unavailable):
        await dispatcher.turn(event)
    handlers.failure = None
    assert lines(await dispatcher.turn(event)) == ["一 1"]
    await store.close()


async def test_a_server_that_became_read_only_is_unavailable(
    postgres_url: str, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    limits = {**engine.POSTGRES_LIMITS, "default_transaction_read_only": "on"}
    monkeypatch.setattr(engine, "POSTGRES_LIMITS", limits)
    store = await open_store(postgres_url)
    dispatcher = new_dispatcher(store, CountingHandlers(), clock, parse_keys(new_key()))
    with pytest.raises(Unavailable):
        await dispatcher.turn(Event("1", LI, clock.now, Text("一")))
    await store.close()


async def test_a_foreign_transaction_that_stays_open_does_not_hold_a_turn(
    postgres_url: str, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    foreign = await open_store(postgres_url)
    limits = {**engine.POSTGRES_LIMITS, "lock_timeout": "100ms"}
    monkeypatch.setattr(engine, "POSTGRES_LIMITS", limits)
    store = await open_store(postgres_url)
    dispatcher = new_dispatcher(store, CountingHandlers(), clock, parse_keys(new_key()))
    await dispatcher.turn(Event("1", LI, clock.now, Text("一")))
    event = Event("2", LI, clock.now, Text("二"))
    async with foreign.writing() as db:
        await db.execute(update(CourierRow).values(locale="en"))
        with pytest.raises(Unavailable):
            await dispatcher.turn(event)
        other = Event("3", Address("web", "wang"), clock.now, Text("三"))
        assert lines(await dispatcher.turn(other)) == ["三 1"]
    assert lines(await dispatcher.turn(event)) == ["二 2"]
    await foreign.close()
    await store.close()


async def test_a_transaction_that_we_forgot_ends_by_itself(
    postgres_url: str, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = await open_store(postgres_url)
    dispatcher = new_dispatcher(store, CountingHandlers(), clock, parse_keys(new_key()))
    await dispatcher.turn(Event("1", LI, clock.now, Text("一")))
    limits = {**engine.POSTGRES_LIMITS, "idle_in_transaction_session_timeout": "100ms"}
    monkeypatch.setattr(engine, "POSTGRES_LIMITS", limits)
    forgetful = await open_store(postgres_url)
    held, done = asyncio.Event(), asyncio.Event()

    async def forget() -> None:
        async with forgetful.writing() as db:
            await db.execute(update(CourierRow).values(locale="en"))
            held.set()
            await done.wait()

    forgotten = asyncio.create_task(forget())
    await held.wait()
    assert lines(await dispatcher.turn(Event("2", LI, clock.now, Text("二")))) == ["二 2"]
    done.set()
    await asyncio.gather(forgotten, return_exceptions=True)
    assert forgotten.exception() is not None
    await forgetful.close()
    await store.close()


async def test_every_connection_has_its_limits(postgres_url: str) -> None:
    store = await open_store(postgres_url)
    async with store.writing() as db:
        found = {
            name: await db.scalar(text(f"SHOW {name}"))
            for name in (
                "lock_timeout",
                "statement_timeout",
                "idle_in_transaction_session_timeout",
            )
        }
    assert found == {
        "lock_timeout": "10s",
        "statement_timeout": "1min",
        "idle_in_transaction_session_timeout": "1min",
    }
    await store.close()


async def test_a_migration_under_a_running_replica_makes_no_turn_fail(
    postgres_url: str, clock: ManualClock
) -> None:
    """A changed type makes the driver's prepared statements invalid, once for each connection."""
    store, migrating = await open_store(postgres_url), await open_store(postgres_url)
    handlers = CountingHandlers()
    dispatcher = new_dispatcher(store, handlers, clock, parse_keys(new_key()))
    await dispatcher.turn(Event("1", LI, clock.now, Text("一")))
    async with migrating.writing() as db:
        await db.execute(text("ALTER TABLE courier ALTER COLUMN locale TYPE text"))
    assert lines(await dispatcher.turn(Event("2", LI, clock.now, Text("二")))) == ["二 2"]
    await store.close()
    await migrating.close()
