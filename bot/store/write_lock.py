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
        self._waiting: deque[tuple[asyncio.Future[None], bool, float]] = deque()
        self._timer: asyncio.TimerHandle | None = None

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
        place, deadline = loop.create_future(), loop.time() + seconds
        self._waiting.append((place, is_turn, deadline))
        if self._timer is None or deadline < self._timer.when():
            self._set_timer(deadline)
        try:
            await place
        except asyncio.CancelledError:
            if not place.cancelled():
                abandon()
            raise

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

    def _set_timer(self, deadline: float) -> None:
        """One timer for all who wait: to make and cancel one for each takes as long as a turn's
        statement."""
        if self._timer is not None:
            self._timer.cancel()
        self._timer = asyncio.get_running_loop().call_at(deadline, self._give_up)

    def _give_up(self) -> None:
        self._timer = None
        now = asyncio.get_running_loop().time()
        for place, _, deadline in self._waiting:
            if deadline <= now and not place.done():
                place.set_exception(TransactionError("other transactions have taken too long"))
        if left := [deadline for place, _, deadline in self._waiting if not place.done()]:
            self._set_timer(min(left))

    def _drop_cancelled(self) -> None:
        while self._waiting and self._waiting[0][0].done():
            self._waiting.popleft()
