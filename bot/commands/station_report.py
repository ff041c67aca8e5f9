"""What an operator reads about a station list: where it is wrong, what to do, what would change."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Final

from bot.services.errors import FileRefused
from bot.services.sheets import Problem
from bot.services.station_files import Plan
from bot.services.station_vocabulary import COLUMNS, STATE_NAMES, STATUS_NAMES

Say = Callable[..., str]
MOST: Final = 100
"""Lines of changed or missing stations; problems are always named one by one."""
SHOWN: Final = 60
"""Characters of a value that are shown."""


def lines(plan: Plan, t: Say) -> Iterator[str]:
    """The report: problems, moves, notices, differences, missing stations, then the counts."""
    for problem in plan.problems:
        yield t("Problem: {line}", line=line(problem, t))
    for problem in plan.moved:
        yield t("Moved: {line}", line=line(problem, t))
    for problem in plan.notices:
        yield t("Note: {line}", line=line(problem, t))
    blank = t("(blank)")
    for change in plan.changed[:MOST]:
        fields = t("; ").join(
            f"{COLUMNS[one.field][0]} {_short(one.before) or blank} → {_short(one.after) or blank}"
            for one in change.differences
        )
        yield t(
            "Changed: {code} {name}: {fields}",
            code=change.after.code,
            name=change.after.name,
            fields=fields,
        )
    if len(plan.changed) > MOST:
        yield t("… and {n} more changed", n=len(plan.changed) - MOST)
    for gone in plan.missing[:MOST]:
        yield t("Missing from the file, kept: {code} {name}", code=gone.code, name=gone.name)
    if len(plan.missing) > MOST:
        yield t("… and {n} more missing", n=len(plan.missing) - MOST)
    yield t(
        "{problems} problems; {new} new, {changed} changed, {unchanged} unchanged, "
        "{missing} missing from the file",
        problems=len(plan.problems),
        new=len(plan.new),
        changed=len(plan.changed),
        unchanged=plan.unchanged,
        missing=len(plan.missing),
    )


def line(problem: Problem, t: Say, what: str | None = None) -> str:
    """One problem: sheet, row, column, value and what to do (`what`, else the `advice`)."""
    where = {"sheet": problem.sheet, "advice": what or advice(problem, t)}
    column, value = problem.column, _short(problem.value)
    if not problem.row:
        if not column:
            return t("{sheet}: {advice}", **where)
        return t("{sheet}, column {column}: {advice}", column=column, **where)
    where["row"] = str(problem.row)
    if not column:
        return t("{sheet}, row {row} “{value}”: {advice}", value=value, **where)
    if not value:
        return t("{sheet}, row {row}, column {column}: {advice}", column=column, **where)
    return t(
        "{sheet}, row {row}, column {column} “{value}”: {advice}",
        column=column,
        value=value,
        **where,
    )


def refusal(refused: FileRefused, file: Path, t: Say) -> str:
    """Why a file could not be read at all, and what to do."""
    match refused.code:
        case "too_big":
            return t("{file} is larger than {most} MB; split it.", file=file, **refused.params)
        case "too_many_rows":
            return t("{file} has more than {most} rows; split it.", file=file, **refused.params)
        case "too_wide":
            return t(
                "{file} has cells far away from the table; delete them or copy the table "
                "into a new workbook.",
                file=file,
            )
        case "old_excel":
            return t(
                "{file} is an old .xls workbook or has a password; save it as .xlsx without one.",
                file=file,
            )
        case "no_headings":
            return t(
                "{file}: no headings were found in the first 10 rows of any sheet. Known are: "
                "{headings}",
                file=file,
                **refused.params,
            )
        case _:
            return t("{file} is neither a csv file nor an .xlsx workbook.", file=file)


def advice(problem: Problem, t: Say) -> str:
    """What is wrong and what to do about it."""
    given = problem.params
    match problem.code:
        case "duplicate_column":
            return t("this column and “{other}” are the same; remove one", **given)
        case "missing_column":
            return t("this column is required; add it")
        case "unknown_column":
            return t("not a known column; it is left out")
        case "personal_column":
            return t("personal data of contacts is left out on purpose")
        case "hidden_sheet":
            return t("a hidden sheet; it is left out")
        case "no_headings":
            return t("a sheet without known headings; it is left out")
        case "no_heading":
            return t("a value without a heading; name the column or clear the cell")
        case "formula":
            return t("a formula as text; enter its value")
        case "formula_empty":
            return t(
                "a formula without a value; open and save it in Excel or WPS, or enter the value"
            )
        case "formula_error":
            return t("a formula that ends in an error; enter the value")
        case "required":
            return t("required; fill it in")
        case "too_long":
            return t("longer than {max_length} characters; shorten it", **given)
        case "rounded":
            return t(
                "digits were lost in a rounded number; format the column as text, enter it again"
            )
        case "date":
            return t("not a date; write 2026-03-01")
        case "future_date":
            return t("lies in the future; today is {today}", **given)
        case "duplicate_code":
            return t(
                "this code is in row {row} of {sheet} already; give each station its own", **given
            )
        case _:
            return _place_advice(problem.code, given, t)


def _place_advice(code: str, given: Mapping[str, str], t: Say) -> str:
    match code:
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
            return _cell_advice(code, given, t)


def _cell_advice(code: str, given: Mapping[str, str], t: Say) -> str:
    match code:
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
            return t("not accepted ({code}); correct it", code=code)


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


def _short(value: str) -> str:
    return value if len(value) <= SHOWN else f"{value[: SHOWN - 1]}…"
