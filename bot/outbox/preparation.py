"""Claimed notices decided, begun and worded in one transaction, just before they go out."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from bot.common.i18n import Languages, Translator
from bot.conversation.degrade import TurnPhrases, degrade
from bot.conversation.notifications import NotNow, Occasion, Wording
from bot.conversation.replies import Abilities, Answer
from bot.conversation.state import seal_pushed
from bot.outbox import repository
from bot.outbox.policy import Due, Elsewhere, End, Hold, Later, Send, Verdict, judge
from bot.outbox.rate_limit import Pace
from bot.outbox.routing import Ways
from bot.store.encryption import Keyring

AGAIN = timedelta(seconds=10)
"""How long a notice rests that is not to be said now; whoever holds it back parks it by then."""
MENDING = timedelta(minutes=5)
"""How long a notice rests whose wording broke: a deploy may mend it before it is too late."""


class CannotWord(Exception):
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
class Speech:
    """How notices are put into words, and under which keys a chat remembers their choices."""

    wordings: Mapping[str, Wording]
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
        occasion = Occasion(db, one.courier_id, t, now, one.params)
        reply = await self.wordings[one.kind](occasion)
        if reply is None:
            return None
        answer = degrade(reply, abilities, self.phrases(t).fitting)
        return Worded(answer, seal_pushed(self.keys, reply))


@dataclass(frozen=True, slots=True)
class Parcel:
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
class Dealt:
    """What is to be sent, and what became of the rest of a batch."""

    parcels: list[Parcel] = field(default_factory=list)
    results: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Desk:
    """Where claimed notices are dealt with, for one owner."""

    ways: Ways
    speech: Speech
    owner: str
    lease: float

    async def deal(
        self, db: AsyncSession, ids: Sequence[int], channel: str, pace: Pace, now: datetime
    ) -> Dealt:
        """Decides on each; begins and words what is to be sent. Raises `CannotWord`."""
        dealt = Dealt()
        sends: list[tuple[Due, Send]] = []
        for one in await repository.look(db, ids, self.owner):
            verdict = self._judge(one, channel, pace, now)
            if isinstance(verdict, Send) and any(verdict.chat_id == to.chat_id for _, to in sends):
                verdict = Later(now + timedelta(seconds=pace.per_chat))
            if isinstance(verdict, Send):
                sends.append((one, verdict))
            else:
                dealt.results.append(await self._put_aside(db, one, verdict, now))
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
            dealt.parcels.append(
                Parcel(
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
        later = {"status": "ready", "due_at": now + MENDING}
        await repository.change(db, [notice], self.owner, "claimed", later)

    def _judge(self, one: Due, channel: str, pace: Pace, now: datetime) -> Verdict:
        absent = self.ways.absent(channel, one.address)
        verdict = judge(one, now, self.ways.window(channel), absent=absent)
        if isinstance(verdict, Send) and (wait := pace.chat_wait(verdict.chat_id)):
            return Later(now + timedelta(seconds=wait))
        return verdict

    async def _put_aside(
        self, db: AsyncSession, one: Due, verdict: Later | Elsewhere | Hold | End, now: datetime
    ) -> str:
        match verdict:
            case Elsewhere(reason):
                notice, courier = (one.id, "claimed"), (one.courier_id, one.chat_id)
                return await self.ways.reroute(db, notice, courier, self.owner, now, reason)
            case Later(at):
                result, values = "later", {"status": "ready", "due_at": at}
            case Hold(reason):
                result, values = "held", {"status": "held", "reason": reason}
            case End(status, reason):
                result, values = status, {"status": status, "reason": reason, "done_at": now}
        await repository.change(db, [one.id], self.owner, "claimed", values)
        return result

    async def _word(self, db: AsyncSession, one: Due, channel: str, now: datetime) -> Worded | None:
        try:
            return await self.speech.word(db, one, now, self.ways.abilities[channel])
        except (NotNow, SQLAlchemyError, OSError):
            raise  # the database is away, the wording is not to blame
        except Exception as error:
            raise CannotWord(one.id, one.kind, error) from error
