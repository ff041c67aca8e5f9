"""The list of content in the console, in pages by code, and how much of it waits for a review."""

from datetime import date, datetime
from enum import StrEnum
from typing import Final

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.common.clock import CHINA
from bot.common.values import value
from bot.services.content.catalogue import ContentKind
from bot.services.content.importing.entries import Entry
from bot.services.operators.roles import Operator, Right
from bot.store.models.content import ContentRow

PAGE: Final = 50


class State(StrEnum):
    """Whether it is served; a sample is served in the demo only."""

    SERVED = "served"
    PLANNED = "planned"
    EXPIRED = "expired"
    OVERDUE = "overdue"
    """Served, and its review date is over."""
    SAMPLE = "sample"


@value
class ListedContent:
    """One piece of content as the list shows it."""

    code: str
    kind: ContentKind
    title: str
    league: str
    valid_from: date | None
    valid_until: date | None
    review_on: date | None
    is_sample: bool
    has_english: bool
    updated_at: datetime


@value
class Query:
    """What is looked for; `after`: the last code of the page before. `own`: without what is for
    all leagues, where the operator changes that of some leagues only."""

    kind: ContentKind | None = None
    state: State | None = None
    after: str = ""
    own: bool = False


def states(one: ListedContent | Entry, today: date) -> list[State]:
    """In which states it is; more than one for a sample."""
    found = [State.SAMPLE] if one.is_sample else []
    if one.valid_from is not None and one.valid_from > today:
        return [State.PLANNED, *found]
    if one.valid_until is not None and one.valid_until < today:
        return [State.EXPIRED, *found]
    overdue = one.review_on is not None and one.review_on < today
    return [State.OVERDUE if overdue else State.SERVED, *found]


async def listed(
    db: AsyncSession, operator: Operator, query: Query, now: datetime
) -> list[ListedContent]:
    """A page by code: what is for all and for their leagues. Raises `NotAllowed`."""
    operator.require(Right.CONTENT)
    rows = select(ContentRow).where(ContentRow.code > query.after)
    rows = rows.where(*_wanted(operator, query, now.astimezone(CHINA).date()))
    found = await db.scalars(rows.order_by(ContentRow.code).limit(PAGE))
    return [
        ListedContent(
            code=row.code,
            kind=ContentKind(row.kind),
            title=row.title,
            league=row.league,
            valid_from=row.valid_from,
            valid_until=row.valid_until,
            review_on=row.review_on,
            is_sample=row.is_sample,
            has_english=bool(row.text_en),
            updated_at=row.updated_at,
        )
        for row in found
    ]


async def overdue(db: AsyncSession, operator: Operator, now: datetime) -> int:
    """How many pieces that the operator may change are served past their review date."""
    if not operator.may(Right.CONTENT):
        return 0
    wanted = _wanted(operator, Query(state=State.OVERDUE, own=True), now.astimezone(CHINA).date())
    return await db.scalar(select(func.count()).select_from(ContentRow).where(*wanted)) or 0


def _wanted(operator: Operator, query: Query, today: date) -> list[ColumnElement[bool]]:
    wanted: list[ColumnElement[bool]] = []
    if operator.leagues:
        leagues = operator.leagues if query.own else {"", *operator.leagues}
        wanted.append(ContentRow.league.in_(leagues))
    if query.kind is not None:
        wanted.append(ContentRow.kind == query.kind)
    if query.state is not None:
        wanted.append(_is_in(query.state, today))
    return wanted


def _is_in(state: State, today: date) -> ColumnElement[bool]:
    begun = or_(ContentRow.valid_from.is_(None), ContentRow.valid_from <= today)
    lasts = or_(ContentRow.valid_until.is_(None), ContentRow.valid_until >= today)
    overdue = and_(ContentRow.review_on.is_not(None), ContentRow.review_on < today)
    match state:
        case State.SERVED:
            return and_(begun, lasts)
        case State.PLANNED:
            return ContentRow.valid_from > today
        case State.EXPIRED:
            return and_(begun, ContentRow.valid_until < today)
        case State.OVERDUE:
            return and_(begun, lasts, overdue)
        case State.SAMPLE:
            return ContentRow.is_sample.is_(True)
