"""The statements that move outbox rows: each a compare-and-set with lease owner and old state.

A worker may sleep through its lease and wake up: its late statement then changes nothing, because
another one owns the row. Leases run on the database's clock, which all workers share; when a
notice is due is a matter of the service's own clock.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    and_,
    exists,
    func,
    or_,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncSession

from bot.common.values import value
from bot.outbox.policy import Due
from bot.services.notifications.queue import Topic
from bot.services.notifications.quiet_hours import own_quiet_of
from bot.services.notifications.statuses import DeliveryResult, OutboxStatus, Priority, Reason
from bot.store.database_clock import from_now
from bot.store.literals import all_in_sql, in_sql
from bot.store.models.conversation import ChatRow
from bot.store.models.couriers import CourierRow
from bot.store.models.notifications import OutboxRow, QuietRow, TopicRow

EXPIRED_AT_ONCE: Final = 1_000
UNSEEN = {"synchronize_session": False}
"""The session holds no rows that would have to follow."""

READY = OutboxRow.status == in_sql(OutboxStatus.READY)
PRIORITY_CLASSES: tuple[ColumnElement[bool], ...] = (
    OutboxRow.priority == Priority.INTERACTIVE,
    OutboxRow.priority == Priority.REMINDER,
    OutboxRow.priority > Priority.REMINDER,
)
"""Each read in the index's own order: notices of one class for tomorrow cost the others nothing."""


@value
class Local:
    """For a channel whose open pages only their own process can reach.

    A notice goes to the worker that has one of `present` open; what nobody took until `waited` is
    taken by any worker, which reroutes it.
    """

    present: Collection[str]
    waited: datetime


async def due(db: AsyncSession, channel: str, now: datetime) -> bool:
    """Whether anything is due; takes no lock."""
    classes = [
        exists().where(OutboxRow.channel == channel, READY, one, OutboxRow.due_at <= now)
        for one in PRIORITY_CLASSES
    ]
    return bool(await db.scalar(select(or_(*classes))))


