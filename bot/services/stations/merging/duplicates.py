"""Stations that may be one: around a single station by the index of places, and all pairs at once.

All pairs are found where the stations changed, in a process that may take its time, and kept; pages
read them.
"""

import asyncio
from collections.abc import Iterable, Iterator, Sequence
from math import cos, radians
from typing import Final

from sqlalchemy import Select, delete, func, insert, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from bot.common.chunks import pieces
from bot.common.values import value
from bot.geo.ellipsoid import ecef
from bot.geo.point import Point
from bot.services.dataset_version import Dataset, dataset_version, lock_version, set_version
from bot.services.stations.importing.distances import distance
from bot.services.stations.importing.duplicates import are_alike
from bot.services.stations.statuses import StationStatus
from bot.store.engine import Store, open_store
from bot.store.literals import all_in_sql
from bot.store.models.merging import PossibleDuplicateRow
from bot.store.models.stations import StationRow

ALIKE_WITHIN: Final = 300.0
"""Metres between stations of like names that may be one."""
NEAR: Final = 50.0
"""Metres between any stations that may be one."""
PAIRS_WITHIN: Final = 100.0
"""Metres between the two of a pair: farther apart they are found from the page of either."""
MOST: Final = 20
PER_CELL: Final = 40
"""Stations of a cube of 100 m that are compared: a list geocoded to one point has thousands."""
PER_STATION: Final = 8
"""Pairs of one station."""
PAIRS_MOST: Final = 20_000
PIECE: Final = 500
_DEGREE: Final = 111_000.0
"""Metres of latitude, at least."""
SERVED: Final = (StationStatus.OPEN, StationStatus.PAUSED)


@value
class Candidate:
    """A station near another one; `alike`: their names are."""

    code: str
    name: str
    address: str
    metres: float
    alike: bool
    adcode: str
    league: str


async def around(db: AsyncSession, station_id: int, name: str, here: Point) -> list[Candidate]:
    """What may be the same station: like names first, then the nearest."""
    found = []
    for one in await db.execute(near(station_id, here)):
        metres = distance(here, Point(one.lat, one.lon))
        alike = are_alike(name, one.name)
        if metres <= NEAR or (alike and metres <= ALIKE_WITHIN):
            found.append(
                Candidate(one.code, one.name, one.address, metres, alike, one.adcode, one.league)
            )
    return sorted(found, key=lambda one: (not one.alike, one.metres))[:MOST]


def near(station_id: int, here: Point) -> Select[str, str, str, float, float, str, str]:
    """Other stations in the square around a place, by the index of places."""
    lat = ALIKE_WITHIN / _DEGREE
    lon = lat / max(0.1, cos(radians(here.lat)))
    row = StationRow
    return select(row.code, row.name, row.address, row.lat, row.lon, row.adcode, row.league).where(
        row.lat.between(here.lat - lat, here.lat + lat),
        row.lon.between(here.lon - lon, here.lon + lon),
        (row.status + "").in_(all_in_sql(SERVED)),  # by place, not by status
        row.id != station_id,
    )


@value
class Site:
    """A station as pairs are looked for."""

    id: int
    name: str
    lat: float
    lon: float
    is_demo: bool = False


def pairs(sites: Sequence[Site]) -> Iterator[tuple[int, int, int]]:
    """The ids of like-named stations within `PAIRS_WITHIN`, the smaller first, and the metres."""
    grid: dict[tuple[int, int, int], list[tuple[Site, tuple[float, float, float]]]] = {}
    for site in sorted(sites, key=lambda one: one.id):
        xyz = ecef(site.lat, site.lon)
        x, y, z = (int(one // PAIRS_WITHIN) for one in xyz)
        seen = 0
        for dx, dy, dz in _AROUND:
            for other, there in grid.get((x + dx, y + dy, z + dz), ()):
                apart = sum((a - b) ** 2 for a, b in zip(xyz, there, strict=True)) ** 0.5
                if apart > PAIRS_WITHIN or seen == PER_STATION or site.is_demo is not other.is_demo:
                    continue
                if are_alike(site.name, other.name):
                    seen += 1
                    yield other.id, site.id, round(apart)
        cell = grid.setdefault((x, y, z), [])
        if len(cell) < PER_CELL:
            cell.append((site, xyz))


def run(address: str) -> None:
    """`find_all` on the database of that address, in a process that may take its time."""
    asyncio.run(_run(address))


async def _run(address: str) -> None:
    store = await open_store(address)
    try:
        await find_all(store)
    finally:
        await store.close()


async def find_all(store: Store) -> None:
    """Finds all pairs and keeps them for the pages."""
    async with store.reading() as db:
        version, held = await sites(db)
    found = await asyncio.to_thread(lambda: list(pairs(held)))
    async with store.writing() as db:
        await keep(db, version, found)


async def is_stale(db: AsyncSession) -> bool:
    """Whether the stations changed since all pairs were found."""
    stations = await dataset_version(db, Dataset.STATIONS)
    return await dataset_version(db, Dataset.DUPLICATES) < stations


async def is_small(db: AsyncSession, most: int) -> bool:
    """Whether there are at most so many stations."""
    some = select(StationRow.id).limit(most + 1).subquery()
    return (await db.scalar(select(func.count()).select_from(some)) or 0) <= most


async def sites(db: AsyncSession) -> tuple[int, list[Site]]:
    """The version of the stations, and those that couriers may be sent to."""
    version = await dataset_version(db, Dataset.STATIONS)
    row = StationRow
    rows = select(row.id, row.name, row.lat, row.lon, row.is_demo)
    rows = rows.where(row.status.in_(all_in_sql(SERVED)))
    return version, [Site(*one) for one in await db.execute(rows)]


async def keep(db: AsyncSession, version: int, found: Iterable[tuple[int, int, int]]) -> None:
    """Keeps these pairs as those of that version, in the caller's transaction.

    What an operator said of a pair stays with it.
    """
    if await lock_version(db, Dataset.DUPLICATES) >= version:
        return
    wanted = {(first, second): metres for first, second, metres in found}
    nearest = sorted(wanted.items(), key=lambda one: one[1])[:PAIRS_MOST]
    wanted = dict(nearest)
    row = PossibleDuplicateRow
    stored = await db.execute(select(row.first_id, row.second_id))
    known = {(one.first_id, one.second_id) for one in stored}
    for gone in pieces(sorted(known - wanted.keys()), PIECE):
        mine = tuple_(row.first_id, row.second_id).in_(gone)
        await db.execute(delete(row).where(mine, row.distinct_at.is_(None)))
    fresh = sorted(wanted.keys() - known)
    there: set[int] = set()
    for some in pieces(sorted({one for pair in fresh for one in pair}), PIECE):
        there.update(await db.scalars(select(StationRow.id).where(StationRow.id.in_(some))))
    new = [
        {"first_id": first, "second_id": second, "metres": wanted[first, second]}
        for first, second in fresh
        if first in there and second in there
    ]
    for piece in pieces(new, PIECE):
        await db.execute(insert(row), piece)
    await set_version(db, Dataset.DUPLICATES, version)


_AROUND: Final = tuple((x, y, z) for x in (-1, 0, 1) for y in (-1, 0, 1) for z in (-1, 0, 1))
