"""How a call can end, and what is then written to the outbox."""

from collections.abc import Collection, Sequence
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
from bot.common.values import value
from bot.outbox import repository
from bot.outbox.preparation import DELIVERED, PreparedMessage
from bot.outbox.routing import DeliveryRouter
from bot.services.notifications.statuses import DeliveryResult, OutboxStatus, Reason
from bot.store.models.conversation import ChatRow
from bot.store.models.notifications import OutboxRow

LONGEST_WAIT = 300  # seconds between two tries, whatever a platform asks for


@value
class Sent:
    """The platform took it."""


@value
class RetryableFailure:
    """It surely was not sent; `after` None: backoff by the number of attempts.

    `delivered`: how many of its messages did arrive before.
    """

    after: timedelta | None = None
    delivered: int = 0


@value
class UnknownOutcome:
    """Nobody knows. `delivered`: how many of its messages surely arrived before."""

    delivered: int = 0


@value
class PermanentFailure:
    """The platform does not take such a message."""


@value
class RecipientUnavailable:
    """Nobody is there. `for_good`: not even tomorrow, until they write."""

    for_good: bool


Outcome = Sent | RetryableFailure | UnknownOutcome | PermanentFailure | RecipientUnavailable


async def deliver(channel: Channel, message: PreparedMessage) -> Outcome:
    """One call, and how it ended."""
    try:
        await channel.deliver(message.address, message.answer, message.kind)
    except DeliveryFailed as failure:
        match failure:
            case Throttled():
                return RetryableFailure(failure.retry_after, failure.delivered)
            case Unreachable():
                return RetryableFailure(None, failure.delivered)
            case Gone():
                return RecipientUnavailable(for_good=not isinstance(failure, Away))
            case Refused():
                return PermanentFailure()
            case Uncertain() | _:
                return UnknownOutcome(failure.delivered)
    return Sent()


async def settle(
    db: AsyncSession,
    done: Sequence[tuple[PreparedMessage, Outcome]],
    owner: str,
    now: datetime,
    repeats: Collection[str],
    router: DeliveryRouter,
) -> list[tuple[str, DeliveryResult]]:
    """Writes outcomes; channel and result of each, fenced where the lease was lost."""
    # Chats before notices, as turns do it: the other way round two could wait for each other.
    closed = {
        one.chat_id
        for one, what in done
        if isinstance(what, RecipientUnavailable) and what.for_good
    }
    if closed:
        gone = update(ChatRow).where(ChatRow.id.in_(closed)).values(reachable=False)
        await db.execute(gone)
    for one, what in done:
        if one.choices is not None and isinstance(what, Sent | UnknownOutcome):
            await _offer(db, one, owner, now)
    sent = [one.id for one, what in done if isinstance(what, Sent)]
    over = {"status": OutboxStatus.SENT, "done_at": now}
    marked = await repository.change(db, sent, owner, OutboxStatus.SENDING, over) if sent else set()
    results: list[tuple[str, DeliveryResult]] = []
    for one, what in done:
        if isinstance(what, Sent):
            result = DeliveryResult.SENT if one.id in marked else DeliveryResult.FENCED
        elif isinstance(what, RecipientUnavailable):
            notice, courier = (one.id, OutboxStatus.SENDING), (one.courier_id, one.chat_id)
            reason = Reason.LEFT if what.for_good else Reason.AWAY
            result = await router.reroute(db, notice, courier, owner, now, reason)
        else:
            result, values = _failed(one, what, now, repeats)
            if not await repository.change(db, [one.id], owner, OutboxStatus.SENDING, values):
                result = DeliveryResult.FENCED
        results.append((one.channel, result))
    return results


async def _offer(db: AsyncSession, one: PreparedMessage, owner: str, now: datetime) -> None:
    """What a notice of ours lets the courier pick is what numbers mean in that chat from now on.

    If the courier has written since it was rendered, or is just being answered, that answer counts:
    nobody waits for a turn here.
    """
    ours = exists().where(
        OutboxRow.id == one.id, OutboxRow.owner == owner, OutboxRow.status == OutboxStatus.SENDING
    )
    free = select(ChatRow.id).where(ChatRow.id == one.chat_id, ChatRow.turns == one.turns, ours)
    free = free.with_for_update(of=ChatRow, key_share=True, skip_locked=True)
    offer = update(ChatRow).where(ChatRow.id.in_(free))
    offer = offer.values(pushed=one.choices, pushed_at=now)
    await db.execute(offer, execution_options=repository.UNSEEN)


def _failed(
    one: PreparedMessage,
    what: RetryableFailure | UnknownOutcome | PermanentFailure,
    now: datetime,
    repeats: Collection[str],
) -> tuple[DeliveryResult, dict[str, Any]]:
    match what:
        case PermanentFailure():
            values = {"status": OutboxStatus.DEAD, "reason": Reason.REFUSED, "done_at": now}
            return DeliveryResult.DEAD, values
        case RetryableFailure(after, delivered):
            wait = after or timedelta(seconds=2 ** min(one.attempts, 10))
            due_at = now + min(wait, timedelta(seconds=LONGEST_WAIT))
            values = {"status": OutboxStatus.READY, "due_at": due_at}
            return DeliveryResult.AGAIN, values | _progress(one, delivered)
        case UnknownOutcome(delivered):
            values = repository.unknown_outcome_transition(
                one.kind, one.reason, one.not_after, repeats, now
            )
            return DeliveryResult.UNKNOWN, values | _progress(one, delivered)


def _progress(one: PreparedMessage, delivered: int) -> dict[str, Any]:
    """Keeps with the notice how many of its messages need not be sent again."""
    if not delivered:
        return {}
    return {"params": {**one.params, DELIVERED: one.delivered + delivered}}
