"""Carries a plan out: all of it, in the caller's transaction.

A session that couriers have registered for is changed through the same door as by hand, so that
everybody in it and in its line is told.
"""

from datetime import datetime

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.services.notifications.queue import Plain
from bot.services.spreadsheets.errors import PlanRefused
from bot.services.trainings import notifications as say
from bot.services.trainings.administration import NewTimes, Sessions
from bot.services.trainings.catalogue import new_checkin_code
from bot.services.trainings.errors import TrainingsChanged
from bot.services.trainings.importing.plan import Changed, Plan, same
from bot.services.trainings.importing.rows import FIELDS, TrainingEntry, entry_of
from bot.services.trainings.registration_queries import LIVE, rows_of
from bot.store.models.trainings import TrainingRow


async def apply(
    db: AsyncSession, plan: Plan, sessions: Sessions, now: datetime, *, demo: bool = False
) -> int:
    """Carries it out in the caller's transaction; how many couriers are told of a change.

    Raises `PlanRefused`, `TrainingsChanged` when a session is not what it was compared with, and
    `TrainingRefused`.
    """
    if plan.problems:
        raise PlanRefused
    codes = set(await db.scalars(select(TrainingRow.code)))
    if any(one.code in codes for one in plan.new):
        raise TrainingsChanged
    for entry in plan.new:
        await db.execute(
            insert(TrainingRow).values(
                **{name: getattr(entry, name) for name in FIELDS},
                taken=0,
                status="planned",
                sequence=0,
                checkin_code=await free_checkin_code(db),
                is_demo=demo,
                updated_at=now,
            )
        )
    told = 0
    for changed in plan.changed:
        told += await _change(db, changed, sessions, now)
    await db.flush()
    return told


async def free_checkin_code(db: AsyncSession) -> str:
    """Six digits that no session to come uses."""
    while True:
        code = new_checkin_code()
        used = select(TrainingRow.id).where(
            TrainingRow.checkin_code == code, TrainingRow.status == "planned"
        )
        if await db.scalar(used.limit(1)) is None:
            return code


async def _change(db: AsyncSession, changed: Changed, sessions: Sessions, now: datetime) -> int:
    row = await sessions.lock(db, changed.id, now)
    before, after = changed.before, changed.after
    if not same(entry_of(row), before):
        raise TrainingsChanged
    if after.capacity < before.capacity:
        await sessions.resize(db, row.id, after.capacity, now)
    moved = any(
        getattr(before, name) != getattr(after, name)
        for name in ("starts_at", "ends_at", "place", "address")
    )
    told = 0
    if moved:
        new = NewTimes(after.starts_at, after.ends_at, after.deadline, after.place, after.address)
        told = await sessions.reschedule(db, row.id, new, now)
    for name in FIELDS:
        if name not in {"code", "starts_at", "ends_at", "capacity", "place", "address"}:
            setattr(row, name, getattr(after, name))
    row.updated_at = now
    if not moved:
        if (before.is_online, before.link) != (after.is_online, after.link):
            told = await _tell(db, row, before, now)
        elif (before.title, before.about) != (after.title, after.about):
            row.sequence += 1  # calendars show both
    await db.flush()
    if after.capacity > before.capacity:
        await sessions.resize(db, row.id, after.capacity, now)
    return told


async def _tell(db: AsyncSession, row: TrainingRow, before: TrainingEntry, now: datetime) -> int:
    """Tells everybody that a session went online, or came back, or has another link."""
    old = row.sequence
    row.sequence += 1
    rows = await rows_of(db, row.id, LIVE)
    was: dict[str, Plain] = {"place": before.place}
    for one in rows:
        await say.drop_reminders(db, one, old, now)
        await say.plan_changed(db, one, row, now, was)
        if one.status == "seat":
            await say.plan_reminders(db, one, row, now)
    return len(rows)
