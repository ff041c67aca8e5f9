"""Reads the worksheets of an .xlsx file in one pass over their XML, within limits.

Cells share the text of one shared string, and rows without cells share one list: memory follows
what the file holds, not how far away its last cell stands.
"""

from collections.abc import Iterator
from typing import Final

from bot.common.lazy_pattern import LazyPattern
from bot.services.spreadsheets.cells import clean_prose, text_of
from bot.services.spreadsheets.errors import FileRefused
from bot.services.spreadsheets.faults import FileFault, TableFault
from bot.services.spreadsheets.formats.grids import MAX_CELLS, Grid, Merged
from bot.services.spreadsheets.formats.xlsx_archive import Archive, Attributes, SheetPart
from bot.services.spreadsheets.formats.xlsx_styles import (
    EPOCH,
    EPOCH_1904,
    NumberKind,
    as_date,
    read_styles,
)

MAX_COLUMN: Final = 16_384
MAX_STRINGS: Final = 2_000_000
MAX_TEXT: Final = 32_000_000
"""Characters that all sheets hold together; a shared string counts once."""
MAX_CELL_TEXT: Final = 32_767
"""Characters of one cell, as in Excel."""
SHARED_STRINGS: Final = "xl/sharedStrings.xml"

_ESCAPED: Final = LazyPattern(r"_x([0-9A-Fa-f]{4})_")
_NO_CELLS: Final[list[str]] = []
_TRUE: Final = frozenset({"1", "true"})


