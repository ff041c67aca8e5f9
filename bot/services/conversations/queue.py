"""The list of conversations: who waits, what is mine, what others have, what is closed."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from statistics import median
from typing import Final

from sqlalchemy import ColumnElement, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.common.values import value
from bot.services import bounded
from bot.services.bounded import COUNTED
from bot.services.conversations.desk import Talk, talk, visible
from bot.services.conversations.statuses import PersonStatus
from bot.services.operators.roles import Operator, Right
from bot.store.models.conversations import PersonConversationRow

PAGE: Final = 30
LATELY: Final = timedelta(days=7)
_ROW = PersonConversationRow


class Tab(StrEnum):
    """Which conversations a page lists."""

    WAITING = "waiting"
    MINE = "mine"
    OTHERS = "others"
    CLOSED = "closed"


@value
class Query:
    """`league`: an adcode, "" all; `after`: the last number of the page before."""

    tab: Tab = Tab.WAITING
    league: str = ""
    after: int | None = None


@value
class Page:
    """`next` None: it is the last one. `counts`: of what is not closed, by tab, to `COUNTED` + 1.
    `first_answer`: the usual (median) time of a first answer in the last days; None without one.
    """

    talks: Sequence[Talk]
    next: int | None
    counts: Mapping[Tab, int]
    first_answer: timedelta | None


async def find(db: AsyncSession, operator: Operator, query: Query, now: datetime) -> Page:
    """A page: who waits longest comes first, of the closed ones the newest. Raises `NotAllowed`."""
    operator.require(Right.CONVERSATIONS)
    theirs = visible(operator)
    if query.league:
        operator.require(Right.CONVERSATIONS, query.league)
        theirs = _ROW.league == query.league
    rows = select(_ROW).where(theirs, *_of_tab(query.tab, operator))
    if query.tab is Tab.CLOSED:
        rows = rows.order_by(_ROW.id.desc())
        if query.after is not None:
            rows = rows.where(_ROW.id < query.after)
    else:
        rows = rows.order_by(_ROW.id)
        if query.after is not None:
            rows = rows.where(_ROW.id > query.after)
    found = [talk(one) for one in await db.scalars(rows.limit(PAGE + 1))]
    following = found[PAGE - 1].id if len(found) > PAGE else None
    counts: dict[Tab, int] = {
        tab: await bounded.count(db, _ROW, theirs, *_of_tab(tab, operator))
        for tab in Tab
        if tab is not Tab.CLOSED
    }
    return Page(found[:PAGE], following, counts, await _first_answer(db, theirs, now))


async def waiting(db: AsyncSession, operator: Operator) -> int:
    """How many couriers wait whom this operator may answer, to `COUNTED` + 1; 0 without the
    right."""
    if not operator.may(Right.CONVERSATIONS):
        return 0
    return await bounded.count(db, _ROW, visible(operator), *_of_tab(Tab.WAITING, operator))


def _of_tab(tab: Tab, operator: Operator) -> tuple[ColumnElement[bool], ...]:
    match tab:
        case Tab.WAITING:
            return (_ROW.status == PersonStatus.WAITING,)
        case Tab.MINE:
            return (_ROW.status == PersonStatus.TAKEN, _ROW.operator == operator.name)
        case Tab.OTHERS:
            return (_ROW.status == PersonStatus.TAKEN, _ROW.operator != operator.name)
        case Tab.CLOSED:
            return (_ROW.status == PersonStatus.CLOSED,)


async def _first_answer(
    db: AsyncSession, theirs: ColumnElement[bool], now: datetime
) -> timedelta | None:
    answered = select(_ROW.opened_at, _ROW.first_answer_at).where(
        theirs, _ROW.first_answer_at.is_not(None), _ROW.opened_at > now - LATELY
    )
    rows = await db.execute(answered.order_by(_ROW.opened_at.desc()).limit(COUNTED))
    times = [(row.first_answer_at - row.opened_at).total_seconds() for row in rows]
    return timedelta(seconds=median(times)) if times else None
