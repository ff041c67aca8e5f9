"""What reading a list gives: sheets of rows of known fields, and what is to be said about them."""

from collections.abc import Mapping
from dataclasses import field
from types import MappingProxyType

from bot.common.values import value

Columns = Mapping[str, tuple[str, ...]]
"""Field → the headings it is known by; the first is the one that is written."""
Answers = Mapping[str, str | None]
"""Heading → field, None: the column is left out."""


@value
class Problem:
    """What is wrong where. `row` is the spreadsheet's number, 0 for the sheet as a whole."""

    sheet: str
    row: int
    column: str
    value: str
    code: str
    params: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


@value
class Difference:
    """One field before and after, as a file would write it."""

    field: str
    before: str
    after: str


@value
class Column:
    """One column with a heading: what it is read as and why, `basis` being a `matching.Basis`.

    `field` None: it is left out, or asked about. `samples`: at most three cells; none of a column
    that names contact persons.
    """

    heading: str
    field: str | None
    basis: str
    samples: tuple[str, ...] = ()
    candidates: tuple[str, ...] = ()


@value
class Sheet:
    """One sheet with headings. `rows`: number in the spreadsheet, cells in order of `fields`."""

    name: str
    fields: tuple[str, ...]
    headings: Mapping[str, str]
    rows: tuple[tuple[int, tuple[str, ...]], ...]
    qualifiers: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    """Field → what its heading restricts it to, mostly in brackets: 百度, 夏季, 米."""
    fingerprint: str = ""
    """Of the sheet's headings: lists of one source have the same."""
    answers: Answers = field(default_factory=lambda: MappingProxyType({}))
    """The answers, given now or before, that decided a column of this sheet."""
    columns: tuple[Column, ...] = ()
    """All columns with a heading, from left to right."""


@value
class Question:
    """A column that only the sender can name: what it may be, and some of its cells.

    `proposal` and `candidates` are fields; `samples` are at most three.
    """

    sheet: str
    row: int
    heading: str
    samples: tuple[str, ...]
    proposal: str | None
    candidates: tuple[str, ...]


@value
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
