"""Claimed notices decided, begun and worded in one transaction, just before they go out."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from bot.common.i18n import Languages, Translator
from bot.conversation.degrade import TurnPhrases, degrade
from bot.conversation.notifications import NotificationContext, NotNow, Renderer
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
from bot.store.encryption import Keyring

AGAIN = timedelta(seconds=10)
"""How long a notice rests that is not to be said now; whoever holds it back parks it by then."""
RENDER_RETRY_DELAY = timedelta(minutes=5)
"""How long a notice rests whose wording broke: a deploy may mend it before it is too late."""


class RenderError(Exception):
    """The wording of a kind broke on this row; nothing of the batch was begun."""

    def __init__(self, notice: int, kind: str, error: Exception) -> None:
        super().__init__(kind)
        self.id = notice
        self.kind = kind
        self.error = error


@dataclass(frozen=True, slots=True)
class Worded:
    """A notice as its channel shows it, and what it lets the courier pick, sealed."""

    answer: Answer
    choices: bytes | None


@dataclass(frozen=True, slots=True)
class NotificationRenderer:
    """How notices are put into words, and under which keys a chat remembers their choices."""

    renderers: Mapping[str, Renderer]
    languages: Languages
    phrases: Callable[[Translator], TurnPhrases]
    keys: Keyring

    async def word(
        self, db: AsyncSession, one: Due, now: datetime, abilities: Abilities
    ) -> Worded | None:
        """The message as things stand now, cut to the channel; None when nothing is left to say.

        Raises `NotNow`.
        """
        t = self.languages.of(one.locale, None)
        occasion = NotificationContext(db, one.courier_id, t, now, one.params)
        reply = await self.renderers[one.kind](occasion)
        if reply is None:
            return None
        answer = degrade(reply, abilities, self.phrases(t).fitting)
        return Worded(answer, seal_pushed(self.keys, reply))


@dataclass(frozen=True, slots=True)
class PreparedMessage:
    """A notice that is `sending`: worded, addressed, to be sent once this has been committed.

    `turns` is how often the courier had been answered there by then.
    """

    id: int
    kind: str
    reason: str
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
    results: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Preparer:
    """Where claimed notices are dealt with, for one owner."""

    router: DeliveryRouter
    speech: NotificationRenderer
    owner: str
    lease: float

    async def prepare(
        self, db: AsyncSession, ids: Sequence[int], channel: str, pace: RateLimiter, now: datetime
    ) -> PreparedBatch:
        """Decides on each; begins and words what is to be sent. Raises `RenderError`."""
        dealt = PreparedBatch()
        sends: list[tuple[Due, Send]] = []
        for one in await repository.look(db, ids, self.owner):
            decision = self._judge(one, channel, pace, now)
            if isinstance(decision, Send) and any(
                decision.chat_id == to.chat_id for _, to in sends
            ):
                decision = Postpone(now + timedelta(seconds=pace.per_chat))
            if isinstance(decision, Send):
                sends.append((one, decision))
            else:
                dealt.results.append(await self._put_aside(db, one, decision, now))
        begun = await repository.begin(db, [one.id for one, _ in sends], self.owner, self.lease)
        for one, to in sends:
            if one.id not in begun:
                continue
            try:
                worded = await self._word(db, one, channel, now)
            except NotNow:
                later = {"status": "ready", "due_at": now + AGAIN}
                await repository.change(db, [one.id], self.owner, "sending", later)
                dealt.results.append("later")
                continue
            if worded is None:
                over = {"status": "cancelled", "reason": "moot", "done_at": now}
                await repository.change(db, [one.id], self.owner, "sending", over)
                dealt.results.append("cancelled")
                continue
            dealt.messages.append(
                PreparedMessage(
                    id=one.id,
                    kind=one.kind,
                    reason=one.reason,
                    not_after=one.not_after,
                    courier_id=one.courier_id,
                    attempts=one.attempts + 1,
                    channel=channel,
                    chat_id=to.chat_id,
                    address=to.address,
                    turns=one.turns,
                    answer=worded.answer,
                    choices=worded.choices,
                    urgent=one.urgent,
                )
            )
        return dealt

    async def put_off(self, db: AsyncSession, notice: int, now: datetime) -> None:
        """Lets a notice rest whose wording broke."""
        later = {"status": "ready", "due_at": now + RENDER_RETRY_DELAY}
        await repository.change(db, [notice], self.owner, "claimed", later)

    def _judge(self, one: Due, channel: str, pace: RateLimiter, now: datetime) -> DeliveryDecision:
        absent = self.router.absent(channel, one.address)
        decision = decide(one, now, self.router.window(channel), absent=absent)
        if isinstance(decision, Send) and (wait := pace.chat_wait(decision.chat_id)):
            return Postpone(now + timedelta(seconds=wait))
        return decision

    async def _put_aside(
        self,
        db: AsyncSession,
        one: Due,
        decision: Postpone | Reroute | Hold | Terminate,
        now: datetime,
    ) -> str:
        match decision:
            case Reroute(reason):
                notice, courier = (one.id, "claimed"), (one.courier_id, one.chat_id)
                return await self.router.reroute(db, notice, courier, self.owner, now, reason)
            case Postpone(at):
                result, values = "later", {"status": "ready", "due_at": at}
            case Hold(reason):
                result, values = "held", {"status": "held", "reason": reason}
            case Terminate(status, reason):
                result, values = status, {"status": status, "reason": reason, "done_at": now}
        await repository.change(db, [one.id], self.owner, "claimed", values)
        return result

    async def _word(self, db: AsyncSession, one: Due, channel: str, now: datetime) -> Worded | None:
        try:
            return await self.speech.word(db, one, now, self.router.abilities[channel])
        except (NotNow, SQLAlchemyError, OSError):
            raise  # the database is away, the wording is not to blame
        except Exception as error:
            raise RenderError(one.id, one.kind, error) from error
