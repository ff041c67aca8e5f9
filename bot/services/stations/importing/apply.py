"""Carries a plan out: all of it, in the caller's transaction."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Table, and_, bindparam, delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.belief.model import ENTER, EXISTS
from bot.common.chunks import pieces
from bot.geo.point import Point
from bot.services.dataset_version import Dataset, raise_version
from bot.services.notifications.changes import Plain
from bot.services.operators import revisions
from bot.services.operators.revisions import UNNAMED_IMPORT, Origin, RevisionKind
from bot.services.spreadsheets.errors import PlanRefused
from bot.services.stations import favourites
from bot.services.stations.errors import StationsChanged
from bot.services.stations.favourites import StationChange
from bot.services.stations.feedback.outcomes import tell_resolved
from bot.services.stations.importing.columns import FIELDS
from bot.services.stations.importing.plan import MOVED, Changed, Plan, distance
from bot.services.stations.importing.recorded import records
from bot.services.stations.importing.rows import StationEntry
from bot.services.stations.statuses import FacilityStatus, StationStatus
from bot.store.models.stations import FacilityRow, StationChangeRow, StationRow

PIECE: Final = 2000
"""Rows of one statement: memory stays small however long the list is."""

_Row = dict[str, Any]


async def apply(
    db: AsyncSession,
    plan: Plan,
    now: datetime,
    *,
    allow_moves: bool = False,
    allow_removals: bool = False,
    demo: bool = False,
    origin: Origin | None = UNNAMED_IMPORT,
) -> int | None:
    """Writes what the plan says and raises the version of the stations; nothing if no change.

    Returns the number of the revision that it is recorded as: none for no change, for demo stations
    and without `origin`, where the caller records it. `demo` marks what is new.

    Raises `PlanRefused` for a plan with problems, doubts or unallowed moves or removals,
    `StationsChanged` when the stations are no longer those that the file was compared with.
    """
    if plan.problems or plan.doubtful:
        raise PlanRefused
    if (plan.moved and not allow_moves) or (plan.removals and not allow_removals):
        raise PlanRefused
    if not plan.new and not plan.changed:
        return None
    if await raise_version(db, Dataset.STATIONS) != plan.version + 1:
        raise StationsChanged
    for new in pieces(plan.new, PIECE):
        rows = [_station(one.entry, one.point, now) for one in new]
        await db.execute(
            insert(_STATION), [row | {"is_demo": True} for row in rows] if demo else rows
        )
        named = _STATION.c.code.in_([one.entry.code for one in new])
        ids = {
            row.code: row.id
            for row in await db.execute(select(_STATION.c.id, _STATION.c.code).where(named))
        }
        await _add(db, ((ids[one.entry.code], one.entry) for one in new))
    for changed in pieces(plan.changed, PIECE):
        rows = [{"at": one.before.id, **_station(one.after, one.point, now)} for one in changed]
        await db.execute(update(_STATION).where(_STATION.c.id == bindparam("at")), rows)
        await _replace(db, [(one.before.id, one.before.entry, one.after) for one in changed])
    version = plan.version + 1
    await favourites.notify(db, [told(one) for one in plan.changed], version, now)
    for one in plan.changed:
        if mended := _mended(one.before.entry, one.after):
            await tell_resolved(db, one.before.id, mended, now)
    if demo or origin is None:
        return None
    return await revisions.record(
        db, RevisionKind.STATIONS, origin, records(plan), now, version=version
    )


def _mended(before: StationEntry, after: StationEntry) -> list[str]:
    """The facts that hold again: facilities that work, and the station where it has reopened."""
    was = dict(before.facilities)
    facts = [
        code
        for code, state in after.facilities
        if state is FacilityStatus.OK and was.get(code, state) is not state
    ]
    is_open = after.status is StationStatus.OPEN
    return [*facts, EXISTS, ENTER] if is_open and before.status is not after.status else facts


def told(one: Changed) -> StationChange:
    """What couriers who keep the station are told of a change."""
    before, after = _telling(one.before.entry, one.before.point), _telling(one.after, one.point)
    if distance(one.before.point, one.point) <= MOVED:
        after["place"] = before["place"]  # a correction, or the same door in another datum
    differing = {name: value for name, value in before.items() if value != after[name]}
    return StationChange(one.before.id, differing, after)


def _telling(entry: StationEntry, point: Point) -> dict[str, Plain]:
    dated = [f"{one.first}/{one.last}={one.hours or ''}" for one in entry.changes]
    return {
        "status": entry.status.value,
        "hours": entry.hours,
        "changes": ";".join(dated),
        "place": f"{point.lat:.5f},{point.lon:.5f}",
    }


def _station(entry: StationEntry, point: Point, now: datetime) -> _Row:
    values = {field.column: getattr(entry, field.name) for field in FIELDS if field.column}
    return values | {
        "datum": entry.datum.value,
        "lat": point.lat,
        "lon": point.lon,
        "updated_at": now,
    }


def _facility(station_id: int, code: str, state: str) -> _Row:
    return {
        "station_id": station_id,
        "code": code,
        "state": state,
        "verified_at": None,
        "note": "",
    }


async def _add(db: AsyncSession, stations: Iterable[tuple[int, StationEntry]]) -> None:
    facilities: list[_Row] = []
    changes: list[_Row] = []
    for station_id, entry in stations:
        facilities += [_facility(station_id, code, state) for code, state in entry.facilities]
        changes += _changes(station_id, entry)
    await _insert(db, _FACILITY, facilities)
    await _insert(db, _CHANGE, changes)


async def _replace(
    db: AsyncSession, stations: Sequence[tuple[int, StationEntry, StationEntry]]
) -> None:
    dropped: list[_Row] = []
    facilities: list[_Row] = []
    redated: list[_Row] = []
    changes: list[_Row] = []
    for station_id, before, after in stations:
        had, has = dict(before.facilities), dict(after.facilities)
        dropped += [
            {"at": station_id, "what": code}
            for code, state in had.items()
            if has.get(code) != state
        ]
        facilities += [
            _facility(station_id, code, state)
            for code, state in has.items()
            if had.get(code) != state
        ]
        if before.changes != after.changes:
            redated.append({"at": station_id})
            changes += _changes(station_id, after)
    if dropped:
        await db.execute(delete(_FACILITY).where(_AT_FACILITY), dropped)
    if redated:
        await db.execute(delete(_CHANGE).where(_CHANGE.c.station_id == bindparam("at")), redated)
    await _insert(db, _FACILITY, facilities)
    await _insert(db, _CHANGE, changes)


def _changes(station_id: int, entry: StationEntry) -> list[_Row]:
    return [
        {
            "station_id": station_id,
            "first": one.first,
            "last": one.last,
            "hours": one.hours,
            "reason": one.reason,
        }
        for one in entry.changes
    ]


async def _insert(db: AsyncSession, table: Table, rows: list[_Row]) -> None:
    if rows:
        await db.execute(insert(table), rows)


# The plain tables: millions of rows need no mapper between them and the database.
_STATION: Final[Table] = StationRow.metadata.tables[StationRow.__tablename__]
_FACILITY: Final[Table] = StationRow.metadata.tables[FacilityRow.__tablename__]
_CHANGE: Final[Table] = StationRow.metadata.tables[StationChangeRow.__tablename__]
_AT_FACILITY: Final[ColumnElement[bool]] = and_(
    _FACILITY.c.station_id == bindparam("at"), _FACILITY.c.code == bindparam("what")
)
