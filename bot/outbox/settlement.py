"""How a call can end, and what is then written down."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import exists, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.channels.protocol import (
    Away,
    Channel,
    DeliveryFailed,
    Gone,
    Refused,
    Throttled,
    Uncertain,
    Unreachable,
)
from bot.outbox import repository
from bot.outbox.preparation import Parcel
from bot.outbox.routing import Ways
from bot.store.models.conversation import ChatRow
from bot.store.models.notifications import OutboxRow

LONGEST_WAIT = 300  # seconds between two tries while a platform is away


@dataclass(frozen=True, slots=True)
class Sent:
    """The platform took it."""


@dataclass(frozen=True, slots=True)
class Again:
    """It surely was not sent; `after` None: ever later, the more often it happened."""

    after: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Lost:
    """Nobody knows."""


@dataclass(frozen=True, slots=True)
class Wrong:
    """The platform does not take such a message."""


@dataclass(frozen=True, slots=True)
class Left:
    """Nobody is there. `for_good`: not even tomorrow, until they write."""

    for_good: bool


Outcome = Sent | Again | Lost | Wrong | Left


async def deliver(channel: Channel, parcel: Parcel) -> Outcome:
    """One call, and how it ended."""
    try:
        await channel.deliver(parcel.address, parcel.answer, parcel.kind)
    except DeliveryFailed as failure:
        match failure:
            case Throttled() | Unreachable() if failure.partly:
                return Lost()
            case Throttled():
                return Again(failure.retry_after)
            case Unreachable():
                return Again()
            case Gone():
                return Left(for_good=not isinstance(failure, Away))
            case Refused():
                return Wrong()
            case Uncertain() | _:
                return Lost()
    return Sent()


async def settle(
    db: AsyncSession,
    done: Sequence[tuple[Parcel, Outcome]],
    owner: str,
    now: datetime,
    repeats: Collection[str],
    ways: Ways,
) -> list[tuple[str, str]]:
    """Writes them down; channel and result of each, `fenced` where the notice was not ours."""
    # Chats before notices, as turns do it: the other way round two could wait for each other.
    left = {one.chat_id for one, what in done if isinstance(what, Left) and what.for_good}
    if left:
        gone = update(ChatRow).where(ChatRow.id.in_(left)).values(reachable=False)
        await db.execute(gone)
    for one, what in done:
        if one.choices is not None and isinstance(what, Sent | Lost):
            await _offer(db, one, owner, now)
    sent = [one.id for one, what in done if isinstance(what, Sent)]
    over = {"status": "sent", "done_at": now}
    marked = await repository.change(db, sent, owner, "sending", over) if sent else set()
    results = []
    for one, what in done:
        if isinstance(what, Sent):
            result = "sent" if one.id in marked else "fenced"
        elif isinstance(what, Left):
            notice, courier = (one.id, "sending"), (one.courier_id, one.chat_id)
            result = await ways.reroute(db, notice, courier, owner, now, "left")
        else:
            result, values = _failed(one, what, now, repeats)
            if not await repository.change(db, [one.id], owner, "sending", values):
                result = "fenced"
        results.append((one.channel, result))
    return results


async def _offer(db: AsyncSession, one: Parcel, owner: str, now: datetime) -> None:
    """What a notice of ours lets the courier pick is what numbers mean in that chat from now on.

    If the courier has spoken since it was worded, or is just being answered, that answer counts:
    nobody waits for a turn here.
    """
    ours = exists().where(
        OutboxRow.id == one.id, OutboxRow.owner == owner, OutboxRow.status == "sending"
    )
    free = select(ChatRow.id).where(ChatRow.id == one.chat_id, ChatRow.turns == one.turns, ours)
    free = free.with_for_update(of=ChatRow, key_share=True, skip_locked=True)
    told = update(ChatRow).where(ChatRow.id.in_(free))
    told = told.values(pushed=one.choices, pushed_at=now)
    await db.execute(told, execution_options=repository.UNSEEN)


def _failed(
    one: Parcel, what: Again | Lost | Wrong, now: datetime, repeats: Collection[str]
) -> tuple[str, dict[str, Any]]:
    match what:
        case Wrong():
            return "dead", {"status": "dead", "reason": "refused", "done_at": now}
        case Again(after):
            wait = after or timedelta(seconds=min(2 ** min(one.attempts, 10), LONGEST_WAIT))
            return "again", {"status": "ready", "due_at": now + wait}
        case Lost():
            return "unknown", repository.doubt(one.kind, one.reason, one.not_after, repeats, now)
