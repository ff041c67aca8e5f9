"""The channel: an update in, the turn, the answer out; webhook and polling call `take`."""

import asyncio
from collections.abc import Callable
from typing import Any
from weakref import WeakValueDictionary

import structlog
from prometheus_client import Counter
from telegram.error import BadRequest, TelegramError

from bot.channels.protocol import (
    DeliveryFailed,
    Gone,
    Throttled,
    Turn,
    Unavailable,
    Unreachable,
    ignore_date,
)
from bot.channels.telegram.abilities import ABILITIES, NAME
from bot.channels.telegram.client import API_BASE, connect, failure
from bot.channels.telegram.parse import parse, query_of
from bot.channels.telegram.render import Call, render
from bot.channels.telegram.transport import AiohttpTransport
from bot.common.clock import Clock, system_clock
from bot.common.redaction import error_fields
from bot.conversation.events import Event
from bot.conversation.replies import Answer

log = structlog.get_logger()
UPDATES = Counter("yizhan_telegram_updates", "Updates of the Bot API", ["outcome"])


class TelegramChannel:
    """Answers private chats. `open` before use; `client` serves commands and descriptions.

    `api_base`: scheme, host and port of the Bot API, without `/bot`.
    """

    name = NAME
    abilities = ABILITIES

    def __init__(
        self,
        token: str,
        turn: Turn,
        *,
        api_base: str = API_BASE,
        clock: Clock = system_clock,
        proxy: str | None = None,
        saw_date: Callable[[str], None] = ignore_date,
    ) -> None:
        self._transport = AiohttpTransport(proxy, saw_date=saw_date)
        self.client = connect(token, self._transport, api_base)
        self._turn = turn
        self._clock = clock
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def open(self) -> None:
        """Opens the connection pool; nothing is sent."""
        await self._transport.initialize()

    async def close(self) -> None:
        """Closes the connection pool."""
        await self._transport.shutdown()

    async def deliver(self, to: str, answer: Answer, kind: str = "") -> None:
        """Sends an answer's messages in order. Raises a `DeliveryFailed` at the first failure."""
        for number, call in enumerate(render(answer, int(to))):
            try:
                await self.client.call(call)
            except TelegramError as error:
                reason = failure(error)
                reason.partly = number > 0
                raise reason from None

    async def take(self, update: Any) -> None:
        """One update, from JSON to the sent answer; a chat's updates one after the other.

        Raises `Unavailable`, `Throttled` or `Unreachable` where the same update should be given
        again: the turn then repeats the stored answer and runs nothing twice. All else ends here,
        logged without content: an update that always fails would be redelivered for a day and block
        its chat.
        """
        try:
            event = parse(update, self._clock())
        except ValueError:
            UPDATES.labels("unreadable").inc()
            log.warning("telegram.unreadable")
            return
        if event is None:
            UPDATES.labels("ignored").inc()
            return
        # exists only while somebody holds it or waits for it
        lock = self._locks.setdefault(event.sender.id, asyncio.Lock())
        async with lock:
            try:
                outcome = await self._answer(event, query_of(update))
            except (Unavailable, Throttled, Unreachable) as reason:
                UPDATES.labels("again").inc()
                log.warning("telegram.again", update=event.id, reason=type(reason).__name__)
                raise
            except Exception as error:  # noqa: BLE001 - one bad update must not block its chat
                UPDATES.labels("failed").inc()
                # no traceback: it could show what a courier wrote
                log.error("telegram.failed", update=event.id, **error_fields(error))  # noqa: TRY400
            else:
                UPDATES.labels(outcome).inc()

    async def _answer(self, event: Event, query: str | None) -> str:
        if query is not None:
            await self._acknowledge(query)
        answer = await self._turn(event)
        try:
            await self.deliver(event.sender.id, answer)
        except Gone:  # blocked in the meantime: the platform sends an update of its own
            return "gone"
        except (Throttled, Unreachable):
            raise
        except DeliveryFailed as reason:
            log.warning("telegram.unanswered", update=event.id, reason=repr(reason))
            return "unanswered"
        return "answered"

    async def _acknowledge(self, query: str) -> None:
        """Stops a pressed button's loading sign; too late or not, the press still counts."""
        try:
            await self.client.call(Call("answerCallbackQuery", {"callback_query_id": query}))
        except BadRequest as error:
            if "query is too old" not in error.message.lower():
                log.warning("telegram.unacknowledged", reason=error.message)
        except TelegramError as error:
            log.warning("telegram.unacknowledged", reason=type(error).__name__)
