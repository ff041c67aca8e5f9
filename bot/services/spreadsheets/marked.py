"""A list given back as a workbook in which what is wrong stands out, to be mended and sent again.

Values and merged ranges are those of the file, as text; the cells of problems are red, and a last
column says what is wrong with the row.
"""

import contextlib
from collections.abc import Callable, Iterable, Sequence
from io import BytesIO
from itertools import chain, islice
from typing import Any, Final

import xlsxwriter  # type: ignore[import-untyped]
from xlsxwriter.exceptions import OverlappingRange  # type: ignore[import-untyped]

from bot.common.lazy_pattern import LazyPattern
from bot.services.spreadsheets.cells import clean, neutral, whole_key
from bot.services.spreadsheets.formats.files import grids
from bot.services.spreadsheets.formats.grids import Grid, Merged
from bot.services.spreadsheets.headings import REASON, WITHIN
from bot.services.spreadsheets.tables import Problem

Worded = tuple[Problem, str]
"""A problem, and what is said about it."""
_MOST_MERGED: Final = 200_000
"""Cells of merged ranges of a sheet that are kept; the writer holds each of them."""
_NAME: Final = LazyPattern(r"[\[\]:*?/\\]")
_LONGEST: Final = 32_000


def marked(data: bytes, name: str, problems: Sequence[Worded]) -> bytes:
    """As `marked_copy`, of problems in words: in a process of its own, as it takes seconds."""
    words = {id(problem): said for problem, said in problems}
    return marked_copy(
        data, name, [problem for problem, _ in problems], reason=lambda one: words[id(one)]
    )


def marked_copy(
    data: bytes,
    name: str,
    problems: Iterable[Problem],
    *,
    reason: Callable[[Problem], str] = lambda problem: problem.code,
) -> bytes:
    """The workbook (.xlsx) of a list in any format that can be read.

    `name` is what a csv file was called, as for `reader.read`; `reason` puts a problem into words.
    Raises `FileRefused`.
    """
    wrong: dict[str, list[Problem]] = {}
    for problem in problems:
        wrong.setdefault(problem.sheet, []).append(problem)
    columns = {whole_key(one.column) for found in wrong.values() for one in found if one.column}

    def headings(row: Sequence[str]) -> int:
        return sum(whole_key(cell) in columns for cell in row)

    file = BytesIO()
    book = xlsxwriter.Workbook(file, {"constant_memory": True})
    red = book.add_format({"bg_color": "#FFC7CE", "font_color": "#9C0006"})
    names: set[str] = set()
    for grid in grids(data, name, headings, WITHIN):
        if grid.visible:
            page = book.add_worksheet(_sheet_name(grid.name, names))
            _Page(page, red, grid, wrong.get(grid.name, ()), reason).write()
    if not names:
        book.add_worksheet(_sheet_name("", names))
    book.close()
    return file.getvalue()


class _Page:
    """Writes one sheet row by row: nothing of a row that was written is kept."""

    def __init__(
        self,
        page: Any,
        red: Any,
        grid: Grid,
        problems: Sequence[Problem],
        reason: Callable[[Problem], str],
    ) -> None:
        self._page = page
        self._red = red
        self._grid = grid
        self._reason = reason
        self._problems: dict[int, list[Problem]] = {}
        for one in problems:
            self._problems.setdefault(one.row, []).append(one)
        self._merged: dict[int, list[Merged]] = {}
        for merged in grid.merged:
            self._merged.setdefault(merged.top, []).append(merged)
        self._merged_left = _MOST_MERGED

    def write(self) -> None:
        rows = iter(self._grid.rows)
        first = list(islice(rows, WITHIN + 3))
        self._places = self._headings(first)
        self._last = max(map(len, first), default=0)
        heading = self._heading_row(first)
        written = 0
        for number, row in enumerate(chain(first, rows), 1):
            written = number
            self._row(number, row, is_heading=number == heading)
        for number in sorted(one for one in self._problems if one > written):
            self._row(number, [], is_heading=False)  # a formula below the last value

    def _headings(self, rows: Iterable[Sequence[str]]) -> dict[str, int]:
        """Text of a cell in the first rows → its column; those of headings are looked up."""
        found: dict[str, int] = {}
        for row in rows:
            for place, cell in enumerate(row):
                if cell:
                    found.setdefault(whole_key(cell), place)
        return found

    def _heading_row(self, rows: Sequence[Sequence[str]]) -> int:
        columns = {whole_key(p.column) for found in self._problems.values() for p in found}
        hits = [sum(whole_key(cell) in columns for cell in row) for row in rows]
        if max(hits, default=0):
            return hits.index(max(hits)) + 1
        full = (number for number, row in enumerate(rows, 1) if sum(map(bool, row)) > 1)
        return next(full, 1)

    def _row(self, number: int, row: Sequence[str], *, is_heading: bool) -> None:
        for one in self._merged.get(number, ()):
            self._merge(one)
        problems = self._problems.get(number, [])
        marked = {self._column(one, row) for one in problems}
        for place in sorted({*range(len(row)), *(one for one in marked if one >= 0)}):
            cell = row[place] if place < len(row) else ""
            style = self._red if place in marked else None
            if cell:
                self._page.write_string(number - 1, place, neutral(cell)[:_LONGEST], style)
            elif style is not None:
                self._page.write_blank(number - 1, place, None, style)
        words = [REASON] if is_heading else []
        words += dict.fromkeys(map(self._reason, problems))
        words += dict.fromkeys(map(self._reason, self._problems.get(0, ()))) if is_heading else ()
        if words:
            text = "；".join(words)[:_LONGEST]
            self._page.write_string(number - 1, max(self._last, len(row)), text)

    def _column(self, problem: Problem, row: Sequence[str]) -> int:
        """Where the faulty cell stands, -1 if that cannot be told."""
        found = self._places.get(whole_key(problem.column), -1) if problem.column else -1
        if found < 0 and problem.value:
            same = (place for place, cell in enumerate(row) if clean(cell) == clean(problem.value))
            found = next(same, -1)
        return found

    def _merge(self, one: Merged) -> None:
        """Merges a range whose first row is about to be written."""
        cells = (one.bottom - one.top + 1) * (one.right - one.left + 1)
        self._merged_left -= cells
        if cells > 1 and self._merged_left >= 0:
            with contextlib.suppress(OverlappingRange):
                self._page.merge_range(one.top - 1, one.left, one.bottom - 1, one.right, "")


def _sheet_name(name: str, taken: set[str]) -> str:
    """The name as Excel allows it, and no two alike."""
    allowed = (_NAME.sub(" ", name).strip("' ") or "Sheet")[:28]
    found, number = allowed, 1
    while found.casefold() in taken:
        number += 1
        found = f"{allowed[:25]} {number}"
    taken.add(found.casefold())
    return found
