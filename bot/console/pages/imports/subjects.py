"""What the pages say about the lists of one kind: names, fields, faults, and where records are."""

from collections.abc import Mapping
from typing import Final
from urllib.parse import quote

from bot.common.i18n import Translator
from bot.console.pages.imports import station_wording
from bot.operator_wording import (
    honour_report,
    import_report,
    revision_words,
    training_advice,
    undo_words,
)
from bot.services.honours.importing import COLUMNS as HONOUR_COLUMNS
from bot.services.list_imports.summaries import JsonRow
from bot.services.operators.revisions import RevisionKind
from bot.services.spreadsheets.faults import TableFault
from bot.services.spreadsheets.mappings import ListKind
from bot.services.spreadsheets.tables import Columns, Problem
from bot.services.stations.importing.columns import COLUMNS as STATION_COLUMNS
from bot.services.stations.importing.columns import LIST_COLUMNS
from bot.services.trainings.importing.columns import COLUMNS as TRAINING_COLUMNS
from bot.services.trainings.importing.faults import FaultCode
from bot.services.trainings.importing.undo import Obstacle

_COLUMNS: Final[Mapping[ListKind, Columns]] = {
    ListKind.STATIONS: LIST_COLUMNS,
    ListKind.TRAININGS: TRAINING_COLUMNS,
    ListKind.HONOURS: HONOUR_COLUMNS,
}
UNDONE: Final = frozenset({ListKind.STATIONS, ListKind.TRAININGS})
"""Imports of these can be taken back."""
MADE_SEEN: Final = frozenset({ListKind.STATIONS, ListKind.TRAININGS})
"""Couriers see these as soon as they are written."""


def columns(kind: ListKind | None) -> Columns:
    """The columns that a list of that kind may have."""
    return _COLUMNS.get(kind, {}) if kind is not None else {}


def fields(kind: ListKind | None) -> tuple[list[str], list[str]]:
    """Fields to choose from for a column: the usual ones, and parts and other forms of these."""
    names = [name for name, known in columns(kind).items() if known and name != "hours_read"]
    usual = STATION_COLUMNS if kind is ListKind.STATIONS else columns(kind)
    return [one for one in names if one in usual], [one for one in names if one not in usual]


def field_name(kind: ListKind | None, field: str) -> str:
    """What a field of a list is called."""
    names = columns(kind).get(field, ())
    return names[0] if names else field


def kind_name(t: Translator, kind: ListKind | None) -> str:
    """The kind of list."""
    match kind:
        case ListKind.STATIONS:
            return t("List of stations")
        case ListKind.TRAININGS:
            return t("List of trainings")
        case ListKind.CARDS:
            return t("The bank's list of cards")
        case ListKind.HONOURS:
            return t("List of honour campaigns")
        case _:
            return t("not known yet")


def kind_hint(t: Translator, kind: ListKind) -> str:
    """By what a clerk tells such a list."""
    match kind:
        case ListKind.STATIONS:
            return t("names, addresses, hours, facilities")
        case ListKind.TRAININGS:
            return t("titles, times, places, seats")
        case ListKind.CARDS:
            return t("application numbers, couriers, stages")
        case _:
            return t("days of nominations and votes")


def things(t: Translator, kind: ListKind | None, count: int) -> str:
    """So many records."""
    match kind:
        case ListKind.TRAININGS:
            return t.n("{n} training", "{n} trainings", count)
        case ListKind.HONOURS:
            return t.n("{n} campaign", "{n} campaigns", count)
        case _:
            return t.n("{n} station", "{n} stations", count)


def noun(t: Translator, kind: ListKind | None) -> str:
    """The records, within a sentence."""
    match kind:
        case ListKind.TRAININGS:
            return t("the trainings")
        case ListKind.HONOURS:
            return t("the campaigns")
        case _:
            return t("the stations")


def all_address(kind: ListKind | None) -> str:
    """The page that lists the records."""
    match kind:
        case ListKind.TRAININGS:
            return "/trainings"
        case ListKind.HONOURS:
            return "/honours"
        case _:
            return "/stations"


def address(kind: ListKind | None, row: JsonRow) -> str:
    """The page of a stored record, "" where the row does not say."""
    match kind:
        case ListKind.TRAININGS:
            return f"/trainings/{row['id']}" if "id" in row else ""
        case ListKind.HONOURS:
            return f"/honours/{quote(row['code'], safe='')}"
        case _:
            return f"/stations/{quote(row['code'], safe='')}"


def said(kind: ListKind | None, field: str, cell: str, words: Translator) -> str:
    """A cell in words: facilities, leagues and dated hours as operators read them."""
    match kind:
        case ListKind.TRAININGS:
            return cell  # as a list writes it
        case ListKind.HONOURS if field == "leagues":
            return revision_words.league_names(cell)
        case ListKind.HONOURS:
            return cell
        case _:
            return revision_words.said(RevisionKind.STATIONS, field, cell, words)


def advice(kind: ListKind | None, problem: Problem, t: Translator, words: Translator) -> str:
    """What is wrong and what to do; `t` are the console's sentences, `words` those of reports."""
    given = problem.params
    match problem.code:
        case TableFault.READ_AS:
            return t("read as {field}", field=given["field"])
        case TableFault.AS_LAST_TIME if given["field"]:
            return t("read as {field}, as last time", field=given["field"])
        case TableFault.AS_LAST_TIME:
            return t("left out, as last time")
        case TableFault.OUT_OF_REGION:
            return t("outside of Inner Mongolia; correct the coordinates")
        case _:
            pass
    match kind:
        case ListKind.TRAININGS if problem.code == FaultCode.DATUM_NEEDED:  # else it was asked
            return t("these are no coordinates; write degrees such as 111.66 and 40.82")
        case ListKind.TRAININGS if problem.code == FaultCode.DATUM_CONTRADICTED:
            return t("the heading names another map; choose that one at “Coordinates”")
        case ListKind.TRAININGS:
            return training_advice.advice(problem, words)
        case ListKind.HONOURS:
            return honour_report.advice(problem, words)
        case _:
            return station_wording.advice(problem, t, words)


def line(kind: ListKind | None, problem: Problem, t: Translator, words: Translator) -> str:
    """One problem with its place."""
    return import_report.line(problem, advice(kind, problem, t, words), words)


def reason(kind: ListKind | None, problem: Problem, t: Translator, words: Translator) -> str:
    """One problem as it stands in the marked workbook, in the row that it is about."""
    told = advice(kind, problem, t, words)
    return t("{column}: {advice}", column=problem.column, advice=told) if problem.column else told


def obstacle(reason: str, t: Translator, words: Translator) -> str:
    """Why a training cannot be brought back to what it was."""
    if reason == Obstacle.REGISTERED:
        return t("couriers have registered; call it off on its page")
    return undo_words.obstacle_reason(Obstacle(reason), words)
