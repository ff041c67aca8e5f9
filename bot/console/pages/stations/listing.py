"""The list of stations, with filters; live search asks for the rows only."""

from dataclasses import asdict, replace
from typing import Final
from urllib.parse import urlencode

from starlette.responses import Response
from starlette.routing import BaseRoute

from bot.common.clock import CHINA
from bot.common.facilities import FACILITIES
from bot.common.i18n import Translator
from bot.console.visits import Visit, get
from bot.handlers.stations.facilities import facility
from bot.operator_wording.hours_words import week
from bot.services.operators.roles import Right
from bot.services.stations.administration import listing
from bot.services.stations.administration.leagues import leagues
from bot.services.stations.administration.listing import Check, Query
from bot.services.stations.statuses import StationStatus

LONGEST = 60
"""Characters that are looked for."""


async def show(visit: Visit) -> Response:
    """A page of the list, or its rows alone."""
    status, check = visit.query("status"), visit.query("check")
    query = Query(
        league=visit.query("league"),
        status=StationStatus(status) if status in set(StationStatus) else None,
        facility=visit.query("facility") if visit.query("facility") in FACILITIES else "",
        text=visit.query("text")[:LONGEST],
        check=Check(check) if check in set(Check) else None,
        after=visit.query("after"),
    )
    places, operator = visit.parts.places, visit.operator
    if query.league not in places.by_adcode:
        query = replace(query, league="")
    async with visit.parts.store.reading() as db:
        today = visit.now.astimezone(CHINA).date()
        page = await listing.find(db, places, operator, query, today)
    words = visit.bot_words
    theirs = [one for one in leagues(places) if operator.covers(one.adcode)]
    values = {
        "page": page,
        "query": query,
        "leagues_shown": theirs,
        "statuses": [(one.value, status_name(visit.t, one)) for one in StationStatus],
        "status_names": {one: status_name(visit.t, one) for one in StationStatus},
        "checks": [(one.value, check_name(visit.t, one)) for one in Check],
        "facilities": [(one, facility(words, one)) for one in FACILITIES],
        "facility_names": {one: facility(words, one) for one in FACILITIES},
        "league_names": {one.adcode: one.short for one in theirs},
        "week": lambda hours: week(hours, words),
        "next": _next(query, page.next),
        "may_merge": operator.may(Right.STATIONS),
    }
    if visit.request.headers.get("hx-target") == "rows":
        return visit.render("stations/rows.html", values)
    return visit.render("stations/list.html", values)


ROUTES: Final[list[BaseRoute]] = [get("/stations", Right.READ, show)]


def status_name(t: Translator, status: StationStatus) -> str:
    """The status in words."""
    match status:
        case StationStatus.OPEN:
            return t("in service")
        case StationStatus.PAUSED:
            return t("closed for the time being")
        case StationStatus.MOVED:
            return t("moved away")
        case StationStatus.CLOSED:
            return t("given up")


def check_name(t: Translator, check: Check) -> str:
    """What wants looking after, in words."""
    match check:
        case Check.BROKEN:
            return t("something is broken or has run out")
        case Check.UNVERIFIED:
            return t("not verified for 90 days")
        case Check.NO_HOURS:
            return t("hours not known")
        case Check.DUPLICATE:
            return t("may be entered twice")


def _next(query: Query, after: str) -> str:
    """The address of the next page; "" on the last one."""
    if not after:
        return ""
    given = {**asdict(query), "after": after}
    return f"/stations?{urlencode({name: str(value) for name, value in given.items() if value})}"
