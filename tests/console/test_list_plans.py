"""No list of the console reads a large table as a whole, whatever it is filtered by.

A database with thousands of rows of each kind is filled as `bench.console` does it, and each
statement of each of its pages is planned again: on PostgreSQL it is run and the rows that it looked
at are counted; on SQLite its plan is read.
"""

import re
from collections import Counter
from collections.abc import Coroutine, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import Connection, event

from bench.console import KEYS, LEAGUE, PAGES, fill, keys
from bench.console_tables import Sizes, Sql
from bot.common.clock import system_clock
from bot.console import background
from bot.services.bounded import COUNTED
from bot.services.card_administration import overdue
from bot.services.operators.roles import Right, Role
from bot.store.engine import Store
from tests.support.console import add_operator, console_parts, signed_in

SIZE = Sizes(0.02, 0.02)
LARGE = frozenset(
    {"station", "station_facility", "courier", "chat", "profile", "favourite", "card_application",
     "card_stage", "card_request", "registration", "certificate", "appointment", "audit", "outbox",
     "person_conversation", "person_message", "operator_note", "access_log", "revision_record",
     "lesson_progress", "honour_vote"}
)  # fmt: skip
MOST = 2 * COUNTED
"""Rows of a table that a statement may look at: what it counts, and others between."""
MORE = {"audit": 5 * COUNTED, "station_facility": 4 * COUNTED}
"""Of these a small table is read by league, or by facility, where a large one is read in order."""
OF_ALL_LEAGUES = frozenset({"card_request", "appointment"})
"""Operators of a league find theirs among those of one state: a row names its outlet only."""
READ_AS_A_WHOLE = frozenset(
    {"ix_station_lists", "sqlite_autoindex_station_1", "ix_station_facility_wrong",
     "ix_station_no_hours"}
)  # fmt: skip
"""Indexes that SQLite may read so: of stations alone, in the order of the page, or of few rows."""
Statement = tuple[str, Any]


@contextmanager
def recorded(store: Store) -> Iterator[dict[str, Statement]]:
    """Every SELECT that the block runs, once each."""
    found: dict[str, Statement] = {}

    def hear(
        _connection: Connection, _cursor: Any, statement: str, values: Any, *_: object
    ) -> None:
        if statement.lstrip().startswith("SELECT"):
            found.setdefault(statement, (statement, values))

    engines = {one.sync_engine for one in (store.reader, store.writer)}  # one on PostgreSQL
    for engine in engines:
        event.listen(engine, "before_cursor_execute", hear)
    yield found
    for engine in engines:
        event.remove(engine, "before_cursor_execute", hear)


async def looked_at(store: Store, statement: Statement) -> dict[str, int]:
    """The large tables of which a statement looks at too many rows, as PostgreSQL runs it."""
    async with store.reader.connect() as connection:
        # Tables of thousands of rows would be read as a whole where those of millions are not.
        await connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
        explain = f"EXPLAIN (ANALYZE, FORMAT JSON) {statement[0]}"
        (plan,) = (await connection.exec_driver_sql(explain, statement[1])).scalar_one()
    rows: Counter[str] = Counter()

    def visit(node: Mapping[str, Any]) -> None:
        removed = ("Rows Removed by Filter", "Rows Removed by Index Recheck")
        seen = node["Actual Rows"] + sum(node.get(name, 0) for name in removed)
        rows[node.get("Relation Name", "")] += int(seen * node["Actual Loops"])
        for further in node.get("Plans", ()):
            visit(further)

    visit(plan["Plan"])
    return {
        table: many
        for table, many in rows.items()
        if table in LARGE and many > MORE.get(table, MOST)
    }


async def scanned(store: Store, statement: Statement) -> list[str]:
    """The steps in which SQLite reads a large table from one end to the other.

    Where the order is that of the index, `LIMIT` ends it before.
    """
    async with store.reader.connect() as connection:
        explain = f"EXPLAIN QUERY PLAN {statement[0]}"
        rows = await connection.exec_driver_sql(explain, statement[1])
        steps: list[str] = [row.detail for row in rows]
    ends = "LIMIT" in statement[0] and not any("TEMP B-TREE" in step for step in steps)
    tables = (re.match(r"SCAN (\w+)(?:.* INDEX (\w+))?", step) for step in steps)
    return [
        one.string
        for one in tables
        if one and one[1] in LARGE and not ends and one[2] not in READ_AS_A_WHOLE
    ]


async def test_no_list_reads_a_large_table_as_a_whole(
    store: Store, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    sql = Sql(store.is_sqlite, KEYS, system_clock())
    await fill(database_url, sql, SIZE)
    await overdue.count_again(store, system_clock())

    def left_out(work: Coroutine[Any, Any, None]) -> None:
        work.close()  # counting beside the requests

    monkeypatch.setattr(background, "start", left_out)
    found = keys(sql, SIZE)
    operators = [await add_operator(store, system_clock)]
    roles = (Role.EDITOR, Role.CARDS, Role.TRAINER, Role.DUTY)
    operators += [await add_operator(store, system_clock, role, [LEAGUE]) for role in roles]
    wrong, asked = [], 0
    for operator in operators:
        async with signed_in(console_parts(store, system_clock), operator) as client:
            for page in PAGES:
                is_known = page.right is Right.READ and operator.role in roles[1:]
                if is_known or not operator.may(page.right):
                    continue  # the editor reads it
                address = page.address.format_map(found)
                with recorded(store) as statements:
                    status = (await client.get(address)).status_code
                assert status in {200, 403}, address
                for statement in statements.values():
                    asked += 1
                    plan = scanned if store.is_sqlite else looked_at
                    read = await plan(store, statement)
                    if read and not (operator.leagues and set(read) <= OF_ALL_LEAGUES):
                        wrong.append((operator.role.value, address, read, statement[0]))
    assert asked > len(PAGES)
    assert not wrong, "\n".join(f"{one[0]} {one[1]}: {one[2]}" for one in wrong)
