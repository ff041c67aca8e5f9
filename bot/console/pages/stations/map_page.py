"""The stations of a league as dots on its outline. A dot of several leads to a closer map."""

from typing import Final
from urllib.parse import quote, urlencode

from starlette.responses import Response
from starlette.routing import BaseRoute

from bot.common.lazy_pattern import LazyPattern
from bot.common.values import value
from bot.console.pages.stations.sketch import Sketch, corners
from bot.console.visits import NotThere, Visit, get
from bot.services.operators.roles import Right
from bot.services.stations.administration import map_dots
from bot.services.stations.administration.leagues import leagues
from bot.services.stations.administration.map_dots import Dot

ADDRESS: Final = "/stations/-/map"
CELL: Final = 64
"""Units of the drawing that one dot takes: a finger's width on a phone."""
CLOSER: Final = 6
"""How many times closer each step comes."""
STEPS: Final = 5
_DEGREES: Final = LazyPattern(r"\d{1,3}(?:\.\d{1,6})?")


@value
class Closer:
    """The part of a league's map around a place, `step` times closer."""

    lat: float
    lon: float
    step: int


async def show(visit: Visit) -> Response:
    """The map of one league: the one that was chosen, else the operator's first."""
    operator, places = visit.operator, visit.parts.places
    theirs = [one for one in leagues(places) if operator.covers(one.adcode)]
    adcode = visit.query("league") or theirs[0].adcode
    outline = corners(adcode)
    if not outline:
        raise NotThere
    closer = _closer(visit)
    sketch = Sketch.around(outline)
    if closer is not None:
        across = (sketch.area.east - sketch.area.west) / 2 / CLOSER**closer.step
        up = (sketch.area.north - sketch.area.south) / 2 / CLOSER**closer.step
        lat, lon = closer.lat, closer.lon
        sketch = Sketch.around([(lon - across, lat - up), (lon + across, lat + up)])

    def cell(lat: float, lon: float) -> tuple[int, int]:
        return _cell(sketch, lat, lon)

    async with visit.parts.store.reading() as db:
        dots = await map_dots.find(db, places, operator, adcode, sketch.area, cell)
    step = 0 if closer is None else closer.step
    values = {
        "leagues_shown": theirs,
        "league": adcode,
        "sketch": sketch,
        "outline": sketch.outline(adcode),
        "is_closer": closer is not None,
        "whole": f"{ADDRESS}?{urlencode({'league': adcode})}",
        "total": sum(one.count for one in dots),
        "dots": [(one, _center(sketch, one), _address(one, adcode, step)) for one in dots],
    }
    return visit.render("stations/map.html", values)


def _cell(sketch: Sketch, lat: float, lon: float) -> tuple[int, int]:
    x, y = sketch.at(lat, lon)
    return x // CELL, y // CELL


def _center(sketch: Sketch, dot: Dot) -> tuple[int, int]:
    """Of the dot: a station's own place; of several the middle of their cell."""
    if dot.count == 1:
        return sketch.at(dot.lat, dot.lon)
    column, row = _cell(sketch, dot.lat, dot.lon)
    return column * CELL + CELL // 2, row * CELL + CELL // 2


def _address(dot: Dot, adcode: str, step: int) -> str:
    """The station; of several a closer map, as long as there is one."""
    if dot.count == 1 or step == STEPS:
        return f"/stations/{quote(dot.code, safe='')}"
    query = {"league": adcode, "at": f"{dot.lon:.6f},{dot.lat:.6f}", "closer": str(step + 1)}
    return f"{ADDRESS}?{urlencode(query)}"


def _closer(visit: Visit) -> Closer | None:
    """Raises `NotThere` for what no link of ours says."""
    step, at = visit.query("closer"), visit.query("at").split(",")
    if not step:
        return None
    if step not in {str(one) for one in range(1, STEPS + 1)} or not (
        len(at) == len(("lon", "lat")) and all(_DEGREES.fullmatch(one) for one in at)
    ):
        raise NotThere
    lon, lat = map(float, at)
    return Closer(lat, lon, int(step))


ROUTES: Final[list[BaseRoute]] = [get(ADDRESS, Right.READ, show)]
