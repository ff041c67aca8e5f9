"""Long polling: for a single process without a public URL.

An update is confirmed, by requesting from the next number on, only after it and all before it were
answered; what a crash leaves is delivered again. While a chat is slow the others go on: Telegram
then repeats what is unconfirmed, which is known here and skipped. One process per token: two get
conflicts. https://core.telegram.org/bots/api#getupdates
"""

import asyncio
import contextlib
import time
from collections import deque
from collections.abc import Awaitable, Callable
from datetime import timedelta
from functools import partial
from typing import Any

import structlog
from telegram.error import InvalidToken, TelegramError

from bot.channels.protocol import Throttled, Unavailable, Unreachable
from bot.channels.telegram.backoff import Backoff
from bot.channels.telegram.channel import TelegramChannel
from bot.channels.telegram.parse import chat_of
from bot.channels.telegram.render import Call

POLL_SECONDS = 30.0  # for which Telegram waits for updates
CHATS_AT_ONCE = 32
SEND_ATTEMPTS = 3  # for an answer that surely was not sent
LONGEST_WAIT = timedelta(seconds=10)  # between them
LINGER = 0.5  # seconds for which updates in hand are waited for before more are requested
STOP_SECONDS = 10.0  # for which they are waited for once the service stops
CONFIRM_SECONDS = 5.0  # for the last request, which confirms what was answered

log = structlog.get_logger()


class WaitingUpdates:
    """Updates that could not be answered because the database is away; `monotonic` in seconds."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._since: dict[int, float] = {}

    def add(self, number: int) -> None:
        """The update of that number waits, from now on if it did not already."""
        self._since.setdefault(number, self._monotonic())

    def remove(self, number: int) -> None:
        """That update waits no longer."""
        self._since.pop(number, None)

    def longest(self) -> tuple[int, float]:
        """How many wait, and for how many seconds the first of them has."""
        since = min(self._since.values(), default=self._monotonic())
        return len(self._since), self._monotonic() - since


class Poller:
    """Polls until `stop` is set; then finishes and confirms the current batch.

    What is not finished within `stop_seconds` is given up unconfirmed, and delivered again.
    `first_pause`: seconds before the second attempt at what failed. `waiting` is kept up to date.
    """

    def __init__(
        self,
        channel: TelegramChannel,
        stop: asyncio.Event,
        *,
        poll_seconds: float = POLL_SECONDS,
        first_pause: float = 1.0,
        stop_seconds: float = STOP_SECONDS,
        waiting: WaitingUpdates | None = None,
    ) -> None:
        self._channel = channel
        self._stop = stop
        self._poll_seconds = poll_seconds
        self._stop_seconds = stop_seconds
        self._waiting = WaitingUpdates(time.monotonic) if waiting is None else waiting
        self._backoff = Backoff(stop, first_pause)

    async def run(self) -> None:
        """Removes a webhook, which forbids polling, then polls. Returns if the token is refused."""
        try:
            removed = await self._backoff.retry("deleteWebhook", self._remove_webhook)
            if removed is not None:
                await self._poll()
        except InvalidToken:
            log.error("telegram.refused", hint="check the token")  # noqa: TRY400 - the hint is enough

    async def _poll(self) -> None:
        work = UpdatesInHand(self._take)
        try:
            while not self._stop.is_set():
                request = partial(self._request, work)
                batch = await self._backoff.retry("getUpdates", request)
                if batch is None:
                    break
                work.start(batch)
                await work.settle(LINGER)
            await work.settle(self._stop_seconds)
        except InvalidToken:
            await work.settle(self._stop_seconds)
            raise
        finally:
            work.cancel()
        # confirms what was done; the rest will be delivered again
        with contextlib.suppress(TelegramError, TimeoutError):
            async with asyncio.timeout(CONFIRM_SECONDS):
                await self._channel.client.updates(work.offset, 0)

    async def _remove_webhook(self) -> Any:
        return await self._channel.client.call(Call("deleteWebhook", {}))

    async def _request(self, work: "UpdatesInHand") -> list[dict[str, Any]]:
        """New updates; without waiting for them while some are in hand."""
        seconds = 0.0 if work.busy else self._poll_seconds
        return await self._channel.client.updates(work.ask(), seconds)

    async def _take(self, update: dict[str, Any]) -> bool:
        """Answers one update; False if `stop` came before it could be done."""
        try:
            return await self._take_until_stopped(update)
        finally:
            self._waiting.remove(update["update_id"])

    async def _take_until_stopped(self, update: dict[str, Any]) -> bool:
        tries = 0
        while True:
            wait = None
            try:
                await self._channel.take(update)
            except Unavailable:  # the database is away, for all chats: wait as long as it takes
                self._waiting.add(update["update_id"])
            except (Throttled, Unreachable) as reason:
                self._waiting.remove(update["update_id"])
                wait = reason.retry_after if isinstance(reason, Throttled) else timedelta()
                if tries + 1 >= SEND_ATTEMPTS or wait > LONGEST_WAIT:
                    log.warning("telegram.unanswered", update=update["update_id"])
                    return True
            else:
                return True
            if self._stop.is_set():
                return False
            await self._backoff.pause(tries, wait)
            tries += 1


class UpdatesInHand:
    """The updates in hand: chats side by side, each in its order, none taken twice.

    `take` answers one; where it gives False, the rest of that chat stays undone.
    """

    def __init__(self, take: Callable[[dict[str, Any]], Awaitable[bool]]) -> None:
        self._take = take
        self._limit = asyncio.Semaphore(CHATS_AT_ONCE)
        self._series: dict[int | None, deque[dict[str, Any]]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._undone: set[int] = set()
        self._known: set[int] = set()
        self._next: int | None = None
        self._asked = 0

    @property
    def offset(self) -> int | None:
        """The first number that is not done; None before the first batch."""
        return min(self._undone) if self._undone else self._next

    @property
    def busy(self) -> bool:
        """Whether any update is in hand."""
        return any(not task.done() for task in self._tasks)

    def ask(self) -> int | None:
        """The offset of the next request, which confirms what lies before it."""
        self._asked = self.offset or 0
        return self.offset

    def start(self, batch: list[dict[str, Any]]) -> None:
        """Begins to answer those that are new: not what was done since the batch was asked for.

        A number that was confirmed may come again: after a week without any Telegram counts anew.
        """
        self._known = {number for number in self._known if number >= self._asked}
        for update in batch:
            number, chat = update["update_id"], chat_of(update)
            if number in self._known:
                continue
            self._known.add(number)
            self._undone.add(number)
            self._next = max(self._next or 0, number + 1)
            waiting = self._series.get(chat)
            if waiting is not None:
                waiting.append(update)
                continue
            self._series[chat] = deque([update])
            self._tasks.add(asyncio.create_task(self._take_series(chat)))

    async def settle(self, seconds: float | None = None) -> None:
        """Waits until nothing is in hand, or so long. Raises what `take` raised."""
        if self._tasks:
            done, self._tasks = await asyncio.wait(self._tasks, timeout=seconds)
            for task in done:
                task.result()

    def cancel(self) -> None:
        """Gives up what is still in hand."""
        for task in self._tasks:
            task.cancel()

    async def _take_series(self, chat: int | None) -> None:
        waiting = self._series[chat]
        async with self._limit:
            while waiting:
                if not await self._take(waiting[0]):
                    return
                self._undone.discard(waiting.popleft()["update_id"])
        del self._series[chat]
