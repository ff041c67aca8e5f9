"""Tables as people send them, of any format, read into clean rows of known columns.

Every cell becomes text: NFKC (prose keeps its punctuation), trimmed, numbers without the `.0` that
a spreadsheet adds, dates as 2026-03-01. What is wrong is a `Problem`: a code of a fault, no words.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from itertools import chain, islice
from types import MappingProxyType
from typing import Final

from bot.services.spreadsheets.cells import key, whole_key
from bot.services.spreadsheets.errors import FileRefused
from bot.services.spreadsheets.faults import FileFault, TableFault
from bot.services.spreadsheets.formats.files import grids
from bot.services.spreadsheets.formats.grids import Grid
from bot.services.spreadsheets.headings import MOST_ROWS, WITHIN, find_headings
from bot.services.spreadsheets.matching import Shapes, Vocabulary, match_columns
from bot.services.spreadsheets.sheet_columns import SheetColumns, fingerprint
from bot.services.spreadsheets.sheet_rows import Rules, read_rows
from bot.services.spreadsheets.tables import (
    Answers,
    Columns,
    Difference,
    Problem,
    Question,
    Sheet,
    Table,
)

__all__ = ["Columns", "Difference", "Problem", "Question", "Sheet", "Table", "read"]

MAX_BYTES: Final = 20_000_000
MAX_ROWS: Final = 300_000
_SAMPLE: Final = 200
"""Rows whose cells tell what a column without a known heading holds."""
_NOTHING: Final[Mapping[str, str | None]] = MappingProxyType({})


def read(
    data: bytes,
    columns: Columns,
    *,
    csv_name: str = "csv",
    personal: Sequence[str] = (),
    prose: Collection[str] = (),
    forbidden: Callable[[str], bool] | None = None,
    shapes: Shapes = MappingProxyType({}),
    mapping: Answers = _NOTHING,
    remembered: Mapping[str, Answers] = MappingProxyType({}),
    progress: Callable[[int, int | None], None] | None = None,
    max_bytes: int = MAX_BYTES,
    max_rows: int = MAX_ROWS,
) -> Table:
    """The rows of all sheets that have at least two known headings; empty rows are left out.

    A csv file is one sheet, `csv_name`. `personal` are headings of contact persons, which are
    never read. The cells of the fields `prose` keep their Chinese punctuation, all others are
    folded to ASCII where they can be. A cell of any column that is `forbidden` is a problem and is
    not kept, not even in the problem.

    With `shapes`, which tell by a field whether a cell looks like a value of it, headings that are
    only alike are taken or asked about; without, only known headings count. `mapping` says of
    headings which field they are, and wins over everything; `remembered` says the same by the
    fingerprint of a sheet's headings. `progress` is called with the rows read so far and their
    number, if it is known. Hidden sheets and rows are left out and told. Raises `FileRefused`.
    """
    if len(data) > max_bytes:
        raise FileRefused(FileFault.TOO_BIG, most=str(max_bytes // 1_000_000))
    vocabulary = Vocabulary.of(columns, personal, shapes)
    answers = {whole_key(heading): field for heading, field in mapping.items()}
    rules = Rules(frozenset(prose), forbidden, progress)
    found = _Found()
    count = 0
    for grid in grids(data, csv_name, lambda row: _known(row, vocabulary, answers), WITHIN):
        if not grid.visible:
            found.tell(grid, TableFault.HIDDEN_SHEET)
            continue
        sheet = _read_sheet(grid, vocabulary, answers, remembered, rules, found, max_rows - count)
        if sheet is None:
            found.tell(grid, TableFault.NO_HEADINGS)
            continue
        found.sheets.append(sheet)
        count += len(sheet.rows)
    if not found.sheets:
        raise FileRefused(
            FileFault.NO_HEADINGS, headings="、".join(one[0] for one in columns.values())
        )
    return Table(
        tuple(found.sheets),
        tuple(found.problems),
        tuple(found.warnings),
        tuple(found.notes),
        tuple(found.filled),
        tuple(found.questions),
    )


class _Found:
    """What the sheets gave so far."""

    def __init__(self) -> None:
        self.sheets: list[Sheet] = []
        self.problems: list[Problem] = []
        self.warnings: list[Problem] = []
        self.notes: list[Problem] = []
        self.filled: list[Problem] = []
        self.questions: list[Question] = []

    def tell(self, grid: Grid, code: TableFault) -> None:
        self.warnings.append(Problem(grid.name, 0, "", "", code))


def _known(row: Sequence[str], vocabulary: Vocabulary, answers: Answers) -> int:
    return sum(key(cell) in vocabulary.short or whole_key(cell) in answers for cell in row)


def _read_sheet(
    grid: Grid,
    vocabulary: Vocabulary,
    answers: Answers,
    remembered: Mapping[str, Answers],
    rules: Rules,
    found: _Found,
    most: int,
) -> Sheet | None:
    """The sheet, with what is to be said about it in `found`; None where it has no headings."""
    lines = iter(grid.rows)
    first = list(islice(lines, WITHIN + MOST_ROWS + _SAMPLE))
    headings = find_headings(
        first[: WITHIN + MOST_ROWS],
        grid.merged,
        lambda label: (
            1.0
            if any(answers.get(whole_key(name)) for name in label.names)
            else vocabulary.sureness(label)
        ),
    )
    if headings is None:
        return None
    below = first[headings.last :]

    def cells(place: int) -> list[str]:
        return [row[place] for row in below if place < len(row) and row[place]]

    headings = headings.without_blank_twins(cells)
    labels = headings.labels

    source = fingerprint(labels)
    known_before = {
        whole_key(heading): field for heading, field in remembered.get(source, _NOTHING).items()
    }
    matches = match_columns(labels, cells, vocabulary, answers, known_before)
    columns = SheetColumns.of(grid, headings, matches, cells, vocabulary.written)
    found.problems += columns.problems
    found.warnings += columns.warnings
    found.questions += columns.questions
    rows = read_rows(grid, headings, columns, chain(below, lines), rules, most)
    found.problems += rows.problems
    found.warnings += rows.warnings
    found.notes += rows.notes
    found.filled += rows.filled
    return Sheet(
        name=grid.name,
        fields=tuple(columns.places),
        headings=MappingProxyType(columns.headings),
        rows=tuple(rows.rows),
        qualifiers=MappingProxyType(columns.qualifiers),
        fingerprint=source,
        answers=MappingProxyType(columns.answers),
        columns=tuple(columns.listed),
    )
