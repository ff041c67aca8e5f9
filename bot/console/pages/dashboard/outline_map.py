"""The map of the leagues: their outlines, and squares in which couriers search. No tiles.

Everything is given as numbers that a template writes as SVG, so it is there without JavaScript.
"""

from collections.abc import Iterable
from functools import cache
from math import cos, radians, sqrt
from typing import Final

from bot.common.values import value
from bot.geo.outlines import rings
from bot.geo.places import Places
from bot.services.overview.dashboard.figures import Cell, Count, Figures
from bot.services.stations.administration.leagues import leagues

WEST: Final = 97.0
NORTH: Final = 53.6
EAST: Final = 126.3
SOUTH: Final = 37.2
WIDTH: Final = 1000.0
SCALE: Final = WIDTH / ((EAST - WEST) * cos(radians(44.0)))
"""Units for a degree of latitude."""
HEIGHT: Final = (NORTH - SOUTH) * SCALE
SHADES: Final = 4
NOT_FOUND: Final = 0.25
"""From this part of searches in vain on a square is marked."""
SMALLEST, LARGEST = 4.0, 16.0
_NAMES_AT: Final = {
    "150100": (113.4, 39.5),
    "150200": (110.2, 41.25),
    "150300": (105.4, 39.75),
    "150400": (118.9, 42.75),
    "150500": (121.9, 43.9),
    "150600": (108.9, 38.6),
    "150700": (120.3, 49.6),
    "150800": (106.7, 41.85),
    "150900": (113.2, 42.25),
    "152200": (121.4, 46.1),
    "152500": (115.6, 44.1),
    "152900": (102.3, 40.7),
}
"""Where the names stand (longitude, latitude), so that none covers another."""


@value
class Shape:
    """A league: its outline as an SVG path, the place of its name, and a shade from 0 to 4."""

    name: str
    path: str
    x: float
    y: float
    shade: int
    stations: Count
    searches: Count


@value
class Dot:
    """A square: its middle and the size for its searches."""

    x: float
    y: float
    radius: float
    cell: Cell
    is_in_vain: bool


@value
class OutlineMap:
    """Width and height of the view, what is drawn, the smaller squares last."""

    width: int
    height: int
    shapes: tuple[Shape, ...]
    dots: tuple[Dot, ...]


def outline_map(found: Figures, places: Places) -> OutlineMap:
    """The map for these figures; leagues that are not among them are drawn without a shade."""
    totals = {one.adcode: found.total(one.adcode) for one in leagues(places)}
    searches = {code: row.counts[2] for code, row in totals.items() if row is not None}
    most = max((one or 0 for one in searches.values()), default=0)
    shapes = []
    for league in leagues(places):
        row = totals[league.adcode]
        x, y = _at(*_NAMES_AT.get(league.adcode, (league.point.lon, league.point.lat)))
        shapes.append(
            Shape(
                league.short,
                _outline(league.adcode),
                x,
                y,
                _shade(searches.get(league.adcode), most),
                None if row is None else row.counts[0],
                searches.get(league.adcode),
            )
        )
    return OutlineMap(round(WIDTH), round(HEIGHT), tuple(shapes), tuple(_dots(found.cells)))


def _dots(cells: Iterable[Cell]) -> list[Dot]:
    shown = list(cells)
    most = max((one.searches for one in shown), default=1)
    dots = []
    for one in shown:
        x, y = _at(one.lon, one.lat)
        size = SMALLEST + (LARGEST - SMALLEST) * sqrt(one.searches / most)
        in_vain = (one.in_vain or 0) >= NOT_FOUND * one.searches
        dots.append(Dot(x, y, round(size, 1), one, in_vain))
    return sorted(dots, key=lambda dot: -dot.radius)


def _shade(searches: Count, most: int | float) -> int:
    if not searches or not most:
        return 0
    return max(1, min(SHADES, round(SHADES * sqrt(searches / most))))


@cache
def _outline(adcode: str) -> str:
    return " ".join(map(_path, rings(adcode)))


def _path(ring: Iterable[tuple[float, float]]) -> str:
    points = (_at(lon, lat) for lon, lat in ring)
    return "M" + "L".join(f"{x:g} {y:g}" for x, y in points) + "Z"


def _at(lon: float, lat: float) -> tuple[float, float]:
    shrink = cos(radians(44.0))
    return round((lon - WEST) * shrink * SCALE, 1), round((NORTH - lat) * SCALE, 1)
