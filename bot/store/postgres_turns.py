"""Turns on PostgreSQL: connections of their own, whose statements go to asyncpg itself.

SQLAlchemy's path to a statement (pool, ping, greenlet, cursor, result) takes several times what
asyncpg takes. A turn gets a connection that stays open, begins and commits with two short
statements, and runs what is `Prepared` through asyncpg; anything else in the same transaction goes
through SQLAlchemy, over the same connection. That one is in autocommit mode, so that SQLAlchemy
neither begins nor ends a transaction of its own.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from typing import Any

import asyncpg
from sqlalchemy import Dialect
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine
from sqlalchemy.pool import NullPool

from bot.store.errors import TransactionError
from bot.store.prepared import Compiled, Prepared, Row, TurnSession

CONNECTIONS = 10
"""Turns of one process at the same time; others wait for one of them to end."""
WAIT_SECONDS = 30.0
"""After so long a turn gives up waiting: no connection became free, or none could be opened."""

DRIVER_ERRORS = (
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    OSError,
)


class PostgresTurnSession(TurnSession):
    """The session of one connection, used by one turn after the other."""

    def __init__(self, connection: AsyncConnection, raw: asyncpg.Connection, adapted: Any) -> None:
        super().__init__(connection, expire_on_commit=False)
        self._connection = connection
        self._raw = raw
        self._adapted = adapted
        self._dialect = connection.dialect
        self._postponed: dict[Prepared, Mapping[str, Any]] = {}

    @property
    def dialect(self) -> Dialect:
        return self._dialect

    @property
    def postponed(self) -> dict[Prepared, Mapping[str, Any]]:
        """See `TurnSession`: a statement less is a way to the server and back less."""
        return self._postponed

    async def run_compiled(self, compiled: Compiled, values: Mapping[str, Any]) -> list[Row]:
        if self.in_transaction():
            await self.connection()  # sets a savepoint that was begun and not used yet
            await self.flush()
        parameters = compiled.parameters(values)
        try:
            found = await self._raw.fetch(compiled.sql, *parameters)
        except DRIVER_ERRORS as error:
            raise self._translated(error, compiled.sql) from error
        return compiled.rows([tuple(row) for row in found])

    async def start(self) -> None:
        """Begins the transaction. Raises `DBAPIError`."""
        self._postponed.clear()
        await self._run("BEGIN")

    async def finish(self) -> None:
        """Writes what the session still holds and commits.

        Raises `DBAPIError`, and `TransactionError` where the transaction had failed before:
        PostgreSQL answers such a COMMIT by rolling back.
        """
        while self._postponed:  # no last statement took them along
            statement, values = self._postponed.popitem()
            await statement.rows(self, values)
        if self.in_transaction():
            await self.commit()
        if await self._run("COMMIT") != "COMMIT":
            raise TransactionError("the transaction had failed before it was committed")

    async def undo(self) -> bool:
        """Rolls back; whether the connection can be used again."""
        try:
            await self.close()
            await self._run("ROLLBACK")
        except (SQLAlchemyError, OSError):
            return False
        return not self._raw.is_closed()

    async def discard(self) -> None:
        """Closes the connection without waiting for the server."""
        self._raw.terminate()
        with suppress(SQLAlchemyError, OSError):
            await self._connection.close()

    async def _run(self, statement: str) -> str:
        try:
            done: str = await self._raw.execute(statement)
        except DRIVER_ERRORS as error:
            raise self._translated(error, statement) from error
        return done

    def _translated(self, error: Exception, statement: str) -> BaseException:
        """The error that SQLAlchemy would have raised; without any values."""
        dbapi = self._adapted.dbapi
        # The last one: the server's farewell came while no statement was under way.
        is_lost = self._raw.is_closed() or isinstance(error, asyncpg.InternalClientError)
        try:
            self._adapted._handle_exception(error)
        except dbapi.Error as translated:
            error = translated
        except Exception as other:  # noqa: BLE001 - it stays what it is, an OSError for example
            error = other
        if isinstance(error, OSError):
            error = dbapi.InterfaceError(type(error).__name__, error)
        return DBAPIError.instance(
            statement,
            None,
            error,
            dbapi.Error,
            hide_parameters=True,
            connection_invalidated=is_lost,
            dialect=self._dialect,
        )


class PostgresTurns:
    """Up to `CONNECTIONS` open connections, each for one turn at a time."""

    def __init__(self, url: URL, connect_args: dict[str, Any]) -> None:
        self._engine = create_async_engine(
            url,
            poolclass=NullPool,
            isolation_level="AUTOCOMMIT",
            hide_parameters=True,
            connect_args=connect_args,
        )
        self._free: list[PostgresTurnSession] = []
        self._places = asyncio.Semaphore(CONNECTIONS)

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[PostgresTurnSession]:
        """One transaction, begun. Raises `TransactionError` where it cannot begin."""
        if self._places.locked():
            try:
                await asyncio.wait_for(self._places.acquire(), WAIT_SECONDS)
            except TimeoutError as error:
                raise TransactionError("all connections are in use") from error
        else:
            await self._places.acquire()
        try:
            session = await self._begun()
            try:
                yield session
                await session.finish()
            except Exception:
                await self._put_back(session, usable=await session.undo())
                raise
            except BaseException:  # cancelled in the midst of a statement: its state is not known
                await session.discard()
                raise
            await self._put_back(session, usable=True)
        finally:
            self._places.release()

    async def close(self) -> None:
        """Closes the connections that no turn uses."""
        while self._free:
            await self._free.pop().discard()
        await self._engine.dispose()

    async def _begun(self) -> PostgresTurnSession:
        """A session in a transaction; a connection that the server has closed is replaced."""
        while self._free:
            session = self._free.pop()
            with suppress(DBAPIError):
                await self._start(session)
                return session
        try:
            session = await self._opened()
            await self._start(session)
        except (SQLAlchemyError, *DRIVER_ERRORS) as error:
            raise TransactionError("no connection could be opened") from error
        return session

    @staticmethod
    async def _start(session: PostgresTurnSession) -> None:
        try:
            await session.start()
        except BaseException:
            await session.discard()
            raise

    async def _opened(self) -> PostgresTurnSession:
        connection = await self._engine.connect()
        pooled = await connection.get_raw_connection()
        raw: asyncpg.Connection = pooled.driver_connection
        return PostgresTurnSession(connection, raw, pooled.dbapi_connection)

    async def _put_back(self, session: PostgresTurnSession, *, usable: bool) -> None:
        if usable:
            session.expunge_all()
            self._free.append(session)
        else:
            await session.discard()
