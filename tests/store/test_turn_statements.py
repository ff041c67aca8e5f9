"""How many statements a turn takes, and that each of them finds its rows by an index."""

from collections.abc import AsyncIterator, Awaitable
from typing import Any

import pytest
from sqlalchemy import ClauseElement, Executable, Select, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler

from bot.app.bootstrap import App
from bot.conversation.events import Address, Event, Location, Text
from bot.outbox import repository as outbox
from bot.services.notifications.statuses import OutboxStatus
from bot.store.engine import Store
from bot.store.literals import in_sql
from bot.store.models.notifications import OutboxRow
from bot.store.sqlite_turns import SqliteTurns
from tests.conftest import ManualClock
from tests.support.demo_courier import HERE, DemoCourier, demo_app
from tests.support.screens import Screen

NEAREST_MOST, HELP_MOST, CARD_MOST = 5, 4, 7
HARMLESS = ("SCAN CONSTANT ROW",)
TRANSACTION = ("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE", "ROLLBACK")


class Listening:
    """The demonstration on SQLite, a courier, and what their turns ask the database for."""

    def __init__(self, app: App) -> None:
        self.app = app
        self.courier = DemoCourier(app)
        self._heard: list[str] = []

    async def begin(self) -> None:
        """Begins to listen to a courier whose card is on its way."""
        await self.courier.finds_themselves("card")
        assert isinstance(self.app.store.turns, SqliteTurns)
        connection = await self.app.store.turns.connection()
        connection.set_trace_callback(self._heard.append)

    async def during(self, turn: Awaitable[object]) -> list[str]:
        """The statements of a turn, with their values, without those of the transaction."""
        self._heard.clear()
        await turn
        return [one for one in self._heard if not one.startswith(TRANSACTION)]

    async def twice(self, said: str) -> list[str]:
        """Those of saying it the second time; `HERE` stands for the location."""
        return [await self.during(self._does(said)) for _ in range(2)][1]

    async def _does(self, said: str) -> Screen:
        if said == "HERE":
            return await self.courier._sends(Location(HERE))
        return await self.courier.says(said)


@pytest.fixture
async def listening(clock: ManualClock) -> AsyncIterator[Listening]:
    """The demonstration, and a courier whose card is on its way."""
    async with demo_app(clock) as app:
        opened = Listening(app)
        await opened.begin()
        yield opened


@pytest.mark.parametrize(
    ("said", "most"), [("/help", HELP_MOST), ("HERE", NEAREST_MOST), ("我卡办到哪了", CARD_MOST)]
)
async def test_a_turn_takes_few_statements_each_of_which_uses_an_index(
    listening: Listening, said: str, most: int
) -> None:
    statements = await listening.twice(said)
    assert 3 <= len(statements) <= most, statements
    async with listening.app.store.reading() as db:
        for statement in statements:
            steps = await sqlite_plan(db, statement)
            assert not [one for one in steps if one.startswith("SCAN ") and one not in HARMLESS], (
                statement,
                steps,
            )


async def test_a_repeated_event_takes_two_statements(listening: Listening) -> None:
    event = Event("again", Address("web", "li"), listening.app.clock(), Text("/help"))
    first = await listening.during(listening.app.dispatcher.turn(event))
    again = await listening.during(listening.app.dispatcher.turn(event))
    assert (len(again), len(first)) == (2, 8)  # of which five are for who is new


async def sqlite_plan(db: AsyncSession, statement: str) -> list[str]:
    connection = await db.connection()
    rows = await connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}")
    return [row.detail for row in rows]


async def test_the_partial_indexes_serve_the_turn_and_the_worker(store: Store) -> None:
    """As both databases plan it where a value is not known yet."""
    due = select(OutboxRow.id).where(OutboxRow.channel == "web", outbox.READY)
    newest = due.order_by(OutboxRow.priority, OutboxRow.due_at, OutboxRow.id)
    held = select(OutboxRow.id).where(
        OutboxRow.courier_id == 1, OutboxRow.status == in_sql(OutboxStatus.HELD)
    )
    async with store.writing() as db:
        lapsed = select(OutboxRow.id).where(outbox._lapsed(db))
        if not store.is_sqlite:  # small tables are read as a whole
            await db.execute(text("SET LOCAL enable_seqscan = off"))
            await db.execute(text("SET LOCAL enable_bitmapscan = off"))
            await db.execute(text("SET LOCAL plan_cache_mode = force_generic_plan"))
        for statement, index in (
            (newest, "ix_outbox_ready"),
            (lapsed, "ix_outbox_leased"),
            (held, "ix_outbox_held" if not store.is_sqlite else "ix_outbox_"),
        ):
            steps = await db.execute(_Explain(statement))
            assert index in str(steps.all())


class _Explain(Executable, ClauseElement):
    """The plan of a statement, whose values stay parameters."""

    inherit_cache = False

    def __init__(self, statement: Select[int]) -> None:
        self.statement = statement


@compiles(_Explain)
def _explain(element: _Explain, compiler: SQLCompiler, **options: Any) -> str:
    words = "EXPLAIN QUERY PLAN" if compiler.dialect.name == "sqlite" else "EXPLAIN"
    return f"{words} {compiler.process(element.statement, **options)}"
