"""The dashboard, and its tables as workbooks."""

import asyncio
from typing import Final
from urllib.parse import quote, urlencode

from starlette.responses import Response
from starlette.routing import BaseRoute

from bot.console.pages.dashboard import pictures
from bot.console.pages.dashboard.outline_map import outline_map
from bot.console.pages.dashboard.pictures import Wording, shown
from bot.console.rendering import local
from bot.console.visits import NotThere, Visit, get
from bot.services.demo.stations import has_demo
from bot.services.operators.roles import Right
from bot.services.overview.dashboard import stored
from bot.services.overview.dashboard.figures import PERIODS, Count, Figure, Figures
from bot.services.spreadsheets.writer import xlsx_bytes
from bot.services.stations.administration.leagues import leagues

USUAL_DAYS: Final = 7
ORDER: Final = (
    Figure.SEARCHES,
    Figure.COURIERS,
    Figure.TRIPS,
    Figure.BELIEF,
    Figure.FRESHNESS,
    Figure.TRAININGS,
    Figure.DELIVERY,
    Figure.CARDS,
)
XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


async def show(visit: Visit) -> Response:
    """All figures of a league and a period."""
    async with visit.parts.store.reading() as db:
        found = await stored.figures(db, visit.operator, _days(visit), _league(visit))
        is_demo = await has_demo(db)
    wording, operator = _wording(visit), visit.operator
    theirs = [one for one in leagues(visit.parts.places) if operator.covers(one.adcode)]
    values = {
        "days": _days(visit),
        "periods": PERIODS,
        "league": _league(visit),
        "leagues_shown": theirs,
        "sees_all": not operator.leagues,
        "found": found,
        "is_demo": is_demo,
        "query": urlencode({"days": _days(visit), "league": _league(visit)}),
    }
    if found is None:
        return visit.render("dashboard/none.html", values)
    drawn = [pictures.picture(found, one, wording) for one in ORDER if one in found.tables]
    values |= {
        "tiles": _tiles(visit, found),
        "pictures": drawn,
        "charts": {one.name: one.chart for one in drawn if one.chart is not None},
        "map": outline_map(found, visit.parts.places),
        "map_tables": [
            pictures.picture(found, Figure.LEAGUES, wording),
            pictures.cells(found, wording),
        ],
        "shown": shown,
    }
    return visit.render("dashboard/show.html", values)


async def download(visit: Visit) -> Response:
    """One table as a workbook."""
    name = visit.path("table")
    if name not in {*Figure, pictures.CELLS}:
        raise NotThere
    async with visit.parts.store.reading() as db:
        found = await stored.figures(db, visit.operator, _days(visit), _league(visit))
    if found is None or (name != pictures.CELLS and Figure(name) not in found.tables):
        raise NotThere
    wording = _wording(visit)
    rows = pictures.workbook(found, name, wording)
    data = await asyncio.to_thread(xlsx_bytes, visit.t("Figures"), rows)
    file = (
        f"{name}-{found.league or 'region'}-{found.days}-{local(found.counted_at, '%Y%m%d')}.xlsx"
    )
    disposition = f"attachment; filename*=UTF-8''{quote(file)}"
    return Response(data, media_type=XLSX, headers={"Content-Disposition": disposition})


ROUTES: Final[list[BaseRoute]] = [
    get("/dashboard", Right.READ, show),
    get("/dashboard/{table}.xlsx", Right.READ, download),
]


def _days(visit: Visit) -> int:
    asked = visit.query("days")
    return int(asked) if asked in {str(one) for one in PERIODS} else USUAL_DAYS


def _league(visit: Visit) -> str:
    """The league that is asked for; by default all, or the operator's first."""
    asked, theirs = visit.query("league"), visit.operator.leagues
    if asked in {one.adcode for one in leagues(visit.parts.places)}:
        return asked
    return min(theirs) if theirs else ""


def _wording(visit: Visit) -> Wording:
    return Wording(visit.t, visit.bot_words, visit.parts.places)


def _tiles(visit: Visit, found: Figures) -> list[tuple[str, str, str]]:
    """What matters most: number, what it counts, and a remark."""
    t, total = visit.t, found.total(found.league)
    if total is None:
        return []
    stations, couriers, searches, met, in_vain, wasted = total.counts
    fresh = sum(row.counts[0] or 0 for row in found.tables.get(Figure.FRESHNESS, ()))
    return [
        (shown(couriers), t("couriers who searched"), ""),
        (shown(searches), t("searches"), _share(t("found something open"), met, searches)),
        (shown(in_vain), t("searches in vain"), ""),
        (shown(wasted), t("trips in vain"), ""),
        (shown(stations), t("stations"), _share(t("verified within 30 days"), fresh, stations)),
    ]


def _share(label: str, part: Count, whole: Count) -> str:
    if part is None or not whole:
        return ""
    return f"{label} {min(100, round(100 * part / whole))}%"
