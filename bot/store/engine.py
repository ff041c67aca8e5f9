"""One SQLAlchemy code path for SQLite and PostgreSQL.

On SQLite two engines share one file: a single writer whose transactions begin IMMEDIATE (a
deferred one that turns to writing fails at once with "database is locked"), and readers in
autocommit that refuse to write. On PostgreSQL both are the same engine. Turns have a faster way of
their own beside them, see docs/fast-path.md.
"""

import contextlib
import os
import sqlite3
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any, Protocol

from sqlalchemy import event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine

from bot.common.values import value
from bot.store.errors import TransactionError
from bot.store.sqlite_turns import SqliteTurns
from bot.store.write_lock import WriteLock

BUSY_SECONDS = 30
POSTGRES_LIMITS = {
    "lock_timeout": "10s",
    "statement_timeout": "60s",
    "idle_in_transaction_session_timeout": "60s",
}
"""So that a transaction which somebody forgot neither holds our connections nor is one of ours."""


class Turns(Protocol):
    """A way to run turns that is faster than `Store.writing()`, and means the same."""

    def turn(self) -> AbstractAsyncContextManager[AsyncSession]:
        """See `Store.turn`."""
        ...

    async def close(self) -> None:
        """Closes its connections."""
        ...


@value
class Store:
    """A database: `turn()` and `writing()` for one transaction, `reading()` for look-ups.

    `write_lock`: where the transactions that write wait for each other; PostgreSQL needs none.
    """

    writer: AsyncEngine
    reader: AsyncEngine
    turns: Turns | None = None
    write_lock: WriteLock | None = None

    def turn(self) -> AbstractAsyncContextManager[AsyncSession]:
        """The transaction of one event; as `writing()`, but begun at once and made for many.

        Only the database may be awaited inside. Raises `TransactionError` where it cannot begin or
        cannot be committed.
        """
        return self._plain_turn() if self.turns is None else self.turns.turn()

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[AsyncSession]:
        """One transaction: committed at the end, rolled back by an exception.

        Never nest two of them, and call no network inside: SQLite has one writer.
        """
        if self.write_lock is not None:
            await self.write_lock.acquire(BUSY_SECONDS, self.write_lock.release)
        try:
            async with AsyncSession(self.writer, expire_on_commit=False) as db, db.begin():
                yield db
        finally:
            if self.write_lock is not None:
                self.write_lock.release()

    @asynccontextmanager
    async def _plain_turn(self) -> AsyncIterator[AsyncSession]:
        async with self.writing() as db:
            try:
                await db.connection()
            except (SQLAlchemyError, OSError) as error:
                raise TransactionError from error
            yield db

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncSession]:
        """A session for look-ups; on SQLite it cannot write."""
        async with AsyncSession(self.reader, expire_on_commit=False, autoflush=False) as db:
            yield db

    @property
    def is_sqlite(self) -> bool:
        """Whether this database is one file on this machine."""
        return self.writer.dialect.name == "sqlite"

    async def close(self) -> None:
        """Closes all connections; the store cannot be used afterwards."""
        if self.turns is not None:
            await self.turns.close()
        await self.reader.dispose()
        if self.reader is not self.writer:
            await self.writer.dispose()


async def open_store(url: str) -> Store:
    """Connects to `sqlite+aiosqlite:///file` or `postgresql+asyncpg://…`.

    A SQLite file that is not there is made, with its folder. Raises `ValueError` for any other
    kind of address and for SQLite in memory, which two engines cannot share.
    """
    parsed = check_url(url)
    if parsed.get_backend_name() == "postgresql":
        engine = create_async_engine(
            parsed,
            pool_size=10,
            max_overflow=10,
            pool_pre_ping=True,
            hide_parameters=True,
            connect_args={"server_settings": POSTGRES_LIMITS},
        )
        from bot.store.postgres_turns import PostgresTurns  # and with it asyncpg

        turns = PostgresTurns(parsed, {"server_settings": POSTGRES_LIMITS})
        return Store(engine, engine, turns)
    _make_private(Path(parsed.database or ""))
    writer = sqlite_writer(parsed)
    async with writer.connect():
        pass  # the file is in WAL mode before a reader opens it
    reader = create_async_engine(
        parsed,
        pool_size=4,
        max_overflow=0,
        isolation_level="AUTOCOMMIT",
        hide_parameters=True,
        connect_args={"timeout": BUSY_SECONDS},
    )
    event.listen(reader.sync_engine, "connect", _prepare)
    event.listen(reader.sync_engine, "connect", _refuse_writes)
    write_lock = WriteLock()
    return Store(
        writer, reader, SqliteTurns(parsed.database or "", write_lock, BUSY_SECONDS), write_lock
    )


def check_url(url: str) -> URL:
    """The parsed address. Raises `ValueError`."""
    try:
        parsed = make_url(url)
    except Exception:  # noqa: BLE001 - the library's text would repeat the address, password too
        parsed = None
    if parsed is None or parsed.drivername not in {"sqlite+aiosqlite", "postgresql+asyncpg"}:
        raise ValueError(
            "the database address must begin with sqlite+aiosqlite:/// or postgresql+asyncpg://"
        )
    if parsed.drivername == "sqlite+aiosqlite" and parsed.database in {None, "", ":memory:"}:
        raise ValueError("a SQLite address must name a file: sqlite+aiosqlite:///var/bot.db")
    return parsed


def _make_private(path: Path) -> None:
    """A new file is its owner's alone; SQLite gives its -wal and -shm the same rights."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with contextlib.suppress(OSError):  # it is there, or the driver says what is wrong
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))


def sqlite_writer(url: URL) -> AsyncEngine:
    """An engine of one connection whose every transaction takes the write lock at once."""
    args: dict[str, Any] = {"timeout": BUSY_SECONDS, "isolation_level": None}
    if hasattr(sqlite3, "LEGACY_TRANSACTION_CONTROL"):
        args["autocommit"] = sqlite3.LEGACY_TRANSACTION_CONTROL
    engine = create_async_engine(
        url,
        pool_size=1,
        max_overflow=0,
        pool_timeout=BUSY_SECONDS,
        hide_parameters=True,  # or an error would repeat what could not be written
        connect_args=args,
    )
    event.listen(engine.sync_engine, "connect", _prepare)
    event.listen(engine.sync_engine, "begin", lambda c: c.exec_driver_sql("BEGIN IMMEDIATE"))
    return engine


def _prepare(connection: Any, _record: object) -> None:
    cursor = connection.cursor()
    for pragma in (
        f"busy_timeout={BUSY_SECONDS * 1000}",
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _refuse_writes(connection: Any, _record: object) -> None:
    cursor = connection.cursor()
    cursor.execute("PRAGMA query_only=ON")
    cursor.close()
