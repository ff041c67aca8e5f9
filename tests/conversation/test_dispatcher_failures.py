"""A turn that fails, collides or finds no database leaves no trace."""

import asyncio
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
import structlog
from sqlalchemy import func, insert, select, text, update
from sqlalchemy.engine import URL, make_url

from bot.conversation.context import Context
from bot.conversation.events import (
    Event,
    Text,
    Unavailable,
)
from bot.store import engine
from bot.store.encryption import new_key, parse_keys
from bot.store.engine import open_store
from bot.store.models.conversation import ChatRow, InboxRow
from bot.store.models.couriers import CourierRow
from bot.store.models.stations import DemandRow
from tests.conftest import ManualClock
from tests.support import postgres
from tests.support.turn_replicas import (
    LI,
    PRIVATE,
    CountingHandlers,
    Replicas,
    fall_over,
    lines,
    new_dispatcher,
)


def lose_a_file(_: Context) -> None:
    raise FileNotFoundError(2, "no such file", PRIVATE)


def run_out_of_time(_: Context) -> None:
    raise TimeoutError(PRIVATE)


async def write_wrong_sql(ctx: Context) -> None:
    await ctx.db.execute(text("INSERT INTO no_such_table VALUES (:it)"), {"it": PRIVATE})


async def break_a_rule(ctx: Context) -> None:
    await ctx.db.execute(
        insert(ChatRow).values(
            channel="web", external_id=PRIVATE, courier_id=404, reachable=True, state_at=ctx.now
        )
    )


@pytest.mark.parametrize(
    "failure", [fall_over, lose_a_file, run_out_of_time, write_wrong_sql, break_a_rule]
)
async def test_a_failing_handler_leaves_no_trace_but_a_reference(
    replicas: Replicas, failure: Callable[[Context], object], caplog: pytest.LogCaptureFixture
) -> None:
    await replicas.says("一")
    replicas.handlers.failure = failure
    event = replicas.event(PRIVATE)
    with structlog.testing.capture_logs() as logs:
        (said,) = lines(await replicas.turn(event))
    (entry,) = [one for one in logs if one["log_level"] == "error"]
    assert entry["event"] == "turn.failed"
    assert entry["reference"] in said
    its_file = Path(failure.__code__.co_filename).name
    assert any(its_file in place for place in entry["at"])
    for secret in (*PRIVATE.split(), LI.id + "'"):
        assert secret not in repr(logs)
        assert secret not in caplog.text
        assert secret not in said

    replicas.handlers.failure = None
    assert await replicas.rows(InboxRow) == await replicas.rows(DemandRow) == 1
    assert lines(await replicas.turn(event)) == [f"{PRIVATE} 2"]  # the inbox key went too
    assert await replicas.says("三") == ["三 3"]


async def test_a_first_message_that_fails_leaves_no_courier(replicas: Replicas) -> None:
    replicas.handlers.failure = fall_over
    await replicas.says("一")
    assert await replicas.rows(CourierRow) == await replicas.rows(ChatRow) == 0


async def test_copies_of_a_failing_message_each_get_an_answer(replicas: Replicas) -> None:
    replicas.handlers.failure = fall_over
    event = replicas.event("一")
    answers = await asyncio.gather(*(replicas.turn(event) for _ in range(4)))
    assert all("编号" in lines(answer)[0] for answer in answers)
    replicas.handlers.failure = None
    assert await replicas.says("二") == ["二 1"]


async def test_a_turn_that_is_cancelled_leaves_no_trace(replicas: Replicas) -> None:
    replicas.handlers.waiting = asyncio.Event()
    event = replicas.event("一")
    task = asyncio.create_task(replicas.turn(event))
    await replicas.handlers.arrived.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    replicas.handlers.waiting = None
    assert await replicas.rows(DemandRow) == 0
    assert lines(await replicas.turn(event)) == ["一 1"]
    assert await replicas.says("二") == ["二 2"]


@pytest.mark.parametrize("state", ["40P01", "40001"])
async def test_a_turn_that_the_database_rolled_back_runs_again(
    postgres_url: str, clock: ManualClock, state: str
) -> None:
    async def collide(ctx: Context) -> None:
        if handlers.runs <= failures:
            stop = f"DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '{state}'; END $$"
            await ctx.db.execute(text(stop))

    store, handlers, failures = await open_store(postgres_url), CountingHandlers(failure=collide), 1
    replica = new_dispatcher(store, handlers, clock, parse_keys(new_key()))
    assert lines(await replica.turn(Event("1", LI, clock.now, Text("一")))) == ["一 1"]
    async with store.reading() as db:
        assert await db.scalar(select(func.count()).select_from(DemandRow)) == 1
    handlers.runs, failures = 0, 9
    (said,) = lines(await replica.turn(Event("2", LI, clock.now, Text("二"))))
    assert (handlers.runs, "编号" in said) == (3, True)  # and not for ever
    await store.close()


