"""Turns on SQLite share a commit; each of them fails, waits and is cancelled alone."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Coroutine
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, insert, select, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from bot.store import checkpoints, engine
from bot.store.engine import Store, open_store
from bot.store.errors import TransactionError, is_outage
from bot.store.models.conversation import ChatRow
from bot.store.models.couriers import CourierRow
from bot.store.sqlite_turns import TURNS_PER_COMMIT, SqliteTurns
from tests.conftest import ManualClock


@pytest.fixture
async def store(sqlite_url: str) -> AsyncIterator[Store]:
    """The database, open; SQLite only."""
    opened = await open_store(sqlite_url)
    yield opened
    await opened.close()


@pytest.fixture
async def commits(store: Store) -> list[str]:
    """The transactions of the store's turns: `BEGIN IMMEDIATE` and `COMMIT`, as they come."""
    assert isinstance(store.turns, SqliteTurns)
    connection = await store.turns.connection()
    seen: list[str] = []

    def hear(statement: str) -> None:
        if statement.startswith(("BEGIN", "COMMIT")):
            seen.append(statement)

    connection.set_trace_callback(hear)
    return seen


async def add(db: AsyncSession, clock: ManualClock) -> None:
    await db.execute(insert(CourierRow).values(created_at=clock(), seen_at=clock()))


async def turn(store: Store, clock: ManualClock, error: Exception | None = None) -> None:
    async with store.turn() as db:
        await add(db, clock)
        if error is not None:
            raise error


async def together(store: Store, *waiting: Coroutine[Any, Any, None]) -> list[Any]:
    """Runs them; none begins before all wait. What each raised, or None."""
    write_lock = store.write_lock
    assert write_lock is not None
    await write_lock.acquire(1, write_lock.release)
    tasks = [asyncio.create_task(one) for one in waiting]
    await asyncio.sleep(0)
    write_lock.release()
    return await asyncio.gather(*tasks, return_exceptions=True)


async def count(store: Store) -> int:
    async with store.reading() as db:
        return await db.scalar(select(func.count()).select_from(CourierRow)) or 0


async def test_turns_that_wait_share_a_commit_up_to_sixteen(
    store: Store, clock: ManualClock, commits: list[str]
) -> None:
    await together(store, *(turn(store, clock) for _ in range(3 * TURNS_PER_COMMIT)))
    assert commits == ["BEGIN IMMEDIATE", "COMMIT"] * 3
    assert await count(store) == 3 * TURNS_PER_COMMIT


async def test_nothing_is_over_before_its_commit(
    store: Store, clock: ManualClock, commits: list[str]
) -> None:
    over: list[int] = []

    async def one() -> None:
        await turn(store, clock)
        over.append(commits.count("COMMIT"))

    await together(store, *(one() for _ in range(TURNS_PER_COMMIT + 1)))
    assert over == [1] * TURNS_PER_COMMIT + [2]


async def test_one_bad_turn_in_sixteen_undoes_itself_alone(
    store: Store, clock: ManualClock, commits: list[str]
) -> None:
    errors: list[Exception | None] = [None] * TURNS_PER_COMMIT
    errors[7] = ValueError("a mistake")
    done = await together(store, *(turn(store, clock, error) for error in errors))
    assert [one for one in done if one is not None] == [errors[7]]
    assert commits == ["BEGIN IMMEDIATE", "COMMIT"]
    assert await count(store) == TURNS_PER_COMMIT - 1


@pytest.mark.parametrize("in_a_part", [False, True])
async def test_a_session_that_fails_to_write_undoes_its_own_turn_alone(
    store: Store, clock: ManualClock, *, in_a_part: bool
) -> None:
    async def bad() -> None:
        async with store.turn() as db:
            await add(db, clock)
            if in_a_part:
                await db.begin_nested()
            db.add(ChatRow(channel="web", external_id="a", courier_id=404, state_at=clock()))
            await db.flush()

    done = await together(store, turn(store, clock), bad(), turn(store, clock))
    assert [type(one) for one in done] == [type(None), IntegrityError, type(None)]
    assert await count(store) == 2


async def test_a_part_of_a_turn_is_undone_alone(store: Store, clock: ManualClock) -> None:
    async with store.turn() as db:
        await add(db, clock)
        part = await db.begin_nested()
        await add(db, clock)
        await part.rollback()
    assert await count(store) == 1


