"""What registered couriers must be told later, planned as rows of the outbox.

Offers, changes and cancellations answer what the courier did themselves and always go (topic
`service`); reminders and questions after a session are of the topic `training`.
"""

from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from bot.common.clock import CHINA
from bot.services.notifications import queue, quiet_hours
from bot.services.notifications.queue import Notice, Plain, Topic
from bot.store.models.trainings import RegistrationRow, TeamRow, TrainingRow

DAY_BEFORE, HOUR_BEFORE = timedelta(hours=24), timedelta(hours=1)
LATEST = {"24h": timedelta(hours=3), "1h": timedelta(minutes=20)}
"""So long before the start the reminder of that name is worth sending at the latest."""

ASK_FOR = timedelta(days=3)
NIGHT = quiet_hours.Quiet((quiet_hours.NIGHT,))


def held_until(begins: datetime, hold: timedelta) -> datetime:
    """When a hold of that length ends: its clock stands still at night, so it never ends then."""
    at, left = begins, hold
    while True:
        at = NIGHT.next_gap(at) or at
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


async def first_decent(
    db: AsyncSession, courier_id: int, due_at: datetime, not_after: datetime, now: datetime
) -> datetime:
    """When to send it: outside of quiet hours from `due_at` on, or before it, never in the past."""
    hours = await quiet_hours.own_hours(db, courier_id)
    found = quiet_hours.next_allowed_time(due_at, not_after, quiet_hours.quiet_with(hours))
    return max(found or due_at, now)


async def plan_offer(
    db: AsyncSession, row: RegistrationRow, training: TrainingRow, hold: timedelta, now: datetime
) -> datetime:
    """Queues the offer of a freed seat; until when the seat is held."""
    due = await first_decent(db, row.courier_id, now, training.starts_at, now)
    until = min(held_until(due, hold), training.starts_at)
    await _say(db, "offer", row, training, now, due_at=due, not_after=until, key=f"offer:{row.id}")
    return until


async def plan_reminders(
    db: AsyncSession, row: RegistrationRow, training: TrainingRow, now: datetime
) -> None:
    """A day and an hour before; what would come too late or at once is left out."""
    for name, before in (("24h", DAY_BEFORE), ("1h", HOUR_BEFORE)):
        due, latest = training.starts_at - before, training.starts_at - LATEST[name]
        if due <= now:
            continue
        hours = await quiet_hours.own_hours(db, row.courier_id)
        # Quiet all day: it waits in the 待看箱, which has no quiet hours.
        moment = quiet_hours.next_allowed_time(due, latest, quiet_hours.quiet_with(hours)) or due
        if moment <= now:
            continue
        await queue.enqueue(
            db,
            Notice(
                kind="training.reminder",
                courier_id=row.courier_id,
                params={"training": training.id, "registration": row.id, "before": name},
                topic=Topic.TRAINING,
                dedupe_key=_reminder(row.id, training.sequence, name),
                due_at=moment,
                not_after=max(latest, moment),
            ),
            now,
        )


async def drop_reminders(
    db: AsyncSession, row: RegistrationRow, sequence: int, now: datetime
) -> None:
    """Takes back what is planned for a registration that ended or moved."""
    for name in ("24h", "1h"):
        await queue.cancel(db, _reminder(row.id, sequence, name), now)


async def drop_offer(db: AsyncSession, row: RegistrationRow, now: datetime) -> None:
    """The offer is answered, over or taken back: it need not be said any more."""
    await queue.cancel(db, f"offer:{row.id}", now)


async def plan_promoted(
    db: AsyncSession, row: RegistrationRow, training: TrainingRow, now: datetime
) -> None:
    """The courier has a seat that they did not take by a message of their own."""
    await _say(db, "promoted", row, training, now, key=f"promoted:{row.id}")


async def plan_changed(
    db: AsyncSession,
    row: RegistrationRow,
    training: TrainingRow,
    now: datetime,
    was: dict[str, Plain],
) -> None:
    """Time or place is another; `was` holds what they were."""
    key = f"changed:{row.id}:{training.sequence}"
    await _say(db, "changed", row, training, now, key=key, more=was)


async def plan_cancelled(
    db: AsyncSession, row: RegistrationRow, training: TrainingRow, now: datetime
) -> None:
    """The session will not be held; those in line are told like those with a seat."""
    await _say(db, "cancelled", row, training, now, key=f"cancelled:{row.id}")


async def plan_question(
    db: AsyncSession, row: RegistrationRow, training: TrainingRow, now: datetime
) -> None:
    """How was it, after the end."""
    latest = training.ends_at + ASK_FOR
    due = await first_decent(db, row.courier_id, training.ends_at, latest, now)
    await queue.enqueue(
        db,
        Notice(
            kind="training.feedback",
            courier_id=row.courier_id,
            params={"training": training.id, "registration": row.id},
            topic=Topic.TRAINING,
            dedupe_key=f"feedback:{row.id}",
            due_at=due,
            not_after=latest,
        ),
        now,
    )


async def plan_invitation(
    db: AsyncSession,
    team: TeamRow,
    courier_id: int,
    training: TrainingRow,
    until: datetime,
    now: datetime,
) -> None:
    """A leader named the courier's phone: said once for a session, however often they do."""
    await queue.enqueue(
        db,
        Notice(
            kind="training.team",
            courier_id=courier_id,
            params={"training": training.id, "team": team.id},
            topic=Topic.TRAINING,
            dedupe_key=f"team:{training.id}:{team.leader_id}:{courier_id}",
            due_at=await first_decent(db, courier_id, now, until, now),
            not_after=until,
        ),
        now,
    )


async def _say(
    db: AsyncSession,
    kind: str,
    row: RegistrationRow,
    training: TrainingRow,
    now: datetime,
    *,
    key: str,
    due_at: datetime | None = None,
    not_after: datetime | None = None,
    more: dict[str, Plain] | None = None,
) -> None:
    latest = not_after or max(training.starts_at, now + timedelta(hours=1))
    due = due_at or await first_decent(db, row.courier_id, now, latest, now)
    await queue.enqueue(
        db,
        Notice(
            kind=f"training.{kind}",
            courier_id=row.courier_id,
            params={"training": training.id, "registration": row.id, **(more or {})},
            topic=Topic.SERVICE,
            dedupe_key=key,
            due_at=due,
            not_after=latest,
        ),
        now,
    )


def _reminder(registration_id: int, sequence: int, name: str) -> str:
    return f"remind:{registration_id}:{sequence}:{name}"
