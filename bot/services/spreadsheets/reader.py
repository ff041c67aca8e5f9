"""Tables as people send them, csv or xlsx, read into clean rows of known columns.

Every cell becomes text: NFKC (prose keeps its punctuation), trimmed, numbers without the `.0` that
a spreadsheet adds, dates as 2026-03-01. What is wrong is a `Problem`: a code of a fault, no words.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, islice
from types import MappingProxyType
from typing import Final

from bot.services.spreadsheets.cells import clean, clean_prose, key, plain, quoted
from bot.services.spreadsheets.csv_reader import read_csv
from bot.services.spreadsheets.errors import FileRefused
from bot.services.spreadsheets.faults import FileFault, TableFault
from bot.services.spreadsheets.xlsx_archive import open_archive
from bot.services.spreadsheets.xlsx_reader import Workbook

MAX_BYTES: Final = 20_000_000
MAX_ROWS: Final = 300_000
HEADER_WITHIN: Final = 10
"""A title or a note may stand above the headings, but not more than this."""

Columns = Mapping[str, tuple[str, ...]]
"""Field → the headings it is known by; the first is the one that is written."""


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong where. `row` is the spreadsheet's number, 0 for the sheet as a whole."""

    sheet: str
    row: int
    column: str
    value: str
    code: str
    params: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class Difference:
    """One field before and after, as a file would write it."""

    field: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet with headings. `rows`: number in the spreadsheet, cells in order of `fields`."""

    name: str
    fields: tuple[str, ...]
    headings: Mapping[str, str]
    rows: tuple[tuple[int, tuple[str, ...]], ...]
    qualifiers: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    """Field → what stood in brackets in its heading: 百度, 夏季, 米."""
    fingerprint: str = ""
    """Of the sheet's headings: lists of one source have the same."""
    answers: Mapping[str, str | None] = field(default_factory=lambda: MappingProxyType({}))
    """Heading → field, None: left out; what was answered about this sheet's headings."""


@dataclass(frozen=True, slots=True)
class Question:
    """A column that nobody but the sender can tell: what it may be, and some of its cells.

    `proposal` and `candidates` are fields; `samples` are at most three.
    """

    sheet: str
    row: int
    heading: str
    samples: tuple[str, ...]
    proposal: str | None
    candidates: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """All that was read: `problems` forbid the use of the file, `warnings` do not.

    `notes` are rows that are no records (合计, 备注), `filled` the ranges of merged cells that were
    filled; open `questions` forbid the use of the file until they are answered.
    """

    sheets: tuple[Sheet, ...]
    problems: tuple[Problem, ...]
    warnings: tuple[Problem, ...]
    notes: tuple[Problem, ...] = ()
    filled: tuple[Problem, ...] = ()
    questions: tuple[Question, ...] = ()


