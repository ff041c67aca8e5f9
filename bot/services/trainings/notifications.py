"""Notifications to registered couriers, queued as rows of the outbox.

Offers, changes and cancellations concern what the courier did themselves and are always sent (topic
`service`); reminders and feedback requests belong to the topic `training`.
"""

from datetime import UTC, datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.common.clock import CHINA
from bot.common.values import value
from bot.services.notifications import queue, quiet_hours
from bot.services.notifications.changes import Change
from bot.services.notifications.kinds import NoticeKind
from bot.services.notifications.queue import Notice, Plain, Topic
from bot.services.notifications.statuses import WAITING
from bot.store.models.notifications import OutboxRow
from bot.store.models.trainings import RegistrationRow, TrainingRow

DAY_BEFORE, HOUR_BEFORE = timedelta(hours=24), timedelta(hours=1)
LATEST_REMINDER = {"24h": timedelta(hours=3), "1h": timedelta(minutes=20)}
"""How long before the start a reminder of that name is sent at the latest."""

MAX_INVITATIONS_A_DAY = 3
"""To teams, for one courier."""
FEEDBACK_WINDOW = timedelta(days=3)
NIGHTLY = quiet_hours.Quiet((quiet_hours.NIGHT,))


def hold_end(begins: datetime, hold: timedelta) -> datetime:
    """When a hold of that length ends: the night does not count, and it never ends then."""
    at, left = begins, hold
    while True:
        at = NIGHTLY.next_gap(at) or at
        local = at.astimezone(CHINA)
        minutes, length = (
            quiet_hours.NIGHT[0] - (local.hour * 60 + local.minute),
            timedelta(minutes=1),
        )
        evening = local.replace(second=0, microsecond=0) + minutes * length
        if at + left < evening:
            return at + left
        left -= evening - at
        at = evening


def stored_time(moment: datetime) -> str:
    """A moment as `params` hold it: equal moments are equal texts."""
    return moment.astimezone(UTC).isoformat()


async def next_send_time(
    db: AsyncSession, courier_id: int, due_at: datetime, not_after: datetime, now: datetime
) -> datetime:
    """When to send: outside of quiet hours from `due_at` on, or before it; never in the past."""
    own = await quiet_hours.own_quiet(db, courier_id)
    found = quiet_hours.next_allowed_time(due_at, not_after, own.quiet)
    return max(found or due_at, now)


async def queue_offer(
    db: AsyncSession, row: RegistrationRow, training: TrainingRow, hold: timedelta, now: datetime
) -> datetime:
    """Queues the offer of a freed seat; returns until when the seat is held."""
    due = await next_send_time(db, row.courier_id, now, training.starts_at, now)
    until = min(hold_end(due, hold), training.starts_at)
    await _enqueue(
        db,
        NoticeKind.TRAINING_OFFER,
        row,
        training,
        now,
        due_at=due,
        not_after=until,
        key=f"offer:{row.id}",
    )
    return until


async def queue_reminders(
    db: AsyncSession, row: RegistrationRow, training: TrainingRow, now: datetime
) -> None:
    """Queues both, a day and an hour before; one that would be late or immediate is left out."""
    for name, before in (("24h", DAY_BEFORE), ("1h", HOUR_BEFORE)):
        due, latest = training.starts_at - before, training.starts_at - LATEST_REMINDER[name]
        if due <= now:
            continue
        own = await quiet_hours.own_quiet(db, row.courier_id)
        # Quiet all day: it waits in the 待看箱, which has no quiet hours.
        moment = quiet_hours.next_allowed_time(due, latest, own.quiet) or due
        if moment <= now:
            continue
        await queue.enqueue(
            db,
            Notice(
                kind=NoticeKind.TRAINING_REMINDER,
                courier_id=row.courier_id,
                params={"training": training.id, "registration": row.id, "before": name},
                topic=Topic.TRAINING,
                dedupe_key=_reminder(row.id, training.sequence, name),
                due_at=moment,
                not_after=max(latest, moment),
            ),
            now,
        )


@value
class PlannedReminder:
    """A reminder that waits; `name`: `24h` or `1h`, `chat_id` None where none can be written to."""

    name: str
    due_at: datetime
    chat_id: int | None


async def planned_reminders(
    db: AsyncSession, registration_id: int, sequence: int
) -> list[PlannedReminder]:
    """The reminders of a registration that are still to come, the earlier one first."""
    names = {_reminder(registration_id, sequence, name): name for name in LATEST_REMINDER}
    found = (
        select(OutboxRow.dedupe_key, OutboxRow.due_at, OutboxRow.chat_id)
        .where(OutboxRow.dedupe_key.in_(names), OutboxRow.status.in_(WAITING))
        .order_by(OutboxRow.due_at)
    )
    return [
        PlannedReminder(names[row.dedupe_key], row.due_at, row.chat_id)
        for row in await db.execute(found)
    ]


