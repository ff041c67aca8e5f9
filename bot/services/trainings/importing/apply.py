"""Applies a plan: all of it, in the caller's transaction.

A training is changed by the same service as by hand, so that everybody who is registered or on the
waitlist is notified.
"""

from datetime import datetime

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.services.operators import revisions
from bot.services.operators.revisions import UNNAMED_IMPORT, Origin, RevisionKind
from bot.services.spreadsheets.errors import PlanRefused
from bot.services.trainings import notifications
from bot.services.trainings.administration import NewTimes, TrainingAdministration
from bot.services.trainings.catalogue import new_checkin_code
from bot.services.trainings.editing.announced import old_values
from bot.services.trainings.errors import TrainingsChanged
from bot.services.trainings.importing.plan import Changed, Plan, same
from bot.services.trainings.importing.recorded import records
from bot.services.trainings.importing.rows import FIELDS, TrainingEntry, entry_of
from bot.services.trainings.registration_queries import registration_rows
from bot.services.trainings.statuses import LIVE, RegistrationStatus, TrainingStatus
from bot.store.models.trainings import TrainingRow


async def apply(
    db: AsyncSession,
    plan: Plan,
    trainings: TrainingAdministration,
    now: datetime,
    *,
    demo: bool = False,
    origin: Origin | None = UNNAMED_IMPORT,
) -> int:
    """Applies it in the caller's transaction; returns how many couriers are notified of a change.

    It is recorded as a revision from `origin`; None: the caller records it.

    Raises `PlanRefused`, `TrainingsChanged` when a training is not as it was compared, and
    `TrainingRefused`.
    """
    if plan.problems:
        raise PlanRefused
    codes = set(await db.scalars(select(TrainingRow.code)))
    if any(entry.code in codes for entry in plan.new):
        raise TrainingsChanged
    for entry in plan.new:
        await db.execute(
            insert(TrainingRow).values(
                **{name: getattr(entry, name) for name in FIELDS},
                taken=0,
                status=TrainingStatus.PLANNED,
                sequence=0,
                checkin_code=await free_checkin_code(db),
                is_demo=demo,
                updated_at=now,
            )
        )
    notified = 0
    for changed in sorted(plan.changed, key=lambda one: one.id):  # as everybody locks them
        notified += await _change(db, changed, trainings, now)
    await db.flush()
    if origin is not None and not demo and (plan.new or plan.changed):
        await revisions.record(db, RevisionKind.TRAININGS, origin, records(plan), now)
    return notified


async def free_checkin_code(db: AsyncSession) -> str:
    """Six digits that no planned training uses."""
    while True:
        code = new_checkin_code()
        used = select(TrainingRow.id).where(
            TrainingRow.checkin_code == code, TrainingRow.status == TrainingStatus.PLANNED
        )
        if await db.scalar(used.limit(1)) is None:
            return code


async def _change(
    db: AsyncSession, changed: Changed, trainings: TrainingAdministration, now: datetime
) -> int:
    row = await trainings.seating.lock(db, changed.id, now)
    before, after = changed.before, changed.after
    if not same(entry_of(row), before):
        raise TrainingsChanged
    if after.capacity < before.capacity:
        await trainings.resize(db, row.id, after.capacity, now)
    moved = any(
        getattr(before, name) != getattr(after, name)
        for name in ("starts_at", "ends_at", "place", "address")
    )
    notified = 0
    if moved:
        new = NewTimes(after.starts_at, after.ends_at, after.deadline, after.place, after.address)
        notified = await trainings.reschedule(db, row.id, new, now)
    for name in FIELDS:
        if name not in {"code", "starts_at", "ends_at", "capacity", "place", "address"}:
            setattr(row, name, getattr(after, name))
    row.updated_at = now
    if not moved:
        if (before.is_online, before.link) != (after.is_online, after.link):
            notified = await _notify(db, row, before, now)
        elif (before.title, before.about) != (after.title, after.about):
            row.sequence += 1  # calendars show both
    await db.flush()
    if after.capacity > before.capacity:
        await trainings.resize(db, row.id, after.capacity, now)
    return notified


async def _notify(db: AsyncSession, row: TrainingRow, before: TrainingEntry, now: datetime) -> int:
    """Notifies everybody that a training went online, or came back, or has another link."""
    old_sequence = row.sequence
    row.sequence += 1
    rows = await registration_rows(db, row.id, LIVE)
    old = old_values(before, entry_of(row))
    for registration in rows:
        await notifications.drop_reminders(db, registration, old_sequence, now)
        await notifications.queue_changed(db, registration, row, now, old)
        if registration.status == RegistrationStatus.SEAT:
            await notifications.queue_reminders(db, registration, row, now)
    return len(rows)
