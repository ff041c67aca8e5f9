"""What an operator reads about a station list: where it is wrong, what to do, what would change."""

from collections.abc import Callable, Iterator, Mapping

from bot.commands import import_report
from bot.commands.import_report import shortened
from bot.services.spreadsheets.reader import Problem
from bot.services.stations.importing.columns import COLUMNS, STATE_NAMES, STATUS_NAMES
from bot.services.stations.importing.plan import Changed, Plan

Say = Callable[..., str]


def lines(plan: Plan, t: Say) -> Iterator[str]:
    """The report: problems, moves, notices, differences, missing stations, then the counts."""
    for problem in plan.problems:
        yield t("Problem: {line}", line=line(problem, t))
    for problem in plan.moved:
        yield t("Moved: {line}", line=line(problem, t))
    for problem in plan.notices:
        yield t("Note: {line}", line=line(problem, t))
    yield from import_report.first(
        plan.changed,
        lambda change: _changed(change, t),
        lambda n: t("… and {n} more changed", n=n),
    )
    yield from import_report.first(
        plan.missing,
        lambda gone: t(
            "Missing from the file, kept: {code} {name}", code=gone.code, name=gone.name
        ),
        lambda n: t("… and {n} more missing", n=n),
    )
    yield import_report.counts(
        len(plan.problems),
        new=len(plan.new),
        changed=len(plan.changed),
        unchanged=plan.unchanged,
        missing=len(plan.missing),
        t=t,
    )


def line(problem: Problem, t: Say) -> str:
    """One problem: sheet, row, column, value and what to do."""
    return import_report.line(problem, advice(problem, t), t)


def advice(problem: Problem, t: Say) -> str:
    """What is wrong with a row of a station list, and what to do about it."""
    given = problem.params
    match problem.code:
        case "duplicate_code":
            return t(
                "this code is in row {row} of {sheet} already; give each station its own", **given
            )
        case "coordinate":
            return t("not a coordinate; write decimal degrees such as 111.6659")
        case "no_coordinates":
            return t("coordinates are missing; fill in both, or try --geocode")
        case "not_found":
            return t("the address was not found; fill in the coordinates")
        case "zero":
            return t("0,0 is no place; fill in the coordinates")
        case "swapped":
            return t("longitude and latitude are swapped; exchange them")
        case "out_of_range":
            return t("not on earth; longitude comes first, then latitude, in degrees")
        case "out_of_region":
            return t("outside of Inner Mongolia; correct it, or allow it with --anywhere")
        case "datum":
            return t("unknown datum; write wgs84, gcj02 or bd09")
        case "datum_blank":
            return t("the datum is blank; write wgs84, gcj02 or bd09 in each row")
        case "adcode":
            return t("not a division code; write its 6 digits")
        case "twin_place":
            return t(
                "the same place and name as {code} {name}; remove one, or correct name or "
                "coordinates",
                **given,
            )
        case "shared_place":
            return t("within 20 m of {code} {name}; make sure that these are two stations", **given)
        case "moved":
            return t(
                "{metres} m away from where it was; check the coordinates and --datum", **given
            )
        case _:
            return _cell_advice(problem, t)


def _cell_advice(problem: Problem, t: Say) -> str:
    given = problem.params
    match problem.code:
        case "hours":
            return hours_advice(given, t)
        case "facility":
            return t("“{text}” is no known facility; use a standard name or remove it", **given)
        case "facility_state":
            states = t(", ").join(STATE_NAMES.values())
            return t("“{text}” is no state; write one of {states}", states=states, **given)
        case "facility_twice":
            return t("“{text}” is there twice in different states; keep one", **given)
        case "changes":
            return t(
                "“{text}” is not understood; write 2026-10-01..2026-10-08 closed reason", **given
            )
        case "changes_order":
            return t("{text} ends before it begins; exchange the dates", **given)
        case "phone":
            return t("not a phone number; write digits only, no names")
        case "star":
            return t("not a rank; write 1 to 5 or leave it blank")
        case "status":
            return t(
                "unknown status; write one of {names}", names=t(", ").join(STATUS_NAMES.values())
            )
        case "flag":
            return t("write 是 or leave it blank")
        case _:
            return import_report.advice(problem, t)


def hours_advice(given: Mapping[str, str], t: Say) -> str:
    """What is wrong with opening hours, by the fault's code, and how to write them."""
    text = given.get("text", "")
    match given.get("fault"):
        case "too_long":
            return t("too long; write the hours only, such as 周一至周五 9:00-17:00")
        case "time":
            return t("“{text}” is no time of day; write 00:00 to 24:00", text=text)
        case "span":
            return t("“{text}” is empty or longer than a day; all day is 24/7", text=text)
        case "backwards":
            return t(
                "“{text}” closes before it opens; write 14:30-17:00 or 18:00-次日2:00", text=text
            )
        case "overlap":
            return t("“{text}” overlap; write them as one", text=text)
        case "too_many":
            return t("“{text}”: at most three times a day", text=text)
        case "no_times":
            return t("days without times; write those of an ordinary week too")
        case "conflict":
            return t("“{text}”: different hours for one day; name each day once", text=text)
        case "season":
            return t(
                "“{text}”: write today's hours here and other seasons under 例外安排", text=text
            )
        case _:
            return t(
                "“{text}” is not understood; write 周一至周五 9:00-17:00 or leave it blank",
                text=text,
            )


def _changed(change: Changed, t: Say) -> str:
    fields = (
        (COLUMNS[one.field][0], shortened(one.before), shortened(one.after))
        for one in change.differences
    )
    return import_report.changed(change.after.code, change.after.name, fields, t)