async def claim(
    db: AsyncSession,
    channel: str,
    priority_class: ColumnElement[bool],
    limit: int,
    now: datetime,
    owner: str,
    lease: float,
    local: Local | None = None,
) -> list[int]:
    """Takes up to `limit` due rows, the most urgent first; two workers never get the same."""
    wanted = [OutboxRow.channel == channel, READY, priority_class, OutboxRow.due_at <= now]
    if local is not None:
        here = ChatRow.external_id.in_(local.present) & (ChatRow.channel == channel)
        at_hand = OutboxRow.chat_id.in_(select(ChatRow.id).where(here))
        wanted.append(or_(OutboxRow.due_at <= local.waited, at_hand))
    chosen = (
        select(OutboxRow.id)
        .where(*wanted)
        .order_by(OutboxRow.priority, OutboxRow.due_at, OutboxRow.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
        .cte("chosen")
    )
    taken = (
        update(OutboxRow)
        .where(OutboxRow.id.in_(select(chosen.c.id)))
        .values(status=OutboxStatus.CLAIMED, owner=owner, lease_until=from_now(db, lease))
        .returning(OutboxRow.id)
    )
    return list(await db.scalars(taken, execution_options=UNSEEN))


async def lock_claimed(db: AsyncSession, ids: Sequence[int], owner: str) -> list[Due]:
    """Locks those of the claimed rows that `owner` still holds; each with what `decide` reads.

    A row that somebody is just changing is left out: to wait for a turn that holds the courier's
    chat could end in a deadlock, and its lease will run out anyhow.
    """
    setting = and_(TopicRow.courier_id == OutboxRow.courier_id, TopicRow.topic == OutboxRow.topic)
    rows = await db.execute(
        select(
            OutboxRow.id,
            OutboxRow.courier_id,
            OutboxRow.kind,
            OutboxRow.params,
            OutboxRow.topic,
            OutboxRow.priority,
            OutboxRow.due_at,
            OutboxRow.not_after,
            OutboxRow.chat_id,
            OutboxRow.attempts,
            OutboxRow.reason,
            ChatRow.external_id,
            ChatRow.reachable,
            ChatRow.state_at,
            ChatRow.turns,
            func.coalesce(CourierRow.locale, CourierRow.spoken).label("locale"),
            TopicRow.is_on,
            QuietRow.begins,
            QuietRow.ends,
            QuietRow.at_night,
            QuietRow.days,
        )
        .join(CourierRow, CourierRow.id == OutboxRow.courier_id)
        .outerjoin(ChatRow, ChatRow.id == OutboxRow.chat_id)
        .outerjoin(TopicRow, setting)
        .outerjoin(QuietRow, QuietRow.courier_id == OutboxRow.courier_id)
        .where(
            OutboxRow.id.in_(ids),
            OutboxRow.owner == owner,
            OutboxRow.status == OutboxStatus.CLAIMED,
        )
        .order_by(OutboxRow.priority, OutboxRow.due_at, OutboxRow.id)
        .with_for_update(of=OutboxRow, skip_locked=True)
    )
    return [
        Due(
            id=row.id,
            courier_id=row.courier_id,
            kind=row.kind,
            params=row.params,
            priority=Priority(row.priority),
            due_at=row.due_at,
            not_after=row.not_after,
            attempts=row.attempts,
            reason=Reason(row.reason),
            chat_id=row.chat_id,
            address=row.external_id if row.reachable else None,
            written_at=row.state_at,
            turns=row.turns or 0,
            locale=row.locale,
            wanted=row.is_on is not False or row.topic == Topic.SERVICE,
            quiet=own_quiet_of(row.begins, row.ends, row.at_night, row.days).quiet,
        )
        for row in rows
    ]


async def begin(db: AsyncSession, ids: Collection[int], owner: str, lease: float) -> set[int]:
    """Claimed rows of ours become `sending`; only those returned may be sent, once committed."""
    begun = (
        update(OutboxRow)
        .where(_mine(ids, owner, OutboxStatus.CLAIMED))
        .values(
            status=OutboxStatus.SENDING,
            attempts=OutboxRow.attempts + 1,
            lease_until=from_now(db, lease),
        )
        .returning(OutboxRow.id)
    )
    return set(await db.scalars(begun, execution_options=UNSEEN))


async def change(
    db: AsyncSession, ids: Collection[int], owner: str, was: OutboxStatus, values: Mapping[str, Any]
) -> set[int]:
    """Moves rows on and lets them go; those that really were ours and in that state."""
    moved = (
        update(OutboxRow)
        .where(_mine(ids, owner, was))
        .values(owner=None, lease_until=None, **values)
        .returning(OutboxRow.id)
    )
    return set(await db.scalars(moved, execution_options=UNSEEN))


async def release(db: AsyncSession, owner: str) -> None:
    """What was claimed and not begun is anybody's again."""
    mine = update(OutboxRow).where(
        OutboxRow.owner == owner, OutboxRow.status == OutboxStatus.CLAIMED
    )
    await db.execute(mine.values(status=OutboxStatus.READY, owner=None, lease_until=None))


async def lapsed(db: AsyncSession) -> bool:
    """Whether any lease has run out."""
    return bool(await db.scalar(select(exists().where(_lapsed(db)))))


async def recover(
    db: AsyncSession, repeats: Collection[str], now: datetime
) -> list[tuple[str, DeliveryResult]]:
    """What a dead worker held: claimed rows are ready again, those in `sending` are unknown.

    The channel and result (`released` or `unknown`) of each.
    """
    rows = await db.execute(
        select(
            OutboxRow.id,
            OutboxRow.channel,
            OutboxRow.status,
            OutboxRow.kind,
            OutboxRow.reason,
            OutboxRow.not_after,
        )
        .where(_lapsed(db))
        .order_by(OutboxRow.id)
        .with_for_update(skip_locked=True)
    )
    became = []
    for row in rows:
        values: dict[str, Any]
        if row.status == OutboxStatus.CLAIMED:
            values, result = {"status": OutboxStatus.READY}, DeliveryResult.RELEASED
        else:
            values = unknown_outcome_transition(
                row.kind, Reason(row.reason), row.not_after, repeats, now
            )
            result = DeliveryResult.UNKNOWN
        lost = update(OutboxRow).where(OutboxRow.id == row.id)
        await db.execute(lost.values(owner=None, lease_until=None, **values))
        became.append((row.channel, result))
    return became


def unknown_outcome_transition(
    kind: str, reason: Reason, not_after: datetime, repeats: Collection[str], now: datetime
) -> dict[str, Any]:
    """What becomes of a notice of which nobody knows whether it arrived.

    Where a copy too many hurts less than a miss, it is pushed once more, and if that is uncertain
    too, it waits for the courier's next message. All others are never repeated, and counted. Once
    more means at the end of the queue: whatever killed a worker must not find the same one first.
    """
    if kind not in repeats or now > not_after:
        return {"status": OutboxStatus.UNKNOWN, "done_at": now}
    if reason == Reason.REPEATED:
        return {"status": OutboxStatus.HELD, "reason": Reason.UNKNOWN}
    return {"status": OutboxStatus.READY, "reason": Reason.REPEATED, "due_at": now}


async def expire(db: AsyncSession, now: datetime) -> int:
    """Ends whatever nobody took or looked at in time, on any channel: at most `EXPIRED_AT_ONCE`,
    and nothing that another transaction holds; returns how many."""
    waiting = OutboxRow.status.in_((OutboxStatus.READY, OutboxStatus.HELD))
    some = select(OutboxRow.id).where(waiting, OutboxRow.not_after < now).limit(EXPIRED_AT_ONCE)
    late = list(await db.scalars(some.with_for_update(skip_locked=True)))
    over = {"status": OutboxStatus.EXPIRED, "reason": Reason.LATE, "done_at": now}
    await db.execute(update(OutboxRow).where(OutboxRow.id.in_(late)).values(over))
    return len(late)


async def count_due(db: AsyncSession, now: datetime) -> dict[str, int]:
    """How many are due and not sent, by channel."""
    rows = await db.execute(
        select(OutboxRow.channel, func.count())
        .where(READY, OutboxRow.due_at <= now)
        .group_by(OutboxRow.channel)
    )
    return {row[0]: row[1] for row in rows}


def _lapsed(db: AsyncSession) -> ColumnElement[bool]:
    leased = OutboxRow.status.in_(all_in_sql((OutboxStatus.CLAIMED, OutboxStatus.SENDING)))
    return leased & (OutboxRow.lease_until < from_now(db, 0))


def _mine(ids: Collection[int], owner: str, was: OutboxStatus) -> ColumnElement[bool]:
    return and_(OutboxRow.id.in_(ids), OutboxRow.owner == owner, OutboxRow.status == was)
