"""Where a station is: links that show a place on a map, and how far a change moves it."""

from bot.common.values import value
from bot.console.pages.stations.sketch import Sketch, corners
from bot.geo import map_links
from bot.geo.ellipsoid import geodesic
from bot.geo.point import Point
from bot.services.stations.catalogue import Station
from bot.services.stations.editing.edits import Draft
from bot.services.stations.importing.reading.placing import PLACE


@value
class MapLinks:
    """Web pages on which maps show a place."""

    amap: str
    tencent: str


@value
class Move:
    """From one place to another, so many metres away; both on the league's outline."""

    metres: int
    before: MapLinks
    after: MapLinks
    sketch: Sketch
    outline: str
    pins: tuple[tuple[int, int], tuple[int, int]]


def on_maps(station: Station, point: Point) -> MapLinks:
    """The place, named as the station."""
    return MapLinks(
        map_links.amap(point, station.name),
        map_links.tencent(point, station.name, station.address),
    )


def move_of(station: Station, league: str, draft: Draft) -> Move | None:
    """How a change moves the station; None: it stays where it is."""
    if draft.changed is None or PLACE.isdisjoint(one.field for one in draft.differences):
        return None
    old, new = station.point, draft.changed.point
    sketch = Sketch.around([(old.lon, old.lat), (new.lon, new.lat), *corners(league)])
    return Move(
        metres=round(geodesic(old, new)),
        before=on_maps(station, old),
        after=on_maps(station, new),
        sketch=sketch,
        outline=sketch.outline(league),
        pins=(sketch.at(old.lat, old.lon), sketch.at(new.lat, new.lon)),
    )
