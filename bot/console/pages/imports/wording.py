"""What is said about a list in the console: as on the command line, without its options."""

from datetime import date
from pathlib import Path

from bot.common.i18n import Translator
from bot.handlers import labels
from bot.hours.errors import HoursError
from bot.hours.weekly import parse
from bot.operator_wording import import_report, revision_words, station_advice
from bot.services.list_imports.previews import Summary
from bot.services.list_imports.states import ImportState, Tab
from bot.services.operators.revisions import RevisionKind
from bot.services.spreadsheets.errors import FileRefused
from bot.services.spreadsheets.faults import FileFault, TableFault
from bot.services.spreadsheets.tables import Problem
from bot.services.stations.importing.columns import LIST_COLUMNS
from bot.services.stations.importing.faults import StationDoubt, StationFault, StationNote

_DATUM_NAMES = {"gcj02": "GCJ-02", "bd09": "BD-09", "wgs84": "WGS-84"}


def advice(problem: Problem, t: Translator, words: Translator) -> str:
    """What is wrong and what to do; `t` are the console's sentences, `words` those of reports."""
    given = problem.params
    match problem.code:
        case StationFault.NO_COORDINATES:
            return t("the coordinates are missing; fill in longitude and latitude")
        case StationFault.MOVED:
            return t("{metres} m away from where it was", metres=given["metres"])
        case StationFault.DATUM_HEADING:
            return t(
                "the heading says {datum}; choose that one at “Coordinates”",
                datum=_DATUM_NAMES.get(given["datum"], given["datum"]),
            )
        case StationDoubt.OTHER_DATUM:
            return t(
                "{count} stations would stay where they are with {datum}; choose that one at "
                "“Coordinates”",
                count=given["count"],
                datum=_DATUM_NAMES.get(given["datum"], given["datum"]),
            )
        case StationDoubt.ROW_NUMBERS:
            return t(
                "the codes are 1, 2, 3 …; if they only number the rows, leave the column out at "
                "“Columns”"
            )
        case StationNote.CONTACT_PHONES:
            return t(
                "{count} mobile phones beside a contact person were left out as personal",
                count=given["count"],
            )
        case TableFault.READ_AS:
            return t("read as {field}", field=given["field"])
        case TableFault.AS_LAST_TIME if given["field"]:
            return t("read as {field}, as last time", field=given["field"])
        case TableFault.AS_LAST_TIME:
            return t("left out, as last time")
        case TableFault.OUT_OF_REGION:
            return t("outside of Inner Mongolia; correct the coordinates")
        case _:
            return station_advice.advice(problem, words)


def line(problem: Problem, t: Translator, words: Translator) -> str:
    """One problem with its place."""
    return import_report.line(problem, advice(problem, t, words), words)


def reason(problem: Problem, t: Translator, words: Translator) -> str:
    """One problem as it stands in the marked workbook, in the row that it is about."""
    said = advice(problem, t, words)
    return t("{column}: {advice}", column=problem.column, advice=said) if problem.column else said


def refusal(summary: Summary, name: str, words: Translator) -> str:
    """Why the file could not be read."""
    refused = FileRefused(FileFault(summary.refused), **summary.params)
    return import_report.refusal(refused, Path(name), words)


def field_name(field: str) -> str:
    """What a field of a list is called."""
    names = LIST_COLUMNS.get(field, ())
    return names[0] if names else field


def said(field: str, cell: str, words: Translator) -> str:
    """A cell in words: facilities and dated hours as couriers read them."""
    return revision_words.said(RevisionKind.STATIONS, field, cell, words)


def strip(hours: str, words: Translator) -> list[tuple[str, str]]:
    """Stored hours as days and times."""
    try:
        read = parse(hours)
    except HoursError:
        return [("", hours)]
    return [*labels.week_rows(words, read), *(("", one) for one in _closures(hours, words))]


def _closures(hours: str, words: Translator) -> list[str]:
    return labels.closed_dates(words, parse(hours), date.min)


def tab_name(t: Translator, tab: Tab) -> str:
    """The tab in words."""
    match tab:
        case Tab.NEW:
            return t("New")
        case Tab.CHANGED:
            return t("Changed")
        case Tab.FAULTY:
            return t("Cannot be imported")
        case Tab.DOUBTFUL:
            return t("Doubtful")
        case Tab.MISSING:
            return t("Not in the file")


def state_name(t: Translator, state: ImportState) -> str:
    """The state of an import in words."""
    match state:
        case ImportState.PLANNING:
            return t("being read")
        case ImportState.ASKING:
            return t("waits for an answer")
        case ImportState.READY:
            return t("not written yet")
        case ImportState.REFUSED:
            return t("could not be read")
        case ImportState.FAILED:
            return t("broke off")
        case ImportState.APPLYING:
            return t("being written")
        case ImportState.APPLIED:
            return t("written")
        case ImportState.UNDOING:
            return t("being undone")
        case ImportState.UNDONE:
            return t("undone")
