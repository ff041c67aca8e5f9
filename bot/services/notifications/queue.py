"""Messages to send later, as rows written in the turn's own transaction.

`enqueue` decides where it goes: the reachable chat that the courier used last, on a channel that
can be pushed to; otherwise it is held for the 待看箱 and shown with the courier's next message.
"""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any, Final
from typing import cast as as_type

from sqlalchemy import (
    CursorResult,
    Select,
    String,
    case,
    cast,
    exists,
    func,
    literal,
    select,
    true,
    update,
)
from sqlalchemy.ext.asyncio import AsyncSession

from bot.common.values import value
from bot.services.notifications.changes import Change, take_over
from bot.services.notifications.changes import Plain as Plain
from bot.services.notifications.kinds import NoticeKind
from bot.services.notifications.quiet_hours import next_allowed_time, own_quiet
from bot.services.notifications.statuses import WAITING, OutboxStatus, Priority, Reason
from bot.store.database_clock import from_now
from bot.store.models.conversation import ChatRow
from bot.store.models.notifications import OutboxRow, TopicRow
from bot.store.upsert import upsert


class Topic(StrEnum):
    """What a courier can switch on and off. `service` always goes: it answers their own doing."""

    CARD = "card"
    TRAINING = "training"
    STATION = "station"
    LESSON = "lesson"
    """A lesson each week: off until it is switched on."""
    WARNING = "warning"
    """Warnings against fraud: off until they are switched on."""
    SERVICE = "service"


OPT_IN: Final = frozenset({Topic.LESSON, Topic.WARNING})
"""Topics that are off until a courier switches them on."""


@value
class Notice:
    """One message to a courier. `dedupe_key` makes planning it twice the same as once.

    `change`: it tells one. What waits of the same subject is told by this notice, too: its old
    values are added to `params`.
    """

    kind: NoticeKind
    courier_id: int
    params: Mapping[str, Plain]
    topic: Topic
    dedupe_key: str
    due_at: datetime
    not_after: datetime
    priority: Priority = Priority.REMINDER
    change: Change | None = None


@value
class BulkNotice:
    """One message to many couriers; `dedupe_prefix` and the courier's id make its dedupe keys."""

    kind: NoticeKind
    params: Mapping[str, Plain]
    topic: Topic
    dedupe_prefix: str
    due_at: datetime
    not_after: datetime
    priority: Priority = Priority.BROADCAST


@value
class Lease:
    """Who sends a notice at once, without the delivery worker, and for how many seconds nobody
    else does."""

    owner: str
    seconds: float


async def enqueue(
    db: AsyncSession,
    notice: Notice,
    now: datetime,
    *,
    keep_for_pending_box: bool = False,
    to: ChatRow | None = None,
    sending: Lease | None = None,
    reason: Reason = Reason.NONE,
) -> bool:
    """Writes it once; False if it was there already, its topic is switched off, or the change that
    it tells takes back one that the courier has not heard of.

    What is to be pushed is moved out of this courier's quiet hours; `Priority.INTERACTIVE` is not,
    as it answers somebody who is awake. `keep_for_pending_box`: it is not pushed but waits in the
    待看箱. `to`: the chat to push it to, instead of the one used last. `sending`: the caller sends
    it, if it was written.
    """
    if not await wants(db, notice.courier_id, notice.topic):
        return False
    params, subject = dict(notice.params), None
    if notice.change is not None:
        if await _is_planned(db, notice.dedupe_key):
            return False
        left = await take_over(db, notice.courier_id, notice.change, now)
        if not left:
            return False
        params, subject = params | left, notice.change.subject
    chat = None if keep_for_pending_box else to or await _last_chat(db, notice.courier_id)
    due_at = notice.due_at
    if chat is not None and notice.priority > Priority.INTERACTIVE:
        quiet = (await own_quiet(db, notice.courier_id)).quiet
        due_at = next_allowed_time(due_at, notice.not_after, quiet) or due_at
    status = OutboxStatus.SENDING if sending else OutboxStatus.READY
    row = upsert(db, OutboxRow).values(
        dedupe_key=notice.dedupe_key,
        courier_id=notice.courier_id,
        chat_id=chat.id if chat else None,
        channel=chat.channel if chat else "",
        kind=notice.kind,
        params=params,
        subject=subject,
        topic=notice.topic,
        priority=notice.priority,
        status=status if chat else OutboxStatus.HELD,
        owner=sending.owner if sending else None,
        lease_until=from_now(db, sending.seconds) if sending else None,
        due_at=due_at,
        not_after=notice.not_after,
        attempts=1 if sending else 0,
        reason=reason,
        created_at=now,
    )
    added = row.on_conflict_do_nothing().returning(OutboxRow.id)
    return (await db.execute(added)).scalar_one_or_none() is not None


