"""The list of trainings: to come, over or cancelled, in pages by key, of the operator's leagues.

A training belongs to the league where it is held. One of no league, such as one online, belongs to
those who see the whole region.
"""

from datetime import datetime, time, timedelta
from enum import StrEnum
from typing import Final

from sqlalchemy import ColumnElement, Select, and_, func, or_, select, true
from sqlalchemy.ext.asyncio import AsyncSession

from bot.common.clock import CHINA
from bot.common.values import value
from bot.services.operators.roles import Operator, Right
from bot.services.trainings.catalogue import Training, count_registrations, training_of
from bot.services.trainings.statuses import RegistrationStatus, TrainingStatus
from bot.store.models.trainings import TrainingRow

PAGE: Final = 30
LONGEST: Final = timedelta(days=1)
"""A training that began before is over."""


class Shown(StrEnum):
    """Which trainings a list shows; each is one state of a training, in its order."""

    COMING = "coming"
    OVER = "over"
    CANCELLED = "cancelled"


_STATUS: Final = {
    Shown.COMING: TrainingStatus.PLANNED,
    Shown.OVER: TrainingStatus.DONE,
    Shown.CANCELLED: TrainingStatus.CANCELLED,
}


@value
class Key:
    """Where a page ends: start and id of its last training."""

    starts_at: datetime
    id: int


@value
class Query:
    """What is looked for; "" everything. `after`: where the page before ended."""

    shown: Shown = Shown.COMING
    league: str = ""
    text: str = ""
    after: Key | None = None


@value
class TrainingPage:
    """Those to come soonest first, others latest first. `next` None: nothing comes after it."""

    trainings: tuple[Training, ...]
    next: Key | None


async def find(db: AsyncSession, operator: Operator, query: Query) -> TrainingPage:
    """One page. Raises `NotAllowed` for a league that is not the operator's."""
    operator.require(Right.TRAININGS, query.league or None)
    rows = list(await db.scalars(_select(operator, query).limit(PAGE + 1)))
    shown = rows[:PAGE]
    waiting = await count_registrations(
        db, (RegistrationStatus.WAITLIST,), [row.id for row in shown]
    )
    trainings = tuple(training_of(row, waiting.get(row.id, 0)) for row in shown)
    last = trainings[-1] if len(rows) > PAGE else None
    return TrainingPage(trainings, None if last is None else Key(last.starts_at, last.id))


async def newest(db: AsyncSession, operator: Operator) -> int | None:
    """The training that was added last, to be copied."""
    operator.require(Right.TRAININGS)
    rows = select(TrainingRow.id).where(visible(operator))
    return await db.scalar(rows.order_by(TrainingRow.id.desc()).limit(1))


@value
class Soon:
    """How many trainings begin today or tomorrow. `nowhere`: of these, in a room that nobody named
    and without a link; `free`: with a free seat, for who walks in."""

    trainings: int = 0
    nowhere: int = 0
    free: int = 0


async def soon(db: AsyncSession, operator: Operator, now: datetime) -> Soon:
    """Those of the operator's leagues that are not over; none without the right."""
    if not operator.may(Right.TRAININGS):
        return Soon()
    day = now.astimezone(CHINA).date() + timedelta(days=2)
    end = datetime.combine(day, time(), CHINA)
    no_link = and_(TrainingRow.is_online, TrainingRow.link == "")
    nowhere = or_(no_link, and_(~TrainingRow.is_online, TrainingRow.place == ""))
    rows = select(
        func.count(),
        func.count().filter(nowhere),
        func.count().filter(TrainingRow.taken < TrainingRow.capacity),
    ).where(
        TrainingRow.status == TrainingStatus.PLANNED,
        TrainingRow.starts_at >= now - LONGEST,
        TrainingRow.starts_at < end,
        TrainingRow.ends_at > now,
        visible(operator),
    )
    return Soon(*(await db.execute(rows)).one())


def visible(operator: Operator) -> ColumnElement[bool]:
    """The condition for trainings of the operator's leagues."""
    return TrainingRow.league.in_(operator.leagues) if operator.leagues else true()


def _select(operator: Operator, query: Query) -> Select[TrainingRow]:
    rows = select(TrainingRow).where(TrainingRow.status == _STATUS[query.shown])
    rows = rows.where(visible(operator))
    if query.league:
        rows = rows.where(TrainingRow.league == query.league)
    if query.text:
        columns = (TrainingRow.title, TrainingRow.code, TrainingRow.place, TrainingRow.topic)
        rows = rows.where(or_(*(one.contains(query.text, autoescape=True) for one in columns)))
    starts, number = TrainingRow.starts_at, TrainingRow.id
    is_coming = query.shown is Shown.COMING
    if (key := query.after) is not None:
        past = starts > key.starts_at if is_coming else starts < key.starts_at
        further = number > key.id if is_coming else number < key.id
        rows = rows.where(or_(past, and_(starts == key.starts_at, further)))
    if is_coming:
        return rows.order_by(starts, number)
    return rows.order_by(starts.desc(), number.desc())
