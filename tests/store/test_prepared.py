"""Prepared statements mean the same in every session, on both databases."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from typing import cast

import pytest
from sqlalchemy import Table, bindparam, func, insert, select, update
from sqlalchemy.exc import IntegrityError, StatementError
from sqlalchemy.ext.asyncio import AsyncSession

from bot.store.engine import Store
from bot.store.models.conversation import ChatRow
from bot.store.models.couriers import CourierRow
from bot.store.models.notifications import OutboxRow
from bot.store.prepared import Prepared
from tests.conftest import ManualClock

COURIER, CHAT, OUTBOX = (cast(Table, row.__table__) for row in (CourierRow, ChatRow, OutboxRow))
ADD = Prepared(
    insert(COURIER).returning(COURIER.c.id, COURIER.c.created_at), ["created_at", "seen_at"]
)
FIND = Prepared(
    select(COURIER.c.id, COURIER.c.seen_at, COURIER.c.locale).where(
        COURIER.c.id == bindparam("which")
    )
)
SPEAK = Prepared(
    update(COURIER).where(COURIER.c.id == bindparam("which")).values(locale=bindparam("to"))
)
ADD_LATER = Prepared(
    insert(COURIER).values(created_at=bindparam("later_at"), seen_at=bindparam("later_at"))
)
Begin = Callable[[Store], AbstractAsyncContextManager[AsyncSession]]


@pytest.fixture(params=[Store.turn, Store.writing], ids=["turn", "writing"])
async def db(request: pytest.FixtureRequest, store: Store) -> AsyncIterator[AsyncSession]:
    """A transaction of either kind."""
    begin: Begin = request.param
    async with begin(store) as session:
        yield session


async def test_values_and_rows_are_converted_as_the_columns_say(
    db: AsyncSession, clock: ManualClock
) -> None:
    ((courier, created),) = await ADD.rows(db, {"created_at": clock(), "seen_at": clock()})
    assert created == clock()
    assert created.tzinfo is not None
    assert await FIND.rows(db, {"which": courier}) == [(courier, clock(), None)]
    assert await SPEAK.rows(db, {"which": courier, "to": "en"}) == []
    assert await FIND.rows(db, {"which": courier}) == [(courier, clock(), "en")]
    assert await FIND.rows(db, {"which": courier + 1}) == []


async def test_what_a_session_has_not_written_yet_is_written_before(
    db: AsyncSession, clock: ManualClock
) -> None:
    courier = CourierRow(id=77, created_at=clock(), seen_at=clock())
    db.add(courier)
    assert await FIND.rows(db, {"which": 77}) == [(77, clock(), None)]
    courier.locale = "en"
    assert await FIND.rows(db, {"which": 77}) == [(77, clock(), "en")]


async def test_an_error_is_the_one_that_execute_raises(
    db: AsyncSession, clock: ManualClock
) -> None:
    chat = {"channel": "web", "external_id": "a", "courier_id": 404, "state_at": clock()}
    rest = {"reachable": True, "pushable": True, "awaits": False, "turns": 0}
    values = chat | rest
    add = Prepared(insert(CHAT), list(values))
    with pytest.raises(IntegrityError):
        async with db.begin_nested():
            await add.rows(db, values)
    assert await db.scalar(select(func.count()).select_from(CourierRow)) == 0


async def test_a_value_that_is_missing_is_an_error_and_not_null(
    db: AsyncSession, clock: ManualClock
) -> None:
    with pytest.raises((KeyError, StatementError), match="to"):
        await SPEAK.rows(db, {"which": 1})


async def test_a_default_in_python_must_be_given(store: Store) -> None:
    with pytest.raises(ValueError, match="default in Python"):
        Prepared(insert(OUTBOX), ["dedupe_key"]).compiled(store.writer.dialect)


async def test_a_postponed_write_is_made_with_the_last_one(
    db: AsyncSession, clock: ManualClock
) -> None:
    ((courier, _),) = await ADD.rows(db, {"created_at": clock(), "seen_at": clock()})
    count = Prepared(select(func.count()).select_from(COURIER))
    await ADD_LATER.write_later(db, {"later_at": clock()})
    await ADD_LATER.write_later(db, {"later_at": clock()})  # the first one waits already
    await SPEAK.write_last(db, {"which": courier, "to": "en"})
    assert await count.rows(db, {}) == [(3,)]
    assert await FIND.rows(db, {"which": courier}) == [(courier, clock(), "en")]


async def test_a_postponed_write_needs_no_last_one(store: Store, clock: ManualClock) -> None:
    async with store.turn() as db:
        await ADD_LATER.write_later(db, {"later_at": clock()})
    async with store.reading() as db:
        assert await db.scalar(select(func.count()).select_from(COURIER)) == 1


async def test_a_turn_that_fails_makes_no_postponed_write(store: Store, clock: ManualClock) -> None:
    async def fails() -> None:
        async with store.turn() as db:
            await ADD_LATER.write_later(db, {"later_at": clock()})
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fails()
    async with store.turn() as db:
        await FIND.rows(db, {"which": 1})
    async with store.reading() as db:
        assert await db.scalar(select(func.count()).select_from(COURIER)) == 0