class Workbook:
    """An opened workbook; `sheets` are its worksheets."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        self._text_left = MAX_TEXT
        self._cells_left = MAX_CELLS
        self.sheets: list[SheetPart] = archive.sheets()
        self._epoch = EPOCH_1904 if self._counts_from_1904() else EPOCH
        self._styles = read_styles(archive)
        self._strings = list(self._shared_strings())

    def read(self, sheet: SheetPart) -> Grid:
        """All of a sheet. Raises `FileRefused`: too_wide, too_much_text or not_a_table."""
        rows: list[list[str]] = []
        broken: dict[tuple[int, int], TableFault] = {}
        merged: list[Merged] = []
        hidden_rows: set[int] = set()
        hidden_columns: set[int] = set()
        row = column = widest = 0
        cell: Attributes = {}
        has_formula = keeps = phonetic = False
        pieces: list[str] = []

        def start(tag: str, attributes: Attributes) -> None:
            nonlocal row, column, widest, cell, has_formula, keeps, phonetic
            if tag == "c":
                place = attributes.get("r")
                column = _column(place) if place else column + 1
                self._cells_left -= 1
                widest = max(widest, column)
                if widest * row > MAX_CELLS or self._cells_left < 0:
                    raise FileRefused(FileFault.TOO_WIDE, most=str(MAX_CELLS))
                cell, has_formula = attributes, False
                pieces.clear()
            elif tag == "v" or (tag == "t" and not phonetic):
                keeps = True
            elif tag == "f":
                has_formula = True
            elif tag == "rPh":
                phonetic = True
            elif tag == "row":
                before, row, column = row, int(attributes.get("r", row + 1)), 0
                if row <= before:
                    raise FileRefused(FileFault.NOT_A_TABLE)
                if widest * row > MAX_CELLS or row > MAX_CELLS:
                    raise FileRefused(FileFault.TOO_WIDE, most=str(MAX_CELLS))
                if attributes.get("hidden") in _TRUE:
                    hidden_rows.add(row)
            elif tag == "mergeCell":
                merged.append(_range(attributes["ref"]))
            elif tag == "col" and attributes.get("hidden") in _TRUE:
                first, last = int(attributes["min"]), int(attributes["max"])
                hidden_columns.update(range(first - 1, min(last, MAX_COLUMN)))

        def end(tag: str) -> None:
            nonlocal keeps, phonetic
            if tag in {"v", "t"}:
                keeps = False
            elif tag == "rPh":
                phonetic = False
            elif tag == "c":
                text = "".join(pieces)
                kind = cell.get("t", "n")
                if kind == "e":
                    broken[row, column - 1] = TableFault.FORMULA_ERROR
                elif has_formula and not text:
                    broken[row, column - 1] = TableFault.FORMULA_EMPTY
                elif text and row and (value := self._value(kind, text, cell.get("s", "0"))):
                    _put(rows, row, column, value)

        def text(part: str) -> None:
            if keeps:
                self._take(len(part))
                pieces.append(part)

        if self._archive.has(sheet.path):
            self._archive.parse(sheet.path, start, end, text)
        return Grid(
            name=sheet.name,
            rows=rows,
            broken=broken,
            merged=tuple(merged),
            hidden_rows=frozenset(hidden_rows),
            hidden_columns=frozenset(hidden_columns),
            total=len(rows),
        )

    def _value(self, kind: str, text: str, style: str) -> str:
        if len(text) > MAX_CELL_TEXT:
            raise FileRefused(FileFault.TOO_MUCH_TEXT)
        match kind:
            case "s":
                return self._strings[int(text)]
            case "str" | "inlineStr":
                return clean_prose(_unescaped(text))
            case "b":
                return text_of(text.strip() not in {"0", "false"})
            case "d":
                return text.replace("T", " ")[:16].removesuffix(" 00:00")
            case _:
                return self._number(float(text), int(style))

    def _number(self, number: float, style: int) -> str:
        kind = self._styles[style] if 0 <= style < len(self._styles) else NumberKind.NUMBER
        if kind is NumberKind.NUMBER:
            return text_of(number)
        return as_date(number, kind, self._epoch)

    def _counts_from_1904(self) -> bool:
        dates = "false"

        def start(tag: str, attributes: Attributes) -> None:
            nonlocal dates
            if tag == "workbookPr":
                dates = attributes.get("date1904", dates)

        self._archive.parse("xl/workbook.xml", start)
        return dates in {"1", "true"}

    def _shared_strings(self) -> Iterator[str]:
        strings: list[str] = []
        pieces: list[str] = []
        keeps = phonetic = False

        def start(tag: str, _attributes: Attributes) -> None:
            nonlocal keeps, phonetic
            if tag == "si":
                pieces.clear()
            elif tag == "rPh":
                phonetic = True
            elif tag == "t":
                keeps = not phonetic

        def end(tag: str) -> None:
            nonlocal keeps, phonetic
            if tag == "t":
                keeps = False
            elif tag == "rPh":
                phonetic = False
            elif tag == "si":
                text = "".join(pieces)
                if len(text) > MAX_CELL_TEXT or len(strings) >= MAX_STRINGS:
                    raise FileRefused(FileFault.TOO_MUCH_TEXT)
                strings.append(clean_prose(_unescaped(text)))

        def text(part: str) -> None:
            if keeps:
                self._take(len(part))
                pieces.append(part)

        if self._archive.has(SHARED_STRINGS):
            self._archive.parse(SHARED_STRINGS, start, end, text)
        return iter(strings)

    def _take(self, characters: int) -> None:
        self._text_left -= characters
        if self._text_left < 0:
            raise FileRefused(FileFault.TOO_MUCH_TEXT)


def _put(rows: list[list[str]], row: int, column: int, value: str) -> None:
    if len(rows) < row:
        rows.extend([_NO_CELLS] * (row - 1 - len(rows)))
        rows.append([])
    cells = rows[row - 1]
    if len(cells) < column:
        cells.extend([""] * (column - len(cells)))
    cells[column - 1] = value


def _unescaped(text: str) -> str:
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text) if "_x" in text else text


def _column(place: str) -> int:
    """Column of `AB12`, from 1. Raises ValueError."""
    number = 0
    for letter in place.rstrip("0123456789")[:4]:
        if not "A" <= letter <= "Z":
            raise ValueError(place)
        number = number * 26 + ord(letter) - 64
    if not 0 < number <= MAX_COLUMN:
        raise ValueError(place)
    return number


def _range(place: str) -> Merged:
    """`A1:C3`. Raises ValueError."""
    first, _, last = place.replace("$", "").partition(":")
    last = last or first
    return Merged(
        int(first.lstrip(_LETTERS)),
        int(last.lstrip(_LETTERS)),
        _column(first) - 1,
        _column(last) - 1,
    )


_LETTERS: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
