"""What is known of the stations: how fresh, what couriers found there, whether the list is right.

Lines are by league as `stations.administration.leagues` finds it, WHOLE for all.
"""

from collections import defaultdict
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import case, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.belief.model import ENTER, EXISTS, Source
from bot.common.clock import CHINA
from bot.common.facilities import FACILITIES
from bot.geo.places import Places
from bot.services.overview.dashboard.activity import WHOLE, ByLeague, day_of
from bot.services.stations.administration.leagues import LEAGUE_DIGITS, league_of
from bot.services.stations.statuses import FacilityStatus, StationStatus
from bot.store.models.observations import BeliefRow, ObservationRow
from bot.store.models.stations import FacilityRow, StationRow

FRESH: Final = timedelta(days=30)
STALE: Final = timedelta(days=90)
_PREFIX = func.substr(StationRow.adcode, 1, LEAGUE_DIGITS).label("prefix")
_NAME = case((StationRow.adcode == "", StationRow.league), else_="").label("named")
"""A league by its name counts only where there is no division code."""


async def stations(db: AsyncSession, places: Places, now: datetime) -> ByLeague:
    """League → owner → stations verified within 30 days, within 90, longer ago or never."""
    today = now.astimezone(CHINA).date()
    age = case(
        (StationRow.verified_at > today - FRESH, 0),
        (StationRow.verified_at > today - STALE, 1),
        else_=2,
    ).label("age")
    rows = (
        select(_PREFIX, _NAME, StationRow.owner, age, func.count())
        .where(StationRow.status != StationStatus.CLOSED)
        .group_by("prefix", "named", StationRow.owner, "age")
    )
    found = _table(3)
    for prefix, name, owner, at, number in await db.execute(rows):
        for where in {league_of(places, prefix, name), WHOLE}:
            found[where][owner][at] += number
    return found


async def trips_by_day(db: AsyncSession, places: Places, since: datetime) -> ByLeague:
    """League → day → trips in vain, and successful ones, as couriers told."""
    day = day_of(db, ObservationRow.at).label("day")
    rows = (
        select(_PREFIX, _NAME, day, ObservationRow.positive, func.count())
        .join(StationRow, StationRow.id == ObservationRow.station_id)
        .where(
            ObservationRow.at >= since,
            ObservationRow.fact == ENTER,
            ObservationRow.source == Source.COURIER,
        )
        .group_by("prefix", "named", "day", ObservationRow.positive)
    )
    found = _table(2)
    for prefix, name, on, positive, number in await db.execute(rows):
        for where in {league_of(places, prefix, name), WHOLE}:
            found[where][on][1 if positive else 0] += number
    return found


async def beliefs(db: AsyncSession, places: Places, since: datetime, now: datetime) -> ByLeague:
    """League → fact → stations where what was found since agrees with the list, is against it, and
    where the fact waits for a check. A fact is `enter`, `exists` or a facility.

    What was found is weighed: it holds where observations for it weigh more than those against.
    """
    row = ObservationRow
    said = case((row.positive.is_(True), row.weight), else_=-row.weight)
    weighed = (
        select(row.station_id, row.fact, func.sum(said).label("weight"))
        .where(row.at >= since)
        .group_by(row.station_id, row.fact)
        .subquery()
    )
    is_listed = case(
        (weighed.c.fact.in_((ENTER, EXISTS)), 1),
        (FacilityRow.state == FacilityStatus.OK, 1),
        else_=0,
    )
    waits = (BeliefRow.doubted_until > now) & (BeliefRow.logit < 0.0)
    holds = case((weighed.c.weight > 0.0, 1), else_=0)
    standing = case((waits, 2), (holds == is_listed, 0), else_=1).label("standing")
    rows = (
        select(_PREFIX, _NAME, weighed.c.fact, standing, func.count())
        .join(StationRow, StationRow.id == weighed.c.station_id)
        .outerjoin(
            FacilityRow,
            (FacilityRow.station_id == weighed.c.station_id) & (FacilityRow.code == weighed.c.fact),
        )
        .outerjoin(
            BeliefRow,
            (BeliefRow.station_id == weighed.c.station_id)
            & (BeliefRow.component == weighed.c.fact),
        )
        .where(StationRow.status == StationStatus.OPEN, weighed.c.weight != 0.0)
        .group_by("prefix", "named", weighed.c.fact, "standing")
    )
    found = _table(3)
    for prefix, name, fact, at, number in await db.execute(rows):
        for league in {league_of(places, prefix, name), WHOLE}:
            found[league][fact][at] += number
    order = (ENTER, EXISTS, *FACILITIES)
    return {
        league: {fact: facts[fact] for fact in order if fact in facts}
        for league, facts in found.items()
    }


def _table(width: int) -> defaultdict[str, defaultdict[str, list[int]]]:
    return defaultdict(lambda: defaultdict(lambda: [0] * width))
