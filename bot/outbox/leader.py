"""One sender for each bot token: two would together write twice as fast as the platform allows.

The leases of the outbox, not the election, keep a notice from being sent twice: while a network is
partitioned, two may lead for a few seconds.
"""

import asyncio
import contextlib
import fcntl
import hashlib
import os
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Protocol

import structlog
from sqlalchemy import text
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool

from bot.outbox.rate_limit import MonotonicClock

CHECK = 3.0  # seconds between two checks of the lock, and for one
KEEPALIVE = {"tcp_keepalives_idle": "10", "tcp_keepalives_interval": "5"}

log = structlog.get_logger()


class Election(Protocol):
    """Whether this process is the one that sends."""

    async def leads(self) -> bool:
        """True from winning until `close` or the loss of the lock; asked before each batch."""
        ...

    async def close(self) -> None:
        """Lets another process win."""
        ...


def election(url: str, token: str, monotonic: MonotonicClock) -> Election:
    """Among all processes on that database that send for `token`, which is kept nowhere."""
    digest = hashlib.sha256(token.encode()).digest()
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        database = Path(parsed.database or "")
        return FileElection(database.with_name(f"{database.name}.{digest[:4].hex()}.sender"))
    return DatabaseElection(url, int.from_bytes(digest[:8], "big", signed=True), monotonic)


class FileElection:
    """For processes of one machine on a SQLite file: the kernel frees the lock of a dead one."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: int | None = None

    async def leads(self) -> bool:
        """Whether the lock is ours, taken now if it is free."""
        if self._file is not None:
            return True
        file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(file)
            return False
        os.ftruncate(file, 0)
        os.write(file, f"{os.getpid()}\n".encode())  # for a person who wonders who leads
        self._file = file
        return True

    async def close(self) -> None:
        """Frees the lock."""
        if self._file is not None:
            os.close(self._file)
            self._file = None


class DatabaseElection:
    """For processes on PostgreSQL: an advisory lock on a connection of its own.

    The connection must be direct: a pooler in transaction mode would share the lock with others.
    """

    def __init__(self, url: str, key: int, monotonic: MonotonicClock) -> None:
        options = {"server_settings": KEEPALIVE, "timeout": CHECK}
        self._engine: AsyncEngine = create_async_engine(
            url, poolclass=NullPool, isolation_level="AUTOCOMMIT", connect_args=options
        )
        self._key = key
        self._monotonic = monotonic
        self._connection: AsyncConnection | None = None
        self._checked_at: float | None = None
        self._mine = False

    async def leads(self) -> bool:
        """Whether the lock is ours; checked every few seconds, and given up when unsure."""
        now = self._monotonic()
        if self._checked_at is not None and now - self._checked_at < CHECK:
            return self._mine
        self._checked_at = now
        try:
            async with asyncio.timeout(CHECK):
                self._mine = await self._check()
        except Exception as error:  # noqa: BLE001 - whatever the driver raises, we do not lead
            log.warning("delivery.lost_lock", error=type(error).__name__, led=self._mine)
            self._mine = False
            await self._drop()
        return self._mine

    async def close(self) -> None:
        """Frees the lock."""
        self._mine = False
        self._checked_at = None
        await self._drop()
        await self._engine.dispose()

    async def _check(self) -> bool:
        if self._connection is None:
            self._connection = await self._engine.connect()
        if self._mine:
            await self._connection.execute(text("SELECT 1"))
            return True
        tried = await self._connection.execute(
            text("SELECT pg_try_advisory_lock(:key)"), {"key": self._key}
        )
        return bool(tried.scalar_one())

    async def _drop(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            await _at_most(CHECK, connection.invalidate)
            await _at_most(CHECK, connection.close)


async def _at_most(seconds: float, work: Callable[[], Awaitable[object]]) -> None:
    """Cleanup that must neither hang nor fail."""
    with contextlib.suppress(Exception):
        async with asyncio.timeout(seconds):
            await work()
