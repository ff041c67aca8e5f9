"""Long polling: for a single process that no one can call from outside.

A batch is confirmed, by asking from the next number on, only after all of it was answered; what a
crash leaves is given again. One process per token: a second one makes both end in conflicts.
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

HOLD = 30.0  # seconds for which Telegram keeps an empty question open
CHATS_AT_ONCE = 32
SENDS = 3  # tries for an answer that surely did not go out,
LONGEST_WAIT = timedelta(seconds=10)  # and the longest pause: the whole batch waits for it

log = structlog.get_logger()


class Poller:
    """`run` until `stop` is set: what is in hand is finished and confirmed, nothing new is asked.

    `first_pause`: seconds before the second try of what failed.
    """

    def __init__(
        self,
        channel: TelegramChannel,
        stop: asyncio.Event,
        *,
        hold: float = HOLD,
        first_pause: float = 1.0,
    ) -> None:
        self._channel = channel
        self._stop = stop
        self._hold = hold
        self._patience = Backoff(stop, first_pause)

    async def run(self) -> None:
        """Removes a webhook, which would be in the way, then polls. Returns if the token is bad."""
        try:
            removed = await self._patience.retry("deleteWebhook", self._remove_webhook)
            if removed is not None:
                await self._poll()
        except InvalidToken:
            log.error("telegram.refused", hint="check the token")  # noqa: TRY400 - the hint says it all

    async def _poll(self) -> None:
        offset: int | None = None
        while not self._stop.is_set():
            batch = await self._patience.retry("getUpdates", partial(self._ask, offset))
            if batch is None or not await self._take_all(batch):
                return  # all before is confirmed; the rest will be given again
            offset = max((offset or 0, *(update["update_id"] + 1 for update in batch)))
        with contextlib.suppress(TelegramError):
            await self._channel.client.updates(offset, 0)

    async def _remove_webhook(self) -> Any:
        return await self._channel.client.call(Call("deleteWebhook", {}))

    async def _ask(self, offset: int | None) -> list[dict[str, Any]]:
        return await self._channel.client.updates(offset, self._hold)

    async def _take_all(self, batch: list[dict[str, Any]]) -> bool:
        """Chats side by side, each in its order; False if `stop` left something undone."""
        series: dict[int | None, list[dict[str, Any]]] = {}
        for update in batch:
            series.setdefault(chat_of(update), []).append(update)
        gate = asyncio.Semaphore(CHATS_AT_ONCE)

        async def follow(updates: list[dict[str, Any]]) -> bool:
            async with gate:
                for update in updates:
                    if not await self._take(update):
                        return False
            return True

        return all(await asyncio.gather(*map(follow, series.values())))

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
                if tries + 1 >= SENDS or wait > LONGEST_WAIT:
                    log.warning("telegram.unanswered", update=update["update_id"])
                    return True
            else:
                return True
            if self._stop.is_set():
                return False
            await self._patience.rest(tries, wait)
            tries += 1
