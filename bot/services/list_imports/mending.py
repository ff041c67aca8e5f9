"""Puts the cells that an operator mended in place of those that were read."""

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from bot.services.list_imports.answers import MendedCell
from bot.services.spreadsheets.cells import clean, clean_prose
from bot.services.spreadsheets.tables import Problem, Sheet, Table

_PAIR: Final = re.compile(r"(\d{2,3}(?:\.\d+)?)[,，、;； ]+(\d{2,3}(?:\.\d+)?)")
"""Longitude and latitude as maps give them, in either order."""


@dataclass(slots=True)
class _Column:
    """What is mended of one column: cells by their text, and cells by their row."""

    place: int
    prose: bool
    alike: dict[str, str] = field(default_factory=dict)
    rows: dict[int, str] = field(default_factory=dict)

    def add(self, one: MendedCell) -> None:
        """A later answer about the same cells holds."""
        value = clean_prose(one.value) if self.prose else clean(one.value)
        if one.row:
            self.rows[one.row] = value
        elif value != one.was:
            self.alike[one.was] = value
            self.alike.pop(value, None)  # this is what it should read, so no loop can come up

    def mended(self, row: int, cell: str) -> str:
        """How the cell reads now."""
        value = self.rows.get(row, cell)
        while value in self.alike:
            value = self.alike[value]
        return value


def mended(table: Table, cells: Sequence[MendedCell], prose: Collection[str]) -> Table:
    """The table with these cells; what was wrong with the old ones is not said any more.

    `prose`: fields whose cells keep their Chinese punctuation.
    """
    if not cells:
        return table
    sheets, done = [], set()
    for sheet in table.sheets:
        columns = _columns(sheet, cells, prose)
        rows = []
        for row, old in sheet.rows:
            new = list(old)
            for heading, one in columns.items():
                new[one.place] = one.mended(row, old[one.place])
                if new[one.place] != old[one.place]:
                    done.add((sheet.name, row, heading))
            for name in _split(sheet, new, frozenset(columns)):
                done.add((sheet.name, row, name))
            rows.append((row, tuple(new)))
        sheets.append(replace(sheet, rows=tuple(rows)) if columns else sheet)

    def still(one: Problem) -> bool:
        return (one.sheet, one.row, one.column) not in done

    return replace(
        table, sheets=tuple(sheets), problems=tuple(one for one in table.problems if still(one))
    )


def _split(sheet: Sheet, row: list[str], columns: frozenset[str]) -> Iterator[str]:
    """Spreads coordinates that were mended as a pair in one cell; gives the headings of both."""
    if "lng" not in sheet.fields or "lat" not in sheet.fields:
        return
    places = {name: sheet.fields.index(name) for name in ("lng", "lat")}
    for name in places:
        pair = _PAIR.fullmatch(row[places[name]])
        if pair is not None and sheet.headings[name] in columns:
            lat, lng = sorted(pair.groups(), key=float)  # in this region they do not overlap
            row[places["lng"]], row[places["lat"]] = lng, lat
            yield from (sheet.headings[one] for one in places)
            return


def _columns(
    sheet: Sheet, cells: Sequence[MendedCell], prose: Collection[str]
) -> dict[str, _Column]:
    """The columns of the sheet that are mended, by their heading."""
    fields = {heading: name for name, heading in sheet.headings.items()}
    found: dict[str, _Column] = {}
    for one in cells:
        name = fields.get(one.heading)
        if one.sheet != sheet.name or name is None or name not in sheet.fields:
            continue
        if one.heading not in found:
            found[one.heading] = _Column(sheet.fields.index(name), name in prose)
        found[one.heading].add(one)
    return found
