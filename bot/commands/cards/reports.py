"""What an operator reads about a bank's list: where it is wrong, what to do, what would change."""

from collections.abc import Iterator
from typing import Final

from bot.common.i18n import Translator
from bot.operator_wording import import_report
from bot.services.cards.file_import import FilePlan, ListFault
from bot.services.cards.records import FaultCode, OutcomeKind, RecordRefusal
from bot.services.cards.statuses import LABELS as KNOWN
from bot.services.cards.statuses import CardStatus
from bot.services.spreadsheets.reader import Problem

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


def advice(problem: Problem, t: Translator) -> str:
    """What is wrong and what to do about it."""
    if (refusal := import_report.fault(RecordRefusal, problem)) is not None:
        return _refusal(refusal, t)
    if (fault := import_report.fault(ListFault, problem)) is not None:
        return _list_fault(fault, problem, t)
    match import_report.fault(FaultCode, problem):
        case FaultCode.NUMBER:
            return t("not an application number; 6 to 32 letters and digits, all digits at least 8")
        case FaultCode.PHONE_OR_LAST4:
            return t("not a mobile number and not its last 4 digits")
        case FaultCode.LAST4:
            return t("not the last 4 digits of an ID")
        case FaultCode.MOMENT:
            return t("not a time; write 2026-03-01 14:30")
        case (
            None
            | FaultCode.REQUIRED
            | FaultCode.FORBIDDEN
            | FaultCode.TOO_LONG
            | FaultCode.ROUNDED
            | FaultCode.DATE
        ):
            return import_report.advice(problem, t)


def _refusal(refusal: RecordRefusal, t: Translator) -> str:
    match refusal:
        case RecordRefusal.NO_FACT:
            return t("a new application needs the last 4 digits of phone or ID")
        case RecordRefusal.FUTURE:
            return t("lies in the future")
        case RecordRefusal.BACKWARDS:
            return t("the status goes back; if the bank really took it back, add --allow-backwards")
        case RecordRefusal.TWICE:
            return t("the same number in several rows, and no times that tell which is the latest")


def _list_fault(fault: ListFault, problem: Problem, t: Translator) -> str:
    match fault:
        case ListFault.FACT_COLUMN:
            return t("the last 4 digits of phone or ID are required; add the column")
        case ListFault.UNKNOWN_LABEL:
            return t(
                "no known status; {n} rows keep it as the bank wrote it, and couriers see it so. "
                "See: yizhan cards labels",
                **problem.params,
            )
        case ListFault.UNKNOWN_OUTLET:
            return t("no station has this code; couriers see the outlet's name without the way")
