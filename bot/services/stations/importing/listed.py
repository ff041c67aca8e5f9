"""A sound row of a station list, and all that a list holds."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from bot.common.values import value
from bot.geo.point import Point
from bot.services.spreadsheets.tables import Problem, Sheet
from bot.services.stations.importing.columns import COLUMNS, SOURCES
from bot.services.stations.importing.reading.facility_words import Changes
from bot.services.stations.importing.rows import StationEntry, cells_of

UNCODED = "?"
"""Code of a row that has none yet."""


@value
class Listed:
    """A sound row. `given` are the fields that the file speaks of; `point` is WGS-84.

    `hours` is what stood there, before it was read. `changes` are changes of single facilities. A
    row without a code has `UNCODED`; the `point` of one that is not placed says nothing.
    """

    sheet: Sheet
    row: int
    entry: StationEntry
    point: Point
    given: frozenset[str]
    hours: str = ""
    changes: Changes = ()
    is_placed: bool = True

    def problem(self, name: str, code: str, /, **params: str) -> Problem:
        """Something about the field `name` of this row."""
        value = cells_of(self.entry)[name]
        at = heading(self.sheet, name)
        return Problem(self.sheet.name, self.row, at, value, code, MappingProxyType(params))


@dataclass(slots=True)
class Checked:
    """What the file holds. `codes`: of all rows, so that a faulty row is not a missing station.

    With good rows only, `left_out` says why rows are not among `listed`, and `unread` which cells
    of them are left as they are. `lacking`: columns that new stations of a sheet would need.
    `hours` counts the texts.
    """

    listed: list[Listed] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    left_out: list[Problem] = field(default_factory=list)
    unread: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)
    doubtful: list[Problem] = field(default_factory=list)
    codes: set[str] = field(default_factory=set)
    lacking: dict[str, tuple[str, ...]] = field(default_factory=dict)
    hours: Counter[str] = field(default_factory=Counter)


def heading(sheet: Sheet, name: str) -> str:
    """The field's name in this file."""
    if name not in sheet.headings:
        name = next((one for one in SOURCES.get(name, ()) if one in sheet.headings), name)
    return sheet.headings.get(name) or COLUMNS[name][0]


def about_sheet(sheet: Sheet, column: str, code: str, params: Mapping[str, str]) -> Problem:
    """Something about a sheet as a whole, or one of its columns."""
    return Problem(sheet.name, 0, column, "", code, MappingProxyType(dict(params)))
