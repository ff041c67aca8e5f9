"""Claimed notices decided, begun and rendered in one transaction, just before they go out."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from bot.common.i18n import Languages, Translator
from bot.common.values import value
from bot.conversation.degrade import degrade
from bot.conversation.notifications import NoticeContext, NotNow, Renderer
from bot.conversation.phrases import TurnPhrases
from bot.conversation.replies import Abilities, Answer
from bot.conversation.state import seal_pushed
from bot.outbox import repository
from bot.outbox.policy import (
    DeliveryDecision,
    Due,
    Hold,
    Postpone,
    Reroute,
    Send,
    Terminate,
    decide,
)
from bot.outbox.rate_limit import RateLimiter
from bot.outbox.routing import DeliveryRouter
from bot.services.notifications.queue import Plain
from bot.services.notifications.statuses import DeliveryResult, OutboxStatus, Reason
from bot.store.encryption import Keyring

NOT_NOW_DELAY = timedelta(seconds=10)
"""How long a notice waits that raised `NotNow`; whoever holds it back parks it by then."""
RENDER_RETRY_DELAY = timedelta(minutes=5)
"""How long a notice waits whose rendering failed: a deploy may mend it before it is too late."""


DELIVERED = "messages_delivered"
"""The parameter of a notice of which so many messages arrived before the next one failed."""


class RenderError(Exception):
    """Rendering failed for this row; nothing of the batch was begun."""

    def __init__(self, notice: int, kind: str, error: Exception) -> None:
        super().__init__(kind)
        self.id = notice
        self.kind = kind
        self.error = error


@value
class Rendered:
    """A notice as its channel shows it, and what it lets the courier pick, sealed."""

    answer: Answer
    choices: bytes | None


@value
class NoticeRenderer:
    """How notices are rendered, and under which keys a chat remembers their choices."""

    renderers: Mapping[str, Renderer]
    languages: Languages
    phrases: Callable[[Translator], TurnPhrases]
    keys: Keyring

    async def render(
        self, db: AsyncSession, one: Due, now: datetime, abilities: Abilities
    ) -> Rendered | None:
        """The message as things stand now, cut to the channel; None when nothing is left to say.

        Raises `NotNow`.
        """
        t = self.languages.of(one.locale, None)
        context = NoticeContext(db, one.courier_id, t, now, one.params)
        reply = await self.renderers[one.kind](context)
        if reply is None:
            return None
        answer = degrade(reply, abilities, self.phrases(t).fitting)
        return Rendered(answer, seal_pushed(self.keys, reply))


@value
class PreparedMessage:
    """A notice that is `sending`: rendered, addressed, to be sent once this has been committed.

    `turns` is how often the courier had been answered there by then. `delivered`: how many of its
    messages arrived before, which `answer` no longer has.
    """

    id: int
    kind: str
    params: Mapping[str, Plain]
    delivered: int
    reason: Reason
    not_after: datetime
    courier_id: int
    attempts: int
    channel: str
    chat_id: int
    address: str
    turns: int
    answer: Answer
    choices: bytes | None
    urgent: bool


@dataclass(slots=True)
class PreparedBatch:
    """What is to be sent, and what became of the rest of a batch."""

    messages: list[PreparedMessage] = field(default_factory=list)
    results: list[DeliveryResult] = field(default_factory=list)


@value
class Preparer:
    """Prepares claimed notices of one owner for sending."""

    router: DeliveryRouter
    renderer: NoticeRenderer
    owner: str
    lease: float

    async def prepare(
        self,
        db: AsyncSession,
        ids: Sequence[int],
        channel: str,
        limiter: RateLimiter,
        now: datetime,
    ) -> PreparedBatch:
        """Decides on each; begins and renders what is to be sent. Raises `RenderError`."""
        batch = PreparedBatch()
        sends: list[tuple[Due, Send]] = []
        for one in await repository.lock_claimed(db, ids, self.owner):
            decision = self._decide(one, channel, limiter, now)
            if isinstance(decision, Send) and any(
                decision.chat_id == to.chat_id for _, to in sends
            ):
                decision = Postpone(now + timedelta(seconds=limiter.per_chat))
            if isinstance(decision, Send):
                sends.append((one, decision))
            else:
                batch.results.append(await self._put_aside(db, one, decision, now))
        begun = await repository.begin(db, [one.id for one, _ in sends], self.owner, self.lease)
        for one, to in sends:
            if one.id not in begun:
                continue
            try:
                rendered = await self._render(db, one, channel, now)
            except NotNow:
                later = {"status": OutboxStatus.READY, "due_at": now + NOT_NOW_DELAY}
                await repository.change(db, [one.id], self.owner, OutboxStatus.SENDING, later)
                batch.results.append(DeliveryResult.LATER)
                continue
            if rendered is None:
                over = {
                    "status": OutboxStatus.CANCELLED,
                    "reason": Reason.MOOT,
                    "done_at": now,
                }
                await repository.change(db, [one.id], self.owner, OutboxStatus.SENDING, over)
                batch.results.append(DeliveryResult.CANCELLED)
                continue
            delivered = int(one.params.get(DELIVERED) or 0)
            batch.messages.append(
                PreparedMessage(
                    id=one.id,
                    kind=one.kind,
                    params=one.params,
                    delivered=delivered,
                    reason=one.reason,
                    not_after=one.not_after,
                    courier_id=one.courier_id,
                    attempts=one.attempts + 1,
                    channel=channel,
                    chat_id=to.chat_id,
                    address=to.address,
                    turns=one.turns,
                    answer=Answer(rendered.answer.messages[delivered:]),
                    choices=rendered.choices,
                    urgent=one.urgent,
                )
            )
        return batch

    async def put_off(self, db: AsyncSession, notice: int, now: datetime) -> None:
        """Postpones a notice whose rendering failed."""
        later = {"status": OutboxStatus.READY, "due_at": now + RENDER_RETRY_DELAY}
        await repository.change(db, [notice], self.owner, OutboxStatus.CLAIMED, later)

    def _decide(
        self, one: Due, channel: str, limiter: RateLimiter, now: datetime
    ) -> DeliveryDecision:
        absent = self.router.absent(channel, one.address)
        decision = decide(one, now, self.router.window(channel), absent=absent)
        if isinstance(decision, Send) and (wait := limiter.chat_wait(decision.chat_id)):
            return Postpone(now + timedelta(seconds=wait))
        return decision

    async def _put_aside(
        self,
        db: AsyncSession,
        one: Due,
        decision: Postpone | Reroute | Hold | Terminate,
        now: datetime,
    ) -> DeliveryResult:
        values: dict[str, Any]
        match decision:
            case Reroute(reason):
                notice, courier = (one.id, OutboxStatus.CLAIMED), (one.courier_id, one.chat_id)
                return await self.router.reroute(db, notice, courier, self.owner, now, reason)
            case Postpone(at):
                result = DeliveryResult.LATER
                values = {"status": OutboxStatus.READY, "due_at": at}
            case Hold(reason):
                result = DeliveryResult.HELD
                values = {"status": OutboxStatus.HELD, "reason": reason}
            case Terminate(status, reason):
                result = DeliveryResult(status)
                values = {"status": status, "reason": reason, "done_at": now}
        await repository.change(db, [one.id], self.owner, OutboxStatus.CLAIMED, values)
        return result

    async def _render(
        self, db: AsyncSession, one: Due, channel: str, now: datetime
    ) -> Rendered | None:
        try:
            return await self.renderer.render(db, one, now, self.router.abilities[channel])
        except (NotNow, SQLAlchemyError, OSError):
            raise  # the database is away, the renderer is not to blame
        except Exception as error:
            raise RenderError(one.id, one.kind, error) from error
