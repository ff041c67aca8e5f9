"""A map drawn by us: outlines and dots on one sheet, without tiles of anybody."""

from collections.abc import Iterable
from math import cos, radians
from typing import Final, Self

from bot.common.values import value
from bot.geo.outlines import rings
from bot.services.stations.administration.map_dots import Area

WIDTH: Final = 1000
"""Units of the drawing; its height follows."""
MARGIN: Final = 0.06
"""Of the area's size, on each side."""
LEAST: Final = 0.02
"""Degrees that an area spans, at least."""


@value
class Sketch:
    """The sheet of an area; `squeeze`: how much shorter a degree of longitude is there."""

    area: Area
    squeeze: float

    @classmethod
    def around(cls, points: Iterable[tuple[float, float]]) -> Self:
        """With room for all of these (longitude, latitude), of which there is one at least."""
        given = list(points)
        west, east = min(x for x, _ in given), max(x for x, _ in given)
        south, north = min(y for _, y in given), max(y for _, y in given)
        across, up = max(east - west, LEAST), max(north - south, LEAST)
        x, y = (west + east) / 2, (south + north) / 2
        half_x, half_y = across * (0.5 + MARGIN), up * (0.5 + MARGIN)
        area = Area(x - half_x, y - half_y, x + half_x, y + half_y)
        return cls(area, cos(radians(y)))

    @property
    def scale(self) -> float:
        """Units of a degree of latitude."""
        return WIDTH / ((self.area.east - self.area.west) * self.squeeze)

    @property
    def height(self) -> int:
        """Units."""
        return round((self.area.north - self.area.south) * self.scale)

    def at(self, lat: float, lon: float) -> tuple[int, int]:
        """Where a place is on the sheet."""
        x = (lon - self.area.west) * self.squeeze * self.scale
        return round(x), round((self.area.north - lat) * self.scale)

    def outline(self, adcode: str) -> str:
        """The league's outline as a path."""
        drawn = []
        for ring in rings(adcode):
            points = (self.at(lat, lon) for lon, lat in ring)
            drawn.append("M" + "L".join(f"{x} {y}" for x, y in points) + "Z")
        return "".join(drawn)


def corners(adcode: str) -> list[tuple[float, float]]:
    """All corners of a league's outline."""
    return [point for ring in rings(adcode) for point in ring]
