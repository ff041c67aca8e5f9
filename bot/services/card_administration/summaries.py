"""What importing a bank's list would do, as it is kept: without one value of a person."""

from collections.abc import Mapping
from typing import Any, Final, Self

from bot.common.values import value
from bot.services.cards.file_import import FilePlan, Move
from bot.services.cards.records import OutcomeKind
from bot.services.cards.statuses import CardStatus
from bot.services.spreadsheets.tables import Problem, Table

MOST: Final = 1_000
"""Problems, notes and moves that are kept of each; all are counted."""


@value
class AskedColumn:
    """A column that only the operator can name; no cell of it is kept."""

    sheet: str
    heading: str
    proposal: str | None
    candidates: tuple[str, ...]


@value
class Summary:
    """`counts` of rows by outcome; `totals` of problems, warnings and moves, also those left out;
    `rows`: how many were read."""

    rows: int
    counts: Mapping[str, int]
    totals: Mapping[str, int]
    problems: tuple[Problem, ...]
    warnings: tuple[Problem, ...]
    moves: tuple[Move, ...]
    questions: tuple[AskedColumn, ...]

    def as_json(self) -> dict[str, Any]:
        """As the table keeps it."""
        return {
            "rows": self.rows,
            "counts": dict(self.counts),
            "totals": dict(self.totals),
            "problems": [_problem(one) for one in self.problems],
            "warnings": [_problem(one) for one in self.warnings],
            "moves": [[one.number, one.before.value, one.after.value] for one in self.moves],
            "questions": [
                [one.sheet, one.heading, one.proposal, list(one.candidates)]
                for one in self.questions
            ],
        }

    @classmethod
    def of_json(cls, stored: Mapping[str, Any]) -> Self:
        """From what `as_json` wrote."""
        return cls(
            stored["rows"],
            stored["counts"],
            stored["totals"],
            tuple(_of_problem(one) for one in stored["problems"]),
            tuple(_of_problem(one) for one in stored["warnings"]),
            tuple(
                Move(number, CardStatus(before), CardStatus(after))
                for number, before, after in stored["moves"]
            ),
            tuple(
                AskedColumn(sheet, heading, proposal, tuple(candidates))
                for sheet, heading, proposal, candidates in stored["questions"]
            ),
        )


def summarised(table: Table, plan: FilePlan) -> Summary:
    """The summary of a dry run."""
    return Summary(
        rows=sum(len(sheet.rows) for sheet in table.sheets),
        counts={kind.value: plan.counts.get(kind, 0) for kind in OutcomeKind},
        totals={
            "problems": len(plan.problems),
            "warnings": len(plan.warnings),
            "moves": len(plan.moves),
        },
        problems=tuple(map(_without_value, plan.problems[:MOST])),
        warnings=tuple(map(_without_value, plan.warnings[:MOST])),
        moves=plan.moves[:MOST],
        questions=tuple(
            AskedColumn(one.sheet, one.heading, one.proposal, one.candidates)
            for one in table.questions
        ),
    )


def _without_value(one: Problem) -> Problem:
    return Problem(one.sheet, one.row, one.column, "", str(one.code), dict(one.params))


def _problem(one: Problem) -> list[Any]:
    return [one.sheet, one.row, one.column, one.code, dict(one.params)]


def _of_problem(stored: list[Any]) -> Problem:
    sheet, row, column, code, params = stored
    return Problem(sheet, row, column, "", code, params)
