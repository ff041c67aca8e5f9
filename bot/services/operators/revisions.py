"""Revisions: each import and each change by hand of the data that operators keep.

Written in the transaction that makes the change. A revision holds, for each record that it
touched, the fields that differ before and after; so it can be read, and undone for `UNDO_WITHIN`.
"""

from collections.abc import AsyncIterator, Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, cast

from sqlalchemy import Table, exists, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from bot.common.chunks import pieces
from bot.common.values import value
from bot.services.errors import DomainError
from bot.services.operators.access_log import ACTOR_LENGTH
from bot.store.models.administration.operators import RevisionRecordRow, RevisionRow

UNDO_WITHIN: Final = timedelta(days=30)
KEPT: Final = timedelta(days=400)
"""So long a revision can be read: two yearly lists can be compared."""
PIECE: Final = 2000
"""Records of one statement."""
SOURCE_LENGTH: Final = 200
"""Characters; the width of the column."""

Value = str | int | float | bool | None


class RevisionKind(StrEnum):
    """Whose records it changed; the values are stored."""

    STATIONS = "stations"
    TRAININGS = "trainings"
    HOLIDAYS = "holidays"
    CONTENT = "content"
    HONOURS = "honours"
    """Campaigns, and what was decided on nominations and votes."""


class RevisionAction(StrEnum):
    """What was done; the values are stored."""

    IMPORT = "import"
    ADD = "add"
    SET = "set"
    CLOSE = "close"
    REOPEN = "reopen"
    VERIFY = "verify"
    FACILITY = "facility"
    RESCHEDULE = "reschedule"
    CANCEL = "cancel"
    UNDO = "undo"
    APPROVE = "approve"
    DECLINE = "decline"
    SHORTLIST = "shortlist"
    PUBLISH = "publish"
    REVIEW = "review"
    MERGE = "merge"


class UndoRefusal(StrEnum):
    """Why a revision cannot be undone at all."""

    UNKNOWN = "unknown"
    """There is no such revision of this kind of data."""
    UNDONE = "undone"
    """It was undone already, by the revision `by`."""
    EXPIRED = "expired"
    """It is older than `UNDO_WITHIN`."""
    MERGE = "merge"
    """It took a merge back: the two stations are merged again instead."""
    CONFLICTS = "conflicts"
    """Records were changed since, or cannot be brought back."""


