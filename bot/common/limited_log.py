"""Log lines that a stranger can cause are limited: one a minute, with the number since the last."""

import time
from collections.abc import Callable
from typing import Final

INTERVAL: Final = 60.0  # seconds


class LogLimiter:
    """Counts by name of what happened. `monotonic` in seconds.

    The names are few: those in the code, nothing that a client sends.
    """

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._logged_at: dict[str, float] = {}
        self._since: dict[str, int] = {}

    def due(self, name: str) -> int:
        """Counts one; 0 where nothing is to be logged yet, else how many came since the last."""
        count = self._since[name] = self._since.get(name, 0) + 1
        now = self._monotonic()
        if name in self._logged_at and now - self._logged_at[name] < INTERVAL:
            return 0
        self._logged_at[name] = now
        self._since[name] = 0
        return count
