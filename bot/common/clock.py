"""The present time and China's time zone; a `Clock` is an argument, so that tests set it."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone

Clock = Callable[[], datetime]
"""Returns the present as an aware datetime."""

CHINA = timezone(timedelta(hours=8), "Asia/Shanghai")
"""One fixed offset since 1991, for all of China; no time-zone database needed."""


def system_clock() -> datetime:
    """The present in UTC."""
    return datetime.now(UTC)
