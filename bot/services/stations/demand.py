"""What was searched for and whether it was found, in cells of about 5 km."""

import math
from datetime import datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import Final, cast

from sqlalchemy import Table, bindparam, delete, insert
from sqlalchemy.ext.asyncio import AsyncSession

from bot.common.facilities import codes
from bot.geo.places import Places
from bot.geo.point import Point
from bot.services.stations.results import SearchOutcome, SearchQuery, SearchResult
from bot.store.models.stations import DemandRow
from bot.store.prepared import Prepared

CELL: Final = 0.05  # degrees: about 5 km, coarse enough that no front door can be told
_COLUMNS: Final = ("courier_id", "at", "cell", "league", "wanted", "outcome", "nearest_m")
RECORD: Final = Prepared(
    insert(cast(Table, DemandRow.__table__)).values(
        {name: bindparam(f"demand_{name}") for name in _COLUMNS}
    )
)


class DemandOutcome(StrEnum):
    """Whether what was searched for was there, as it is stored."""

    FOUND = "found"
    NONE_NEAR = "none_near"
    NONE_OPEN = "none_open"
    PROPOSED = "proposed"
    """Nothing was searched for: the courier proposed a station there."""


def coarse_cell(point: Point) -> str:
    """The 0.05° square of a place as `row:column`: all that is kept of a shared location."""
    return f"{math.floor(point.lat / CELL)}:{math.floor(point.lon / CELL)}"


def cell_centre(cell: str) -> Point:
    """The middle of a square that `coarse_cell` named."""
    row, column = (int(part) for part in cell.split(":"))
    return Point((row + 0.5) * CELL, (column + 0.5) * CELL)


async def record_demand(
    db: AsyncSession,
    places: Places,
    courier_id: int,
    query: SearchQuery,
    result: SearchResult,
    now: datetime,
) -> None:
    """Remembers what was asked for in a cell at this hour; a further page asks for nothing new."""
    if query.skip:
        return
    nearest, cell = result.nearest, coarse_cell(query.point)
    metres = None if nearest is None else round(nearest.metres, -2)
    place, wanted = (cell, _league(places, cell)), _wanted(query.mask)
    await RECORD.write_later(db, _row(courier_id, now, place, wanted, _outcome(result), metres))


async def record_proposal(
    db: AsyncSession, places: Places, courier_id: int, point: Point, mask: int, now: datetime
) -> None:
    """A station that a courier wishes for in a cell, with these facilities; one a day counts."""
    cell = coarse_cell(point)
    proposed = (DemandRow.outcome == DemandOutcome.PROPOSED) & (DemandRow.cell == cell)
    mine = (DemandRow.courier_id == courier_id) & (DemandRow.at > now - timedelta(days=1))
    await db.execute(delete(DemandRow).where(mine, proposed))
    place, outcome = (cell, _league(places, cell)), DemandOutcome.PROPOSED
    await RECORD.write_later(db, _row(courier_id, now, place, _wanted(mask), outcome, None))


def _row(
    courier_id: int,
    now: datetime,
    place: tuple[str, str],
    wanted: str,
    outcome: DemandOutcome,
    nearest_m: float | None,
) -> dict[str, object]:
    """The values of `RECORD`; `place`: cell and league."""
    return {
        "demand_courier_id": courier_id,
        "demand_at": now.replace(minute=0, second=0, microsecond=0),
        "demand_cell": place[0],
        "demand_league": place[1],
        "demand_wanted": wanted,
        "demand_outcome": outcome,
        "demand_nearest_m": nearest_m,
    }


@lru_cache(maxsize=1024)
def _wanted(mask: int) -> str:
    return ",".join(sorted(codes(mask)))


@lru_cache(maxsize=8192)
def _league(places: Places, cell: str) -> str:
    """The league of a cell's middle: all demand of one cell counts for one league."""
    return places.league_of(cell_centre(cell)).adcode


def _outcome(result: SearchResult) -> DemandOutcome:
    match result.outcome:
        case SearchOutcome.FOUND | SearchOutcome.FAR_RIDE:
            return DemandOutcome.FOUND
        case SearchOutcome.NONE_OPEN | SearchOutcome.TOO_BRIEF | SearchOutcome.NO_MORE:
            return DemandOutcome.NONE_OPEN
        case SearchOutcome.NONE_ROUND_THE_CLOCK:
            near = result.nearest is not None and result.nearest.metres <= result.within
            return DemandOutcome.NONE_OPEN if near else DemandOutcome.NONE_NEAR
        case SearchOutcome.NONE_NEAR | SearchOutcome.DOUBTFUL_POSITION | SearchOutcome.NO_STATION:
            return DemandOutcome.NONE_NEAR
