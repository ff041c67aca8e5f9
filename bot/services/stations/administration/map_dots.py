"""Where the stations of a league are, for a map: those near each other as one dot."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.geo.places import Places
from bot.services.operators.roles import Operator, Right
from bot.services.stations.administration.leagues import in_leagues
from bot.services.stations.statuses import StationStatus
from bot.store.models.stations import StationRow

SHOWN = (StationStatus.OPEN, StationStatus.PAUSED)


@dataclass(frozen=True, slots=True)
class Area:
    """Degrees that a map shows."""

    west: float
    south: float
    east: float
    north: float


@dataclass(frozen=True, slots=True)
class Dot:
    """A station, or the first by code of `count` in one cell."""

    code: str
    name: str
    lat: float
    lon: float
    is_open: bool
    count: int = 1


async def find(
    db: AsyncSession,
    places: Places,
    operator: Operator,
    league: str,
    area: Area,
    cell: Callable[[float, float], tuple[int, int]],
) -> list[Dot]:
    """One dot for each cell of (latitude, longitude) in the area. Raises `NotAllowed`."""
    operator.require(Right.READ, league)
    rows = select(
        StationRow.code, StationRow.name, StationRow.lat, StationRow.lon, StationRow.status
    ).where(
        in_leagues(places, (league,)),
        (StationRow.status + "").in_(SHOWN),
        StationRow.lat.between(area.south, area.north),
        StationRow.lon.between(area.west, area.east),
    )
    dots: dict[tuple[int, int], Dot] = {}
    for code, name, lat, lon, status in await db.execute(rows):
        here = cell(lat, lon)
        held = dots.get(here)
        count = 1 if held is None else held.count + 1
        if held is None or code < held.code:
            held = Dot(code, name, lat, lon, status == StationStatus.OPEN)
        dots[here] = replace(held, count=count)
    return sorted(dots.values(), key=lambda one: one.code)
