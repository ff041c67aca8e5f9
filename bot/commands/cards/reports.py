"""What an operator reads about a bank's list: where it is wrong, what to do, what would change."""

from collections.abc import Iterator
from typing import Final

from bot.common.i18n import Translator
from bot.operator_wording import import_report
from bot.operator_wording.card_advice import advice
from bot.services.cards.file_import import FilePlan
from bot.services.cards.records import OutcomeKind
from bot.services.cards.statuses import LABELS as KNOWN
from bot.services.cards.statuses import CardStatus
from bot.services.spreadsheets.tables import Problem

LABELS: Final = {**KNOWN, CardStatus.UNKNOWN: ("?",)}


def lines(plan: FilePlan, t: Translator) -> Iterator[str]:
    """The report: problems, notes, changes of status with masked numbers, then the counts."""
    yield from import_report.findings(
        plan.problems, plan.warnings, advice, t, most=import_report.MOST
    )
    yield from import_report.first(
        plan.moves,
        lambda move: t(
            "Moves: {number}: {before} → {after}",
            number=move.number,
            before=LABELS[move.before][0],
            after=LABELS[move.after][0],
        ),
        lambda n: t("… and {n} more move", n=n),
    )
    yield t(
        "{problems} problems; {new} new, {moved} moved, {updated} updated, "
        "{unchanged} unchanged, {outdated} older than what is known",
        problems=len(plan.problems),
        **{
            kind.value: plan.counts.get(kind, 0)
            for kind in OutcomeKind
            if kind is not OutcomeKind.REFUSED
        },
    )


def line(problem: Problem, t: Translator) -> str:
    """One problem: sheet, row, column and what to do."""
    return import_report.line(problem, advice(problem, t), t)
