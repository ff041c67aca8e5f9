"""Undoes a revision of the stations: through the same services as an import.

All of it or nothing: where a field was changed again since, the undo is refused and names the
revision that did it. A station that the revision added is removed, unless a courier keeps it: then
it is closed, so that the courier is told. What was removed comes back from the revision.

A merge is taken back with the rows that it moved; what came to the station since stays with it.
"""

from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.common.chunks import pieces
from bot.geo.datum import to_wgs84
from bot.services.dataset_version import Dataset, dataset_version, lock_version, raise_version
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
from bot.services.stations.editing.edits import keepers
from bot.services.stations.importing.apply import apply
from bot.services.stations.importing.columns import COLUMNS
from bot.services.stations.importing.listed import Listed
from bot.services.stations.importing.plan import Changed, Plan
from bot.services.stations.importing.reading.placing import PLACE
from bot.services.stations.importing.recorded import (
    NO_SHEET,
    change,
    from_whole,
    records,
    whole,
    with_cells,
)
from bot.services.stations.importing.rows import StationEntry, cells_of
from bot.services.stations.importing.stored import Stored, stored
from bot.services.stations.merging.redirects import targets
from bot.services.stations.merging.rows import give_back
from bot.services.stations.statuses import StationStatus
from bot.store.models.merging import StationMergeRow
from bot.store.models.stations import FavouriteRow, StationRow


@dataclass(slots=True)
class StationsUndo:
    """What undoing a revision would do; any of `conflicts` forbids it.

    `added` come back, `removed` go, `closed` are closed because couriers keep them; `unmerged` is a
    station of its own again; `keepers`: how many couriers would be told.
    """

    revision: Revision
    version: int
    added: list[Listed] = field(default_factory=list)
    changed: list[Changed] = field(default_factory=list)
    removed: list[Stored] = field(default_factory=list)
    closed: list[Changed] = field(default_factory=list)
    unmerged: list[Stored] = field(default_factory=list)
    conflicts: list[Conflict] = field(default_factory=list)
    keepers: int = 0


async def plan_undo(db: AsyncSession, number: int, now: datetime) -> StationsUndo:
    """Compares the revision with the stations of now. Raises `UndoRefused`. Reads only."""
    revision = await revisions.undoable(db, RevisionKind.STATIONS, number, now)
    if revision.undoes is not None:
        undone = await revisions.action_of(db, revision.undoes)
        if undone is RevisionAction.MERGE:
            raise UndoRefused(UndoRefusal.MERGE)
    undo = StationsUndo(revision, await dataset_version(db, Dataset.STATIONS))
    async for piece in revisions.records_of(db, number):
        held = {one.entry.code: one async for one in stored(db, [one.code for one in piece])}
        added = [held[one.code].id for one in piece if _added(one, held)]
        kept, merged_into = await _kept(db, added), await targets(db, added)
        for record in piece:
            old = held.get(record.code)
            if revision.action is RevisionAction.MERGE and record.after is None:
                await _take_apart(db, undo, record)
            elif old is not None and old.id in merged_into:  # another one's code leads here
                undo.conflicts.append(Conflict(record.code, ""))
            else:
                _take_back(undo, record, old, kept)
    undo.conflicts = await revisions.name_later(db, RevisionKind.STATIONS, number, undo.conflicts)
    undo.keepers = await keepers(db, [*undo.changed, *undo.closed])
    return undo


