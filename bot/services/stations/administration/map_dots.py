"""Where the stations of a league are, for a map: those near each other as one dot."""

from collections import Counter
from collections.abc import Callable

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.common.values import value
from bot.geo.places import Places
from bot.services.operators.roles import Operator, Right
from bot.services.stations.administration.leagues import in_leagues
from bot.services.stations.statuses import StationStatus
from bot.store.models.stations import StationRow

SHOWN = (StationStatus.OPEN, StationStatus.PAUSED)


@value
class Area:
    """Degrees that a map shows."""

    west: float
    south: float
    east: float
    north: float


@value
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
    rows = select(StationRow.code, StationRow.lat, StationRow.lon).where(
        in_leagues(places, (league,)),
        (StationRow.status + "").in_(SHOWN),
        StationRow.lat.between(area.south, area.north),
        StationRow.lon.between(area.west, area.east),
    )
    first: dict[tuple[int, int], str] = {}
    counts: Counter[str] = Counter()
    for code, lat, lon in (await db.execute(rows.order_by(StationRow.code))).all():
        counts[first.setdefault(cell(lat, lon), code)] += 1
    columns = StationRow.code, StationRow.name, StationRow.lat, StationRow.lon, StationRow.status
    shown = select(*columns).where(StationRow.code.in_(counts)).order_by(StationRow.code)
    return [
        Dot(code, name, lat, lon, status == StationStatus.OPEN, counts[code])
        for code, name, lat, lon, status in await db.execute(shown)
    ]
