"""How far apart two places are, and from where on a station has moved."""

from math import dist
from typing import Final

from bot.geo.ellipsoid import ecef, longest
from bot.geo.point import Point

MOVED: Final = 300.0
"""Metres: a station that moves farther must be meant to."""


def distance(a: Point, b: Point) -> float:
    """Metres, to a part in 10,000 at the distances that matter."""
    return 0.0 if a == b else longest(dist(ecef(a.lat, a.lon), ecef(b.lat, b.lon)))
