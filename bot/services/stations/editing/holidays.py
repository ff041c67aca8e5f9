"""Holidays in revisions, and undoing one: a record is a day, its code the date."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.services.dataset_version import Dataset, lock_version, raise_version
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
    Value,
)
from bot.store.models.stations import HolidayRow


@dataclass(slots=True)
class HolidaysUndo:
    """What undoing a revision would do: old and new of each day; any of `conflicts` forbids it."""

    revision: Revision
    records: list[Record] = field(default_factory=list)
    conflicts: list[Conflict] = field(default_factory=list)


async def stored_days(db: AsyncSession) -> dict[date, dict[str, Value]]:
    """Every stored day as a revision keeps it."""
    return {row.day: _values(row) for row in await db.scalars(select(HolidayRow))}


async def record_days(
    db: AsyncSession,
    before: Mapping[date, Mapping[str, Value]],
    origin: Origin,
    now: datetime,
    version: int,
) -> int | None:
    """Records what became of the days of `before` and of all others; None where nothing did."""
    after = await stored_days(db)
    days = sorted(before.keys() | after.keys())
    done = [
        Record(str(day), before.get(day), after.get(day))
        for day in days
        if before.get(day) != after.get(day)
    ]
    if not done:
        return None
    return await revisions.record(db, RevisionKind.HOLIDAYS, origin, done, now, version=version)


async def plan_undo(db: AsyncSession, number: int, now: datetime) -> HolidaysUndo:
    """Compares the revision with the holidays of now. Raises `UndoRefused`. Reads only."""
    undo = HolidaysUndo(await revisions.undoable(db, RevisionKind.HOLIDAYS, number, now))
    days = await stored_days(db)
    async for piece in revisions.records_of(db, number):
        for record in piece:
            if days.get(date.fromisoformat(record.code)) != record.after:
                undo.conflicts.append(Conflict(record.code, ""))
            undo.records.append(Record(record.code, record.after, record.before))
    undo.conflicts = await revisions.name_later(db, RevisionKind.HOLIDAYS, number, undo.conflicts)
    return undo


async def undo_revision(db: AsyncSession, number: int, actor: str, now: datetime) -> int:
    """Undoes it in the caller's transaction; the number of the revision that this is.

    Raises `UndoRefused`, with `CONFLICTS` where `plan_undo` finds any.
    """
    await lock_version(db, Dataset.STATIONS)
    undo = await plan_undo(db, number, now)
    if undo.conflicts:
        raise UndoRefused(UndoRefusal.CONFLICTS)
    days = [date.fromisoformat(one.code) for one in undo.records]
    await db.execute(delete(HolidayRow).where(HolidayRow.day.in_(days)))
    rows = [
        {**one.after, "day": date.fromisoformat(one.code), "replaces": _day(one.after["replaces"])}
        for one in undo.records
        if one.after is not None
    ]
    if rows:
        await db.execute(insert(HolidayRow), rows)
    version = await raise_version(db, Dataset.STATIONS)
    origin = Origin(actor, RevisionAction.UNDO, undo.revision.source, undoes=number)
    return await revisions.record(
        db, RevisionKind.HOLIDAYS, origin, undo.records, now, version=version
    )


def _values(row: HolidayRow) -> dict[str, Value]:
    return {
        "name": row.name,
        "is_off": row.is_off,
        "replaces": None if row.replaces is None else row.replaces.isoformat(),
        "source": row.source,
    }


def _day(value: Value) -> date | None:
    return None if value is None else date.fromisoformat(str(value))
