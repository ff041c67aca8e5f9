"""Carries SQLite's write-ahead log into the database file, in a thread of its own."""

import asyncio
import sqlite3
from typing import Final

import structlog

from bot.store.errors import TransactionError
from bot.store.write_lock import WriteLock

COMMITS_BETWEEN: Final = 50
LONG_LOG: Final = 4_000
"""Pages, 16 MB: a log that has grown so long is begun anew while no transaction writes."""

log = structlog.get_logger()


class Checkpoints:
    """Begins a checkpoint after so many commits, of which none waits for it.

    Where the log gets long, since writers never pause, they wait until the rest is carried over:
    SQLite begins the log anew when all of it is in the file.
    """

    def __init__(self, path: str, write_lock: WriteLock, busy_seconds: float) -> None:
        self._path = path
        self._write_lock = write_lock
        self._busy_seconds = busy_seconds
        self._commits = 0
        self._running: asyncio.Task[None] | None = None
        self._connection: sqlite3.Connection | None = None

    def committed(self) -> None:
        """Counts a commit."""
        self._commits += 1
        if self._commits >= COMMITS_BETWEEN and self._running is None:
            self._commits = 0
            self._running = asyncio.create_task(self._run())

    async def close(self) -> None:
        """Waits for the one that is running; begins no more."""
        if self._running is not None:
            await self._running
        if self._connection is not None:
            await asyncio.to_thread(self._connection.close)
            self._connection = None

    async def _run(self) -> None:
        try:
            if await asyncio.to_thread(self._carry) > LONG_LOG:
                await self._write_lock.acquire(self._busy_seconds, self._write_lock.release)
                try:
                    await asyncio.to_thread(self._carry)
                finally:
                    self._write_lock.release()
        except (sqlite3.Error, TransactionError) as error:
            log.warning("store.checkpoint_failed", error=type(error).__name__)
        finally:
            self._running = None

    def _carry(self) -> int:
        """Carries over what the log has now; returns how many pages those are."""
        if self._connection is None:
            self._connection = sqlite3.connect(
                self._path, timeout=1.0, isolation_level=None, check_same_thread=False
            )
            self._connection.execute("PRAGMA synchronous=FULL")
        pages: int
        _, pages, _ = self._connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
        return pages
