"""The order in which the transactions of this process write to a SQLite file."""

import asyncio
from collections import deque
from collections.abc import Callable

from bot.store.errors import TransactionError


class WriteLock:
    """One holder at a time, first come, first served; made for one event loop.

    SQLite has one writer. Transactions of one process wait here, where that costs nothing, and not
    for the lock of the file, which would have to be asked for again and again.
    """

    def __init__(self) -> None:
        self._is_held = False
        self._waiting: deque[tuple[asyncio.Future[None], bool]] = deque()

    async def acquire(
        self, seconds: float, abandon: Callable[[], None], *, is_turn: bool = False
    ) -> None:
        """Waits until the lock is the caller's. Raises `TransactionError` after so many seconds.

        `abandon`: passes the lock on; called when it is cancelled just as the lock became its own.
        """
        if not self._is_held:
            self._is_held = True
            return
        loop = asyncio.get_running_loop()
        place = loop.create_future()
        self._waiting.append((place, is_turn))
        timer = loop.call_later(seconds, _give_up, place)
        try:
            await place
        except asyncio.CancelledError:
            if not place.cancelled():
                abandon()
            raise
        finally:
            timer.cancel()

    def release(self) -> None:
        """Passes the lock to whoever has waited longest."""
        self._drop_cancelled()
        if self._waiting:
            self._waiting.popleft()[0].set_result(None)
        else:
            self._is_held = False

    def turn_is_next(self) -> bool:
        """Whether a turn has waited longest."""
        self._drop_cancelled()
        return bool(self._waiting) and self._waiting[0][1]

    def _drop_cancelled(self) -> None:
        while self._waiting and self._waiting[0][0].done():
            self._waiting.popleft()


def _give_up(place: asyncio.Future[None]) -> None:
    if not place.done():
        place.set_exception(TransactionError("other transactions have taken too long"))
