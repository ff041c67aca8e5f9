"""One turn for all copies of a push: a retry joins the turn that its first copy started."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from typing import Final

from bot.conversation.replies import Answer

KEPT: Final = 60.0  # seconds in which a late retry still finds the finished answer here


@dataclass(eq=False, slots=True)
class InFlightTurn:
    """A turn under way or just finished. `tries`: copies of its push that came here.

    `is_late`: it was given up as a passive answer and goes out as a customer message.
    """

    task: "asyncio.Task[Answer | None]"
    tries: int = 0
    is_late: bool = False
    finished: float | None = None


class InFlightTurns:
    """The errands of this process, by the event's id; another replica finds the stored answer."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._errands: dict[str, InFlightTurn] = {}

    def join(self, key: str, start: Callable[[], Awaitable[Answer | None]]) -> InFlightTurn:
        """The errand of that event, started if it is new, with this copy counted."""
        self._forget()
        errand = self._errands.get(key)
        if errand is None:
            errand = InFlightTurn(asyncio.ensure_future(_run(start)))
            self._errands[key] = errand
            errand.task.add_done_callback(partial(self._finish, key, errand))
        errand.tries += 1
        return errand

    def drop(self, key: str, errand: InFlightTurn) -> None:
        """Forgets one that failed, so that the next copy tries anew."""
        if self._errands.get(key) is errand:
            del self._errands[key]

    async def end(self) -> None:
        """Waits for what is under way; a turn once begun is answered."""
        await asyncio.gather(*(one.task for one in self._errands.values()), return_exceptions=True)

    def _finish(self, key: str, errand: InFlightTurn, _task: object) -> None:
        errand.finished = self._monotonic()
        if self._errands.get(key) is errand:
            # to the end: the one that finished first stands first
            self._errands[key] = self._errands.pop(key)

    def _forget(self) -> None:
        now = self._monotonic()
        old = []
        for key, errand in self._errands.items():
            if errand.finished is None:
                continue
            if now - errand.finished < KEPT:
                break
            old.append(key)
        for key in old:
            del self._errands[key]


async def _run(start: Callable[[], Awaitable[Answer | None]]) -> Answer | None:
    return await start()
