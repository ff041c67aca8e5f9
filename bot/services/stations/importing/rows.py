"""What one row of a station list says: each cell checked and read, and written the same way."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from operator import attrgetter
from typing import Annotated, Any, Final, NamedTuple

from pydantic import AfterValidator, PlainValidator, TypeAdapter
from pydantic_core import ValidationError

from bot.geo.datum import Datum
from bot.services.spreadsheets.faults import TableFault
from bot.services.stations.importing import cells as station_cells
from bot.services.stations.importing.columns import FIELDS
from bot.services.stations.importing.faults import StationFault, refuse
from bot.services.stations.importing.reading.dated import DatedHours, read_changes
from bot.services.stations.statuses import FacilityStatus, StationStatus


class Fault(NamedTuple):
    """Why a cell was refused."""

    field: str
    code: TableFault | StationFault
    params: dict[str, str]


def read_entry(cells: Mapping[str, str]) -> "StationEntry | list[Fault]":
    """The station that these cells describe, or everything that is wrong with them."""
    try:
        return _ENTRY.validate_python(cells)
    except ValidationError as error:
        return [
            Fault(
                str(one["loc"][0]),
                _FAULTS[one["type"]],
                {name: str(value) for name, value in one.get("ctx", {}).items()},
            )
            for one in error.errors(include_url=False, include_input=False)
        ]


def cells_of(entry: "StationEntry") -> dict[str, str]:
    """The cells that `read_entry` reads back as this entry."""
    cells = dict(zip(_NAMES, _VALUES(entry), strict=True))
    for name, to_cell in _WRITERS:
        cells[name] = to_cell(cells[name])
    return cells


_NAMES: Final = tuple(field.name for field in FIELDS)
_VALUES: Final[Callable[["StationEntry"], tuple[Any, ...]]] = attrgetter(*_NAMES)
_WRITERS: Final = tuple((one.name, one.to_cell) for one in FIELDS if one.to_cell is not None)
_FAULTS: Final[Mapping[str, TableFault | StationFault]] = {
    "missing": TableFault.REQUIRED,
    **{fault.value: fault for fault in TableFault},
    **{fault.value: fault for fault in StationFault},
}
"""Type of a validation error → fault."""


def _text(most: int, *, least: int = 0) -> PlainValidator:
    """A text of so many characters; the very string, for long lists hold many equal ones."""

    def checked(text: str) -> str:
        if len(text) < least:
            raise refuse(TableFault.REQUIRED)
        if len(text) > most:
            raise refuse(TableFault.TOO_LONG, max_length=str(most))
        return text

    return PlainValidator(checked)


Text40 = Annotated[str, _text(40)]
Text80 = Annotated[str, _text(80)]
Text120 = Annotated[str, _text(120)]
Text200 = Annotated[str, _text(200)]


@dataclass(frozen=True, slots=True)
class StationEntry:
    """A station as a list describes it: `lng`, `lat` in its own `datum`, not yet in WGS-84.

    `facilities` are (code, state) in the order of the table; `geocoded` marks coordinates that a
    geocoder found and nobody has confirmed. Lengths are those of the database.
    """

    code: Annotated[str, _text(64, least=1), AfterValidator(station_cells.as_text)]
    name: Annotated[str, _text(120, least=1)]
    datum: Annotated[Datum, PlainValidator(station_cells.datum)]
    lng: Annotated[float | None, PlainValidator(station_cells.degrees)] = None
    lat: Annotated[float | None, PlainValidator(station_cells.degrees)] = None
    geocoded: Annotated[bool, PlainValidator(station_cells.flag)] = False
    host_type: Text40 = ""
    owner: Text120 = ""
    league: Text40 = ""
    banner: Text40 = ""
    adcode: Annotated[str, PlainValidator(station_cells.adcode)] = ""
    address: Text200 = ""
    hours: Annotated[str | None, PlainValidator(station_cells.hours)] = None
    facilities: Annotated[
        tuple[tuple[str, FacilityStatus], ...], PlainValidator(station_cells.facilities)
    ] = ()
    entry: Text40 = ""
    door: Text200 = ""
    parking: Text80 = ""
    toilet: Text40 = ""
    phone: Annotated[Text40, AfterValidator(station_cells.phone)] = ""
    star: Annotated[int | None, PlainValidator(station_cells.star)] = None
    verified_at: Annotated[date | None, PlainValidator(station_cells.day)] = None
    status: Annotated[StationStatus, PlainValidator(station_cells.status)] = StationStatus.OPEN
    changes: Annotated[tuple[DatedHours, ...], PlainValidator(read_changes)] = ()
    is_demo: Annotated[bool, PlainValidator(station_cells.flag)] = False


_ENTRY: Final = TypeAdapter(StationEntry)
