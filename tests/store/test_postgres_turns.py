"""Turns over asyncpg: one transaction with SQLAlchemy's part, and connections that break."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import datetime, timedelta

import pytest
from sqlalchemy import bindparam, func, insert, select, text, update
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from bot.common.clock import CHINA
from bot.store.engine import Store, open_store
from bot.store.errors import TransactionError, is_outage, is_repeatable
from bot.store.models.couriers import CourierRow
from bot.store.postgres_turns import CONNECTIONS
from bot.store.prepared import Prepared

NOW = datetime(2026, 11, 23, 10, tzinfo=CHINA)
ADD = Prepared(insert(CourierRow).returning(CourierRow.id), ("created_at", "seen_at"))
COUNT = Prepared(select(func.count()).select_from(CourierRow))
LOCALE = Prepared(select(CourierRow.locale).where(CourierRow.id == bindparam("of_courier")))
NEW = {"created_at": NOW, "seen_at": NOW}


@pytest.fixture
async def store(postgres_url: str) -> AsyncIterator[Store]:
    opened = await open_store(postgres_url)
    yield opened
    await opened.close()


async def couriers(store: Store) -> int:
    async with store.reading() as db:
        return await db.scalar(select(func.count()).select_from(CourierRow)) or 0


async def backend(store: Store) -> int:
    """The server's process that the next turn uses."""
    async with store.turn() as db:
        return await db.scalar(text("SELECT pg_backend_pid()")) or 0


async def test_prepared_statements_and_the_session_share_one_transaction(store: Store) -> None:
    async with store.turn() as db:
        ((courier_id,),) = await ADD.rows(db, NEW)
        courier = await db.get_one(CourierRow, courier_id)
        courier.locale = "en"
        assert await LOCALE.rows(db, {"of_courier": courier_id}) == [("en",)]
        assert await couriers(store) == 0, "nobody else sees it before it is committed"
    assert await couriers(store) == 1


async def test_an_error_undoes_what_both_have_written(store: Store) -> None:
    async def fails() -> None:
        async with store.turn() as db:
            await ADD.rows(db, NEW)
            db.add(CourierRow(created_at=NOW, seen_at=NOW))
            await db.flush()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fails()
    assert await couriers(store) == 0


async def test_a_turn_reads_anew_what_the_one_before_it_had_read(store: Store) -> None:
    async with store.turn() as db:
        ((courier_id,),) = await ADD.rows(db, NEW)
        assert (await db.get_one(CourierRow, courier_id)).locale is None
    async with store.writing() as other:
        await other.execute(update(CourierRow).values(locale="en"))
    async with store.turn() as db:
        assert (await db.get_one(CourierRow, courier_id)).locale == "en"


async def test_a_savepoint_is_undone_alone(store: Store) -> None:
    async def fails(db: AsyncSession) -> None:
        async with db.begin_nested():
            await ADD.rows(db, NEW)
            raise ZeroDivisionError

    async with store.turn() as db:
        await ADD.rows(db, NEW)
        with pytest.raises(ZeroDivisionError):
            await fails(db)
    assert await couriers(store) == 1


async def test_an_error_that_was_swallowed_cannot_be_committed(store: Store) -> None:
    async def swallows() -> None:
        async with store.turn() as db:
            await ADD.rows(db, NEW)
            with suppress(DBAPIError):
                await db.execute(text("SELECT 1 / 0"))

    with pytest.raises(TransactionError):
        await swallows()
    assert await couriers(store) == 0


async def test_errors_are_those_of_sqlalchemy_and_name_no_values(store: Store) -> None:
    again = Prepared(insert(CourierRow), ("id", "created_at", "seen_at"))

    async def adds_twice() -> None:
        async with store.turn() as db:
            await again.rows(db, {"id": 7001, **NEW})
            await again.rows(db, {"id": 7001, **NEW})

    with pytest.raises(IntegrityError) as caught:
        await adds_twice()
    assert not is_outage(caught.value)
    assert not is_repeatable(caught.value)
    assert "2026" not in str(caught.value)


async def test_two_turns_that_lock_each_other_out_may_run_again(store: Store) -> None:
    async with store.turn() as db:
        first, second = [(await ADD.rows(db, NEW))[0][0] for _ in range(2)]
    lock = Prepared(
        update(CourierRow).where(CourierRow.id == bindparam("of_courier")).values(locale="en")
    )
    both_hold_one = asyncio.Barrier(2)

    async def turn(mine: int, other: int) -> None:
        async with store.turn() as db:
            await lock.rows(db, {"of_courier": mine})
            await both_hold_one.wait()
            await lock.rows(db, {"of_courier": other})

    outcomes = await asyncio.gather(
        turn(first, second), turn(second, first), return_exceptions=True
    )
    (error,) = [one for one in outcomes if one is not None]
    assert isinstance(error, DBAPIError)
    assert is_repeatable(error)


async def test_a_connection_that_the_server_has_closed_is_replaced(store: Store) -> None:
    closed = await backend(store)
    async with store.writing() as db:
        await db.execute(text(f"SELECT pg_terminate_backend({closed})"))
    assert await backend(store) not in {0, closed}


async def test_a_connection_lost_in_a_turn_is_an_outage_and_the_next_turn_gets_another(
    store: Store,
) -> None:
    used: list[int | None] = []

    async def loses_it() -> None:
        async with store.turn() as db:
            used.append(await db.scalar(text("SELECT pg_backend_pid()")))
            async with store.writing() as other:
                await other.execute(text(f"SELECT pg_terminate_backend({used[0]})"))
            await ADD.rows(db, NEW)

    with pytest.raises(DBAPIError) as caught:
        await loses_it()
    assert is_outage(caught.value)
    assert await backend(store) not in {0, *used}


async def test_a_cancelled_turn_commits_nothing_and_leaves_its_place(store: Store) -> None:
    async def sleeps() -> None:
        async with store.turn() as db:
            await ADD.rows(db, NEW)
            await db.execute(text("SELECT pg_sleep(60)"))

    for _ in range(CONNECTIONS + 1):
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(sleeps(), timedelta(milliseconds=50).total_seconds())
    assert await couriers(store) == 0
    assert await backend(store)


async def test_more_turns_than_connections_wait_for_each_other(store: Store) -> None:
    async def adds() -> None:
        async with store.turn() as db:
            await ADD.rows(db, NEW)

    await asyncio.gather(*(adds() for _ in range(3 * CONNECTIONS)))
    async with store.turn() as db:
        assert await COUNT.rows(db, {}) == [(3 * CONNECTIONS,)]


async def test_without_a_server_a_turn_cannot_begin() -> None:
    gone = await open_store("postgresql+asyncpg://nobody@127.0.0.1:1/none")
    with pytest.raises(TransactionError) as caught:
        async with gone.turn():
            pass
    assert is_outage(caught.value)
    await gone.close()
