"""Where the rows of a list lie: their coordinates, checked and turned into WGS-84."""

from collections.abc import Mapping
from typing import Final, TypeAlias

from bot.common.values import value
from bot.geo.datum import Datum, to_wgs84
from bot.geo.point import Point
from bot.geo.region import in_china, in_region
from bot.services.spreadsheets.faults import TableFault
from bot.services.spreadsheets.tables import Sheet
from bot.services.stations.importing.faults import StationFault
from bot.services.stations.importing.reading.coordinates import read_degrees
from bot.services.stations.importing.rows import StationEntry

PLACE: Final = frozenset({"lng", "lat", "datum"})
NOWHERE: Final = Point(0.0, 0.0)


@value
class Located:
    """Coordinates for a row that has none, in `datum`; `geocoded` until somebody confirms them."""

    lat: float
    lng: float
    datum: Datum
    geocoded: bool


Places: TypeAlias = Mapping[tuple[str, int], Located]
"""(sheet, row) → where that is."""


def is_placeless(values: Mapping[str, str]) -> bool:
    """Whether a row leaves both coordinates blank, in columns of their own and in one."""
    return not any(values.get(name) for name in ("lng", "lat", "lnglat"))


def all_swapped(sheet: Sheet) -> bool:
    """Whether every row has its latitude under longitude, and the other way round."""
    if "lng" not in sheet.fields or "lat" not in sheet.fields:
        return False
    lng, lat = sheet.fields.index("lng"), sheet.fields.index("lat")
    some = False
    for _, cells in sheet.rows:
        if not cells[lng] and not cells[lat]:
            continue
        first, second = read_degrees(cells[lng]), read_degrees(cells[lat])
        if first is None or second is None or not in_china(first, second):
            return False
        some = True
    return some


def cells_of_place(place: Located) -> dict[str, str]:
    """The cells that say so."""
    return {
        "lng": repr(place.lng),
        "lat": repr(place.lat),
        "datum": place.datum.value,
        "geocoded": "yes" if place.geocoded else "",
    }


def point_of(entry: StationEntry, anywhere: bool) -> tuple[Point, TableFault | StationFault | None]:
    """Where it is in WGS-84, or what is wrong with its coordinates."""
    lat, lng = entry.lat, entry.lng
    if lat is None or lng is None:
        return NOWHERE, StationFault.NO_COORDINATES
    if lat == 0.0 and lng == 0.0:
        return NOWHERE, StationFault.ZERO
    if in_china(lng, lat):
        return NOWHERE, TableFault.SWAPPED
    try:
        point = to_wgs84(lat, lng, entry.datum)
    except ValueError:
        return NOWHERE, StationFault.OUT_OF_RANGE
    if not anywhere and not in_region(point.lat, point.lon):
        return NOWHERE, TableFault.OUT_OF_REGION
    if not in_china(lat, lng):
        return NOWHERE, StationFault.OUT_OF_CHINA
    return point, None
