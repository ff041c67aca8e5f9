"""The region as a small picture: outlines of the leagues, and places on them."""

from collections.abc import Sequence
from functools import cache
from math import cos, radians
from typing import Final

from bot.common.values import value
from bot.geo.outlines import outlines

WIDTH: Final = 400.0
_LEAST: Final = 25.0
_MARGIN: Final = 0.4
"""Of what is shown, on each side."""
_MIDDLE: Final = cos(radians(45.0))


@value
class Outline:
    """`leagues` are paths of SVG; longitude and latitude become x and y by `place`."""

    leagues: tuple[str, ...]
    width: float
    height: float
    west: float
    north: float
    scale: float

    def place(self, lon: float, lat: float) -> tuple[float, float]:
        """Where a point lies in the picture."""
        x = (lon - self.west) * _MIDDLE * self.scale
        return round(x, 2), round((self.north - lat) * self.scale, 2)

    def holds(self, lon: float, lat: float) -> bool:
        """Whether a point lies in the picture at all."""
        x, y = self.place(lon, lat)
        return 0 <= x <= self.width and 0 <= y <= self.height


@value
class Window:
    """The part of the picture that is shown; `unit` is the size of a mark in it."""

    x: float
    y: float
    width: float
    height: float
    unit: float


def window(outline: Outline, places: Sequence[tuple[float, float]]) -> Window:
    """The part of the outline that holds these places, with something around them."""
    if not places:
        return Window(0.0, 0.0, outline.width, outline.height, outline.width / 45)
    xs, ys = [x for x, _ in places], [y for _, y in places]
    around = max(_LEAST, (max(xs) - min(xs)) * _MARGIN, (max(ys) - min(ys)) * _MARGIN)
    left, top = max(0.0, min(xs) - around), max(0.0, min(ys) - around)
    width = min(outline.width, max(xs) + around) - left
    height = min(outline.height, max(ys) + around) - top
    return Window(round(left, 1), round(top, 1), round(width, 1), round(height, 1), width / 45)


@cache
def region() -> Outline:
    """The outline of the region."""
    rings = [ring for of in outlines().values() for ring in of]
    lons = [lon for ring in rings for lon, _ in ring]
    lats = [lat for ring in rings for _, lat in ring]
    scale = WIDTH / ((max(lons) - min(lons)) * _MIDDLE)
    height = round((max(lats) - min(lats)) * scale, 1)
    bare = Outline((), WIDTH, height, min(lons), max(lats), scale)
    paths = []
    for ring in rings:
        points = (bare.place(lon, lat) for lon, lat in ring)
        paths.append("M" + "L".join(f"{x} {y}" for x, y in points) + "Z")
    return Outline(tuple(paths), WIDTH, height, min(lons), max(lats), scale)
