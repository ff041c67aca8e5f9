"""Where a station is: links that show a place on a map, and how far a change moves it."""

from dataclasses import dataclass

from bot.geo import map_links
from bot.geo.ellipsoid import geodesic
from bot.geo.point import Point
from bot.services.stations.catalogue import Station
from bot.services.stations.editing.edits import Draft
from bot.services.stations.importing.reading.placing import PLACE


@dataclass(frozen=True, slots=True)
class MapLinks:
    """Web pages on which maps show a place."""

    amap: str
    tencent: str


@dataclass(frozen=True, slots=True)
class Move:
    """From one place to another, so many metres away."""

    metres: int
    before: MapLinks
    after: MapLinks


def on_maps(station: Station, point: Point) -> MapLinks:
    """The place, named as the station."""
    return MapLinks(
        map_links.amap(point, station.name),
        map_links.tencent(point, station.name, station.address),
    )


def move_of(station: Station, draft: Draft) -> Move | None:
    """How a change moves the station; None: it stays where it is."""
    if draft.changed is None or PLACE.isdisjoint(one.field for one in draft.differences):
        return None
    metres = round(geodesic(station.point, draft.changed.point))
    before, after = on_maps(station, station.point), on_maps(station, draft.changed.point)
    return Move(metres, before, after)
