"""Who observed a station: were they shown it, can they have been there, how much that counts."""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.belief import model
from bot.belief.model import Source
from bot.common.values import value
from bot.geo.ellipsoid import geodesic
from bot.geo.point import Point
from bot.services.stations import visits
from bot.services.stations.demand import DemandOutcome, cell_centre, coarse_cell
from bot.store.models.couriers import CourierRow
from bot.store.models.observations import ObservationRow
from bot.store.models.profiles import ProfileRow
from bot.store.models.stations import DemandRow

AT_DOOR: Final = 150.0  # metres
NEAR: Final = 15_000.0  # metres: what was asked for from there may have been answered by a station
CELL_REACH: Final = 4_000.0  # metres from the middle of a cell to its corner
FAST: Final = 1_000.0  # metres a minute as the crow flies: no courier rides faster
ASKED_WITHIN: Final = timedelta(hours=24)
YOUNG: Final = timedelta(days=3)
ALIKE_WITHIN: Final = timedelta(hours=24)


@value
class CourierAtStation:
    """What is known of a courier who observed; `cell`: the 5 km square they were in or asked from.

    `firm` is empty where they never told it.
    """

    courier_id: int
    was_shown: bool
    can_have_arrived: bool
    at_door: bool
    age: timedelta
    firm: str
    cell: str


async def read(
    db: AsyncSession,
    courier_id: int,
    station_id: int,
    door: Point,
    location: Point | None,
    now: datetime,
) -> CourierAtStation:
    """The courier as they are at this moment; `location`: where they shared they are."""
    who = select(CourierRow.created_at, func.coalesce(ProfileRow.firm, "").label("firm"))
    who = who.outerjoin(ProfileRow, ProfileRow.courier_id == CourierRow.id)
    courier = (await db.execute(who.where(CourierRow.id == courier_id))).one()
    visit = await visits.latest(db, courier_id, station_id, now)
    asked = await _asked(db, courier_id, door, now)
    away = None if location is None else geodesic(location, door)
    at_door = away is not None and away <= AT_DOOR
    arrived = at_door
    if visit is not None:
        arrived = arrived or visit.can_have_arrived(now)
    if asked is not None:
        reach = FAST * ((now - asked.at) / timedelta(minutes=1))
        arrived = arrived or asked.metres - CELL_REACH <= reach
    cell = coarse_cell(door) if asked is None else asked.cell
    return CourierAtStation(
        courier_id,
        visit is not None or asked is not None,
        arrived,
        at_door,
        now - courier.created_at,
        courier.firm,
        cell if location is None else coarse_cell(location),
    )


async def weigh(
    db: AsyncSession,
    courier: CourierAtStation,
    station_id: int,
    fact: str,
    positive: bool,
    now: datetime,
) -> float:
    """How much their observation counts, from 0 to 1, with what others like them said before."""
    observed = select(func.count()).select_from(ObservationRow)
    observed = observed.outerjoin(CourierRow, CourierRow.id == ObservationRow.courier_id)
    observed = observed.outerjoin(ProfileRow, ProfileRow.courier_id == CourierRow.id)
    group = []
    if courier.age < YOUNG:
        erased = ObservationRow.courier_id.is_(None)  # or accounts could be made anew each time
        group.append(erased | (CourierRow.created_at > now - YOUNG))
    if courier.firm:
        group.append((ProfileRow.firm == courier.firm) & (ObservationRow.cell == courier.cell))
    like_me = 0
    if group:
        alike = observed.where(
            ObservationRow.station_id == station_id,
            ObservationRow.fact == fact,
            ObservationRow.positive.is_(positive),
            ObservationRow.source == Source.COURIER,
            ObservationRow.courier_id.is_distinct_from(courier.courier_id),
            ObservationRow.at > now - ALIKE_WITHIN,
            or_(*group),
        )
        like_me = await db.scalar(alike) or 0
    return model.weight(
        Source.COURIER,
        model.Reporter(
            courier.was_shown,
            courier.can_have_arrived,
            courier.at_door,
            courier.age / timedelta(days=1),
            like_me,
        ),
    )


@value
class _Asked:
    """A search from a cell at a distance from the station."""

    at: datetime
    cell: str
    metres: float


async def _asked(db: AsyncSession, courier_id: int, door: Point, now: datetime) -> _Asked | None:
    """The courier's latest search of these hours from near enough to be sent to this station."""
    mine = select(DemandRow.at, DemandRow.cell).where(
        DemandRow.courier_id == courier_id,
        DemandRow.at > now - ASKED_WITHIN,
        DemandRow.outcome != DemandOutcome.PROPOSED,
    )
    latest = mine.order_by(DemandRow.at.desc(), DemandRow.id.desc()).limit(20)
    for row in (await db.execute(latest)).all():
        metres = geodesic(cell_centre(row.cell), door)
        if metres <= NEAR:
            return _Asked(row.at, row.cell, metres)
    return None