async def test_a_turn_is_answered_in_spite_of_a_deadlock(
    postgres_url: str, clock: ManualClock
) -> None:
    """The other one waits for this courier and holds what the turn wants next."""

    async def wait_for_the_other(ctx: Context) -> None:
        if handlers.runs == 2:  # the message before this one was the first
            begun.set()
            await postgres.until_somebody_waits(watching)
        if handlers.runs > 1:
            await ctx.db.execute(update(DemandRow).values(league="here"))

    async def other() -> None:
        async with watching.writing() as db:
            await db.execute(text("SET LOCAL deadlock_timeout = '1h'"))  # the turn finds it first
            await db.execute(update(DemandRow).values(league="there"))
            held.set()
            await begun.wait()
            await db.execute(update(CourierRow).values(locale="en"))

    store, watching = await open_store(postgres_url), await open_store(postgres_url)
    handlers = CountingHandlers(failure=wait_for_the_other)
    begun, held = asyncio.Event(), asyncio.Event()
    replica = new_dispatcher(store, handlers, clock, parse_keys(new_key()))
    await replica.turn(Event("1", LI, clock.now, Text("一")))
    crossing = asyncio.create_task(other())
    await held.wait()
    assert lines(await replica.turn(Event("2", LI, clock.now, Text("二")))) == ["二 2"]
    await crossing
    assert handlers.runs >= 3
    await store.close()
    await watching.close()


async def test_a_locked_file_is_unavailable(
    sqlite_url: str, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "BUSY_SECONDS", 0)
    store, handlers = await open_store(sqlite_url), CountingHandlers()
    replica = new_dispatcher(store, handlers, clock, parse_keys(new_key()))
    other = sqlite3.connect(make_url(sqlite_url).database or "", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    event = Event("1", LI, clock.now, Text("一"))
    with pytest.raises(Unavailable):
        await replica.turn(event)
    other.close()
    assert lines(await replica.turn(event)) == ["一 1"]
    assert handlers.runs == 1
    await store.close()


async def test_a_connection_that_breaks_in_a_turn_is_unavailable(
    postgres_url: str, postgres_server: URL, clock: ManualClock
) -> None:
    async def cut(ctx: Context) -> None:
        process = await ctx.db.scalar(text("SELECT pg_backend_pid()"))
        async with admin.reading() as db:
            await db.execute(text("SELECT pg_terminate_backend(:it)"), {"it": process})
        await ctx.db.execute(update(ChatRow).values(reachable=True))

    admin = await open_store(postgres.address(postgres_server))
    store, handlers = await open_store(postgres_url), CountingHandlers(failure=cut)
    replica = new_dispatcher(store, handlers, clock, parse_keys(new_key()))
    event = Event("1", LI, clock.now, Text("一"))
    with pytest.raises(Unavailable):
        await replica.turn(event)
    handlers.failure = None
    assert lines(await replica.turn(event)) == ["一 1"]
    await store.close()
    await admin.close()


@pytest.mark.parametrize("way", ["refused", "full", "dropped"])
async def test_a_database_that_cannot_be_reached_is_unavailable(
    postgres_url: str, postgres_server: URL, clock: ManualClock, way: str
) -> None:
    address = make_url(postgres_url)
    admin = await open_store(postgres.address(postgres_server))
    if way == "refused":
        address = address.set(port=1)
    elif way == "full":
        async with admin.writing() as db:
            await db.execute(text(f'ALTER DATABASE "{address.database}" CONNECTION LIMIT 0'))
            await db.execute(text("CREATE ROLE courier LOGIN"))  # a limit spares superusers
        address = address.set(username="courier")
    else:
        await asyncio.to_thread(postgres.drop, postgres_server, address)
    store = await open_store(postgres.address(address))
    replica = new_dispatcher(store, CountingHandlers(), clock, parse_keys(new_key()))
    with structlog.testing.capture_logs() as logs, pytest.raises(Unavailable):
        await replica.turn(Event("1", LI, clock.now, Text(PRIVATE)))
    assert [one["event"] for one in logs] == ["turn.unavailable"]
    assert str(address.database) not in repr(logs)
    await store.close()
    if way == "full":
        async with admin.writing() as db:
            await db.execute(text("DROP ROLE courier"))
    await admin.close()