async def drop_reminders(
    db: AsyncSession, row: RegistrationRow, sequence: int, now: datetime
) -> None:
    """Cancels the reminders of a registration that ended or moved."""
    for name in ("24h", "1h"):
        await queue.cancel(db, _reminder(row.id, sequence, name), now)


async def drop_offer(db: AsyncSession, row: RegistrationRow, now: datetime) -> None:
    """Cancels the offer's notification: it is answered, expired or withdrawn."""
    await queue.cancel(db, f"offer:{row.id}", now)


async def queue_promoted(
    db: AsyncSession, row: RegistrationRow, training: TrainingRow, now: datetime
) -> None:
    """Queues that the courier got a seat from the waitlist without being asked."""
    await _enqueue(db, NoticeKind.TRAINING_PROMOTED, row, training, now, key=f"promoted:{row.id}")


async def queue_changed(
    db: AsyncSession,
    row: RegistrationRow,
    training: TrainingRow,
    now: datetime,
    before: dict[str, Plain],
) -> None:
    """Queues that time or place changed; `before` holds the old ones that are different.

    Several changes before the courier has heard of one are told as one, or not at all if everything
    is as it was.
    """
    after: dict[str, Plain] = {
        "starts_at": stored_time(training.starts_at),
        "ends_at": stored_time(training.ends_at),
        "place": training.place,
        "address": training.address,
        "is_online": training.is_online,
        "link": training.link,
    }
    await _enqueue(
        db,
        NoticeKind.TRAINING_CHANGED,
        row,
        training,
        now,
        key=f"changed:{row.id}:{training.sequence}",
        change=Change(f"training:{training.id}", before, after),
    )


async def queue_cancelled(
    db: AsyncSession, row: RegistrationRow, training: TrainingRow, now: datetime
) -> None:
    """Queues that the training is cancelled, for the waitlist too."""
    await _enqueue(db, NoticeKind.TRAINING_CANCELLED, row, training, now, key=f"cancelled:{row.id}")


async def queue_feedback_request(
    db: AsyncSession, row: RegistrationRow, training: TrainingRow, now: datetime
) -> None:
    """Queues the feedback request for after the end."""
    latest = training.ends_at + FEEDBACK_WINDOW
    due = await next_send_time(db, row.courier_id, training.ends_at, latest, now)
    await queue.enqueue(
        db,
        Notice(
            kind=NoticeKind.TRAINING_FEEDBACK,
            courier_id=row.courier_id,
            params={"training": training.id, "registration": row.id},
            topic=Topic.TRAINING,
            dedupe_key=f"feedback:{row.id}",
            due_at=due,
            not_after=latest,
        ),
        now,
    )


async def drop_feedback_request(db: AsyncSession, row: RegistrationRow, now: datetime) -> None:
    """Cancels the feedback request: the courier did not attend after all."""
    await queue.cancel(db, f"feedback:{row.id}", now)


async def queue_invitation(
    db: AsyncSession, courier_id: int, training: TrainingRow, now: datetime
) -> None:
    """Queues that a leader named the courier's phone.

    Once for a training and `MAX_INVITATIONS_A_DAY`, whoever leads: anybody can name any phone.
    """
    today = select(func.count()).where(
        OutboxRow.courier_id == courier_id,
        OutboxRow.kind == NoticeKind.TRAINING_TEAM,
        OutboxRow.created_at > now - timedelta(days=1),
    )
    if (await db.scalar(today) or 0) >= MAX_INVITATIONS_A_DAY:
        return
    await queue.enqueue(
        db,
        Notice(
            kind=NoticeKind.TRAINING_TEAM,
            courier_id=courier_id,
            params={"training": training.id},
            topic=Topic.TRAINING,
            dedupe_key=f"team:{training.id}:{courier_id}",
            due_at=await next_send_time(db, courier_id, now, training.deadline, now),
            not_after=training.deadline,
        ),
        now,
    )


async def _enqueue(
    db: AsyncSession,
    kind: NoticeKind,
    row: RegistrationRow,
    training: TrainingRow,
    now: datetime,
    *,
    key: str,
    due_at: datetime | None = None,
    not_after: datetime | None = None,
    change: Change | None = None,
) -> None:
    latest = not_after or max(training.starts_at, now + timedelta(hours=1))
    due = due_at or await next_send_time(db, row.courier_id, now, latest, now)
    await queue.enqueue(
        db,
        Notice(
            kind=kind,
            courier_id=row.courier_id,
            params={"training": training.id, "registration": row.id},
            topic=Topic.SERVICE,
            dedupe_key=key,
            due_at=due,
            not_after=latest,
            change=change,
        ),
        now,
    )


def _reminder(registration_id: int, sequence: int, name: str) -> str:
    return f"remind:{registration_id}:{sequence}:{name}"