async def undo_revision(db: AsyncSession, number: int, actor: str, now: datetime) -> int:
    """Undoes it in the caller's transaction; the number of the revision that this is.

    Raises `UndoRefused`, with `CONFLICTS` where `plan_undo` finds any.
    """
    await lock_version(db, Dataset.STATIONS)
    added = await revisions.codes_added(db, number)
    for codes in pieces(added, revisions.PIECE):  # nobody begins to keep one of them meanwhile
        rows = select(StationRow.id).where(StationRow.code.in_(codes)).order_by(StationRow.id)
        await db.execute(rows.with_for_update())
    undo = await plan_undo(db, number, now)
    if undo.conflicts:
        raise UndoRefused(UndoRefusal.CONFLICTS)
    plan = Plan(
        version=undo.version,
        problems=(),
        warnings=(),
        moved=(),
        new=tuple(undo.added),
        changed=(*undo.changed, *undo.closed),
        unchanged=0,
        missing=(),
    )
    if plan.new or plan.changed:
        await apply(db, plan, now, origin=None)
    else:
        await raise_version(db, Dataset.STATIONS)
    for merged in undo.unmerged:
        await give_back(db, merged.id, now)
    for gone in pieces(undo.removed, revisions.PIECE):
        await db.execute(delete(StationRow).where(StationRow.id.in_([one.id for one in gone])))
    origin = Origin(actor, RevisionAction.UNDO, undo.revision.source, undoes=number)
    done = [
        *records(plan),
        *(Record(one.entry.code, None, whole(one.entry)) for one in undo.unmerged),
        *(Record(one.entry.code, whole(one.entry), None) for one in undo.removed),
    ]
    return await revisions.record(
        db, RevisionKind.STATIONS, origin, done, now, version=undo.version + 1
    )


def _added(record: Record, held: dict[str, Stored]) -> bool:
    return record.before is None and record.code in held


async def _kept(db: AsyncSession, ids: list[int]) -> set[int]:
    """Those of these stations that couriers keep."""
    kept = select(FavouriteRow.station_id).where(FavouriteRow.station_id.in_(ids)).distinct()
    return set(await db.scalars(kept)) if ids else set()


async def _take_apart(db: AsyncSession, undo: StationsUndo, record: Record) -> None:
    """The merged station is one of its own again, unless another merge came after this one."""
    row = StationMergeRow
    merge = select(row.station_id, row.status).where(row.revision_id == undo.revision.id)
    status = {one.station_id: one.status for one in await db.execute(merge)}
    found = [one async for one in stored(db, [record.code], merged=True) if one.id in status]
    undo.unmerged += [
        replace(one, entry=replace(one.entry, status=StationStatus(status[one.id])))
        for one in found
    ]
    if not found:
        undo.conflicts.append(Conflict(record.code, ""))


def _take_back(undo: StationsUndo, record: Record, now: Stored | None, kept: set[int]) -> None:
    if record.after is None and record.before is not None:
        entry = from_whole(record.before)
        listed = None if entry is None or now is not None else _listed(entry)
        if listed is None:
            undo.conflicts.append(Conflict(record.code, ""))
        else:
            undo.added.append(listed)
        return
    if now is None or record.after is None:
        undo.conflicts.append(Conflict(record.code, ""))
        return
    if changed_since := _changed_since(record, now.entry):
        undo.conflicts += [Conflict(record.code, name) for name in changed_since]
        return
    if record.before is None:
        closed = change(now, replace(now.entry, status=StationStatus.CLOSED))
        if now.id not in kept:
            undo.removed.append(now)
        elif closed is not None:
            undo.closed.append(closed)
        return
    after = with_cells(now.entry, record.before)
    if after is None:  # what was stored then is not accepted any more
        undo.conflicts += [Conflict(record.code, name) for name in record.before]
    elif changed := change(now, after):
        undo.changed.append(changed)


def _changed_since(record: Record, now: StationEntry) -> list[str]:
    """The fields of the record that are not as it left them; a place is one field, `lng`."""
    if record.after is None:
        return []
    cells = cells_of(now)
    names = cells if record.before is None else record.after
    was = {name: record.after.get(name, "") for name in names}  # a new record has no blank cells
    differing = [name for name in names if cells[name] != was[name]]
    if not differing:
        return []
    left = with_cells(now, was)  # a later version may write the same thing otherwise
    if left is not None:
        differing = [name for name in differing if getattr(left, name) != getattr(now, name)]
    return list(dict.fromkeys("lng" if name in PLACE else name for name in differing))


def _listed(entry: StationEntry) -> Listed | None:
    if entry.lat is None or entry.lng is None:
        return None
    point = to_wgs84(entry.lat, entry.lng, entry.datum)
    return Listed(NO_SHEET, 0, entry, point, frozenset(COLUMNS))
