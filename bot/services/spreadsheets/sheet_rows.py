"""The rows of one sheet below its headings: records, notes, and what is wrong with their cells."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from bot.common.values import value
from bot.services.spreadsheets.cells import clean, plain
from bot.services.spreadsheets.errors import FileRefused
from bot.services.spreadsheets.faults import FileFault, TableFault
from bot.services.spreadsheets.formats.grids import Grid, Merged
from bot.services.spreadsheets.headings import Headings
from bot.services.spreadsheets.merges import MergedCells
from bot.services.spreadsheets.notes import is_note
from bot.services.spreadsheets.sheet_columns import SheetColumns
from bot.services.spreadsheets.tables import Problem

_EVERY: Final = 2_000
"""Rows between two calls of `progress`."""
_MOST_SPANS: Final = 20
"""Groups of hidden rows that are named."""


@value
class Rules:
    """What `reader.read` was told about cells."""

    prose: frozenset[str]
    forbidden: Callable[[str], bool] | None
    progress: Callable[[int, int | None], None] | None


@dataclass(slots=True)
class SheetRows:
    """`rows`: number in the spreadsheet, cells in the order of the fields."""

    rows: list[tuple[int, tuple[str, ...]]] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)
    notes: list[Problem] = field(default_factory=list)
    filled: list[Problem] = field(default_factory=list)


def read_rows(
    grid: Grid,
    headings: Headings,
    columns: SheetColumns,
    rows: Iterable[list[str]],
    rules: Rules,
    most: int,
) -> SheetRows:
    """All `rows` below the headings. Raises `FileRefused` for more than `most` records."""
    reader = _Rows(grid, headings, columns, rules, most)
    reader.found.rows.extend(reader.read(rows))
    reader.end()
    return reader.found


class _Rows:
    def __init__(
        self, grid: Grid, headings: Headings, columns: SheetColumns, rules: Rules, most: int
    ) -> None:
        self.found = SheetRows()
        self._grid = grid
        self._columns = columns
        self._labels = [label.text for label in headings.labels]
        self._rules = rules
        self._most = most
        self._order = tuple(columns.places.values())
        self._first = headings.last + 1
        self._bands = {
            one.top
            for one in grid.merged
            if one.top == one.bottom
            and one.top >= self._first
            and (one.right - one.left + 1) * 2 >= len(self._labels) > 1
        }
        self._merges = MergedCells(one for one in grid.merged if one.top >= self._first)
        self._fills: dict[tuple[Merged, int], str] = {}
        self._repeated = {tuple(filter(None, row)) for row in headings.rows} - {()}
        self._no_records: set[int] = set()

    def read(self, rows: Iterable[list[str]]) -> Iterator[tuple[int, tuple[str, ...]]]:
        hidden, progress = self._grid.hidden_rows, self._rules.progress
        folded = [
            place for name, place in self._columns.places.items() if name not in self._rules.prose
        ]
        unnamed = [place for place, label in enumerate(self._labels) if not label]
        has_merges = any(one.top >= self._first for one in self._grid.merged)
        count = 0
        row = self._first - 1
        for row, read in enumerate(rows, self._first):
            if progress is not None and row % _EVERY == 0:
                progress(row, self._grid.total)
            if not any(read):
                continue
            if row in hidden or self._is_no_record(row, read):
                self._no_records.add(row)
                if has_merges:
                    self._merges.fill(row, read)
                continue
            count += 1
            if count > self._most:
                raise FileRefused(FileFault.TOO_MANY_ROWS, most=str(self._most))
            cells = self._filled(row, read) if has_merges else list(read)
            for place in folded:
                if place < len(cells):
                    cells[place] = clean(cells[place])
            if self._rules.forbidden is not None and any(map(self._rules.forbidden, cells)):
                self._drop_forbidden(row, cells)
            width = len(cells)
            stray = [read[place] for place in unnamed if place < len(read) and read[place]]
            stray += [cell for cell in read[len(self._labels) :] if cell]
            if stray:
                self._wrong(row, "", stray[0], TableFault.NO_HEADING)
            kept = tuple(cells[place] if place < width else "" for place in self._order)
            for place, cell in zip(self._order, kept, strict=True):
                if cell.startswith("="):
                    self._wrong(row, self._labels[place], cell, TableFault.FORMULA)
            yield row, tuple(plain(cell).strip() if cell[:1] == "'" else cell for cell in kept)
        if progress is not None:
            progress(row, self._grid.total)

    def end(self) -> None:
        """What is to be said when all rows were read."""
        hidden = self._grid.hidden_rows
        self.found.problems[:0] = [
            self._problem(row, self._labels[place], "", code, {})
            for (row, place), code in self._grid.broken.items()
            if row >= self._first  # below the last value too, where no row is read
            and place in self._order
            and row not in self._no_records
            and row not in hidden
        ]
        for (merged, place), text in self._fills.items():
            about = {"first": str(merged.top), "last": str(merged.bottom)}
            heading = self._labels[place]
            self.found.filled.append(
                self._problem(merged.top, heading, text, TableFault.FILLED, about)
            )
        left_out = sorted(row for row in self._no_records if row in hidden)
        if left_out:
            about = {"count": str(len(left_out)), "rows": _spans(left_out)}
            self.found.warnings.append(self._problem(0, "", "", TableFault.HIDDEN_ROWS, about))

    def _is_no_record(self, row: int, cells: Sequence[str]) -> bool:
        texts = tuple(clean(cell) for cell in cells if cell)
        if texts in self._repeated:  # headings that each printed page repeats
            return True
        if not is_note(cells, self._order, band=row in self._bands):
            return False
        forbidden = self._rules.forbidden
        value = "" if forbidden is not None and any(map(forbidden, texts)) else texts[0]
        self.found.notes.append(self._problem(row, "", value, TableFault.NOTE, {}))
        return True

    def _filled(self, row: int, read: Sequence[str]) -> list[str]:
        cells, filled = self._merges.fill(row, read)
        for merged, place in filled:
            if place in self._order:
                self._fills.setdefault((merged, place), cells[place])
        return cells

    def _drop_forbidden(self, row: int, cells: list[str]) -> None:
        for place, cell in enumerate(cells):
            if self._rules.forbidden is not None and self._rules.forbidden(cell):
                column = self._labels[place] if place < len(self._labels) else ""
                self._wrong(row, column, "", TableFault.FORBIDDEN)
                cells[place] = ""

    def _wrong(self, row: int, column: str, value: str, code: TableFault) -> None:
        self.found.problems.append(self._problem(row, column, value, code, {}))

    def _problem(
        self, row: int, column: str, value: str, code: TableFault, about: dict[str, str]
    ) -> Problem:
        return Problem(self._grid.name, row, column, value, code, MappingProxyType(about))


def _spans(rows: Sequence[int]) -> str:
    """`3, 5-9`: sorted rows as groups."""
    spans: list[tuple[int, int]] = []
    for row in rows:
        if spans and spans[-1][1] == row - 1:
            spans[-1] = spans[-1][0], row
        else:
            spans.append((row, row))
    words = [str(first) if first == last else f"{first}-{last}" for first, last in spans]
    return ", ".join(words[:_MOST_SPANS]) + (" …" if len(words) > _MOST_SPANS else "")
