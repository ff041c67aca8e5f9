"""Searches in vain and stations proposed: where a station, longer hours or a facility are lacking.

By place, by place and hour, and by place and facility. A line is shown only where at least
`LEAST_COURIERS` different couriers stand behind it: fewer could be recognised.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.common.clock import CHINA
from bot.common.values import value
from bot.geo.places import Places
from bot.geo.point import Point
from bot.services.stations.demand import CELL, DemandOutcome
from bot.store.models.stations import DemandRow

LEAST_COURIERS: Final = 5


@value
class Unmet:
    """Searches in one cell of about 5 km that found nothing, and stations `proposed` there.

    `place`, `league`: of the nearest seat of a banner; `point`: the middle of the cell. `hour` of
    the day in China, None: at any; `facility` its code, "": whatever was wanted. `none_near` and
    `none_open` add up to `searches`.
    """

    place: str
    league: str
    point: Point
    hour: int | None
    facility: str
    couriers: int
    none_near: int
    none_open: int
    proposed: int

    @property
    def searches(self) -> int:
        """All of them."""
        return self.none_near + self.none_open


@dataclass(slots=True)
class _Count:
    couriers: set[int] = field(default_factory=set)
    none_near: int = 0
    none_open: int = 0
    proposed: int = 0


_Key = tuple[str, int | None, str]


async def unmet_demand(db: AsyncSession, places: Places, since: datetime) -> list[Unmet]:
    """The lines, those of most couriers first: places, then their hours, then their facilities."""
    counts: defaultdict[_Key, _Count] = defaultdict(_Count)
    in_vain = select(
        DemandRow.courier_id, DemandRow.at, DemandRow.cell, DemandRow.wanted, DemandRow.outcome
    ).where(DemandRow.at >= since, DemandRow.outcome != DemandOutcome.FOUND)
    async for courier, at, cell, wanted, outcome in await db.stream(in_vain):
        is_proposed = outcome == DemandOutcome.PROPOSED
        for key in _keys(cell, None if is_proposed else at, wanted):
            count = counts[key]
            count.couriers.add(courier)
            if is_proposed:
                count.proposed += 1
            elif outcome == DemandOutcome.NONE_NEAR:
                count.none_near += 1
            else:
                count.none_open += 1
    found = [
        _unmet(key, count, places)
        for key, count in counts.items()
        if len(count.couriers) >= LEAST_COURIERS
    ]
    return sorted(found, key=_order)


def _keys(cell: str, at: datetime | None, wanted: str) -> Iterator[_Key]:
    """What a row counts for; `at` None: a station is wished for at any hour."""
    yield cell, None, ""
    if at is not None:
        yield cell, at.astimezone(CHINA).hour, ""
    for facility in filter(None, wanted.split(",")):
        yield cell, None, facility


def _unmet(key: _Key, count: _Count, places: Places) -> Unmet:
    cell, hour, facility = key
    row, _, column = cell.partition(":")
    point = Point((int(row) + 0.5) * CELL, (int(column) + 0.5) * CELL)
    place = places.nearest_place(point)
    return Unmet(
        place.name,
        places.by_adcode[place.league].name,
        point,
        hour,
        facility,
        len(count.couriers),
        count.none_near,
        count.none_open,
        count.proposed,
    )


def _order(one: Unmet) -> tuple[bool, bool, int, str, int, str]:
    hour = -1 if one.hour is None else one.hour
    return one.facility != "", one.hour is not None, -one.couriers, one.place, hour, one.facility
