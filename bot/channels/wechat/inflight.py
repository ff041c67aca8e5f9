"""One turn for all copies of a push: a retry joins the turn that its first copy started."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from typing import Final

from bot.conversation.replies import Answer

KEEP_FINISHED: Final = 60.0  # seconds in which a late retry still finds the finished answer here


@dataclass(eq=False, slots=True)
class InFlightTurn:
    """A turn that runs or has just finished. `deliveries`: copies of its push that came here.

    `is_late`: too late for a passive reply; the answer goes out as a customer message.
    """

    task: "asyncio.Task[Answer]"
    deliveries: int = 0
    is_late: bool = False
    finished: float | None = None


class InFlightTurns:
    """The turns of this process, by event id; another replica finds the stored answer."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._turns: dict[str, InFlightTurn] = {}

    def join(self, key: str, start: Callable[[], Awaitable[Answer]]) -> InFlightTurn:
        """The turn of that event, started if it is new; counts this copy of the push."""
        self._evict()
        turn = self._turns.get(key)
        if turn is None:
            turn = InFlightTurn(asyncio.ensure_future(_run(start)))
            self._turns[key] = turn
            turn.task.add_done_callback(partial(self._finish, key, turn))
        turn.deliveries += 1
        return turn

    def drop(self, key: str, turn: InFlightTurn) -> None:
        """Forgets a turn that failed, so that the next copy starts it again."""
        if self._turns.get(key) is turn:
            del self._turns[key]

    async def finish_all(self) -> None:
        """Waits for all turns that run: a turn that was started is answered."""
        await asyncio.gather(*(one.task for one in self._turns.values()), return_exceptions=True)

    def _finish(self, key: str, turn: InFlightTurn, _task: object) -> None:
        turn.finished = self._monotonic()
        if self._turns.get(key) is turn:
            # to the end: so the finished ones stand in the order in which they finished
            self._turns[key] = self._turns.pop(key)

    def _evict(self) -> None:
        now = self._monotonic()
        old = []
        for key, turn in self._turns.items():
            if turn.finished is None:
                continue
            if now - turn.finished < KEEP_FINISHED:
                break
            old.append(key)
        for key in old:
            del self._turns[key]


async def _run(start: Callable[[], Awaitable[Answer]]) -> Answer:
    return await start()
