"""The channel: an update in, the turn, the answer out; webhook and polling call `take`."""

import asyncio
from collections.abc import Callable, Iterable
from datetime import timedelta
from functools import cache
from typing import Any, Final
from weakref import WeakValueDictionary

import structlog
from prometheus_client import Counter
from telegram.error import BadRequest, TelegramError

from bot.channels.protocol import (
    DeliverLater,
    DeliveryFailed,
    Gone,
    Refused,
    Throttled,
    Turn,
    Unavailable,
    Uncertain,
    Unreachable,
    ignore_date,
)
from bot.channels.telegram.abilities import ABILITIES, NAME
from bot.channels.telegram.client import API_BASE, failure, make_client, reason_of
from bot.channels.telegram.parse import asking_group, parse, query_of
from bot.channels.telegram.render import Call, variants
from bot.channels.telegram.transport import BotApiTransport
from bot.common.clock import Clock, system_clock
from bot.common.i18n import load_languages
from bot.common.redaction import error_fields
from bot.conversation.events import Event
from bot.conversation.replies import Answer, Say, Words

log = structlog.get_logger()
UPDATES = Counter("yizhan_telegram_updates", "Updates of the Bot API", ["outcome"])
_counted = cache(UPDATES.labels)
PATIENCE: Final = 4.0  # seconds in which an answer that surely was not sent is tried again
FIRST_DELAY: Final = 0.25  # seconds before the second try where Telegram does not say how long
REMEMBERED: Final = 10_000
"""Answers that were sent in part and whose update is to come again; beyond that the oldest go."""
UNCERTAIN_DELAY: Final = timedelta(seconds=2)  # before what may have arrived is sent once more


