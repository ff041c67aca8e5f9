"""The turns of a SQLite file: in the event loop's own thread, up to 16 of them in one transaction.

docs/fast-path.md explains it.
"""

import asyncio
import contextlib
import sqlite3
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Final

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from bot.common.values import value
from bot.store.checkpoints import Checkpoints
from bot.store.errors import TransactionError
from bot.store.sqlite_session import (
    SAVEPOINT,
    SqliteTurnSession,
    as_database_error,
    turn_engine,
)
from bot.store.write_lock import WriteLock

TURNS_PER_COMMIT: Final = 16
STATEMENTS_KEPT: Final = 512
"""Prepared statements that the driver keeps."""
SHORTEST_PAUSE, LONGEST_PAUSE = 0.001, 0.05
"""Seconds between two attempts to begin while another process writes."""


@dataclass(slots=True)
class _Group:
    """Turns that are committed together. `turns` wait for the commit; `size` counts failed ones,
    too."""

    turns: list[asyncio.Future[None]] = field(default_factory=list)
    size: int = 0


@value
class _Connection:
    """The connection, and the session that one turn after the other uses."""

    raw: sqlite3.Connection
    engine: AsyncEngine
    session: SqliteTurnSession


class SqliteTurns:
    """Runs turns one after the other on one connection, and commits them in groups.

    `busy_seconds`: how long to wait for other transactions, of this process and of others.
    """

    def __init__(self, path: str, write_lock: WriteLock, busy_seconds: float) -> None:
        self._path = path
        self._write_lock = write_lock
        self._busy_seconds = busy_seconds
        self._connection: _Connection | None = None
        self._group: _Group | None = None
        self._checkpoints = Checkpoints(path, write_lock, busy_seconds)
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="commit")

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[AsyncSession]:
        """The session of one turn; left only when what it wrote is durable.

        An exception undoes this turn alone. Raises `TransactionError` where the transaction cannot
        begin or its commit fails, which undoes all turns of the group.
        """
        await self._write_lock.acquire(self._busy_seconds, self._leave, is_turn=True)
        try:
            connection = self._connection or await self._connect()
            group = self._group or await self._begin(connection.raw)
            group.size += 1
            _execute(connection.raw, f"SAVEPOINT {SAVEPOINT}")
            db = connection.session
            try:
                yield db
                db.end()
                _execute(connection.raw, f"RELEASE {SAVEPOINT}")
            except BaseException as error:
                self._undo(connection.raw, db, error)
                raise
            durable = asyncio.get_running_loop().create_future()
            group.turns.append(durable)
        finally:
            self._leave()
        await durable

    async def connection(self) -> sqlite3.Connection:
        """The connection of the turns, to look at or to set up; opened if it is not."""
        await self._write_lock.acquire(self._busy_seconds, self._leave)
        try:
            return (self._connection or await self._connect()).raw
        finally:
            self._leave()

    async def close(self) -> None:
        """Ends what is under way and closes the connections."""
        await self._write_lock.acquire(self._busy_seconds, self._write_lock.release)
        try:
            if self._connection is not None:
                loop = asyncio.get_running_loop()
                dispose = self._connection.engine.sync_engine.dispose
                await loop.run_in_executor(self._thread, dispose)
                self._connection = None
        finally:
            self._write_lock.release()
        await self._checkpoints.close()
        self._thread.shutdown(wait=False)

    async def _connect(self) -> _Connection:
        loop = asyncio.get_running_loop()
        try:
            raw = await loop.run_in_executor(self._thread, _connect, self._path)
            engine = await turn_engine(self._path, raw)
            self._connection = _Connection(raw, engine, SqliteTurnSession(engine, raw))
        except sqlite3.Error as error:
            raise TransactionError("the file cannot be opened") from as_database_error(error)
        return self._connection

    async def _begin(self, raw: sqlite3.Connection) -> _Group:
        """Takes the file's write lock; while another process has it, the loop goes on."""
        loop = asyncio.get_running_loop()
        until, pause = loop.time() + self._busy_seconds, SHORTEST_PAUSE
        while True:
            try:
                raw.execute("BEGIN IMMEDIATE")
            except sqlite3.Error as error:
                code = getattr(error, "sqlite_errorcode", 0) & 0xFF
                if code != sqlite3.SQLITE_BUSY or loop.time() >= until:
                    raise TransactionError("it cannot begin") from as_database_error(error)
            else:
                self._group = _Group()
                return self._group
            await asyncio.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE)

    def _undo(self, raw: sqlite3.Connection, db: SqliteTurnSession, error: BaseException) -> None:
        with contextlib.suppress(SQLAlchemyError, sqlite3.Error):
            db.undo()
        try:
            _execute(raw, f"ROLLBACK TO {SAVEPOINT}")
            _execute(raw, f"RELEASE {SAVEPOINT}")
        except SQLAlchemyError:  # SQLite has rolled all back, as for a full disk
            group, self._group = self._group, None
            if group is not None:
                self._fail(raw, group, error)

    def _leave(self) -> None:
        """Passes the lock to the next turn of the group, or ends the group."""
        group, connection = self._group, self._connection
        if group is None or connection is None:
            self._write_lock.release()
            return
        if group.size < TURNS_PER_COMMIT and self._write_lock.turn_is_next():
            self._write_lock.release()
            return
        self._group = None
        if not group.turns:  # all of them have failed, and undone what they did
            self._fail(connection.raw, group, TransactionError())
            self._write_lock.release()
            return
        loop = asyncio.get_running_loop()
        commit = loop.run_in_executor(self._thread, connection.raw.execute, "COMMIT")
        commit.add_done_callback(lambda done: self._committed(connection.raw, group, done))

    def _committed(
        self, raw: sqlite3.Connection, group: _Group, commit: asyncio.Future[sqlite3.Cursor]
    ) -> None:
        error = commit.exception()
        if error is None:
            for turn in group.turns:
                if not turn.done():
                    turn.set_result(None)
            self._checkpoints.committed()
        else:
            self._fail(raw, group, error)
        self._write_lock.release()

    def _fail(self, raw: sqlite3.Connection, group: _Group, error: BaseException) -> None:
        """Tells all turns of the group, each of which waits or has been cancelled."""
        if raw.in_transaction:
            with contextlib.suppress(sqlite3.Error):
                raw.execute("ROLLBACK")
        cause = as_database_error(error) if isinstance(error, sqlite3.Error) else error
        for turn in group.turns:
            if not turn.done():
                failed = TransactionError("it cannot be committed")
                failed.__cause__ = cause
                turn.set_exception(failed)


def _connect(path: str) -> sqlite3.Connection:
    raw = sqlite3.connect(
        path,
        timeout=0,
        isolation_level=None,
        check_same_thread=False,
        cached_statements=STATEMENTS_KEPT,
    )
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        "wal_autocheckpoint=0",
    ):
        raw.execute(f"PRAGMA {pragma}")
    return raw


def _execute(raw: sqlite3.Connection, statement: str) -> None:
    try:
        raw.execute(statement)
    except sqlite3.Error as error:
        raise as_database_error(error) from error
