"""What is wrong with a row of a training list, and what to do about it, in words."""

from bot.common.i18n import Translator
from bot.operator_wording import import_report
from bot.services.spreadsheets.tables import Problem
from bot.services.trainings.attendance import Miss
from bot.services.trainings.importing.faults import FaultCode


def advice(problem: Problem, t: Translator) -> str:
    """What is wrong with a row of a training list, and what to do about it."""
    given = problem.params
    match import_report.fault(FaultCode, problem):
        case FaultCode.MOMENT:
            return t("not a time; write 2026-11-28 09:00")
        case FaultCode.IN_THE_PAST:
            return t("lies in the past; correct the time or remove the row")
        case FaultCode.ENDS_BEFORE:
            return t("ends before it begins; correct one of both")
        case FaultCode.DEADLINE_LATE:
            return t("registration would close after the start; choose an earlier time")
        case FaultCode.NUMBER:
            return t("not a number from {least} to {most}", **given)
        case FaultCode.CAPACITY_TAKEN:
            return t("{taken} places are taken already; no fewer are possible", **given)
        case FaultCode.LEAGUE:
            return t("no league of that name; write it in full or as 6 digits")
        case FaultCode.PLACE_NEEDED:
            return t("where is it? Fill in the place, or 是 under 线上")
        case FaultCode.DUPLICATE:
            return t("this code is in row {row} already; give each session its own", **given)
        case FaultCode.DATUM_NEEDED:
            return t(
                "which map are the coordinates from? Add --datum: phones and GPS wgs84, Amap and "
                "Tencent gcj02, Baidu bd09"
            )
        case FaultCode.DATUM_CONTRADICTED:
            return t("the heading names another datum than --datum; find out which is right")
        case FaultCode.CLOSED:
            return t("the session is “{status}” and stays as it was; remove the row", **given)
        case FaultCode.NOT_YOUR_LEAGUE:
            return t("your account imports trainings of {leagues} only", **given)
        case (
            None
            | FaultCode.REQUIRED
            | FaultCode.TOO_LONG
            | FaultCode.FLAG
            | FaultCode.COORDINATE
            | FaultCode.DATUM
            | FaultCode.SWAPPED
            | FaultCode.OUT_OF_REGION
            | FaultCode.MISSING_COLUMN
        ):
            return import_report.advice(problem, t)


def miss(why: Miss, t: Translator) -> str:
    """Why an entry of a signed list marks nobody, and what to do about it."""
    match why:
        case Miss.UNREADABLE:
            return t("write a name, the last 4 digits of a phone, or a registration number")
        case Miss.NOBODY:
            return t("nobody in this session fits; not registered, or written otherwise")
        case Miss.SEVERAL:
            return t("several in this session fit; add the last 4 digits of the phone")
        case Miss.NO_SEAT:
            return t("on the waitlist, without a seat")