class TelegramChannel:
    """Answers private chats. `open` before use; `client` serves commands and descriptions.

    `api_base`: scheme, host and port of the Bot API, without `/bot`. `deliver_later` takes answers
    that cannot be sent; without it they are only logged. `patience` in seconds.
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
        deliver_later: DeliverLater | None = None,
        patience: float | None = None,
        saw_date: Callable[[str], None] = ignore_date,
    ) -> None:
        self._transport = BotApiTransport(proxy, saw_date=saw_date)
        self.client = make_client(token, self._transport, api_base)
        self._turn = turn
        self._clock = clock
        self._deliver_later = deliver_later
        self._patience = PATIENCE if patience is None else patience
        self._sent_in_part: dict[tuple[str, str], int] = {}
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def open(self) -> None:
        """Opens the connection pool; nothing is sent."""
        await self._transport.initialize()

    async def close(self) -> None:
        """Closes the connection pool."""
        await self._transport.shutdown()

    async def deliver(self, to: str, answer: Answer, kind: str = "") -> None:
        """Sends an answer's messages in order, a refused one in plainer forms.

        Raises a `DeliveryFailed` that counts those before it, or `Refused` if none was taken.
        """
        refusal: Refused | None = None
        taken = 0
        for number, message in enumerate(answer.messages):
            try:
                await self._send(variants(message, int(to)))
            except Refused as reason:
                refusal = reason
                log.warning("telegram.refused_message", reason=reason_of(reason))
            except DeliveryFailed as reason:
                reason.delivered = number
                raise
            else:
                taken += 1
        if refusal is not None and not taken:
            raise refusal

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
            await self._send_to_private_chat(update)
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
                _counted(outcome).inc()

    async def _send_to_private_chat(self, update: Any) -> None:
        """Tells a group that asks for the bot that it answers in private chats only.

        A line that cannot be sent is not tried again.
        """
        asking = asking_group(update)
        if asking is None:
            UPDATES.labels("ignored").inc()
            return
        chat, language = asking
        t = load_languages().of(None, language)
        line = t("I answer in private chats only: tap my name and write to me there.")
        try:
            await self.deliver(str(chat), Answer((Words((Say(line),)),)))
        except DeliveryFailed as reason:
            log.warning("telegram.unanswered", update=update["update_id"], reason=reason_of(reason))
            UPDATES.labels("unanswered").inc()
        else:
            UPDATES.labels("answered").inc()

    async def _answer(self, event: Event, query: str | None) -> str:
        if query is not None:
            await self._acknowledge(query)
        answer = await self._turn(event)
        return await self._deliver_patiently(event, answer)

    async def _deliver_patiently(self, event: Event, answer: Answer) -> str:
        """Sends the answer; tries again what surely was not sent, then leaves it to others.

        Where the update has come again, messages that arrived the time before are left out.
        """
        first, tries = self._sent_in_part.pop((event.sender.id, event.id), 0), 0
        until = asyncio.get_running_loop().time() + self._patience
        while True:
            rest = Answer(answer.messages[first:]) if first else answer
            try:
                await self.deliver(event.sender.id, rest)
            except Gone:  # blocked in the meantime: the platform sends an update of its own
                return "gone"
            except (Throttled, Unreachable, Uncertain) as reason:
                first += reason.delivered
                wait = _wait(reason, tries)
                ends = asyncio.get_running_loop().time() + wait.total_seconds() > until
                if ends or isinstance(reason, Uncertain):
                    return await self._leave(event, first, wait, reason)
                await asyncio.sleep(wait.total_seconds())
                tries += 1
            except DeliveryFailed as reason:
                log.warning("telegram.unanswered", update=event.id, reason=reason_of(reason))
                return "unanswered"
            else:
                return "answered"

    async def _leave(
        self, event: Event, first: int, wait: timedelta, reason: DeliveryFailed
    ) -> str:
        """Leaves the messages from `first` on to delivery. Raises `reason` where the platform
        should give the update again, and `Unavailable` while the database is away."""
        doubtful = isinstance(reason, Uncertain)
        to = event.sender
        kept = False
        if self._deliver_later is not None:
            try:
                kept = await self._deliver_later(
                    NAME, to.id, event.id, first=first, after=wait, uncertain=doubtful
                )
            except Exception as error:  # noqa: BLE001 - whatever failed, the update must come again
                log.warning("telegram.unkept", update=event.id, **error_fields(error))
                self._remember(event, first)
                raise Unavailable from None
        if not kept and not doubtful:
            self._remember(event, first)
            raise reason
        outcome = "kept" if kept else "unanswered"
        log.warning(f"telegram.{outcome}", update=event.id, reason=type(reason).__name__)
        return outcome

    def _remember(self, event: Event, first: int) -> None:
        """Keeps for the update's next delivery from which message on its answer is to be sent."""
        if not first:
            return
        if len(self._sent_in_part) >= REMEMBERED:
            del self._sent_in_part[next(iter(self._sent_in_part))]
        self._sent_in_part[event.sender.id, event.id] = first

    async def _send(self, calls: Iterable[Call]) -> None:
        """Makes the first of these calls that Telegram takes. Raises a `DeliveryFailed`."""
        refusal: Refused | None = None
        for call in calls:
            try:
                await self.client.call(call)
            except TelegramError as error:
                reason = failure(error)
                if not isinstance(reason, Refused):
                    raise reason from None
                refusal = reason
            else:
                return
        if refusal is not None:
            raise refusal

    async def _acknowledge(self, query: str) -> None:
        """Stops a pressed button's loading sign; too late or not, the press still counts."""
        try:
            await self.client.call(Call("answerCallbackQuery", {"callback_query_id": query}))
        except BadRequest as error:
            if "query is too old" not in error.message.lower():
                log.warning("telegram.unacknowledged", reason=reason_of(error))
        except TelegramError as error:
            log.warning("telegram.unacknowledged", reason=type(error).__name__)


def _wait(reason: DeliveryFailed, tries: int) -> timedelta:
    """How long to wait after attempt number `tries`, from 0."""
    match reason:
        case Throttled(retry_after=wait):
            return wait
        case Uncertain():
            return UNCERTAIN_DELAY
        case _:
            return timedelta(seconds=FIRST_DELAY * 2**tries)
