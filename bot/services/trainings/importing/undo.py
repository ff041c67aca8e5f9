"""Undoes a revision of the trainings: through the same services as any change.

Whoever is registered is told of the change back; what was sent before stays sent. What cannot be
taken back honestly is an obstacle: a cancelled training, one that couriers registered for, one that
has begun.
"""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.geo.places import Places
from bot.services.operators import revisions
from bot.services.operators.revisions import (
    Conflict,
    Origin,
    Record,
    Revision,
    RevisionAction,
    RevisionKind,
    UndoRefusal,
    UndoRefused,
)
from bot.services.spreadsheets.tables import Difference
from bot.services.trainings.administration import TrainingAdministration
from bot.services.trainings.catalogue import count_registrations
from bot.services.trainings.importing.apply import apply
from bot.services.trainings.importing.plan import NOTIFIED_FIELDS, Changed, Plan, differing
from bot.services.trainings.importing.recorded import (
    STATUS,
    from_values,
    records,
    values_of,
    with_values,
)
from bot.services.trainings.importing.rows import cells_of, entry_of
from bot.services.trainings.statuses import LIVE, TrainingStatus
from bot.store.models.trainings import RegistrationRow, TeamRow, TrainingRow


class Obstacle(StrEnum):
    """Why one training cannot be brought back to what it was."""

    CANCELLED = "cancelled"
    """It was cancelled: its couriers were told that it is off."""
    REGISTERED = "registered"
    """It was added by the revision, and couriers have registered for it."""
    OVER = "over"
    """It has begun, is over or cancelled, or would begin in the past."""
    SEATS = "seats"
    """More seats are taken than there were."""


@dataclass(slots=True)
class TrainingsUndo:
    """What undoing a revision would do; `conflicts` and `obstacles` (code → why) forbid it."""

    revision: Revision
    plan: Plan = field(default_factory=Plan)
    removed: list[tuple[int, Record]] = field(default_factory=list)
    conflicts: list[Conflict] = field(default_factory=list)
    obstacles: dict[str, Obstacle] = field(default_factory=dict)

    @property
    def notified(self) -> int:
        """How many couriers would be told."""
        return sum(one.notified for one in self.plan.changed)


async def plan_undo(db: AsyncSession, number: int, now: datetime) -> TrainingsUndo:
    """Compares the revision with the trainings of now. Raises `UndoRefused`. Reads only."""
    undo = TrainingsUndo(await revisions.undoable(db, RevisionKind.TRAININGS, number, now))
    live = await count_registrations(db, LIVE)
    async for piece in revisions.records_of(db, number):
        codes = [one.code for one in piece]
        rows = await db.scalars(select(TrainingRow).where(TrainingRow.code.in_(codes)))
        held = {row.code: row for row in rows}
        for record in piece:
            await _take_back(db, undo, record, held.get(record.code), live, now)
    undo.conflicts = await revisions.name_later(db, RevisionKind.TRAININGS, number, undo.conflicts)
    return undo


async def undo_revision(
    db: AsyncSession,
    number: int,
    trainings: TrainingAdministration,
    actor: str,
    now: datetime,
) -> int:
    """Undoes it in the caller's transaction; the number of the revision that this is.

    Raises `UndoRefused`, `TrainingsChanged` and `TrainingRefused`.
    """
    for training_id in await _locked(db, number):
        await trainings.seating.lock(db, training_id, now)
    undo = await plan_undo(db, number, now)
    if undo.conflicts or undo.obstacles:
        raise UndoRefused(UndoRefusal.CONFLICTS)
    for training_id, _ in undo.removed:
        await db.execute(delete(TrainingRow).where(TrainingRow.id == training_id))
    await apply(db, undo.plan, trainings, now, origin=None)
    origin = Origin(actor, RevisionAction.UNDO, undo.revision.source, undoes=number)
    done = [*records(undo.plan), *(one for _, one in undo.removed)]
    return await revisions.record(db, RevisionKind.TRAININGS, origin, done, now)


async def _locked(db: AsyncSession, number: int) -> list[int]:
    """The ids of the revision's trainings, in the order in which everybody locks them."""
    ids: list[int] = []
    async for piece in revisions.records_of(db, number):
        codes = [one.code for one in piece]
        ids += await db.scalars(select(TrainingRow.id).where(TrainingRow.code.in_(codes)))
    return sorted(ids)


async def _take_back(
    db: AsyncSession,
    undo: TrainingsUndo,
    record: Record,
    row: TrainingRow | None,
    live: dict[int, int],
    now: datetime,
) -> None:
    code = record.code
    if record.after is None and record.before is not None:
        entry = from_values(record.before)
        if row is not None:
            undo.conflicts.append(Conflict(code, ""))
        elif entry.starts_at <= now:
            undo.obstacles[code] = Obstacle.OVER
        else:
            undo.plan.new.append(entry)
        return
    if row is None or record.after is None:
        undo.conflicts.append(Conflict(code, ""))
        return
    if STATUS in record.after:
        undo.obstacles[code] = Obstacle.CANCELLED
        return
    current = entry_of(row)
    changed_since = differing(with_values(current, record.after), current)
    if changed_since:
        undo.conflicts += [Conflict(code, name) for name in changed_since]
        return
    if row.status != TrainingStatus.PLANNED or row.starts_at <= now:
        undo.obstacles[code] = Obstacle.OVER
        return
    if record.before is None:
        if await _is_in_use(db, row.id):
            undo.obstacles[code] = Obstacle.REGISTERED
        else:
            undo.removed.append((row.id, Record(code, values_of(current), None)))
        return
    after = with_values(current, record.before)
    if after.starts_at <= now:
        undo.obstacles[code] = Obstacle.OVER
    elif after.capacity < row.taken:
        undo.obstacles[code] = Obstacle.SEATS
    else:
        names, places = differing(current, after), Places.load()
        was, will = cells_of(current, places), cells_of(after, places)
        cells = ["lng" if name == "lon" else name for name in names]
        told = live.get(row.id, 0) if NOTIFIED_FIELDS.intersection(names) else 0
        differences = tuple(Difference(name, was[name], will[name]) for name in cells)
        undo.plan.changed.append(Changed(row.id, current, after, differences, told))


async def _is_in_use(db: AsyncSession, training_id: int) -> bool:
    """Whether anybody ever registered for it, whatever became of that."""
    counts = [
        await db.scalar(select(func.count()).where(table.training_id == training_id)) or 0
        for table in (RegistrationRow, TeamRow)
    ]
    return any(counts)
