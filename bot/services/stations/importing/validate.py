"""A station file on its own: every cell read, every place checked, no code twice."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from types import MappingProxyType
from typing import Final

from bot.geo.datum import Datum
from bot.hours.doubts import Doubt
from bot.services.spreadsheets.faults import TableFault
from bot.services.spreadsheets.tables import Problem, Sheet, Table
from bot.services.stations.importing.columns import COLUMNS
from bot.services.stations.importing.doubts import hours_doubts, numbers_rows
from bot.services.stations.importing.faults import StationDoubt, StationFault, StationNote
from bot.services.stations.importing.listed import UNCODED, Checked, Listed, about_sheet, heading
from bot.services.stations.importing.reading.composite import (
    Composed,
    Composition,
    heading_faults,
    left_out_words,
)
from bot.services.stations.importing.reading.facility_words import read_facilities
from bot.services.stations.importing.reading.placing import (
    NOWHERE,
    PLACE,
    Places,
    all_swapped,
    cells_of_place,
    is_placeless,
    point_of,
)
from bot.services.stations.importing.rows import Fault, StationEntry, read_entry
from bot.services.stations.importing.terms import Terms

OPTIONAL: Final = frozenset(
    {
        "host_type", "owner", "adcode", "hours", "facilities", "entry", "door", "parking", "toilet",
        "phone", "star", "verified_at", "changes",
    }
)  # fmt: skip
"""Fields that a station can do without: a cell that is not understood is left as it is."""
_MAY_LACK: Final = frozenset({"facilities", "adcode", "banner"})
"""Fields that a row may leave out though its sheet has columns for them."""
_NEEDED: Final = ("name", "lng", "lat")
"""What a new station must have, beside the code, which can be proposed."""


def check(
    table: Table,
    datum: Datum,
    today: date,
    *,
    terms: Terms,
    places: Places | None = None,
    needs_datum: bool = False,
) -> Checked:
    """All rows of the table as stations, or what is wrong with them.

    `datum` is that of a file without a datum column or with one that is blank throughout, which is
    a problem with `needs_datum`. `places` serve the rows without coordinates; None: such a row is a
    problem.
    """
    checked = Checked(warnings=list(table.warnings))
    broken = _sort_table_problems(table, checked, terms)
    first: dict[str, tuple[str, int]] = {}
    for sheet in table.sheets:
        contacts = any(
            one.sheet == sheet.name and one.code == TableFault.PERSONAL_COLUMN
            for one in table.warnings
        )
        one = _Sheet(sheet, datum, today, terms, places, checked, first, broken, contacts)
        one.read(needs_datum=needs_datum)
    return checked


def _sort_table_problems(
    table: Table, checked: Checked, terms: Terms
) -> dict[tuple[str, int], set[str]]:
    """The problems of single rows, as (sheet, row) → headings, where faulty rows are left out."""
    if not terms.good_rows:
        checked.problems += table.problems
        return {}
    rows = {(sheet.name, row) for sheet in table.sheets for row, _ in sheet.rows}
    broken: dict[tuple[str, int], set[str]] = {}
    for problem in table.problems:
        at = problem.sheet, problem.row
        if at in rows:
            broken.setdefault(at, set()).add(problem.column)
            headings = next(one.headings for one in table.sheets if one.name == problem.sheet)
            fields = {name for name, column in headings.items() if column == problem.column}
            spared = bool(fields) and fields <= OPTIONAL
            (checked.unread if spared else checked.left_out).append(problem)
        elif not problem.code.startswith("formula"):
            checked.problems.append(problem)
    return broken


class _Sheet:
    """Reads the rows of one sheet into `checked`; `first` is where each code was seen first."""

    def __init__(
        self,
        sheet: Sheet,
        datum: Datum,
        today: date,
        terms: Terms,
        places: Places | None,
        checked: Checked,
        first: dict[str, tuple[str, int]],
        broken: Mapping[tuple[str, int], set[str]],
        contacts: bool,
    ) -> None:
        self._sheet = sheet
        self._datum = datum
        self._today = today
        self._terms = terms
        self._places = places
        self._checked = checked
        self._first = first
        self._broken = broken
        self._swapped = all_swapped(sheet)
        self._made = Composition(sheet, contacts=contacts, swapped=self._swapped)
        codes = sheet.fields.index("code") if "code" in sheet.fields else -1
        self._coded = codes >= 0 and any(cells[codes] for _, cells in sheet.rows)
        self._lacking = tuple(
            name
            for name in _NEEDED
            if name not in self._made.given and (places is None or name == "name")
        )
        self._no_datums = False
        if codes >= 0 and numbers_rows([cells[codes] for _, cells in sheet.rows]):
            self._doubt("code", StationDoubt.ROW_NUMBERS)

    def read(self, *, needs_datum: bool) -> None:
        """All rows, unless the sheet as a whole cannot be used."""
        sheet, checked = self._sheet, self._checked
        if "datum" in sheet.fields and not needs_datum:
            at = sheet.fields.index("datum")
            self._no_datums = not any(cells[at] for _, cells in sheet.rows)
        if not self._coded and "name" not in self._made.given:
            for name in ("code", "name"):
                column = COLUMNS[name][0]
                checked.problems.append(about_sheet(sheet, column, TableFault.MISSING_COLUMN, {}))
            return
        wrong = list(heading_faults(sheet, self._datum))
        for name, code, params in wrong[:1]:
            checked.problems.append(about_sheet(sheet, heading(sheet, name), code, params))
        if self._lacking:
            checked.lacking[sheet.name] = self._lacking
        for row, cells in sheet.rows:
            self._read_row(row, self._made.row(cells))
        self._tell()

    def _read_row(self, row: int, made: Composed) -> None:
        sheet, checked, values = self._sheet, self._checked, made.values
        given = self._made.given  # one object for all rows that differ in nothing
        if absent := given & _MAY_LACK - values.keys():
            given -= absent
        if code := values.get("code"):
            checked.codes.add(code)
        else:
            values["code"] = UNCODED
        hours = values.get("hours", "")
        if hours and Doubt.NOT_OPEN_YET in hours_doubts(hours) and not values.get("status"):
            values["status"] = "即将开业"
            given |= {"status"}
        if self._no_datums:  # as if there were no such column
            values["datum"] = self._datum.value
            given -= {"datum"}
        values.setdefault("datum", self._datum.value)
        if "name" in self._lacking:
            values["name"] = UNCODED
        place = None
        if self._places and is_placeless(values):
            place = self._places.get((sheet.name, row))
        if place is not None:
            values |= cells_of_place(place)
            given |= PLACE | {"geocoded"}
        entry = read_entry(values)
        if made.faults or not isinstance(entry, StationEntry):
            told = {one.field for one in made.faults}
            found = [] if isinstance(entry, StationEntry) else entry
            faults = [*made.faults, *(one for one in found if one.field not in told)]
            spared = self._spare(row, values, faults, made)
            if spared is None:
                return
            entry, given = spared, given - {_field(one) for one in faults}
        if hours:
            checked.hours[hours] += 1
        self._take(row, entry, given, hours, made)

    def _take(
        self, row: int, entry: StationEntry, given: frozenset[str], hours: str, made: Composed
    ) -> None:
        """A row whose cells were read: its place and its code, and what the table said of it."""
        sheet, checked = self._sheet, self._checked
        point, fault = NOWHERE, None
        placed = "lng" not in self._lacking and "lat" not in self._lacking
        if placed:
            point, fault = point_of(entry, self._terms.anywhere)
        broken = self._broken.get((sheet.name, row), set())
        if broken:
            held = {name for name, column in sheet.headings.items() if column in broken}
            if not held or not held <= OPTIONAL:
                return
            given -= held
        if self._lacking:
            given -= set(self._lacking)
        listed = Listed(sheet, row, entry, point, given, hours, made.changes, placed)
        wrong = list(_faults(listed, fault, self._today, geocoding=self._places is not None))
        if entry.code != UNCODED:
            twin = self._first.setdefault(entry.code, (sheet.name, row))
            if twin != (sheet.name, row):
                where = {"sheet": twin[0], "row": str(twin[1])}
                wrong.append(listed.problem("code", StationFault.DUPLICATE_CODE, **where))
            checked.codes.add(entry.code)
        (checked.left_out if self._terms.good_rows else checked.problems).extend(wrong)
        if not wrong:
            checked.listed.append(listed)

    def _spare(
        self,
        row: int,
        values: dict[str, str],
        faults: list[Fault],
        made: Composed,
    ) -> StationEntry | None:
        """The row without the cells that are not understood, if it can do without; else None."""
        sheet, checked = self._sheet, self._checked
        fields = {_field(one) for one in faults}
        spared = self._terms.good_rows and fields <= OPTIONAL
        told = [
            Problem(
                sheet.name,
                row,
                heading(sheet, one.field),
                values.get(one.field, ""),
                one.code,
                MappingProxyType(one.params),
            )
            for one in faults
        ]
        if not spared:
            (checked.left_out if self._terms.good_rows else checked.problems).extend(told)
            return None
        kept = {name: cell for name, cell in values.items() if name not in fields}
        entry = read_entry(kept)
        if not isinstance(entry, StationEntry):
            checked.left_out += told
            return None
        checked.unread += told
        if "facilities" in fields:
            known = read_facilities(values.get("facilities", ""))
            made.changes = (*made.changes, *known.changes, *known.found.items())
        return entry

    def _tell(self) -> None:
        """What was done on its own with the columns of this sheet."""
        sheet, made = self._sheet, self._made
        if self._swapped:
            self._note("lng", StationNote.SWAPPED_COLUMNS)
        for name, word in left_out_words(sheet):
            self._note(name, StationNote.HEADING_WORD, text=word)
        if made.mobiles:
            self._note("phone", StationNote.CONTACT_PHONES, count=str(made.mobiles))
        if made.zeros:
            self._note("phone", StationNote.PHONE_ZERO, count=str(made.zeros))
        if made.links:
            self._note("lng", StationNote.LINK_DATUM, count=str(made.links))

    def _note(self, name: str, code: StationNote, /, **params: str) -> None:
        at = self._sheet.headings.get(name, "")
        self._checked.warnings.append(
            about_sheet(self._sheet, at or heading(self._sheet, name), code, params)
        )

    def _doubt(self, name: str, code: StationDoubt) -> None:
        at = heading(self._sheet, name)
        self._checked.doubtful.append(about_sheet(self._sheet, at, code, {}))


def _field(fault: Fault) -> str:
    return "facilities" if fault.field.startswith(("has_", "services")) else fault.field


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
