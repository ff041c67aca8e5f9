"""SQLAlchemy sessions over a SQLite connection that is used in the event loop's own thread.

A statement on pages in memory takes 5 to 20 µs; to hand it to a thread and be woken again took
200 µs. Transactions on this connection belong to `SqliteTurns`: what a session believes to be its
own transaction is the savepoint of its turn.
"""

import contextlib
import sqlite3
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import Dialect
from sqlalchemy.dialects import registry
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import StaticPool

from bot.store.prepared import Compiled, Row, TurnSession

SAVEPOINT: Final = "turn"
DRIVER: Final = "sqlite+turns"


class TurnDialect(SQLiteDialect_pysqlite):
    """Python's own `sqlite3`, without threads, under SQLAlchemy's asynchronous engine."""

    is_async = True
    supports_statement_cache = True

    def do_begin(self, dbapi_connection: Any) -> None:
        """Nothing: the turn's savepoint has been set."""

    def do_commit(self, dbapi_connection: Any) -> None:
        """Nothing: the savepoint is released at the end of the turn."""

    def do_rollback(self, dbapi_connection: Any) -> None:
        """Undoes what this turn has done, and nothing of the turns before it."""
        with contextlib.suppress(sqlite3.OperationalError):  # it is not in a turn
            dbapi_connection.execute(f"ROLLBACK TO {SAVEPOINT}")


registry.register("sqlite.turns", __name__, TurnDialect.__name__)


class SqliteTurnSession(TurnSession):
    """An `AsyncSession` whose statements run at once, in the caller's thread."""

    def __init__(self, engine: AsyncEngine, connection: sqlite3.Connection) -> None:
        super().__init__(engine, expire_on_commit=False)
        self._connection = connection
        self._dialect = engine.dialect

    @property
    def dialect(self) -> Dialect:
        """SQLite's."""
        return self._dialect

    async def run_compiled(self, compiled: Compiled, values: Mapping[str, Any]) -> list[Row]:
        """See `TurnSession`."""
        if self.sync_session.in_transaction():
            self.sync_session.connection()  # sets a savepoint that was begun and not used yet
            self.sync_session.flush()
        try:
            found = self._connection.execute(compiled.sql, compiled.parameters(values)).fetchall()
        except sqlite3.Error as error:
            raise as_database_error(error) from error
        return compiled.rows(found)

    def end(self) -> None:
        """Writes what is unwritten and closes the session."""
        session = self.sync_session
        if session.in_transaction():
            session.commit()
            session.close()

    def undo(self) -> None:
        """Closes the session without writing anything."""
        if self.sync_session.in_transaction():
            self.sync_session.close()

    if not TYPE_CHECKING:  # the types are those of AsyncSession, which asks a greenlet for each

        async def execute(self, *args: Any, **options: Any) -> Any:
            return self.sync_session.execute(*args, **options)

        async def scalar(self, *args: Any, **options: Any) -> Any:
            return self.sync_session.scalar(*args, **options)

        async def scalars(self, *args: Any, **options: Any) -> Any:
            return self.sync_session.scalars(*args, **options)

        async def get(self, *args: Any, **options: Any) -> Any:
            return self.sync_session.get(*args, **options)

        async def get_one(self, *args: Any, **options: Any) -> Any:
            return self.sync_session.get_one(*args, **options)

        async def flush(self, *args: Any) -> None:
            self.sync_session.flush(*args)


async def turn_engine(path: str, connection: sqlite3.Connection) -> AsyncEngine:
    """An engine over this one connection."""
    engine = create_async_engine(
        f"{DRIVER}:///{path}",
        poolclass=StaticPool,
        creator=lambda: connection,
        pool_reset_on_return=None,
        hide_parameters=True,
    )
    async with engine.connect():
        pass  # SQLAlchemy looks at the database when it connects first
    return engine


def as_database_error(error: sqlite3.Error) -> BaseException:
    """What SQLAlchemy raises for an error of the driver."""
    return DBAPIError.instance(None, None, error, sqlite3.Error, hide_parameters=True)
