"""Undoes a revision of content: what it changed becomes as it was, what it added goes."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncSession

from bot.services.content.importing.entries import Entry
from bot.services.content.importing.plan import stored_entries, values_of, write
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
from bot.store.models.content import ContentRow

_DATES: Final = frozenset({"valid_from", "valid_until", "review_on"})


@dataclass(slots=True)
class ContentUndo:
    """What undoing a revision would do: old and new of each record; `conflicts` forbid it."""

    revision: Revision
    records: list[Record] = field(default_factory=list)
    conflicts: list[Conflict] = field(default_factory=list)


async def plan_undo(db: AsyncSession, number: int, now: datetime) -> ContentUndo:
    """Compares the revision with the content of now. Raises `UndoRefused`. Reads only."""
    undo = ContentUndo(await revisions.undoable(db, RevisionKind.CONTENT, number, now))
    stored = {code: values_of(one) for code, one in (await stored_entries(db)).items()}
    async for piece in revisions.records_of(db, number):
        for record in piece:
            there = stored.get(record.code)
            undo.records.append(Record(record.code, record.after, record.before))
            if (there is None) != (record.after is None):
                undo.conflicts.append(Conflict(record.code, ""))
            elif there is not None and record.after is not None:
                undo.conflicts += [
                    Conflict(record.code, name)
                    for name, value in record.after.items()
                    if there.get(name) != value
                ]
    undo.conflicts = await revisions.name_later(db, RevisionKind.CONTENT, number, undo.conflicts)
    return undo


async def undo_revision(db: AsyncSession, number: int, actor: str, now: datetime) -> int:
    """Undoes it in the caller's transaction; the number of the revision that this is.

    Raises `UndoRefused`, with `CONFLICTS` where `plan_undo` finds any. Stamps of a lesson that
    goes stay with the couriers who have them.
    """
    await lock_version(db, Dataset.CONTENT)
    undo = await plan_undo(db, number, now)
    if undo.conflicts:
        raise UndoRefused(UndoRefusal.CONFLICTS)
    stored = await stored_entries(db)
    removed = [one.code for one in undo.records if one.after is None]
    await db.execute(delete(ContentRow).where(ContentRow.code.in_(removed)))
    back = [_entry(one, stored.get(one.code)) for one in undo.records if one.after is not None]
    await write(db, back, now)
    version = await raise_version(db, Dataset.CONTENT)
    origin = Origin(actor, RevisionAction.UNDO, undo.revision.source, undoes=number)
    return await revisions.record(
        db, RevisionKind.CONTENT, origin, undo.records, now, version=version
    )


def _entry(record: Record, there: Entry | None) -> Entry:
    values = _read(record.after or {})
    return replace(there, **values) if there is not None else Entry(**values)


def _read(values: Mapping[str, Value]) -> dict[str, Any]:
    return {
        name: date.fromisoformat(str(value)) if name in _DATES and value else value
        for name, value in values.items()
    }
