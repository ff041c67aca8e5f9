"""What was searched for and whether it was found, in cells of about 5 km."""

import math
from collections.abc import Iterable
from datetime import datetime
from typing import cast

from sqlalchemy import Table, insert
from sqlalchemy.ext.asyncio import AsyncSession

from bot.geo.point import Point
from bot.store.models.stations import (
    DemandRow,
)

CELL = 0.05  # degrees: about 5 km, coarse enough that no front door can be told


RECORD = insert(cast(Table, DemandRow.__table__))  # built once


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
