"""Counts that take seconds, kept in this process and renewed beside the requests.

Where few rows are to be read, whoever asks counts them at once.
"""

from collections.abc import Awaitable, Callable, Hashable
from datetime import datetime, timedelta
from typing import Generic, TypeVar

from sqlalchemy.ext.asyncio import AsyncSession

from bot.common.values import value
from bot.services.storage import Database

T = TypeVar("T")
Count = Callable[[AsyncSession], Awaitable[T]]


@value
class Kept(Generic[T]):
    """A count as of `at`; `is_due`: it had better be renewed."""

    at: datetime
    value: T
    is_due: bool = False


class KeptCounts(Generic[T]):
    """The counts of one kind by a key of their own; each is good for `fresh`."""

    def __init__(self, fresh: timedelta) -> None:
        self._fresh = fresh
        self._kept: dict[tuple[Hashable, ...], Kept[T]] = {}
        self._begun: set[tuple[Hashable, ...]] = set()

    def look(self, store: Database, key: Hashable, now: datetime) -> Kept[T] | None:
        """What is kept, None if nothing."""
        kept = self._kept.get((store.writer.url, key))
        if kept is None:
            return None
        return Kept(kept.at, kept.value, not timedelta(0) <= now - kept.at < self._fresh)

    async def renew(
        self, store: Database, key: Hashable, now: datetime, count: Count[T]
    ) -> Kept[T] | None:
        """Counts again and keeps it; None where somebody else is at it."""
        whole = (store.writer.url, key)
        if whole in self._begun:
            return None
        self._begun.add(whole)
        try:
            async with store.reading() as db:
                kept = self._kept[whole] = Kept(now, await count(db))
        finally:
            self._begun.discard(whole)
        return kept
