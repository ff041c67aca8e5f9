"""The list of trainings: to come, over, cancelled."""

from datetime import datetime
from typing import Final
from urllib.parse import urlencode

from starlette.responses import Response
from starlette.routing import BaseRoute

from bot.console.pages.trainings.wording import status_name
from bot.console.visits import Visit, get
from bot.handlers.trainings import wording
from bot.services.operators.roles import Right
from bot.services.stations.administration.leagues import leagues
from bot.services.trainings.operating import listing
from bot.services.trainings.operating.listing import Key, Query, Shown
from bot.services.trainings.statuses import TrainingStatus

LONGEST: Final = 60
"""Characters that are looked for."""


async def show(visit: Visit) -> Response:
    """A page of the list, or its rows alone."""
    places, operator, t, words = visit.parts.places, visit.operator, visit.t, visit.bot_words
    wanted, league = visit.query("shown"), visit.query("league")
    query = Query(
        shown=Shown(wanted) if wanted in set(Shown) else Shown.COMING,
        league=league if league in places.by_adcode else "",
        text=visit.query("text")[:LONGEST],
        after=_key(visit.query("after")),
    )
    async with visit.parts.store.reading() as db:
        page = await listing.find(db, operator, query)
        newest = await listing.newest(db, operator)
    theirs = [one for one in leagues(places) if operator.covers(one.adcode)]
    names = {Shown.COMING: t("to come"), Shown.OVER: t("over"), Shown.CANCELLED: t("called off")}
    values = {
        "page": page,
        "query": query,
        "newest": newest,
        "leagues_shown": theirs,
        "league_names": {one.adcode: one.short for one in theirs},
        "kinds": [(one.value, names[one]) for one in Shown],
        "status_names": {one: status_name(t, one) for one in TrainingStatus},
        "time": lambda one: wording.time(words, one, visit.now),
        "place": lambda one: wording.place(words, one),
        "next": _next(query, page.next),
    }
    if visit.request.headers.get("hx-target") == "rows":
        return visit.render("trainings/rows.html", values)
    return visit.render("trainings/list.html", values)


ROUTES: Final[list[BaseRoute]] = [get("/trainings", Right.TRAININGS, show)]


def _key(text: str) -> Key | None:
    """What `_next` wrote into an address; None for anything else."""
    moment, _, number = text.rpartition("~")
    try:
        key = Key(datetime.fromisoformat(moment), int(number))
    except ValueError:
        return None
    return None if key.starts_at.tzinfo is None else key


def _next(query: Query, key: Key | None) -> str:
    """The address of the next page; "" on the last one."""
    if key is None:
        return ""
    given = {
        "shown": query.shown.value,
        "league": query.league,
        "text": query.text,
        "after": f"{key.starts_at.isoformat()}~{key.id}",
    }
    return f"/trainings?{urlencode({name: value for name, value in given.items() if value})}"
