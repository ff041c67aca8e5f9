"""Whether a place may lie in a league: by an outline that is drawn, not surveyed.

The outlines of `bot/data/leagues.geojson` are simplified, so a place counts as inside up to 8 km
beyond them.
"""

import json
from collections.abc import Mapping
from functools import cache, lru_cache
from math import cos, hypot, radians
from typing import Final

from bot.data import DATA
from bot.geo.point import Point

FILE: Final = DATA / "leagues.geojson"
SPARE_KM: Final = 8.0
_KM: Final = 111.2  # of a degree of latitude

_Ring = tuple[tuple[float, float], ...]


def may_be_in(adcode: str, point: Point) -> bool:
    """Whether the point may lie in the league with that code; True for a code without outline."""
    return _may_be_in(adcode, round(point.lat, 3), round(point.lon, 3))


def rings(adcode: str) -> tuple[tuple[tuple[float, float], ...], ...]:
    """The outline of a league for drawing: rings of longitude and latitude; none if not known."""
    return _outlines().get(adcode, ())


@lru_cache(maxsize=1 << 14)
def _may_be_in(adcode: str, lat: float, lon: float) -> bool:
    drawn = _outlines().get(adcode)
    if drawn is None:
        return True
    return any(_holds(ring, lat, lon) for ring in drawn) or any(
        _distance(ring, lat, lon) <= SPARE_KM for ring in drawn
    )


def outlines() -> Mapping[str, tuple[_Ring, ...]]:
    """The outlines of all leagues: adcode → rings of (longitude, latitude)."""
    return _outlines()


@cache
def _outlines() -> dict[str, tuple[_Ring, ...]]:
    found = {}
    for feature in json.loads(FILE.read_text(encoding="utf-8"))["features"]:
        shape = feature["geometry"]
        polygons = [shape["coordinates"]] if shape["type"] == "Polygon" else shape["coordinates"]
        drawn = tuple(tuple((x, y) for x, y in polygon[0]) for polygon in polygons)
        found[feature["properties"]["adcode"]] = drawn
    return found


def _holds(ring: _Ring, lat: float, lon: float) -> bool:
    inside = False
    x, y = ring[-1]
    for next_x, next_y in ring:
        if (y > lat) != (next_y > lat) and lon < x + (lat - y) * (next_x - x) / (next_y - y):
            inside = not inside
        x, y = next_x, next_y
    return inside


def _distance(ring: _Ring, lat: float, lon: float) -> float:
    """Kilometres to the nearest edge, on a flat earth."""
    shrink = cos(radians(lat))
    flat = [((x - lon) * shrink * _KM, (y - lat) * _KM) for x, y in ring]
    return min(_to_edge(*a, *b) for a, b in zip(flat, (*flat[1:], flat[0]), strict=True))


def _to_edge(ax: float, ay: float, bx: float, by: float) -> float:
    dx, dy = bx - ax, by - ay
    length = dx * dx + dy * dy
    share = 0.0 if length == 0.0 else max(0.0, min(1.0, -(ax * dx + ay * dy) / length))
    return hypot(ax + share * dx, ay + share * dy)