def read(
    data: bytes,
    columns: Columns,
    *,
    csv_name: str = "csv",
    personal: Sequence[str] = (),
    prose: Collection[str] = (),
    forbidden: Callable[[str], bool] | None = None,
    shapes: Mapping[str, Callable[[str], bool]] = MappingProxyType({}),
    mapping: Mapping[str, str | None] = MappingProxyType({}),
    remembered: Mapping[str, Mapping[str, str | None]] = MappingProxyType({}),
    progress: Callable[[int, int | None], None] | None = None,
    max_bytes: int = MAX_BYTES,
    max_rows: int = MAX_ROWS,
) -> Table:
    """The rows of all sheets that have at least two known headings; empty rows are left out.

    A csv file is one sheet, `csv_name`. `personal` are headings of contact persons, which are
    never read. The cells of the fields `prose` keep their Chinese punctuation, all others are
    folded to ASCII where they can be. A cell of any column that is `forbidden` is a problem and is
    not kept, not even in the problem. Raises `FileRefused`.
    """
    if len(data) > max_bytes:
        raise FileRefused(FileFault.TOO_BIG, most=str(max_bytes // 1_000_000))
    sheets: list[Sheet] = []
    problems: list[Problem] = []
    warnings: list[Problem] = []
    known = {key(name): field for field, names in columns.items() for name in names}
    for name, rows, broken in _raw_sheets(data, csv_name, known, warnings):
        left = max_rows - sum(len(sheet.rows) for sheet in sheets)
        reader = _Reader(
            name, known, {key(one) for one in personal}, frozenset(prose), broken, left, forbidden
        )
        sheet = reader.read(rows)
        if sheet is None:
            warnings.append(Problem(name, 0, "", "", TableFault.NO_HEADINGS))
            continue
        sheets.append(sheet)
        problems += reader.problems
        warnings += reader.warnings
    if not sheets:
        raise FileRefused(
            FileFault.NO_HEADINGS, headings="、".join(one[0] for one in columns.values())
        )
    return Table(tuple(sheets), tuple(problems), tuple(warnings))


class _Reader:
    """One sheet: finds the headings, then keeps the cells that stand under a known one."""

    def __init__(
        self,
        sheet: str,
        known: Mapping[str, str],
        personal: set[str],
        prose: frozenset[str],
        broken: Mapping[tuple[int, int], str],
        max_rows: int,
        forbidden: Callable[[str], bool] | None,
    ) -> None:
        self._sheet = sheet
        self._known = known
        self._personal = personal
        self._prose = prose
        self._broken = broken
        self._max_rows = max_rows
        self._forbidden = forbidden
        self.problems: list[Problem] = []
        self.warnings: list[Problem] = []

    def read(self, rows: Iterator[list[str]]) -> Sheet | None:
        """The sheet, or None where the first ten rows hold no headings."""
        first = list(islice(rows, HEADER_WITHIN))
        scores = [sum(key(cell) in self._known for cell in row) for row in first]
        if max(scores, default=0) < 2:
            return None
        at = scores.index(max(scores))
        heading = list(map(clean, first[at]))
        places = self._columns(at + 1, heading)
        body = self._body(at + 2, chain(first[at + 1 :], rows), heading, places)
        headings = {name: heading[place] for name, place in places.items()}
        return Sheet(self._sheet, tuple(places), MappingProxyType(headings), tuple(body))

    def _columns(self, row: int, heading: list[str]) -> dict[str, int]:
        places: dict[str, int] = {}
        for place, cell in enumerate(heading):
            name = self._known.get(key(cell))
            if name in places:
                twin = heading[places[name]]
                self._wrong(row, cell, cell, TableFault.DUPLICATE_COLUMN, other=twin)
            elif name is not None:
                places[name] = place
            elif cell:
                code = (
                    TableFault.PERSONAL_COLUMN
                    if key(cell) in self._personal
                    else TableFault.UNKNOWN_COLUMN
                )
                self.warnings.append(Problem(self._sheet, row, cell, "", code))
        return places

    def _body(
        self,
        number: int,
        rows: Iterable[list[str]],
        heading: list[str],
        places: Mapping[str, int],
    ) -> Iterator[tuple[int, tuple[str, ...]]]:
        unnamed = [place for place, cell in enumerate(heading) if not cell]
        order = tuple(places.values())
        folded = [place for name, place in places.items() if name not in self._prose]
        for (row, place), code in self._broken.items():
            if row >= number and place in order:  # below the last value too, where no row is read
                self._wrong(row, heading[place], "", code)
        count = 0
        for row, read in enumerate(rows, number):
            if not any(read):
                continue
            count += 1
            if count > self._max_rows:
                raise FileRefused(FileFault.TOO_MANY_ROWS, most=str(self._max_rows))
            cells = list(read)
            for place in folded:
                if place < len(cells):
                    cells[place] = clean(cells[place])
            if self._forbidden is not None and any(map(self._forbidden, cells)):
                cells = self._without_forbidden(row, cells, heading)
            width = len(cells)
            stray = [cells[place] for place in unnamed if place < width and cells[place]]
            stray += [cell for cell in cells[len(heading) :] if cell]
            if stray:
                self._wrong(row, "", stray[0], TableFault.NO_HEADING)
            kept = tuple(cells[place] if place < width else "" for place in order)
            for place, cell in zip(order, kept, strict=True):
                if cell.startswith("="):
                    self._wrong(row, heading[place], cell, TableFault.FORMULA)
            yield row, tuple(plain(cell).strip() if cell[:1] == "'" else cell for cell in kept)

    def _without_forbidden(self, row: int, cells: list[str], heading: list[str]) -> list[str]:
        kept = list(cells)
        for place, cell in enumerate(cells):
            if self._forbidden is not None and self._forbidden(cell):
                column = heading[place] if place < len(heading) else ""
                self._wrong(row, column, "", TableFault.FORBIDDEN)
                kept[place] = ""
        return kept

    def _wrong(self, row: int, column: str, value: str, code: str, **params: str) -> None:
        self.problems.append(
            Problem(self._sheet, row, column, value, code, MappingProxyType(params))
        )


_Raw = tuple[str, Iterator[list[str]], Mapping[tuple[int, int], str]]


def _raw_sheets(
    data: bytes, csv_name: str, known: Mapping[str, str], warnings: list[Problem]
) -> Iterator[_Raw]:
    """Name, rows of clean prose and the cells whose formula has no value, sheet by sheet."""
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        raise FileRefused(FileFault.OLD_EXCEL)
    if not data.startswith(b"PK"):
        yield csv_name, _csv_rows(data, known), {}
        return
    with open_archive(data) as archive:
        book = Workbook(archive)
        for sheet in book.sheets:
            if not sheet.visible:
                warnings.append(Problem(sheet.name, 0, "", "", TableFault.HIDDEN_SHEET))
                continue
            raw = book.read(sheet)
            yield sheet.name, iter(raw.rows), raw.broken


def _csv_rows(data: bytes, known: Mapping[str, str]) -> Iterator[list[str]]:
    def headings(cells: list[str]) -> int:
        return sum(key(cell) in known for cell in cells)

    for row in read_csv(data, headings, HEADER_WITHIN):
        yield [quoted(clean_prose(cell)) for cell in row]
