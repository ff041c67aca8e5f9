"""The list of stations: filtered, in pages by key, of the operator's leagues only."""

from dataclasses import replace
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

from sqlalchemy import ColumnElement, select, union_all
from sqlalchemy.ext.asyncio import AsyncSession

from bot.common.values import value
from bot.geo.places import Places
from bot.services import bounded
from bot.services.bounded import COUNTED
from bot.services.operators.roles import Operator, Right
from bot.services.stations.administration import station_texts
from bot.services.stations.administration.leagues import in_leagues, league_of, visible
from bot.services.stations.merging.redirects import MERGED
from bot.services.stations.statuses import FacilityStatus, StationStatus
from bot.store.literals import all_in_sql
from bot.store.models.merging import PossibleDuplicateRow
from bot.store.models.stations import FacilityRow, StationRow

PAGE: Final = 50
STALE: Final = timedelta(days=90)
WRONG: Final = (FacilityStatus.BROKEN, FacilityStatus.EMPTY)


class Check(StrEnum):
    """What wants looking after."""

    BROKEN = "broken"
    UNVERIFIED = "unverified"
    NO_HOURS = "no_hours"
    DUPLICATE = "duplicate"
    """There is another station near it with a like name."""


@value
class Query:
    """What is looked for; "" and None everything. `after`: the last code of the page before."""

    league: str = ""
    status: StationStatus | None = None
    facility: str = ""
    text: str = ""
    check: Check | None = None
    after: str = ""


@value
class ListedStation:
    """A line of the list. `hours` None: nobody knows them. `wrong`: facilities out of order."""

    code: str
    name: str
    league: str
    banner: str
    address: str
    status: StationStatus
    hours: str | None
    verified_at: date | None
    wrong: tuple[str, ...]


@value
class StationPage:
    """`total` None: more than `COUNTED`. `next`: what comes `after` this page, "" if nothing."""

    stations: tuple[ListedStation, ...]
    total: int | None
    next: str


async def find(
    db: AsyncSession, places: Places, operator: Operator, query: Query, today: date
) -> StationPage:
    """One page. Raises `NotAllowed` for a league that is not the operator's."""
    operator.require(Right.READ, query.league or None)
    columns = (
        StationRow.id,
        StationRow.code,
        StationRow.name,
        StationRow.adcode,
        StationRow.league,
        StationRow.banner,
        StationRow.address,
        StationRow.status,
        StationRow.hours,
        StationRow.verified_at,
    )
    is_rare = await _is_rare(db, query.facility)
    wanted = _conditions(places, operator, query, today, is_rare=is_rare)
    if query.after:
        wanted.append(StationRow.code > query.after)
    # First which, by an index alone, then all that is shown of them.
    page = (
        select(StationRow.id)
        .where(*wanted)
        .order_by(StationRow.code)
        .limit(bounded.at_most(PAGE + 1))
    )
    ids = list(await db.scalars(page))
    rows = select(*columns).where(StationRow.id.in_(ids)).order_by(StationRow.code)
    found = (await db.execute(rows)).all()
    is_all = not query.after and len(found) <= PAGE
    total = len(found) if is_all else await count(db, places, operator, query, today)
    wrong = await _wrong(db, [row.id for row in found])
    stations = tuple(
        ListedStation(
            row.code,
            row.name,
            league_of(places, row.adcode, row.league),
            row.banner,
            row.address,
            StationStatus(row.status),
            row.hours,
            row.verified_at,
            tuple(wrong.get(row.id, ())),
        )
        for row in found[:PAGE]
    )
    return StationPage(
        stations,
        None if total > COUNTED else total,
        stations[-1].code if len(found) > PAGE else "",
    )


async def count(
    db: AsyncSession, places: Places, operator: Operator, query: Query, today: date
) -> int:
    """How many there are, at most `COUNTED` + 1."""
    every = replace(query, after="")
    is_walked = bool(query.text) or db.get_bind().dialect.name == "sqlite"
    order = StationRow.code.expression if is_walked else None
    is_rare = await _is_rare(db, query.facility)
    conditions = _conditions(places, operator, every, today, is_rare=is_rare)
    return await bounded.count(db, StationRow, *conditions, order=order)


async def _is_rare(db: AsyncSession, facility: str) -> bool:
    """Whether few stations have it: then it is by these that the others are looked for."""
    if not facility:
        return False
    return await bounded.count(db, FacilityRow, FacilityRow.code == facility) <= COUNTED


def _conditions(
    places: Places, operator: Operator, query: Query, today: date, *, is_rare: bool
) -> list[ColumnElement[bool]]:
    found = [visible(places, operator), StationRow.id.not_in(MERGED)]
    if query.league:
        found.append(in_leagues(places, (query.league,)))
    if query.status is not None:
        is_common = bool(query.text) and query.status is StationStatus.OPEN
        status = StationRow.status + "" if is_common else StationRow.status  # not by its index
        found.append(status == query.status)
    if query.facility:
        has = select(FacilityRow.station_id).where(FacilityRow.code == query.facility)
        each = has.where(FacilityRow.station_id == StationRow.id).exists()
        found.append(StationRow.id.in_(has) if is_rare else each)
    if query.text:
        found.append(station_texts.hold(query.text))
    if query.check is not None:
        found.append(_check(query.check, today))
    return found


def _check(check: Check, today: date) -> ColumnElement[bool]:
    # Not by the index of the status, which nearly all of them share.
    served = (StationRow.status + "").in_(all_in_sql((StationStatus.OPEN, StationStatus.PAUSED)))
    match check:
        case Check.BROKEN:
            wrong = select(FacilityRow.station_id).where(FacilityRow.state.in_(all_in_sql(WRONG)))
            return StationRow.id.in_(wrong) & served
        case Check.UNVERIFIED:
            verified = StationRow.verified_at
            return (verified.is_(None) | (verified < today - STALE)) & served
        case Check.NO_HOURS:
            return StationRow.hours.is_(None) & served
        case Check.DUPLICATE:
            pair = PossibleDuplicateRow
            paired = (
                select(one).where(pair.distinct_at.is_(None))
                for one in (pair.first_id, pair.second_id)
            )
            return StationRow.id.in_(union_all(*paired)) & served


async def _wrong(db: AsyncSession, ids: list[int]) -> dict[int, list[str]]:
    rows = select(FacilityRow.station_id, FacilityRow.code).where(
        FacilityRow.station_id.in_(ids), FacilityRow.state.in_(all_in_sql(WRONG))
    )
    found: dict[int, list[str]] = {}
    for station_id, code in await db.execute(rows.order_by(FacilityRow.code)):
        found.setdefault(station_id, []).append(code)
    return found
