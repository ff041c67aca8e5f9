"""What couriers did: searched, came to trainings, were sent notices. By league, WHOLE for all."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, case, distinct, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.common.values import value
from bot.services.notifications.statuses import OutboxStatus
from bot.services.stations.demand import DemandOutcome
from bot.services.trainings.statuses import RegistrationStatus, TrainingStatus
from bot.store.models.notifications import OutboxRow
from bot.store.models.stations import DemandRow
from bot.store.models.trainings import RegistrationRow, TrainingRow

WHOLE: Final = ""
"""Stands for the whole region, as a league of no adcode."""
IN_VAIN: Final = (DemandOutcome.NONE_OPEN, DemandOutcome.NONE_NEAR)
SEARCHED: Final = (DemandOutcome.FOUND, *IN_VAIN)
"""Each with its place in a line of counts."""
NOT_SENT: Final = (OutboxStatus.UNKNOWN, OutboxStatus.DEAD, OutboxStatus.EXPIRED)
STILL: Final = (OutboxStatus.READY, OutboxStatus.CLAIMED, OutboxStatus.SENDING)
IN_BOX: Final = (OutboxStatus.HELD, OutboxStatus.SHOWN)
ByLeague = Mapping[str, Mapping[str, list[int]]]


@value
class CellCount:
    """Searches in one cell, and in vain there, with the numbers of different couriers."""

    cell: str
    league: str
    couriers: int
    searches: int
    in_vain: int
    couriers_in_vain: int


def day_of(db: AsyncSession, moment: Any) -> ColumnElement[str]:
    """The day in China of a column with a moment, as `2026-11-23`."""
    if db.get_bind().dialect.name == "sqlite":
        return func.date(moment, "+8 hours")
    return func.to_char(func.timezone("Asia/Shanghai", moment), "YYYY-MM-DD")


async def searches_by_day(db: AsyncSession, since: datetime) -> ByLeague:
    """League → day → searches by outcome, in the order of `SEARCHED`."""
    day = day_of(db, DemandRow.at).label("day")
    rows = (
        select(DemandRow.league, day, DemandRow.outcome, func.count())
        .where(DemandRow.at >= since, DemandRow.outcome.in_(SEARCHED))
        .group_by(DemandRow.league, "day", DemandRow.outcome)
    )
    found = _table(len(SEARCHED))
    for league, on, outcome, number in await db.execute(rows):
        place = SEARCHED.index(DemandOutcome(outcome))
        for where in (league, WHOLE):
            found[where][on][place] += number
    return found


async def couriers_by_day(db: AsyncSession, since: datetime) -> ByLeague:
    """League → day → how many different couriers searched."""
    day = day_of(db, DemandRow.at).label("day")
    different = func.count(distinct(DemandRow.courier_id))
    searched = (DemandRow.at >= since, DemandRow.outcome.in_(SEARCHED))
    found = _table(1)
    of_leagues = select(DemandRow.league, day, different).where(*searched)
    for league, on, number in await db.execute(of_leagues.group_by(DemandRow.league, "day")):
        found[league][on][0] = number
    of_all = select(day, different).where(*searched).group_by("day")
    for on, number in await db.execute(of_all):
        found[WHOLE][on][0] = number
    return found


async def couriers(db: AsyncSession, since: datetime) -> Mapping[str, int]:
    """League → how many different couriers searched in the whole time."""
    different = func.count(distinct(DemandRow.courier_id))
    searched = (DemandRow.at >= since, DemandRow.outcome.in_(SEARCHED))
    by_league = select(DemandRow.league, different).where(*searched).group_by(DemandRow.league)
    found = dict((await db.execute(by_league)).all())
    found[WHOLE] = await db.scalar(select(different).where(*searched)) or 0
    return found


async def cells(db: AsyncSession, since: datetime) -> list[CellCount]:
    """Searches by cell and league."""
    vain = DemandRow.outcome.in_(IN_VAIN)
    rows = (
        select(
            DemandRow.cell,
            DemandRow.league,
            func.count(distinct(DemandRow.courier_id)),
            func.count(),
            func.sum(case((vain, 1), else_=0)),
            func.count(distinct(case((vain, DemandRow.courier_id)))),
        )
        .where(DemandRow.at >= since, DemandRow.outcome.in_(SEARCHED))
        .group_by(DemandRow.cell, DemandRow.league)
    )
    return [CellCount(*row) for row in await db.execute(rows)]


async def trainings(db: AsyncSession, since: datetime, now: datetime) -> ByLeague:
    """League → topic → seats, registered, attended, of trainings that have begun since."""
    held = (
        TrainingRow.starts_at >= since,
        TrainingRow.starts_at <= now,
        TrainingRow.status != TrainingStatus.CANCELLED,
    )
    seats = (
        select(TrainingRow.league, TrainingRow.topic, func.sum(TrainingRow.capacity))
        .where(*held)
        .group_by(TrainingRow.league, TrainingRow.topic)
    )
    seated = RegistrationRow.status == RegistrationStatus.SEAT
    came = (
        select(
            TrainingRow.league,
            TrainingRow.topic,
            func.sum(case((seated, 1), else_=0)),
            func.count(RegistrationRow.attended_at),
        )
        .join(RegistrationRow, RegistrationRow.training_id == TrainingRow.id)
        .where(*held)
        .group_by(TrainingRow.league, TrainingRow.topic)
    )
    found = _table(3)
    for league, topic, number in await db.execute(seats):
        for where in {league, WHOLE}:
            found[where][topic][0] += number
    for league, topic, registered, attended in await db.execute(came):
        for where in {league, WHOLE}:
            found[where][topic][1] += registered
            found[where][topic][2] += attended
    return found


async def deliveries(db: AsyncSession, since: datetime) -> Mapping[str, list[int]]:
    """Channel → notices sent, in the box of what waits to be seen, not sent yet, not delivered."""
    rows = (
        select(OutboxRow.channel, OutboxRow.status, func.count())
        .where(OutboxRow.created_at >= since, OutboxRow.status != OutboxStatus.CANCELLED)
        .group_by(OutboxRow.channel, OutboxRow.status)
    )
    found: defaultdict[str, list[int]] = defaultdict(lambda: [0] * 4)
    for channel, status, number in await db.execute(rows):
        found[channel][_place(OutboxStatus(status))] += number
    return dict(sorted(found.items()))


def _place(status: OutboxStatus) -> int:
    if status in IN_BOX:
        return 1
    if status in STILL:
        return 2
    return 3 if status in NOT_SENT else 0


def _table(width: int) -> defaultdict[str, defaultdict[str, list[int]]]:
    return defaultdict(lambda: defaultdict(lambda: [0] * width))