async def test_a_commit_that_fails_fails_its_whole_group(store: Store, clock: ManualClock) -> None:
    async def breaks_the_commit() -> None:
        async with store.turn() as db:
            await db.execute(text("PRAGMA defer_foreign_keys=ON"))
            await db.execute(
                insert(ChatRow).values(
                    channel="web", external_id="a", courier_id=404, state_at=clock()
                )
            )

    done = await together(store, turn(store, clock), turn(store, clock), breaks_the_commit())
    assert all(isinstance(one, TransactionError) and is_outage(one) for one in done)
    assert len({id(one) for one in done}) == len(done)  # each has its own
    assert await count(store) == 0
    await turn(store, clock)
    assert await count(store) == 1


async def test_a_transaction_that_sqlite_rolled_back_fails_the_turns_before_it(
    store: Store, clock: ManualClock
) -> None:
    """As it does by itself for a full disk or an I/O error."""

    async def loses_it() -> None:
        async with store.turn() as db:
            await db.execute(text("ROLLBACK"))
            raise ValueError("a mistake")

    done = await together(store, turn(store, clock), loses_it(), turn(store, clock))
    assert [type(one) for one in done] == [TransactionError, ValueError, type(None)]
    assert await count(store) == 1


async def test_a_turn_that_is_cancelled_leaves_the_others(store: Store, clock: ManualClock) -> None:
    begun = asyncio.Event()

    async def endless() -> None:
        async with store.turn() as db:
            await add(db, clock)
            begun.set()
            await asyncio.Event().wait()

    first = asyncio.create_task(turn(store, clock))
    stuck = asyncio.create_task(endless())
    await begun.wait()
    last = asyncio.create_task(turn(store, clock))
    await asyncio.sleep(0)
    stuck.cancel()
    await asyncio.gather(first, last)
    assert await count(store) == 2


async def test_a_group_whose_next_turn_is_cancelled_is_committed(
    store: Store, clock: ManualClock
) -> None:
    first, second = (asyncio.create_task(turn(store, clock)) for _ in range(2))
    write_lock = store.write_lock
    assert write_lock is not None
    await write_lock.acquire(1, write_lock.release)
    await asyncio.sleep(0)
    write_lock.release()
    await asyncio.sleep(0)  # the first has the write_lock, and leaves it to the second
    second.cancel()
    await first
    assert await count(store) == 1


async def test_turns_and_other_transactions_take_turns(
    store: Store, clock: ManualClock, commits: list[str]
) -> None:
    order: list[str] = []

    async def write(name: str) -> None:
        async with store.writing() as db:
            order.append(f"{name} after {commits.count('COMMIT')}")
            await add(db, clock)

    every = turn(store, clock), write("a"), turn(store, clock), turn(store, clock), write("b")
    assert await together(store, *every) == [None] * 5
    assert order == ["a after 1", "b after 2"]
    assert await count(store) == 5


async def test_while_another_process_writes_the_loop_goes_on(
    store: Store, sqlite_url: str, clock: ManualClock
) -> None:
    await turn(store, clock)
    other = sqlite3.connect(make_url(sqlite_url).database or "", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    waiting = asyncio.create_task(turn(store, clock))
    for _ in range(20):  # a loop that waits for the lock would never come here
        await asyncio.sleep(0)
    assert not waiting.done()
    other.execute("COMMIT")
    await waiting
    other.close()
    assert await count(store) == 2


async def test_a_lock_that_is_held_for_too_long_is_an_outage(
    sqlite_url: str, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "BUSY_SECONDS", 0)
    store = await open_store(sqlite_url)
    other = sqlite3.connect(make_url(sqlite_url).database or "", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(TransactionError):
        await turn(store, clock)
    other.close()
    await turn(store, clock)
    await store.close()


async def test_two_stores_on_one_file_lose_nothing(sqlite_url: str, clock: ManualClock) -> None:
    stores = [await open_store(sqlite_url) for _ in range(2)]
    await asyncio.gather(*(turn(stores[n % 2], clock) for n in range(100)))
    assert await count(stores[0]) == 100
    for one in stores:
        await one.close()


async def test_the_log_does_not_grow_with_the_turns(
    store: Store, sqlite_url: str, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checkpoints, "COMMITS_BETWEEN", 10)
    monkeypatch.setattr(checkpoints, "LONG_LOG", 20)  # pages
    log = Path(f"{make_url(sqlite_url).database}-wal")
    turns, sizes = store.turns, []
    assert isinstance(turns, SqliteTurns)
    for _ in range(20):
        for _ in range(30):
            await turn(store, clock)
        await turns._checkpoints.close()  # waits until it is done
        sizes.append(await asyncio.to_thread(lambda: log.stat().st_size))
    assert (
        sizes[-1] < 20 * sizes[0] / 2
    )  # it would be nearly twice that if nothing were carried over
    assert await count(store) == 600
