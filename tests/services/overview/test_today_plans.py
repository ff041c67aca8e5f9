"""The console's first page reads along indexes, however much there is."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event, text

from bot.geo.places import Places
from bot.hours.calendar import Holidays
from bot.services.appointment_administration import requests
from bot.services.operators.roles import Operator, Role
from bot.services.overview.today import today
from bot.store.engine import Store
from tests.conftest import ManualClock

LARGE = (
    "appointment",
    "bank_push",
    "content",
    "list_import",
    "nomination",
    "operator_note",
    "outbox",
    "training",
)
"""Tables that grow; the others of the page are small, or have tests of their own."""


@contextmanager
def statements(store: Store) -> Iterator[list[tuple[str, Any]]]:
    """Those that are carried out meanwhile, with their parameters."""
    seen: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        seen.append((statement, parameters))

    engine = store.reader.sync_engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(engine, "before_cursor_execute", note)


async def whole_reads(store: Store, seen: list[tuple[str, Any]]) -> list[str]:
    """Lines of plans that read one of the large tables whole."""
    found = []
    async with store.reading() as db:
        if not store.is_sqlite:  # an empty table is read faster whole
            await db.execute(text("SET LOCAL enable_seqscan = off"))
        connection = await db.connection()
        explain = "EXPLAIN QUERY PLAN" if store.is_sqlite else "EXPLAIN"
        for statement, parameters in seen:
            if not statement.lstrip().upper().startswith(("SELECT", "WITH")):
                continue
            plan = await connection.exec_driver_sql(f"{explain} {statement}", parameters)
            for row in plan:
                line = str(row[-1])
                whole = [f"SCAN {one}" for one in LARGE] + [f"Seq Scan on {one}" for one in LARGE]
                if any(one in line for one in whole) and "INDEX" not in line:
                    found.append(f"{line}: {statement}")
    return found


async def test_no_count_of_the_first_page_reads_a_large_table_whole(
    store: Store, clock: ManualClock
) -> None:
    places, holidays = Places.load(), Holidays.from_csv()
    for leagues in (frozenset[str](), frozenset({"150100"})):
        operator = Operator(1, "admin", Role.ADMINISTRATOR, leagues)
        with statements(store) as seen:
            async with store.reading() as db:
                await today(db, places, holidays, operator, clock())
                await requests.counts(db, places, operator)
        assert len(seen) > 10
        assert await whole_reads(store, seen) == []


async def test_a_read_of_a_whole_table_would_be_noticed(store: Store) -> None:
    with statements(store) as seen:
        async with store.reading() as db:
            await db.execute(text("SELECT title FROM content WHERE text = 'x'"))
    assert len(await whole_reads(store, seen)) == 1
