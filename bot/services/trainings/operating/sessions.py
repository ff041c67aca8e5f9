"""One training for an operator: looked at, added, changed, cancelled, taken back."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.common.values import value
from bot.geo.places import Places
from bot.services.operators import audit, revisions
from bot.services.operators.audit import SubjectKind
from bot.services.operators.revisions import (
    Record,
    Revision,
    RevisionKind,
    UndoRefusal,
    UndoRefused,
)
from bot.services.operators.roles import Operator, Right
from bot.services.spreadsheets.tables import Problem
from bot.services.trainings import catalogue, rosters
from bot.services.trainings.administration import TrainingAdministration
from bot.services.trainings.catalogue import Training
from bot.services.trainings.editing import edits
from bot.services.trainings.editing.edit_kinds import Add, Edit, action_of
from bot.services.trainings.editing.edits import Draft
from bot.services.trainings.editing.errors import TrainingThere
from bot.services.trainings.errors import TrainingRefused
from bot.services.trainings.importing import undo
from bot.services.trainings.importing.rows import TrainingEntry, cells_of, entry_of
from bot.services.trainings.importing.undo import TrainingsUndo
from bot.services.trainings.rosters import Attendance
from bot.services.trainings.statuses import TrainingRefusal, TrainingStatus
from bot.store.models.trainings import TrainingRow


@value
class TrainingView:
    """One training as its page shows it; `cells` as in a list. A change is saved for `version`."""

    training: Training
    cells: Mapping[str, str]
    version: int
    numbers: Attendance
    history: tuple[tuple[Revision, Record], ...]


async def view(
    db: AsyncSession, places: Places, operator: Operator, training_id: int
) -> TrainingView:
    """Raises `TrainingRefused` (`GONE`), and `NotAllowed` for another league's."""
    training = await require(db, operator, training_id)
    row = await db.get_one(TrainingRow, training_id)
    return TrainingView(
        training,
        cells_of(entry_of(row), places),
        await edits.version_of(db, training.code),
        await rosters.attendance(db, training_id),
        tuple(await revisions.history(db, RevisionKind.TRAININGS, training.code, 20)),
    )


async def draft_new(
    db: AsyncSession, places: Places, operator: Operator, edit: Add, now: datetime
) -> tuple[TrainingEntry, ...] | tuple[Problem, ...]:
    """What would be added, or what is wrong. Raises `NotAllowed` for another league."""
    operator.require(Right.TRAININGS)
    new = await edits.draft_new(db, places, edit, now)
    for one in new:
        if isinstance(one, TrainingEntry):
            operator.require(Right.TRAININGS, one.league)
    return new


async def add(
    db: AsyncSession,
    places: Places,
    operator: Operator,
    edit: Add,
    administration: TrainingAdministration,
    now: datetime,
) -> list[int]:
    """Adds them; their ids, soonest first.

    Raises `EditRefused`, `NotAllowed`, and `TrainingThere` where one is there already, as when a
    form is sent twice.
    """
    operator.require(Right.TRAININGS)
    for entry in await edits.draft_new(db, places, edit, now):
        if isinstance(entry, TrainingEntry) and await _is_there(db, entry):
            raise TrainingThere(entry.title)
    ids = await edits.add(db, places, edit, administration, operator.name, now)
    for training in (await catalogue.get_trainings(db, ids)).values():
        operator.require(Right.TRAININGS, training.league)
        await _record(db, operator, action_of(edit), training, now)
    return ids


async def _is_there(db: AsyncSession, entry: TrainingEntry) -> bool:
    same = select(TrainingRow.id).where(
        TrainingRow.title == entry.title,
        TrainingRow.starts_at == entry.starts_at,
        TrainingRow.place == entry.place,
        TrainingRow.league == entry.league,
        TrainingRow.status == TrainingStatus.PLANNED,
    )
    return await db.scalar(same.limit(1)) is not None


async def draft(
    db: AsyncSession,
    places: Places,
    operator: Operator,
    training_id: int,
    edit: Edit,
    now: datetime,
) -> Draft:
    """What the change would do. Raises `TrainingRefused`, `NotAllowed`."""
    await require(db, operator, training_id)
    return await edits.draft(db, places, training_id, edit, now)


async def save(
    db: AsyncSession,
    places: Places,
    operator: Operator,
    training_id: int,
    edit: Edit,
    administration: TrainingAdministration,
    now: datetime,
    *,
    version: int,
) -> int | None:
    """Does it; how many couriers are told, None: it changes nothing. Raises as `edits.save`.

    Also `NotAllowed` where the training is, or would be, of a league that is not the operator's.
    """
    await require(db, operator, training_id)
    told = await edits.save(
        db, places, training_id, edit, administration, operator.name, now, version=version
    )
    training = await require(db, operator, training_id)
    if told is not None:
        await _record(db, operator, action_of(edit), training, now)
    return told


async def draft_undo(
    db: AsyncSession, operator: Operator, training_id: int, number: int, now: datetime
) -> TrainingsUndo:
    """What taking back a revision of this training would do. Raises `UndoRefused`, `NotAllowed`."""
    await _require_all(db, operator, training_id, number)
    return await undo.plan_undo(db, number, now)


async def take_back(
    db: AsyncSession,
    operator: Operator,
    training_id: int,
    number: int,
    administration: TrainingAdministration,
    now: datetime,
) -> bool:
    """Takes back a revision with all that it changed; whether the training is still there.

    Raises `UndoRefused`, `NotAllowed`, `TrainingRefused`.
    """
    league = (await _require_all(db, operator, training_id, number)).league
    done = await undo.undo_revision(db, number, administration, operator.name, now)
    async for piece in revisions.records_of(db, done):
        for record in piece:
            await audit.record(
                db,
                operator.name,
                "training.undo",
                SubjectKind.TRAINING,
                record.code,
                now,
                league=league,
                before=record.before,
                after=record.after,
            )
    return await catalogue.get_training(db, training_id) is not None


async def require(db: AsyncSession, operator: Operator, training_id: int) -> Training:
    """The training, which is of the operator's leagues. Raises `TrainingRefused`, `NotAllowed`."""
    operator.require(Right.TRAININGS)
    training = await catalogue.get_training(db, training_id)
    if training is None:
        raise TrainingRefused(TrainingRefusal.GONE, training_id)
    operator.require(Right.TRAININGS, training.league)
    return training


async def _require_all(
    db: AsyncSession, operator: Operator, training_id: int, number: int
) -> Training:
    """The training, which the revision is about; all others of it are the operator's, too."""
    training = await require(db, operator, training_id)
    codes = [one.code async for piece in revisions.records_of(db, number) for one in piece]
    if training.code not in codes:
        raise UndoRefused(UndoRefusal.UNKNOWN)
    for league in await db.scalars(
        select(TrainingRow.league).where(TrainingRow.code.in_(codes)).distinct()
    ):
        operator.require(Right.TRAININGS, league)
    return training


async def _record(
    db: AsyncSession, operator: Operator, action: str, training: Training, now: datetime
) -> None:
    """The audit row of what the newest revision of the training did."""
    newest = await revisions.history(db, RevisionKind.TRAININGS, training.code, 1)
    before, after = (newest[0][1].before, newest[0][1].after) if newest else (None, None)
    await audit.record(
        db,
        operator.name,
        f"training.{action}",
        SubjectKind.TRAINING,
        training.code,
        now,
        league=training.league,
        before=before,
        after=after,
    )
