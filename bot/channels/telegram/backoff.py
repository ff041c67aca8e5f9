"""Retries until it works or the service stops: exponential backoff with jitter."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import TypeVar

import structlog
from telegram.error import BadRequest, Conflict, InvalidToken, RetryAfter, TelegramError

from bot.channels.telegram.client import reason_of, wait_of
from bot.common.aio import sleep_until_stopped

T = TypeVar("T")
LONGEST_PAUSE = 60.0  # seconds

log = structlog.get_logger()


class Backoff:
    """Pauses of about `first` seconds, then twice that, at most a minute, until `stop` is set.

    A minute is also the longest that Telegram may ask for: a mistaken 429 must not silence the bot.
    """

    def __init__(self, stop: asyncio.Event, first: float = 1.0) -> None:
        self.stop = stop
        self._first = first

    async def pause(self, tries: int, at_least: timedelta | None = None) -> None:
        """Sleeps after attempt number `tries`, counted from 0; ends at once when `stop` is set."""
        seconds = min(self._first * 2 ** min(tries, 10), LONGEST_PAUSE)
        seconds *= random.uniform(0.5, 1.0)  # noqa: S311 - jitter between replicas, no secret
        if at_least is not None:
            seconds = max(seconds, min(at_least.total_seconds(), LONGEST_PAUSE))
        await sleep_until_stopped(self.stop, seconds)

    async def retry(self, what: str, attempt: Callable[[], Awaitable[T]]) -> T | None:
        """The result of the first attempt that works, or None when `stop` came first.

        Logs the first of several failures. Raises `InvalidToken`, which no retry cures.
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
                    log.error("telegram.conflict", hint=hint)  # noqa: TRY400 - the hint is enough
            except TelegramError as error:
                if tries == 0:
                    reason = reason_of(error) if isinstance(error, BadRequest) else ""
                    name = type(error).__name__
                    log.warning("telegram.unreachable", what=what, error=name, reason=reason)
            await self.pause(tries, wait)
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
