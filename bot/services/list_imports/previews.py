"""What a preview shows: counts and notes in a summary, and the rows of each tab in pages.

All of it is plain data, worded where it is shown.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from hashlib import sha256
from typing import Any, Final

from bot.services.list_imports.states import Tab
from bot.services.spreadsheets.tables import Problem, Table
from bot.services.stations.importing.changed import Changed
from bot.services.stations.importing.distances import MOVED, distance
from bot.services.stations.importing.faults import StationDoubt, StationFault
from bot.services.stations.importing.listed import Listed
from bot.services.stations.importing.plan import Plan
from bot.services.stations.importing.recorded import records, whole
from bot.services.stations.statuses import StationStatus

PAGE: Final = 50
"""Rows of one page of a tab."""
NOTES: Final = 200
HOURS: Final = 100
_ACCEPTABLE: Final = frozenset({*StationDoubt, StationFault.MOVED, StationFault.REMOVES})
"""What the operator may say is right."""
_SHOWN: Final = ("league", "banner", "address", "hours", "facilities")
"""Fields of a new station that its row shows."""
JsonRow = dict[str, Any]


@dataclass(slots=True)
class Summary:
    """What is said about a list and its preview; `Problem`s are as `as_row` gives them.

    `columns` by sheet; `samples` are stations by which the coordinates are recognised, `dots` the
    longitude and latitude of others. `blocking` forbids writing, `doubts` are about whole sheets.
    `undo_refused`: why it was not taken back, `conflicts` are codes of stations changed since.
    `closing`: stations that couriers will see closed. `meanwhile`: who changed what since the
    preview that was confirmed.
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
    undo_refused: str = ""
    conflicts: list[str] = field(default_factory=list)
    meanwhile: list[JsonRow] = field(default_factory=list)
    before: dict[str, int] = field(default_factory=dict)

    @property
    def writes(self) -> int:
        """How many stations writing it would add or change."""
        return self.new + self.changed

    @property
    def may_be_written(self) -> bool:
        """Whether nothing forbids writing, and there is something to write."""
        return not self.blocking and not self.doubts and self.writes > 0

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


def effect(plan: Plan) -> str:
    """SHA-256 of all that the plan writes, in hexadecimal digits: equal plans write the same."""
    digest = sha256()
    for one in records(plan):
        line = json.dumps([one.code, one.before, one.after], ensure_ascii=False, sort_keys=True)
        digest.update(line.encode() + b"\n")
    return digest.hexdigest()


def count(summary: Summary, plan: Plan, table: Table, told: int, today: date) -> None:
    """Adds what the plan says to the summary. `told`: couriers who get a notice."""
    blocking = [one for one in plan.problems if one not in plan.doubtful]
    acceptable = [one for one in plan.left_out if one.code in _ACCEPTABLE]
    summary.version = plan.version
    summary.new, summary.changed = len(plan.new), len(plan.changed)
    summary.unchanged, summary.missing = plan.unchanged, len(plan.missing)
    summary.moved = sum(1 for one in plan.changed if _metres(one) > MOVED)
    summary.closing = sum(1 for one in plan.changed if _closes(one, today))
    summary.told = told
    summary.left_rows = len({(one.sheet, one.row) for one in plan.left_out})
    summary.unread, summary.accepted = len(plan.unread), plan.accepted
    summary.moves = sum(1 for one in acceptable if one.code == StationFault.MOVED)
    summary.removals = sum(1 for one in acceptable if one.code == StationFault.REMOVES)
    summary.blocking = [as_row(one) for one in blocking[:NOTES]]
    summary.doubts = [as_row(one) for one in plan.doubtful[:NOTES]]
    notes = [*plan.warnings, *table.notes, *table.filled]
    summary.notes = [as_row(one) for one in notes[:NOTES]]
    summary.hours = list(plan.hours[:HOURS])


def rows(plan: Plan, table: Table) -> dict[Tab, list[JsonRow]]:
    """The rows of each tab."""
    wrong = [*plan.left_out, *plan.unread]
    cells = _Cells(table)
    return {
        Tab.NEW: [_new(one) for one in plan.new],
        Tab.CHANGED: [_changed(one) for one in plan.changed],
        Tab.FAULTY: cells.grouped(one for one in wrong if one.code not in _ACCEPTABLE),
        Tab.DOUBTFUL: cells.grouped(one for one in wrong if one.code in _ACCEPTABLE),
        Tab.MISSING: [{"code": one.code, "name": one.name} for one in plan.missing],
    }


def pages(found: Sequence[JsonRow]) -> Iterator[str]:
    """The rows as JSON in pages."""
    for first in range(0, len(found), PAGE):
        yield json.dumps(found[first : first + PAGE], ensure_ascii=False)


def _new(one: Listed) -> JsonRow:
    cells = whole(one.entry)
    return {
        "row": one.row,
        "code": one.entry.code,
        "name": one.entry.name,
        "fields": [[name, cells[name]] for name in _SHOWN if name in cells],
    }


def _changed(one: Changed) -> JsonRow:
    return {
        "row": one.listed.row,
        "code": one.after.code,
        "name": one.after.name,
        "metres": round(_metres(one)),
        "fields": [[of.field, of.before, of.after] for of in one.differences],
    }


def _metres(one: Changed) -> float:
    return distance(one.before.point, one.point)


def _closes(one: Changed, today: date) -> bool:
    """Whether couriers will see the station closed who do not see it so yet."""
    was, now = one.before.entry, one.after
    if was.status is StationStatus.OPEN and now.status is not StationStatus.OPEN:
        return True
    fresh = set(now.changes) - set(was.changes)
    return any(of.hours is None and of.last >= today for of in fresh)


class _Cells:
    """The cells of a table by sheet, row and heading; equal problems of equal cells are one row."""

    def __init__(self, table: Table) -> None:
        self._places = {
            (sheet.name, sheet.headings[name]): place
            for sheet in table.sheets
            for place, name in enumerate(sheet.fields)
        }
        self._names = {
            sheet.name: sheet.fields.index("name")
            for sheet in table.sheets
            if "name" in sheet.fields
        }
        self._rows = {sheet.name: dict(sheet.rows) for sheet in table.sheets}

    def grouped(self, problems: Iterable[Problem]) -> list[JsonRow]:
        """Each problem with its cell (None: there is none to mend) and the rows that have it.

        Blank cells stay apart: what is missing in one row is hardly the same in another.
        """
        groups: dict[tuple[str, ...], JsonRow] = {}
        for number, problem in enumerate(problems):
            cell = self._cell(problem)
            key: tuple[str, ...] = (
                problem.sheet,
                problem.column,
                problem.code,
                cell or f"{number}",
            )
            if not cell or problem.row == 0 or problem.code in _ACCEPTABLE:
                key = (*key, str(number))
            if key in groups:
                groups[key]["rows"].append(problem.row)
            else:
                said = {"cell": cell, "rows": [problem.row], "name": self._name(problem)}
                groups[key] = {**as_row(problem), **said}
        return list(groups.values())

    def _name(self, problem: Problem) -> str:
        """What the station of the row is called."""
        place = self._names.get(problem.sheet)
        row = self._rows.get(problem.sheet, {}).get(problem.row)
        return "" if place is None or row is None else row[place]

    def _cell(self, problem: Problem) -> str | None:
        place = self._places.get((problem.sheet, problem.column))
        row = self._rows.get(problem.sheet, {}).get(problem.row)
        return None if place is None or row is None else row[place]