class UndoRefused(DomainError):
    """The revision cannot be undone."""

    def __init__(self, reason: UndoRefusal, *, by: int | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.by = by


@value
class Origin:
    """Who changes data and why. `source`: the file, or the reason given; cut to the column."""

    actor: str
    action: RevisionAction
    source: str = ""
    undoes: int | None = None


UNNAMED_IMPORT: Final = Origin("", RevisionAction.IMPORT)


@value
class Record:
    """One record that changes: its differing fields. `before` None: added, `after` None: removed.

    Values are those of JSON. A record that is added or removed has all its fields.
    """

    code: str
    before: Mapping[str, Value] | None
    after: Mapping[str, Value] | None

    def fields(self) -> set[str]:
        """The fields that it is about."""
        return {*(self.before or ()), *(self.after or ())}


@value
class Revision:
    """A revision without its records; `records` is how many it has."""

    id: int
    at: datetime
    actor: str
    action: RevisionAction
    source: str
    version: int
    records: int
    undoes: int | None
    undone_by: int | None


@value
class Conflict:
    """A field of a record that is not as the revision left it; `later`: the revision that did it.

    `field` "": the record as a whole was added or removed since. `later` None: nobody recorded it.
    """

    code: str
    field: str
    later: Revision | None = None


async def record(
    db: AsyncSession,
    kind: RevisionKind,
    origin: Origin,
    records: Iterable[Record],
    now: datetime,
    *,
    version: int = 0,
) -> int:
    """Enters a revision with its records, in pieces; its number. An undo marks what it undoes."""
    row = insert(RevisionRow).values(
        at=now,
        actor=origin.actor[:ACTOR_LENGTH],
        kind=kind,
        action=origin.action,
        source=origin.source[:SOURCE_LENGTH],
        version=version,
        undoes=origin.undoes,
    )
    number = (await db.execute(row.returning(RevisionRow.id))).scalar_one()
    await add_records(db, number, records)
    if origin.undoes is not None:
        undone = update(RevisionRow).where(RevisionRow.id == origin.undoes)
        await db.execute(undone.values(undone_by=number))
        # What the undone revision had undone itself counts again.
        again = update(RevisionRow).where(RevisionRow.undone_by == origin.undoes)
        await db.execute(again.values(undone_by=None))
    return number


async def add_records(db: AsyncSession, number: int, records: Iterable[Record]) -> None:
    """More records of a revision that was entered in this transaction."""
    for piece in pieces(records, PIECE):
        rows = [
            {"revision_id": number, "code": one.code, "before": one.before, "after": one.after}
            for one in piece
        ]
        await db.execute(_INSERT, rows)


async def undoable(db: AsyncSession, kind: RevisionKind, number: int, now: datetime) -> Revision:
    """The revision, if it may still be undone. Raises `UndoRefused`."""
    chosen = RevisionRow.id == number
    row = (await db.scalars(select(RevisionRow).where(chosen, RevisionRow.kind == kind))).first()
    if row is None:
        raise UndoRefused(UndoRefusal.UNKNOWN)
    if row.undone_by is not None:
        raise UndoRefused(UndoRefusal.UNDONE, by=row.undone_by)
    if row.at < now - UNDO_WITHIN:
        raise UndoRefused(UndoRefusal.EXPIRED)
    return _revision(row, await _count(db, number))


async def records_of(db: AsyncSession, number: int) -> AsyncIterator[list[Record]]:
    """The records of a revision in order of their codes, in pieces."""
    last = ""
    while True:
        rows = select(RevisionRecordRow.code, RevisionRecordRow.before, RevisionRecordRow.after)
        rows = rows.where(RevisionRecordRow.revision_id == number, RevisionRecordRow.code > last)
        found = (await db.execute(rows.order_by(RevisionRecordRow.code).limit(PIECE))).all()
        if not found:
            return
        yield [Record(*one) for one in found]
        last = found[-1].code


async def history(
    db: AsyncSession, kind: RevisionKind, code: str, most: int = 50
) -> list[tuple[Revision, Record]]:
    """What was done to one record, the newest first; of others of a revision one is counted."""
    other = aliased(RevisionRecordRow)
    others = exists().where(other.revision_id == RevisionRow.id, other.code != code)
    rows = (
        select(RevisionRow, RevisionRecordRow, others)
        .join(RevisionRecordRow, RevisionRecordRow.revision_id == RevisionRow.id)
        .where(RevisionRow.kind == kind, RevisionRecordRow.code == code)
        .order_by(RevisionRow.id.desc())
        .limit(most)
    )
    return [
        (_revision(one, 2 if has_others else 1), Record(code, of.before, of.after))
        for one, of, has_others in await db.execute(rows)
    ]


async def latest(db: AsyncSession, kind: RevisionKind, most: int = 20) -> list[Revision]:
    """The newest revisions of a kind of data, the newest first."""
    rows = select(RevisionRow).where(RevisionRow.kind == kind).order_by(RevisionRow.id.desc())
    found = (await db.scalars(rows.limit(most))).all()
    return [_revision(row, await _count(db, row.id)) for row in found]


async def since_version(
    db: AsyncSession, kind: RevisionKind, code: str, version: int
) -> list[tuple[Revision, Record]]:
    """What was done to one record after that version of the data set, the oldest first."""
    return [one for one in reversed(await history(db, kind, code)) if one[0].version > version]


async def name_later(
    db: AsyncSession, kind: RevisionKind, number: int, conflicts: Sequence[Conflict]
) -> list[Conflict]:
    """The conflicts, each with the newest revision after `number` that touched the field."""
    named = {}
    for codes in pieces(sorted({one.code for one in conflicts}), PIECE):
        rows = (
            select(RevisionRow, RevisionRecordRow)
            .join(RevisionRecordRow, RevisionRecordRow.revision_id == RevisionRow.id)
            .where(RevisionRow.kind == kind, RevisionRow.id > number)
            .where(RevisionRecordRow.code.in_(codes))
            .order_by(RevisionRow.id)
        )
        for later, of in await db.execute(rows):
            done = Record(of.code, of.before, of.after)
            for field in (done.fields(), {""})[done.before is None or done.after is None]:
                named[of.code, field] = _revision(later, 1)
    return [
        Conflict(one.code, one.field, named.get((one.code, one.field), named.get((one.code, ""))))
        for one in conflicts
    ]


async def action_of(db: AsyncSession, number: int) -> RevisionAction | None:
    """What a revision did; None where it is not kept any more."""
    found = await db.scalar(select(RevisionRow.action).where(RevisionRow.id == number))
    return None if found is None else RevisionAction(found)


async def codes_added(db: AsyncSession, number: int) -> Collection[str]:
    """The codes of the records that a revision added."""
    added = select(RevisionRecordRow.code).where(RevisionRecordRow.revision_id == number)
    return list(await db.scalars(added.where(RevisionRecordRow.before.is_(None))))


async def _count(db: AsyncSession, number: int) -> int:
    counted = select(func.count()).where(RevisionRecordRow.revision_id == number)
    return await db.scalar(counted) or 0


def _revision(row: RevisionRow, records: int) -> Revision:
    return Revision(
        id=row.id,
        at=row.at,
        actor=row.actor,
        action=RevisionAction(row.action),
        source=row.source,
        version=row.version,
        records=records,
        undoes=row.undoes,
        undone_by=row.undone_by,
    )


EMPTY: Final = ~exists().where(RevisionRecordRow.revision_id == RevisionRow.id)
"""A revision whose records were deleted."""
_INSERT: Final = insert(cast(Table, RevisionRecordRow.__table__))
