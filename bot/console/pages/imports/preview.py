"""One import by its state: waiting, questions, the preview in tabs, and what was written."""

from collections.abc import Sequence
from typing import Any, Final

from starlette.responses import Response
from starlette.routing import BaseRoute

from bot.console.pages.imports.common import found, number_of
from bot.console.pages.imports.questions import next_step
from bot.console.pages.imports.wording import (
    advice,
    field_name,
    line,
    refusal,
    said,
    state_name,
    strip,
    tab_name,
)
from bot.console.visits import Visit, get
from bot.handlers import labels
from bot.operator_wording.station_advice import hours_words
from bot.services.list_imports import imports
from bot.services.list_imports.imports import ListImport
from bot.services.list_imports.previews import PAGE, JsonRow, problem_of
from bot.services.list_imports.states import WORKING, ImportState, Tab
from bot.services.operators.roles import Right
from bot.services.spreadsheets.faults import TableFault
from bot.services.stations.importing.doubts import hours_doubts
from bot.services.stations.importing.faults import StationDoubt, StationFault

_PAGE_DIGITS: Final = 6
_PLACE: Final = frozenset({"lng", "lat", "datum"})
NEAR: Final = 20
"""Metres: a move that is told."""
_WIDEST: Final = 12
"""Rows that a group of equal cells names one by one."""


async def show(visit: Visit) -> Response:
    """The import. A fragment is asked for while a worker is at it, and reloads the page after."""
    one = await found(visit)
    if visit.wants_fragment:
        working = one.state in WORKING and not one.is_stuck(visit.now)
        return Response(status_code=204) if working else Response(headers={"HX-Refresh": "true"})
    values: dict[str, object] = {"one": one, "state": state_name(visit.t, one.state), "step": ""}
    match one.state:
        case ImportState.PLANNING | ImportState.APPLYING | ImportState.UNDOING:
            values["is_stuck"] = one.is_stuck(visit.now)
            values["seconds"] = int((visit.now - one.begun_at).total_seconds())
            return visit.render("imports/wait.html", values)
        case ImportState.FAILED:
            return visit.render("imports/wait.html", {**values, "is_stuck": True, "seconds": 0})
        case ImportState.REFUSED:
            values["why"] = refusal(one.summary, one.name, visit.bot_words)
            return visit.render("imports/refused.html", values)
        case ImportState.ASKING:
            return visit.redirect(next_step(one))
        case ImportState.APPLIED | ImportState.UNDONE:
            return visit.render("imports/done.html", {**values, "summary": one.summary})
        case ImportState.READY:
            return await preview(visit, one)


async def preview(visit: Visit, one: ListImport, error: str = "", status: int = 200) -> Response:
    """The preview: what would be written, and the tab that is looked at."""
    t, summary = visit.t, one.summary
    tab = _tab(visit.query("tab"), summary.tabs)
    at = number_of(visit.query("at")[:_PAGE_DIGITS] or "0")
    async with visit.parts.store.reading() as db:
        rows = await imports.page(db, visit.parts.keys, one.id, tab, at)
    values = {
        "one": one,
        "summary": summary,
        "error": error,
        "step": "preview",
        "tab": tab.value,
        "at": at,
        "tabs": [(of.value, tab_name(t, of), summary.tabs.get(of.value, 0)) for of in Tab],
        "rows": [_shown(visit, tab, row) for row in rows],
        "next": at + 1 if (at + 1) * PAGE < summary.tabs.get(tab.value, 0) else None,
        "near": NEAR,
        "blocking": _lines(visit, summary.blocking),
        "doubts": _lines(visit, summary.doubts),
        "notes": _lines(visit, summary.notes),
        "readings": [_reading(visit, text, count) for text, count in summary.hours],
        "outside": tab is Tab.FAULTY
        and not visit.operator.leagues
        and any(row["code"] == TableFault.OUT_OF_REGION for row in rows),
    }
    return visit.render("imports/preview.html", values, status)


def _tab(wanted: str, counts: dict[str, int]) -> Tab:
    """The tab that is asked for, else the first one with something to do or to see."""
    if wanted in set(Tab):
        return Tab(wanted)
    order = (Tab.DOUBTFUL, Tab.FAULTY, Tab.NEW, Tab.CHANGED, Tab.MISSING)
    return next((of for of in order if counts.get(of.value)), Tab.NEW)


def _lines(visit: Visit, problems: Sequence[JsonRow]) -> list[str]:
    return [line(problem_of(row), visit.t, visit.bot_words) for row in problems]


def _shown(visit: Visit, tab: Tab, row: JsonRow) -> dict[str, Any]:
    """A row of a tab in words."""
    words = visit.bot_words
    match tab:
        case Tab.NEW:
            fields = [_field(name, "", cell, words) for name, cell in row["fields"]]
            return {**row, "fields": fields}
        case Tab.CHANGED:
            hidden = _PLACE if row.get("metres", 0) > NEAR else ()  # told as metres instead
            fields = [
                _field(name, was, now, words)
                for name, was, now in row["fields"]
                if name not in hidden
            ]
            return {**row, "fields": fields}
        case Tab.FAULTY | Tab.DOUBTFUL:
            return _problem(visit, row)
        case Tab.MISSING:
            return row


def _field(name: str, was: str, now: str, words: Any) -> dict[str, Any]:
    if name == "hours":
        return {
            "name": field_name(name),
            "strip": strip(now, words) if now else [],
            "was_strip": strip(was, words) if was else [],
            "was": was,
            "now": now,
        }
    return {"name": field_name(name), "was": said(name, was, words), "now": said(name, now, words)}


def _problem(visit: Visit, row: JsonRow) -> dict[str, Any]:
    """A problem with its rows, and whether its cell can be mended or confirmed here."""
    problem, rows = problem_of(row), row["rows"]
    mendable = row["cell"] is not None and row["row"] > 0
    value = row["value"]
    if problem.code == StationFault.REMOVES:
        value = said("facilities", value, visit.bot_words)
    return {
        **row,
        "value": value,
        "why": advice(problem, visit.t, visit.bot_words),
        "where": "、".join(map(str, rows[:_WIDEST])) + ("…" if len(rows) > _WIDEST else ""),
        "count": len(rows),
        "is_place": problem.code == StationFault.NO_COORDINATES,
        "is_mendable": mendable and problem.code != StationFault.NOT_YOUR_LEAGUE,
        "is_doubt": problem.code in set(StationDoubt) and row["row"] > 0,
    }


def _reading(visit: Visit, text: str, count: int) -> dict[str, Any]:
    words = visit.bot_words
    doubts = [labels.hours_doubt(words, one) for one in hours_doubts(text)]
    return {"text": text, "count": count, "words": hours_words(text, words), "doubts": doubts}


ROUTES: Final[list[BaseRoute]] = [get("/imports/{number}", Right.STATIONS, show)]
