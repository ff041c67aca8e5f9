"""The weekly list of a league: what is broken, what is not verified, where searches are in vain."""

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.common.clock import CHINA
from bot.common.values import value
from bot.geo.ellipsoid import geodesic
from bot.geo.places import Places
from bot.geo.point import Point
from bot.hours.weekly import Hours, parse
from bot.services.operators import revisions
from bot.services.operators.revisions import RevisionKind, Value
from bot.services.stations import upkeep
from bot.services.stations.demand import CELL
from bot.services.stations.demand_report import Unmet, unmet_demand
from bot.services.stations.importing.cells import facilities as read_facilities
from bot.services.stations.statuses import FacilityStatus, StationStatus
from bot.services.stations.upkeep import Neglected
from bot.store.models.stations import FacilityRow, StationRow

BROKEN_FOR: Final = 7
"""Days from which on something is broken for long."""
SEARCHED: Final = timedelta(days=28)
"""The searches that count: four whole weeks."""
REACH: Final = 7_500.0
"""Metres from the middle of a 5 km cell within which longer hours of a station would help there."""
CELLS_AROUND: Final = 3
"""Cells in each direction that may hold such a station: a degree of longitude is short here."""


@value
class Broken:
    """A facility that is out of order or has run out; `days` None: nobody knows for how long."""

    code: str
    name: str
    owner: str
    phone: str
    facility: str
    state: FacilityStatus
    days: int | None


@value
class LongerHours:
    """A station that should open at `hours` of the day too, for those who found none open near.

    `couriers`: the most in one of these hours, at least five.
    """

    code: str
    name: str
    owner: str
    hours: tuple[int, ...]
    couriers: int


@value
class WeeklyList:
    """What a league should see to; `new_places`: where the next station should open."""

    league: str
    broken: tuple[Broken, ...]
    unverified: tuple[Neglected, ...]
    new_places: tuple[Unmet, ...]
    longer: tuple[LongerHours, ...]


@value
class _Station:
    id: int
    code: str
    name: str
    owner: str
    phone: str
    league: str
    point: Point
    hours: Hours | None


async def weekly(
    db: AsyncSession, places: Places, now: datetime, league: str = ""
) -> list[WeeklyList]:
    """The lists of all leagues that have anything on theirs, or of one (its adcode)."""
    today = now.astimezone(CHINA).date()
    stations = await _stations(db, places)
    by_code = {one.code: one for one in stations.values()}
    broken: defaultdict[str, list[Broken]] = defaultdict(list)
    for of, one in await _broken(db, stations, today):
        broken[of].append(one)
    unverified: defaultdict[str, list[Neglected]] = defaultdict(list)
    for stale in await upkeep.stale(db, today):
        if stale.code in by_code:
            unverified[by_code[stale.code].league].append(stale)
    unmet: defaultdict[str, list[Unmet]] = defaultdict(list)
    for line in await unmet_demand(db, places, now - SEARCHED):
        if not line.facility:
            unmet[places.league_of(line.point).adcode].append(line)
    lists = [
        WeeklyList(
            of,
            tuple(broken[of]),
            tuple(unverified[of]),
            tuple(one for one in unmet[of] if one.hour is None and one.none_near > one.none_open),
            longer_hours(stations.values(), unmet[of]),
        )
        for of in sorted({*broken, *unverified, *unmet})
        if league in {"", of}
    ]
    return [one for one in lists if one.broken or one.unverified or one.new_places or one.longer]


def longer_hours(stations: Iterable[_Station], lines: Iterable[Unmet]) -> tuple[LongerHours, ...]:
    """For each cell and hour in which none was open: the nearest station that closes then."""
    known = [one for one in stations if one.hours is not None]
    by_cell: defaultdict[tuple[int, int], list[_Station]] = defaultdict(list)
    for one in known:
        by_cell[_cell(one.point)].append(one)
    wanted: defaultdict[str, dict[int, int]] = defaultdict(dict)
    by_code = {one.code: one for one in known}
    for line in lines:
        if line.hour is None or line.none_open <= line.none_near:
            continue
        found = _closes_then(by_cell, line.point, line.hour)
        if found is not None:
            hours = wanted[found.code]
            hours[line.hour] = max(hours.get(line.hour, 0), line.couriers)
    found_hours = [
        LongerHours(
            code,
            by_code[code].name,
            by_code[code].owner,
            tuple(sorted(hours)),
            max(hours.values()),
        )
        for code, hours in wanted.items()
    ]
    return tuple(sorted(found_hours, key=lambda one: (-one.couriers, one.code)))


