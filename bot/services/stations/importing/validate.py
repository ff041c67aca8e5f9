"""A station file on its own: every cell read, every place checked, no code twice."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from types import MappingProxyType
from typing import Final, TypeAlias

from bot.geo.datum import Datum, to_wgs84
from bot.geo.point import Point
from bot.geo.region import in_region
from bot.services.spreadsheets.faults import TableFault
from bot.services.spreadsheets.reader import Problem, Sheet, Table
from bot.services.stations.importing.columns import COLUMNS
from bot.services.stations.importing.faults import StationFault
from bot.services.stations.importing.rows import StationEntry, cells_of, read_entry

PLACE: Final = frozenset({"lng", "lat", "datum"})


@dataclass(frozen=True, slots=True)
class Located:
    """Coordinates for a row that has none, in `datum`; `geocoded` until somebody confirms them."""

    lat: float
    lng: float
    datum: Datum
    geocoded: bool


Places: TypeAlias = Mapping[tuple[str, int], Located]
"""(sheet, row) → where that is."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A sound row. `given` are the fields that the file speaks of; `point` is WGS-84."""

    sheet: Sheet
    row: int
    entry: StationEntry
    point: Point
    given: frozenset[str]

    def problem(self, name: str, code: TableFault | StationFault, /, **params: str) -> Problem:
        """Something about the field `name` of this row."""
        value = cells_of(self.entry)[name]
        return Problem(
            self.sheet.name,
            self.row,
            heading(self.sheet, name),
            value,
            code,
            MappingProxyType(params),
        )


@dataclass(slots=True)
class Checked:
    """What the file holds. `codes`: of all rows, so that a faulty row is not a missing station."""

    listed: list[Listed] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)
    codes: set[str] = field(default_factory=set)


def check(
    table: Table,
    datum: Datum,
    today: date,
    *,
    anywhere: bool = False,
    places: Places | None = None,
) -> Checked:
    """All rows of the table as stations, or what is wrong with them.

    `datum` is that of a file without a datum column. `places` serve the rows without coordinates;
    None: such a row is a problem. `anywhere` allows stations outside of Inner Mongolia.
    """
    checked = Checked(problems=list(table.problems), warnings=list(table.warnings))
    first: dict[str, tuple[str, int]] = {}
    for sheet in table.sheets:
        wanted = {"code", "name"} if places is not None else {"code", "name", "lng", "lat"}
        lacking = [name for name in COLUMNS if name in wanted.difference(sheet.fields)]
        if lacking:
            checked.problems += [
                Problem(sheet.name, 0, COLUMNS[name][0], "", TableFault.MISSING_COLUMN)
                for name in lacking
            ]
            continue
        given = frozenset(sheet.fields)
        for row, cells in sheet.rows:
            values = dict(zip(sheet.fields, cells, strict=True))
            checked.codes.add(values["code"])
            values.setdefault("datum", datum.value)
            place = places.get((sheet.name, row)) if places and is_placeless(values) else None
            if place is not None:
                values |= _values(place)
            entry = read_entry(values)
            if not isinstance(entry, StationEntry):
                for one in entry:
                    what = values.get(one.field, "")
                    params = MappingProxyType(one.params)
                    at = heading(sheet, one.field)
                    checked.problems.append(Problem(sheet.name, row, at, what, one.code, params))
                continue
            fields = given if place is None else given | PLACE | {"geocoded"}
            point, fault = _point(entry, anywhere)
            listed = Listed(sheet, row, entry, point, fields)
            wrong = list(_faults(listed, fault, today, geocoding=places is not None))
            twin = first.setdefault(entry.code, (sheet.name, row))
            if twin != (sheet.name, row):
                where = {"sheet": twin[0], "row": str(twin[1])}
                wrong.append(listed.problem("code", StationFault.DUPLICATE_CODE, **where))
            checked.codes.add(entry.code)
            checked.problems += wrong
            if not wrong:
                checked.listed.append(listed)
    return checked


def is_placeless(values: Mapping[str, str]) -> bool:
    """Whether a row leaves both coordinates blank."""
    return not values.get("lng") and not values.get("lat")


def heading(sheet: Sheet, name: str) -> str:
    """The field's name in this file."""
    return sheet.headings.get(name, COLUMNS[name][0])


def _values(place: Located) -> dict[str, str]:
    return {
        "lng": repr(place.lng),
        "lat": repr(place.lat),
        "datum": place.datum.value,
        "geocoded": "yes" if place.geocoded else "",
    }


_NOWHERE: Final = Point(0.0, 0.0)


def _point(entry: StationEntry, anywhere: bool) -> tuple[Point, TableFault | StationFault | None]:
    """Where it is in WGS-84, or what is wrong with its coordinates."""
    lat, lng = entry.lat, entry.lng
    if lat is None or lng is None:
        return _NOWHERE, StationFault.NO_COORDINATES
    if lat == 0.0 and lng == 0.0:
        return _NOWHERE, StationFault.ZERO
    if in_region(lng, lat):
        return _NOWHERE, TableFault.SWAPPED
    try:
        point = to_wgs84(lat, lng, entry.datum)
    except ValueError:
        return _NOWHERE, StationFault.OUT_OF_RANGE
    if not anywhere and not in_region(point.lat, point.lon):
        return _NOWHERE, TableFault.OUT_OF_REGION
    return point, None


def _faults(
    listed: Listed, fault: TableFault | StationFault | None, today: date, *, geocoding: bool
) -> Iterator[Problem]:
    entry = listed.entry
    if fault is not None:
        blank = entry.lng is None and entry.lat is None
        found = listed.problem("lng", StationFault.NOT_FOUND if blank and geocoding else fault)
        yield found if blank else replace(found, value=f"{entry.lng},{entry.lat}")
    if entry.verified_at is not None and entry.verified_at > today:
        yield listed.problem("verified_at", TableFault.FUTURE_DATE, today=today.isoformat())
