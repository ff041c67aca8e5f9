"""What is known of each station: names, place, hours, facilities, how to get in."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.common.facilities import FACILITIES
from bot.common.values import value
from bot.geo.point import Point
from bot.hours.opening import Change, Schedule
from bot.hours.weekly import Hours, parse
from bot.services.stations.merging.redirects import successors
from bot.services.stations.statuses import FacilityStatus, StationStatus
from bot.store.models.merging import StationMergeRow
from bot.store.models.stations import FacilityRow, StationChangeRow, StationRow


@value
class FacilityState:
    """One facility of a station."""

    code: str
    state: FacilityStatus
    verified_at: date | None
    note: str


@dataclass(frozen=True, slots=True, eq=False)  # a quick key: each is read once of a version
class Station:
    """All that is known of a station, with its usual hours and dated changes."""

    id: int
    code: str
    name: str
    address: str
    point: Point
    phone: str
    schedule: Schedule
    entry: str
    door: str
    parking: str
    toilet: str
    star: int | None
    verified_at: date | None
    status: StationStatus
    facilities: tuple[FacilityState, ...]

    def has(self, code: str) -> bool:
        """Whether the facility is there and works."""
        return any(one.code == code and one.state is FacilityStatus.OK for one in self.facilities)


async def with_code(db: AsyncSession, code: str) -> int | None:
    """The id of the station that lists call so, or called so before it was merged into it."""
    current = func.coalesce(StationMergeRow.into_id, StationRow.id)
    merge = StationMergeRow.station_id == StationRow.id
    found = select(current).select_from(StationRow).outerjoin(StationMergeRow, merge)
    return await db.scalar(found.where(StationRow.code == code))


@value
class DescribedStations:
    """Stations that were read, each once, from one version of the data."""

    by_id: dict[int, Station] = field(default_factory=dict)
    by_code: dict[str, Station] = field(default_factory=dict)

    def add(self, stations: Mapping[int, Station]) -> None:
        """Keeps these."""
        self.by_id.update(stations)
        self.by_code.update((one.code, one) for one in stations.values())


async def describe(
    db: AsyncSession, ids: Sequence[int], described: DescribedStations | None = None
) -> dict[int, Station]:
    """The stations of these ids that still exist, each whole.

    `described` are those that this version of the snapshot has already read; new ones are added.
    The id of a station that was merged into another one means that other one.
    """
    described = described or DescribedStations()
    if missing := [one for one in ids if one not in described.by_id]:
        described.add(await _current(db, await _read(db, StationRow.id.in_(missing))))
    return {one: described.by_id[one] for one in ids if one in described.by_id}


async def _current(db: AsyncSession, read: dict[int, Station]) -> dict[int, Station]:
    """The stations by the same ids, each merged one replaced by the one that it was merged into."""
    closed = [one.id for one in read.values() if one.status is StationStatus.CLOSED]
    if not closed:
        return read
    into = await successors(db, closed)
    others = [one for one in into.values() if one not in read]
    whole = read | (await _read(db, StationRow.id.in_(others)) if others else {})
    return whole | {old: whole[new] for old, new in into.items()}


async def _read(db: AsyncSession, which: ColumnElement[bool]) -> dict[int, Station]:
    rows = list(await db.scalars(select(StationRow).where(which)))
    if not rows:
        return {}
    ids = [row.id for row in rows]
    facilities: dict[int, list[FacilityState]] = {row.id: [] for row in rows}
    changes: dict[int, list[Change]] = {row.id: [] for row in rows}
    for one in await db.scalars(select(FacilityRow).where(FacilityRow.station_id.in_(ids))):
        facilities[one.station_id].append(
            FacilityState(one.code, FacilityStatus(one.state), one.verified_at, one.note)
        )
    dated = select(StationChangeRow).where(StationChangeRow.station_id.in_(ids))
    for change in await db.scalars(dated.order_by(StationChangeRow.id)):
        changes[change.station_id].append(change_of(change))
    return {
        row.id: Station(
            id=row.id,
            code=row.code,
            name=row.name,
            address=row.address,
            point=Point(row.lat, row.lon),
            phone=row.phone,
            schedule=schedule_of(row.hours, tuple(changes[row.id])),
            entry=row.entry,
            door=row.door,
            parking=row.parking,
            toilet=row.toilet,
            star=row.star,
            verified_at=row.verified_at,
            status=StationStatus(row.status),
            facilities=tuple(sorted(facilities[row.id], key=lambda one: _order(one.code))),
        )
        for row in rows
    }


async def by_code(
    db: AsyncSession, code: str, described: DescribedStations | None = None
) -> Station | None:
    """The station of a code, None for one that no list has; `described` as `describe` takes it.

    The code of a merged station leads to the one that it was merged into.
    """
    described = described or DescribedStations()
    if code and code not in described.by_code:
        read = await _read(db, StationRow.code == code)
        described.add(current := await _current(db, read))
        described.by_code.update((code, current[one]) for one in read)
    return described.by_code.get(code)


def _order(code: str) -> int:
    return FACILITIES[code].bit if code in FACILITIES else len(FACILITIES)


@lru_cache(maxsize=4096)
def _hours(text: str) -> Hours:
    return parse(text)


@lru_cache(maxsize=4096)
def _plain(text: str | None) -> Schedule:
    return Schedule(None if text is None else _hours(text), ())


def schedule_of(hours: str | None, changes: tuple[Change, ...]) -> Schedule:
    """The stored form as a schedule; equal ones are shared, for 180,000 stations have few."""
    if not changes:
        return _plain(hours)
    return Schedule(None if hours is None else _hours(hours), changes)


def change_of(row: StationChangeRow) -> Change:
    """A dated exception as `bot.hours` takes it."""
    hours = None if row.hours is None else _hours(row.hours)
    return Change(row.first, row.last, hours, row.reason)