async def enqueue_all(
    db: AsyncSession,
    couriers: Select[int],
    notice: BulkNotice,
    now: datetime,
) -> int:
    """One notice for each courier of a query, in one statement; how many were written.

    Those who switched the topic off are left out, and those who have it already. Quiet hours are
    looked at when it is sent.
    """
    audience = couriers.subquery("audience")
    who = audience.c[0]
    last = (
        select(ChatRow.id)
        .where(ChatRow.courier_id == who, ChatRow.reachable.is_(True))
        .where(ChatRow.pushable.is_(True))
        .order_by(ChatRow.state_at.desc())
        .limit(1)
        .correlate(audience)
        .scalar_subquery()
    )
    off = exists().where(
        TopicRow.courier_id == who, TopicRow.topic == notice.topic, TopicRow.is_on.is_(False)
    )
    values = {
        OutboxRow.kind: notice.kind,
        OutboxRow.params: dict(notice.params),
        OutboxRow.topic: str(notice.topic),
        OutboxRow.priority: notice.priority,
        OutboxRow.due_at: notice.due_at,
        OutboxRow.not_after: notice.not_after,
        OutboxRow.attempts: 0,
        OutboxRow.reason: Reason.NONE,
        OutboxRow.created_at: now,
    }
    rows = (
        select(
            literal(f"{notice.dedupe_prefix}:").concat(cast(who, String)),
            who,
            ChatRow.id,
            func.coalesce(ChatRow.channel, ""),
            case(
                (ChatRow.id.is_(None), literal(OutboxStatus.HELD, String)),
                else_=literal(OutboxStatus.READY, String),
            ),
            *(literal(value, column.type) for column, value in values.items()),
        )
        .select_from(audience)
        .outerjoin(ChatRow, ChatRow.id == last)
        .where(~off if notice.topic is not Topic.SERVICE else true())
    )
    first = ("dedupe_key", "courier_id", "chat_id", "channel", "status")
    written = upsert(db, OutboxRow).from_select([*first, *(one.key for one in values)], rows)
    result = await db.execute(written.on_conflict_do_nothing())
    return as_type("CursorResult[Any]", result).rowcount


async def cancel(db: AsyncSession, dedupe_key: str, now: datetime) -> None:
    """Takes back what has not gone out yet."""
    await db.execute(
        update(OutboxRow)
        .where(OutboxRow.dedupe_key == dedupe_key, OutboxRow.status.in_(WAITING))
        .values(status=OutboxStatus.CANCELLED, done_at=now)
    )


async def wants(db: AsyncSession, courier_id: int, topic: Topic) -> bool:
    """Whether the courier has not switched the topic off, or has switched on an `OPT_IN` one."""
    if topic is Topic.SERVICE:
        return True
    is_on = await db.scalar(
        select(TopicRow.is_on).where(TopicRow.courier_id == courier_id, TopicRow.topic == topic)
    )
    return topic not in OPT_IN if is_on is None else is_on


async def set_topic(
    db: AsyncSession, courier_id: int, topic: Topic, now: datetime, *, on: bool
) -> None:
    """Switches a topic on or off; off takes back what waits."""
    row = upsert(db, TopicRow).values(courier_id=courier_id, topic=topic, is_on=on, at=now)
    key = [TopicRow.courier_id, TopicRow.topic]
    await db.execute(row.on_conflict_do_update(index_elements=key, set_={"is_on": on, "at": now}))
    if not on:
        await db.execute(
            update(OutboxRow)
            .where(OutboxRow.courier_id == courier_id, OutboxRow.topic == topic)
            .where(OutboxRow.status.in_(WAITING))
            .values(status=OutboxStatus.CANCELLED, done_at=now)
        )


async def redirect(db: AsyncSession, courier_id: int, chat_id: int) -> None:
    """What was to go to a chat that is no longer theirs goes to another of the courier's."""
    chat = await _last_chat(db, courier_id)
    waiting = OutboxRow.status.in_((OutboxStatus.READY, OutboxStatus.CLAIMED))
    await db.execute(
        update(OutboxRow)
        .where(OutboxRow.courier_id == courier_id, OutboxRow.chat_id == chat_id, waiting)
        .values(
            chat_id=chat.id if chat else None,
            channel=chat.channel if chat else "",
            status=OutboxStatus.READY if chat else OutboxStatus.HELD,
            owner=None,
            lease_until=None,
        )
    )


async def _is_planned(db: AsyncSession, dedupe_key: str) -> bool:
    planned = exists().where(OutboxRow.dedupe_key == dedupe_key)
    return bool(await db.scalar(select(planned)))


async def _last_chat(db: AsyncSession, courier_id: int) -> ChatRow | None:
    """The chat used last of those that can be pushed to."""
    chats = (
        select(ChatRow)
        .where(ChatRow.courier_id == courier_id, ChatRow.reachable.is_(True))
        .where(ChatRow.pushable.is_(True))
        .order_by(ChatRow.state_at.desc())
    )
    return (await db.scalars(chats.limit(1))).first()
