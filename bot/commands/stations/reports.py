"""What an operator reads about a station list: where it is wrong, what to do, what would change."""

from collections.abc import Iterator, Mapping

from bot.commands import import_report
from bot.commands.import_report import shortened
from bot.common.i18n import Translator
from bot.hours.errors import Fault
from bot.services.spreadsheets.reader import Problem
from bot.services.stations.importing.columns import COLUMNS
from bot.services.stations.importing.faults import StationFault
from bot.services.stations.importing.plan import Changed, Plan
from bot.services.stations.importing.vocabulary import STATE_NAMES, STATUS_NAMES


def lines(plan: Plan, t: Translator) -> Iterator[str]:
    """The report: problems, moves, warnings, differences, missing stations, then the counts."""
    yield from import_report.findings(plan.problems, plan.warnings, advice, t, moved=plan.moved)
    yield from import_report.first(
        plan.changed,
        lambda change: _changed(change, t),
        lambda n: t("… and {n} more changed", n=n),
    )
    yield from import_report.missing([(one.code, one.name) for one in plan.missing], t)
    yield import_report.counts(
        len(plan.problems),
        new=len(plan.new),
        changed=len(plan.changed),
        unchanged=plan.unchanged,
        missing=len(plan.missing),
        t=t,
    )


def line(problem: Problem, t: Translator) -> str:
    """One problem: sheet, row, column, value and what to do."""
    return import_report.line(problem, advice(problem, t), t)


def advice(problem: Problem, t: Translator) -> str:
    """What is wrong with a row of a station list, and what to do about it."""
    given = problem.params
    match import_report.fault(StationFault, problem):
        case None:
            return import_report.advice(problem, t)
        case StationFault.DUPLICATE_CODE:
            return t(
                "this code is in row {row} of {sheet} already; give each station its own", **given
            )
        case StationFault.NO_COORDINATES:
            return t("coordinates are missing; fill in both, or try --geocode")
        case StationFault.NOT_FOUND:
            return t("the address was not found; fill in the coordinates")
        case StationFault.ZERO:
            return t("0,0 is no place; fill in the coordinates")
        case StationFault.OUT_OF_RANGE:
            return t("not on earth; longitude comes first, then latitude, in degrees")
        case StationFault.DATUM_BLANK:
            return t("the datum is blank; write wgs84, gcj02 or bd09 in each row")
        case StationFault.ADCODE:
            return t("not a division code; write its 6 digits")
        case StationFault.DUPLICATE_PLACE:
            return t(
                "the same place and name as {code} {name}; remove one, or correct name or "
                "coordinates",
                **given,
            )
        case StationFault.SHARED_PLACE:
            return t("within 20 m of {code} {name}; make sure that these are two stations", **given)
        case StationFault.MOVED:
            return t(
                "{metres} m away from where it was; check the coordinates and --datum", **given
            )
        case StationFault.HOURS:
            return hours_advice(given, t)
        case StationFault.FACILITY:
            return t("“{text}” is no known facility; use a standard name or remove it", **given)
        case StationFault.FACILITY_STATE:
            states = t(", ").join(STATE_NAMES.values())
            return t("“{text}” is no state; write one of {states}", states=states, **given)
        case StationFault.FACILITY_TWICE:
            return t("“{text}” is there twice in different states; keep one", **given)
        case StationFault.CHANGES:
            return t(
                "“{text}” is not understood; write 2026-10-01..2026-10-08 closed reason", **given
            )
        case StationFault.CHANGES_ORDER:
            return t("{text} ends before it begins; exchange the dates", **given)
        case StationFault.PHONE:
            return t("not a phone number; write digits only, no names")
        case StationFault.STAR:
            return t("not a rank; write 1 to 5 or leave it blank")
        case StationFault.STATUS:
            return t(
                "unknown status; write one of {names}", names=t(", ").join(STATUS_NAMES.values())
            )


def hours_advice(given: Mapping[str, str], t: Translator) -> str:
    """What is wrong with opening hours, by the fault's code, and how to write them."""
    text = given.get("text", "")
    match Fault(given["fault"]):
        case Fault.TOO_LONG:
            return t("too long; write the hours only, such as 周一至周五 9:00-17:00")
        case Fault.TIME:
            return t("“{text}” is no time of day; write 00:00 to 24:00", text=text)
        case Fault.SPAN:
            return t("“{text}” is empty or longer than a day; all day is 24/7", text=text)
        case Fault.BACKWARDS:
            return t(
                "“{text}” closes before it opens; write 14:30-17:00 or 18:00-次日2:00", text=text
            )
        case Fault.OVERLAP:
            return t("“{text}” overlap; write them as one", text=text)
        case Fault.TOO_MANY:
            return t("“{text}”: at most three times a day", text=text)
        case Fault.NO_TIMES:
            return t("days without times; write those of an ordinary week too")
        case Fault.CONFLICT:
            return t("“{text}”: different hours for one day; name each day once", text=text)
        case Fault.SEASON:
            return t(
                "“{text}”: write today's hours here and other seasons under 例外安排", text=text
            )
        case Fault.UNREADABLE:
            return t(
                "“{text}” is not understood; write 周一至周五 9:00-17:00 or leave it blank",
                text=text,
            )


def _changed(change: Changed, t: Translator) -> str:
    fields = (
        (COLUMNS[one.field][0], shortened(one.before), shortened(one.after))
        for one in change.differences
    )
    return import_report.changed(change.after.code, change.after.name, fields, t)
