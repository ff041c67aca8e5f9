"""One version of all open stations, read from the database and indexed for searches."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import case, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.common.facilities import FACILITIES
from bot.common.values import value
from bot.geo.spatial_index import SpatialIndex
from bot.hours.calendar import Day, Holidays
from bot.hours.compiled import CompiledHours
from bot.hours.opening import Change, Schedule
from bot.hours.weekly import is_always_open
from bot.services.stations.arrival_tables import ArrivalTables, Stay
from bot.services.stations.catalogue import DescribedStations, change_of, schedule_of
from bot.services.stations.evidence.chances import NEVER
from bot.services.stations.statuses import FacilityStatus, StationStatus
from bot.store.models.stations import FacilityRow, HolidayRow, StationChangeRow, StationRow

ROUND_THE_CLOCK_BIT = 1 << 40  # beside the facility bits: open round the clock
KNOWN = 1 << 41  # its hours are registered


class StationLine(NamedTuple):
    """What is indexed of a station; `hours` as stored, `bits` of the facilities that work."""

    id: int
    lat: float
    lon: float
    hours: str | None
    verified_at: date | None
    bits: int | None


@value
class StationSnapshot:
    """One version of all open stations, as columns in the order of their ids."""

    version: int
    index: SpatialIndex
    schedules: tuple[Schedule, ...]
    holidays: Holidays
    compiled_hours: CompiledHours
    verified: NDArray[np.int32]  # ordinal days, or `NEVER`
    arrival_tables: ArrivalTables
    described: DescribedStations  # filled as they are described

    @classmethod
    def build(
        cls,
        version: int,
        lines: Sequence[StationLine],
        changes: Mapping[int, Sequence[Change]],
        holidays: Holidays,
        today: date,
    ) -> Self:
        """Of stations whose ids rise, with the dated changes of some; a second for 180,000."""
        known: dict[tuple[str | None, tuple[Change, ...]], int] = {}
        different: list[Schedule] = []
        kinds: list[int] = []
        for row in lines:
            own = tuple(changes.get(row.id, ()))
            kind = known.setdefault((row.hours, own), len(different))
            if kind == len(different):
                different.append(schedule_of(row.hours, own))
            kinds.append(kind)
        schedules = tuple(different[kind] for kind in kinds)
        masks = [
            int(row.bits or 0)
            | (ROUND_THE_CLOCK_BIT if _is_round_the_clock(schedule, today) else 0)
            | (KNOWN if schedule.hours is not None else 0)
            for row, schedule in zip(lines, schedules, strict=True)
        ]
        index = SpatialIndex.build(
            version,
            [row.id for row in lines],
            [row.lat for row in lines],
            [row.lon for row in lines],
            masks,
            kinds,
        )
        verified = [
            NEVER if row.verified_at is None else row.verified_at.toordinal() for row in lines
        ]
        compiled = CompiledHours(holidays)
        return cls(
            version,
            index,
            schedules,
            holidays,
            compiled,
            np.array(verified, np.int32),
            ArrivalTables(different, compiled),
            DescribedStations(),
        )

    def prepare(self, today: date, least: float) -> None:
        """Works out ahead what rules stations out that are shut today; `least` as in a search."""
        for stay in (Stay.ENOUGH, Stay.TOO_BRIEF):
            self.index.prepare(self.arrival_tables.table(today.toordinal(), stay, least))


async def load(
    db: AsyncSession,
    version: int,
    today: date,
    bundled: Holidays,
    *,
    demo: bool,
    least: float,
) -> StationSnapshot:
    """The stations as they are now, built in a thread; `demo`: demonstration stations too.

    `least`: minutes of a stay that is long enough, with which it will be searched.
    """
    bits = func.sum(
        case({code: 1 << one.bit for code, one in FACILITIES.items()}, value=FacilityRow.code)
    ).label("bits")
    working = (
        select(FacilityRow.station_id, bits)
        .where(FacilityRow.state == FacilityStatus.OK)
        .group_by(FacilityRow.station_id)
        .subquery()
    )
    stations = (
        select(
            StationRow.id,
            StationRow.lat,
            StationRow.lon,
            StationRow.hours,
            StationRow.verified_at,
            working.c.bits,
        )
        .outerjoin(working, working.c.station_id == StationRow.id)
        .where(StationRow.status == StationStatus.OPEN)
        .order_by(StationRow.id)
    )
    if not demo:
        stations = stations.where(StationRow.is_demo.is_(False))
    rows = (await db.execute(stations)).all()
    changes: dict[int, list[Change]] = {}
    ahead = select(StationChangeRow).where(StationChangeRow.last >= today - timedelta(days=2))
    for one in await db.scalars(ahead.order_by(StationChangeRow.id)):
        changes.setdefault(one.station_id, []).append(change_of(one))
    days = {
        row.day: Day(row.name, row.is_off, row.replaces)
        for row in await db.scalars(select(HolidayRow))
    }
    holidays = Holidays({**bundled.days, **days})

    def build() -> StationSnapshot:
        lines = [StationLine._make(row) for row in rows]
        snapshot = StationSnapshot.build(version, lines, changes, holidays, today)
        snapshot.prepare(today, least)
        return snapshot

    return await asyncio.to_thread(build)


def _is_round_the_clock(schedule: Schedule, today: date) -> bool:
    hours = schedule.hours
    if hours is None or schedule.changes:
        return False
    ahead = tuple(one for one in hours.closures if one.last >= today - timedelta(days=2))
    return is_always_open(replace(hours, closures=ahead) if hours.closures else hours)
