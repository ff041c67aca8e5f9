"""Long polling: for a single process without a public URL.

A batch is confirmed, by requesting updates from the next number on, only after all of it was
answered; what a crash leaves is delivered again. One process per token: two get conflicts.
https://core.telegram.org/bots/api#getupdates
"""

import asyncio
import contextlib
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
LONGEST_WAIT = timedelta(seconds=10)  # between them: the whole batch waits for it

log = structlog.get_logger()


class Poller:
    """Polls until `stop` is set; then finishes and confirms the current batch.

    `first_pause`: seconds before the second attempt at what failed.
    """

    def __init__(
        self,
        channel: TelegramChannel,
        stop: asyncio.Event,
        *,
        poll_seconds: float = POLL_SECONDS,
        first_pause: float = 1.0,
    ) -> None:
        self._channel = channel
        self._stop = stop
        self._poll_seconds = poll_seconds
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
        offset: int | None = None
        while not self._stop.is_set():
            batch = await self._backoff.retry("getUpdates", partial(self._request, offset))
            if batch is None or not await self._take_all(batch):
                return  # earlier batches are confirmed; this one will be delivered again
            offset = max((offset or 0, *(update["update_id"] + 1 for update in batch)))
        with contextlib.suppress(TelegramError):
            await self._channel.client.updates(offset, 0)

    async def _remove_webhook(self) -> Any:
        return await self._channel.client.call(Call("deleteWebhook", {}))

    async def _request(self, offset: int | None) -> list[dict[str, Any]]:
        return await self._channel.client.updates(offset, self._poll_seconds)

    async def _take_all(self, batch: list[dict[str, Any]]) -> bool:
        """Chats side by side, each in its order; False if `stop` left something undone."""
        series: dict[int | None, list[dict[str, Any]]] = {}
        for update in batch:
            series.setdefault(chat_of(update), []).append(update)
        limit = asyncio.Semaphore(CHATS_AT_ONCE)

        async def take_series(updates: list[dict[str, Any]]) -> bool:
            async with limit:
                for update in updates:
                    if not await self._take(update):
                        return False
            return True

        return all(await asyncio.gather(*map(take_series, series.values())))

    async def _take(self, update: dict[str, Any]) -> bool:
        tries = 0
        while True:
            wait = None
            try:
                await self._channel.take(update)
            except Unavailable:  # the database is away, for all chats: wait as long as it takes
                pass
            except (Throttled, Unreachable) as reason:
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
