"""Trying again until it works or the service stops, with growing and scattered pauses."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import TypeVar

import structlog
from telegram.error import BadRequest, Conflict, InvalidToken, RetryAfter, TelegramError

from bot.channels.telegram.client import wait_of
from bot.common.aio import sleep_until_stopped

T = TypeVar("T")
LONGEST = 60.0  # seconds

log = structlog.get_logger()


class Backoff:
    """Pauses of about `first` seconds, then twice that, at most a minute, until `stop` is set."""

    def __init__(self, stop: asyncio.Event, first: float = 1.0) -> None:
        self.stop = stop
        self._first = first

    async def rest(self, tries: int, at_least: timedelta | None = None) -> None:
        """The pause after try number `tries`, counted from 0; ends at once when `stop` is set."""
        pause = min(self._first * 2 ** min(tries, 10), LONGEST)
        pause *= random.uniform(0.5, 1.0)  # noqa: S311 - scatters replicas, guards nothing
        if at_least is not None:
            pause = max(pause, at_least.total_seconds())
        await sleep_until_stopped(self.stop, pause)

    async def retry(self, what: str, attempt: Callable[[], Awaitable[T]]) -> T | None:
        """The result of the first attempt that works, or None when `stop` came first.

        Logs the first failure of a row. Raises `InvalidToken`, which no repetition cures.
        """
        tries = 0
        while not self.stop.is_set():
            wait: timedelta | None = None
            try:
                return await self._unless_stopped(attempt())
            except InvalidToken:
                raise
            except RetryAfter as error:
                wait = wait_of(error)
            except Conflict:
                if tries == 0:
                    hint = "another process polls with this token"
                    log.error("telegram.conflict", hint=hint)  # noqa: TRY400 - it says it all
            except TelegramError as error:
                if tries == 0:
                    reason = error.message if isinstance(error, BadRequest) else ""
                    name = type(error).__name__
                    log.warning("telegram.unreachable", what=what, error=name, reason=reason)
            await self.rest(tries, wait)
            tries += 1
        return None

    async def _unless_stopped(self, attempt: Awaitable[T]) -> T | None:
        work = asyncio.ensure_future(attempt)
        halt = asyncio.ensure_future(self.stop.wait())
        try:
            await asyncio.wait({work, halt}, return_when=asyncio.FIRST_COMPLETED)
            return work.result() if work.done() else None
        finally:
            for task in (work, halt):
                task.cancel()
            await asyncio.gather(work, halt, return_exceptions=True)
