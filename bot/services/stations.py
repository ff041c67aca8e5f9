"""What is known of a station, the stations a courier keeps, and what was asked for where."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import cast

from sqlalchemy import Table, delete, insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.facilities import FACILITIES
from bot.geo.point import Point
from bot.hours.opening import Change, Schedule
from bot.services.schedules import change_of, schedule_of
from bot.store.station_models import (
    DemandRow,
    FacilityRow,
    FavouriteRow,
    StationChangeRow,
    StationRow,
)

CELL = 0.05  # degrees: about 5 km, coarse enough that no front door can be told
FAVOURITES_MOST = 20
RECORD = insert(cast(Table, DemandRow.__table__))  # built once


@dataclass(frozen=True, slots=True)
class FacilityState:
    """One facility: `state` is ok, broken, empty or unconfirmed."""

    code: str
    state: str
    verified_at: date | None
    note: str


@dataclass(frozen=True, slots=True)
class Station:
    """All that a courier may want to know before opening the door."""

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
    status: str
    facilities: tuple[FacilityState, ...]

    def has(self, code: str) -> bool:
        """Whether the facility is there and works."""
        return any(one.code == code and one.state == "ok" for one in self.facilities)


async def with_code(db: AsyncSession, code: str) -> int | None:
    """The id of the station that lists call so."""
    return await db.scalar(select(StationRow.id).where(StationRow.code == code))


async def describe(
    db: AsyncSession, ids: Sequence[int], known: dict[int, Station] | None = None
) -> dict[int, Station]:
    """The stations of these ids that still exist, each whole.

    `known` are those that this version of the board has already read; new ones are added to it.
    """
    known = {} if known is None else known
    if missing := [one for one in ids if one not in known]:
        known.update(await _read(db, missing))
    return {one: known[one] for one in ids if one in known}


async def _read(db: AsyncSession, ids: Sequence[int]) -> dict[int, Station]:
    rows = list(await db.scalars(select(StationRow).where(StationRow.id.in_(ids))))
    facilities: dict[int, list[FacilityState]] = {row.id: [] for row in rows}
    changes: dict[int, list[Change]] = {row.id: [] for row in rows}
    for one in await db.scalars(select(FacilityRow).where(FacilityRow.station_id.in_(ids))):
        facilities[one.station_id].append(
            FacilityState(one.code, one.state, one.verified_at, one.note)
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
            status=row.status,
            facilities=tuple(sorted(facilities[row.id], key=lambda one: _order(one.code))),
        )
        for row in rows
    }


async def by_code(db: AsyncSession, code: str) -> Station | None:
    """The station of a code, None for one that no list has."""
    found = await db.scalar(select(StationRow.id).where(StationRow.code == code)) if code else None
    return None if found is None else (await describe(db, [found])).get(found)


async def favourites(db: AsyncSession, courier_id: int) -> list[int]:
    """Ids of the kept stations, the latest first."""
    kept = select(FavouriteRow.station_id).where(FavouriteRow.courier_id == courier_id)
    return list(await db.scalars(kept.order_by(FavouriteRow.added_at.desc())))


async def keep(db: AsyncSession, courier_id: int, station_id: int, now: datetime) -> bool:
    """Adds a favourite; False when there are already as many as fit a message.

    A station kept twice is kept once.
    """
    kept = await favourites(db, courier_id)
    if station_id in kept:
        return True
    if len(kept) >= FAVOURITES_MOST:
        return False
    row = {"courier_id": courier_id, "station_id": station_id, "added_at": now}
    await db.execute(insert(FavouriteRow).values(row))
    return True


async def drop(db: AsyncSession, courier_id: int, station_id: int) -> None:
    """Removes a favourite; one that is not there is as good as removed."""
    await db.execute(
        delete(FavouriteRow).where(
            FavouriteRow.courier_id == courier_id, FavouriteRow.station_id == station_id
        )
    )


def coarse_cell(point: Point) -> str:
    """The 0.05° square of a place as `row:column`: all that is kept of a shared location."""
    return f"{math.floor(point.lat / CELL)}:{math.floor(point.lon / CELL)}"


async def record_demand(
    db: AsyncSession,
    *,
    courier_id: int,
    now: datetime,
    cell: str,
    league: str,
    wanted: Iterable[str],
    outcome: str,
    nearest_m: float | None,
) -> None:
    """Remembers what was asked for in a cell at this hour, and whether it was there."""
    await db.execute(
        RECORD,
        {
            "courier_id": courier_id,
            "at": now.replace(minute=0, second=0, microsecond=0),
            "cell": cell,
            "league": league,
            "wanted": ",".join(sorted(wanted)),
            "outcome": outcome,
            "nearest_m": None if nearest_m is None else round(nearest_m, -2),
        },
    )


def _order(code: str) -> int:
    return FACILITIES[code].bit if code in FACILITIES else len(FACILITIES)
