"""Compares this machine's clock with others before anything is done that cannot be undone.

With PostgreSQL the other clock is the database's. With SQLite it is that of the platforms, from the
`Date` header of their answers; and a clock that is behind the newest stored time is wrong, or was.
"""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Final

import structlog
from prometheus_client import Gauge
from sqlalchemy import DateTime, func, select
from sqlalchemy.exc import SQLAlchemyError

from bot.common.clock import Clock
from bot.common.values import value
from bot.store.engine import Store
from bot.store.models.conversation import InboxRow

TOLERANCE: Final = timedelta(minutes=1)
SAMPLE_INTERVAL: Final = 10.0  # seconds between two questions to the database
SAMPLE_LASTS: Final = 3 * 3600.0
"""Seconds for which another clock, carried on by the monotonic one, counts: a machine that was
suspended must not distrust its clock for ever."""

log = structlog.get_logger()
DIFFERENCE: Final = Gauge(
    "yizhan_clock_difference_seconds", "This machine's clock minus the one it is compared with"
)


@value
class ClockFault:
    """By how much the clock is wrong and what it was compared with.

    `certain`: another clock says so. Stored times may be wrong themselves.
    """

    difference: timedelta
    against: str
    certain: bool

    def __str__(self) -> str:
        """One line for an operator."""
        seconds = self.difference.total_seconds()
        return f"this machine's clock differs by {seconds:+.0f} s from {self.against}"


class ClockGuard:
    """Knows whether the clock can be believed. `monotonic` in seconds.

    Without any evidence it can. `enabled` False: a clock that is set by hand is compared with none.
    """

    def __init__(
        self,
        store: Store,
        clock: Clock,
        monotonic: Callable[[], float] = time.monotonic,
        *,
        enabled: bool = True,
    ) -> None:
        self._enabled = enabled
        self._store = store
        self._clock = clock
        self._monotonic = monotonic
        self._sample: tuple[datetime, float] | None = None
        self._asked_at: float | None = None
        self._newest: datetime | None = None
        self._was_right = True

    def saw_date(self, header: str) -> None:
        """Takes the `Date` header of a platform's answer; one that cannot be read is ignored."""
        if not self._store.is_sqlite:
            return  # the database's clock is asked, which all replicas share
        try:
            date = parsedate_to_datetime(header)
        except (TypeError, ValueError):
            return
        if date.tzinfo is not None:
            self._sample = date.astimezone(UTC), self._monotonic()

    async def check(self) -> ClockFault | None:
        """What is wrong with the clock, by what the database says now."""
        await self._ask()
        fault = self.fault()
        if self._was_right is not (fault is None):
            self._was_right = fault is None
            if fault is None:
                log.info("clock.right")
            else:
                log.error("clock.wrong", seconds=fault.difference.total_seconds())
        return fault

    async def is_right(self) -> bool:
        """Whether what depends on the time may be done for good."""
        return await self.check() is None

    def seems_right(self) -> bool:
        """The same by what is known already, for use inside a transaction."""
        return self.fault() is None

    def fault(self) -> ClockFault | None:
        """What is wrong with the clock, by what is known already; asks nobody."""
        if not self._enabled:
            return None
        now = self._clock()
        if self._sample is not None and self._age(self._sample[1]) <= SAMPLE_LASTS:
            other, at = self._sample
            difference = now - other - timedelta(seconds=self._age(at))
            DIFFERENCE.set(difference.total_seconds())
            against = "the platforms' clock" if self._store.is_sqlite else "the database's clock"
            fault = ClockFault(difference, against, certain=True)
            return fault if abs(difference) > TOLERANCE else None
        if self._newest is not None and self._newest - now > TOLERANCE:
            return ClockFault(now - self._newest, "the newest stored time", certain=False)
        return None

    async def _ask(self) -> None:
        """Asks the database, at most every few seconds; without one the last answer counts."""
        if not self._enabled:
            return
        if self._asked_at is not None and self._age(self._asked_at) < SAMPLE_INTERVAL:
            return
        self._asked_at = self._monotonic()
        try:
            async with self._store.reading() as db:
                if self._store.is_sqlite:
                    self._newest = await db.scalar(select(func.max(InboxRow.received_at)))
                    return
                now = await db.scalar(select(func.clock_timestamp(type_=DateTime(timezone=True))))
        except (SQLAlchemyError, OSError):
            return
        if now is not None:
            self._sample = now, self._monotonic()

    def _age(self, at: float) -> float:
        return self._monotonic() - at
