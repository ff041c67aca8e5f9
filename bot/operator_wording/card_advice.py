"""What is wrong in a bank's list of cards, in words."""

from bot.common.i18n import Translator
from bot.operator_wording import import_report
from bot.services.cards.file_import import ListFault
from bot.services.cards.records import FaultCode, RecordRefusal
from bot.services.spreadsheets.tables import Problem


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