def _closes_then(
    by_cell: Mapping[tuple[int, int], list[_Station]], point: Point, hour: int
) -> _Station | None:
    """The nearest within `REACH` that is not open all of this hour."""
    row, column = _cell(point)
    around = range(-CELLS_AROUND, CELLS_AROUND + 1)
    near = [
        (geodesic(point, one.point), one.code, one)
        for north in around
        for east in around
        for one in by_cell.get((row + north, column + east), ())
        if not _is_open(one, hour)
    ]
    metres, _, found = min(near, default=(REACH + 1, "", None), key=lambda one: one[:2])
    return found if metres <= REACH else None


def _cell(point: Point) -> tuple[int, int]:
    return math.floor(point.lat / CELL), math.floor(point.lon / CELL)


def _is_open(station: _Station, hour: int) -> bool:
    """Whether it is open during the whole hour on ordinary working days."""
    if station.hours is None:
        return False
    start = hour * 60
    return all(
        any(one.opens <= start and start + 60 <= one.closes for one in row)
        for row in station.hours.week[:5]
    )


async def _stations(db: AsyncSession, places: Places) -> dict[int, _Station]:
    rows = select(
        StationRow.id,
        StationRow.code,
        StationRow.name,
        StationRow.owner,
        StationRow.phone,
        StationRow.adcode,
        StationRow.lat,
        StationRow.lon,
        StationRow.hours,
    ).where(StationRow.status == StationStatus.OPEN, StationRow.is_demo.is_(False))
    return {
        row.id: _Station(
            row.id,
            row.code,
            row.name,
            row.owner,
            row.phone,
            _league(places, row.adcode, Point(row.lat, row.lon)),
            Point(row.lat, row.lon),
            None if row.hours is None else parse(row.hours),
        )
        for row in await db.execute(rows)
    }


def _league(places: Places, adcode: str, point: Point) -> str:
    place = places.by_adcode.get(adcode[:6])
    return places.league_of(point).adcode if place is None else place.league


async def _broken(
    db: AsyncSession, stations: Mapping[int, _Station], today: date
) -> list[tuple[str, Broken]]:
    """What does not work for long, with the league, the longest first."""
    wrong = (FacilityStatus.BROKEN, FacilityStatus.EMPTY)
    rows = select(FacilityRow.station_id, FacilityRow.code, FacilityRow.state).where(
        FacilityRow.state.in_(wrong)
    )
    found = []
    for station_id, facility, state in (await db.execute(rows)).all():
        of = stations.get(station_id)
        if of is None:
            continue
        since = await _since(db, of.code, facility, state)
        days = None if since is None else (today - since).days
        if days is None or days >= BROKEN_FOR:
            one = Broken(
                of.code, of.name, of.owner, of.phone, facility, FacilityStatus(state), days
            )
            found.append((of.league, one))
    return sorted(found, key=lambda pair: (-_days(pair[1].days), pair[1].code, pair[1].facility))


async def _since(db: AsyncSession, code: str, facility: str, state: str) -> date | None:
    """The day on which the newest revision put the facility into that state."""
    for revision, record in await revisions.history(db, RevisionKind.STATIONS, code):
        after = _state(record.after, facility)
        if after == state and _state(record.before, facility) != state:
            return revision.at.astimezone(CHINA).date()
    return None


def _state(cells: Mapping[str, Value] | None, facility: str) -> str | None:
    text = None if cells is None else cells.get("facilities")
    return None if not text else dict(read_facilities(str(text))).get(facility)


def _days(days: int | None) -> int:
    return 1 << 30 if days is None else days
