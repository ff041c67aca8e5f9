"""What one row of a station list says: each cell checked and read, and written the same way."""

from collections.abc import Callable, Mapping
from datetime import date
from operator import attrgetter
from typing import Any, Final, NamedTuple

from bot.common.values import value
from bot.geo.datum import Datum
from bot.services.spreadsheets.faults import TableFault
from bot.services.stations.importing import cells as station_cells
from bot.services.stations.importing.columns import FIELDS
from bot.services.stations.importing.faults import CellRefused, StationFault
from bot.services.stations.importing.reading.dated import DatedHours, read_changes
from bot.services.stations.statuses import FacilityStatus, StationStatus


class Fault(NamedTuple):
    """Why a cell was refused."""

    field: str
    code: TableFault | StationFault
    params: dict[str, str]


def read_entry(cells: Mapping[str, str]) -> "StationEntry | list[Fault]":
    """The station that these cells describe, or everything that is wrong with them."""
    values: dict[str, Any] = {}
    faults: list[Fault] = []
    for name, read in _READERS.items():
        if name in cells:
            try:
                values[name] = read(cells[name])
            except CellRefused as refused:
                faults.append(Fault(name, refused.code, refused.params))
        elif name in _REQUIRED:
            faults.append(Fault(name, TableFault.REQUIRED, {}))
    return faults or StationEntry(**values)


def cells_of(entry: "StationEntry") -> dict[str, str]:
    """The cells that `read_entry` reads back as this entry."""
    cells = dict(zip(_NAMES, _VALUES(entry), strict=True))
    for name, to_cell in _WRITERS:
        cells[name] = to_cell(cells[name])
    return cells


_NAMES: Final = tuple(field.name for field in FIELDS)
_VALUES: Final[Callable[["StationEntry"], tuple[Any, ...]]] = attrgetter(*_NAMES)
_WRITERS: Final = tuple((one.name, one.to_cell) for one in FIELDS if one.to_cell is not None)


def _text(most: int, *, least: int = 0) -> Callable[[str], str]:
    """Reads a text of so many characters; the very string: long lists hold many equal ones."""

    def read(text: str) -> str:
        if len(text) < least:
            raise CellRefused(TableFault.REQUIRED)
        if len(text) > most:
            raise CellRefused(TableFault.TOO_LONG, max_length=str(most))
        return text

    return read


def _code(text: str) -> str:
    return station_cells.as_text(_CODE(text))


def _phone(text: str) -> str:
    return station_cells.phone(_TEXT_40(text))


_CODE: Final = _text(64, least=1)
_TEXT_40: Final = _text(40)
_TEXT_80: Final = _text(80)
_TEXT_120: Final = _text(120)
_TEXT_200: Final = _text(200)
_READERS: Final[Mapping[str, Callable[[str], Any]]] = {
    "code": _code,
    "name": _text(120, least=1),
    "datum": station_cells.datum,
    "lng": station_cells.degrees,
    "lat": station_cells.degrees,
    "geocoded": station_cells.flag,
    "host_type": _TEXT_40,
    "owner": _TEXT_120,
    "league": _TEXT_40,
    "banner": _TEXT_40,
    "adcode": station_cells.adcode,
    "address": _TEXT_200,
    "hours": station_cells.hours,
    "facilities": station_cells.facilities,
    "entry": _TEXT_40,
    "door": _TEXT_200,
    "parking": _TEXT_80,
    "toilet": _TEXT_40,
    "phone": _phone,
    "star": station_cells.star,
    "verified_at": station_cells.day,
    "status": station_cells.status,
    "changes": read_changes,
    "is_demo": station_cells.flag,
}
"""What reads the cell of each field. Raises `CellRefused`."""
_REQUIRED: Final = ("code", "name", "datum")


@value
class StationEntry:
    """A station as a list describes it: `lng`, `lat` in its own `datum`, not yet in WGS-84.

    `facilities` are (code, state) in the order of the table; `geocoded` marks coordinates that a
    geocoder found and nobody has confirmed. Lengths are those of the database.
    """

    code: str
    name: str
    datum: Datum
    lng: float | None = None
    lat: float | None = None
    geocoded: bool = False
    host_type: str = ""
    owner: str = ""
    league: str = ""
    banner: str = ""
    adcode: str = ""
    address: str = ""
    hours: str | None = None
    facilities: tuple[tuple[str, FacilityStatus], ...] = ()
    entry: str = ""
    door: str = ""
    parking: str = ""
    toilet: str = ""
    phone: str = ""
    star: int | None = None
    verified_at: date | None = None
    status: StationStatus = StationStatus.OPEN
    changes: tuple[DatedHours, ...] = ()
    is_demo: bool = False
