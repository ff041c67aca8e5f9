"""What is said about a list and its preview: counts, notes, and the rows of each tab in pages.

All of it is plain data, worded where it is shown.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from hashlib import sha256
from typing import Any, Final

from bot.services.operators.revisions import Record
from bot.services.spreadsheets.tables import Problem, Sheet, Table

PAGE: Final = 50
"""Rows of one page of a tab."""
NOTES: Final = 200
JsonRow = dict[str, Any]


@dataclass(slots=True)
class Summary:
    """What is said about a list and its preview; `Problem`s are as `as_row` gives them.

    `columns` by sheet; `samples` are records by which the coordinates are recognised, `dots` the
    longitude and latitude of others. `version`: number of the newest revision when it was compared.
    `blocking` forbids writing, `doubts` are about whole sheets. `whole_only`: rows are faulty, and
    such a list is written as a whole. `closing`: stations that couriers will see closed.
    `undo_refused`: why it was not taken back; `conflicts` are codes of records changed since,
    `obstacles` codes that cannot be brought back, each with the reason. `meanwhile`: who changed
    what since the preview that was confirmed.
    """

    columns: list[JsonRow] = field(default_factory=list)
    open_questions: int = 0
    needs_datum: bool = False
    proposed_datum: str = ""
    samples: list[JsonRow] = field(default_factory=list)
    dots: list[list[float]] = field(default_factory=list)
    refused: str = ""
    params: dict[str, str] = field(default_factory=dict)
    version: int = 0
    tabs: dict[str, int] = field(default_factory=dict)
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    missing: int = 0
    moved: int = 0
    closing: int = 0
    told: int = 0
    left_rows: int = 0
    unread: int = 0
    accepted: int = 0
    moves: int = 0
    removals: int = 0
    blocking: list[JsonRow] = field(default_factory=list)
    doubts: list[JsonRow] = field(default_factory=list)
    notes: list[JsonRow] = field(default_factory=list)
    hours: list[tuple[str, int]] = field(default_factory=list)
    whole_only: bool = False
    undo_refused: str = ""
    conflicts: list[str] = field(default_factory=list)
    obstacles: list[tuple[str, str]] = field(default_factory=list)
    meanwhile: list[JsonRow] = field(default_factory=list)
    before: dict[str, int] = field(default_factory=dict)

    @property
    def writes(self) -> int:
        """How many records writing it would add or change."""
        return self.new + self.changed

    @property
    def may_be_written(self) -> bool:
        """Whether nothing forbids writing, and there is something to write."""
        return not (self.blocking or self.doubts or self.whole_only) and self.writes > 0

    def as_json(self) -> str:
        """As it is kept."""
        return json.dumps(asdict(self), ensure_ascii=False)

    @classmethod
    def of_json(cls, text: str) -> "Summary":
        """From what `as_json` wrote."""
        return cls(**json.loads(text))


def as_row(problem: Problem) -> JsonRow:
    """A problem as plain data."""
    return {
        "sheet": problem.sheet,
        "row": problem.row,
        "column": problem.column,
        "value": problem.value,
        "code": str(problem.code),
        "params": dict(problem.params),
    }


def problem_of(row: JsonRow) -> Problem:
    """The problem that `as_row` described."""
    names = ("sheet", "row", "column", "value", "code", "params")
    return Problem(*(row[name] for name in names))


def pages(found: Sequence[JsonRow]) -> Iterator[str]:
    """The rows as JSON in pages."""
    for first in range(0, len(found), PAGE):
        yield json.dumps(found[first : first + PAGE], ensure_ascii=False)


def effect(records: Iterable[Record]) -> str:
    """SHA-256 of all that a plan writes, in hexadecimal digits: equal plans write the same."""
    digest = sha256()
    for one in records:
        line = json.dumps([one.code, one.before, one.after], ensure_ascii=False, sort_keys=True)
        digest.update(line.encode() + b"\n")
    return digest.hexdigest()


def columns_of(table: Table) -> list[JsonRow]:
    """Each sheet with its columns and what they are read as."""
    return [_columns(sheet, table) for sheet in table.sheets]


def _columns(sheet: Sheet, table: Table) -> JsonRow:
    columns = [
        {
            "heading": one.heading,
            "field": one.field,
            "basis": one.basis,
            "samples": list(one.samples),
            "candidates": list(one.candidates),
        }
        for one in sheet.columns
    ]
    asked = [one.heading for one in table.questions if one.sheet == sheet.name]
    return {"sheet": sheet.name, "rows": len(sheet.rows), "columns": columns, "asked": asked}
