"""One import by its state: waiting, questions, the preview in tabs, and what was written."""

from collections.abc import Sequence
from datetime import date
from typing import Any, Final

from starlette.responses import Response
from starlette.routing import BaseRoute

from bot.common.clock import CHINA
from bot.common.i18n import Translator
from bot.console.pages.imports import subjects
from bot.console.pages.imports.common import found, number_of, render
from bot.console.pages.imports.notices import training_notices
from bot.console.pages.imports.questions import next_step
from bot.console.pages.imports.station_wording import strip
from bot.console.pages.imports.wording import (
    refusal,
    state_name,
    tab_name,
)
from bot.console.pages.week_bar import BarDay, stored_week, week_bar
from bot.console.visits import Visit, get
from bot.handlers import labels
from bot.hours.errors import HoursError
from bot.hours.parser import read as read_hours
from bot.operator_wording.station_advice import hours_words
from bot.services.list_imports import imports
from bot.services.list_imports.imports import ListImport
from bot.services.list_imports.states import WORKING, ImportState, Tab
from bot.services.list_imports.summaries import PAGE, JsonRow, problem_of
from bot.services.operators.roles import Right
from bot.services.spreadsheets.faults import TableFault
from bot.services.spreadsheets.mappings import ListKind
from bot.services.stations.importing.doubts import hours_doubts
from bot.services.stations.importing.faults import StationDoubt, StationFault

_PAGE_DIGITS: Final = 6
SHOWN: Final = frozenset({Tab.NEW, Tab.CHANGED, Tab.FAULTY})
"""Tabs that are there even where they are empty."""
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
    values: dict[str, object] = {"state": state_name(visit.t, one.state)}
    match one.state:
        case ImportState.PLANNING | ImportState.APPLYING | ImportState.UNDOING:
            values["is_stuck"] = one.is_stuck(visit.now)
            values["seconds"] = int((visit.now - one.begun_at).total_seconds())
            return render(visit, "imports/wait.html", one, values)
        case ImportState.FAILED:
            return render(
                visit, "imports/wait.html", one, {**values, "is_stuck": True, "seconds": 0}
            )
        case ImportState.REFUSED:
            values["why"] = refusal(one.summary, one.name, visit.bot_words)
            return render(visit, "imports/refused.html", one, values)
        case ImportState.ASKING:
            return visit.redirect(next_step(one, visit.operator))
        case ImportState.APPLIED | ImportState.UNDONE:
            return render(visit, "imports/done.html", one, {**values, **_done(visit, one)})
        case ImportState.READY:
            return await preview(visit, one)


def _done(visit: Visit, one: ListImport) -> dict[str, object]:
    summary = one.summary
    return {
        "summary": summary,
        "can_undo": one.kind in subjects.UNDONE,
        "is_seen": one.kind in subjects.MADE_SEEN,
        "conflicts": [
            (code, subjects.address(one.kind, {"code": code})) for code in summary.conflicts
        ],
        "obstacles": [
            (code, subjects.obstacle(why, visit.t, visit.bot_words))
            for code, why in summary.obstacles
        ],
    }


async def preview(visit: Visit, one: ListImport, error: str = "", status: int = 200) -> Response:
    """The preview: what would be written, and the tab that is looked at."""
    t, summary = visit.t, one.summary
    tab = _tab(visit.query("tab"), summary.tabs)
    at = number_of(visit.query("at")[:_PAGE_DIGITS] or "0")
    async with visit.parts.store.reading() as db:
        rows = await imports.page(db, visit.parts.keys, one.id, tab, at)
    kind = one.kind
    values = {
        "summary": summary,
        "error": error,
        "step": "preview",
        "tab": tab.value,
        "at": at,
        "tabs": [
            (of.value, tab_name(t, of), summary.tabs.get(of.value, 0))
            for of in Tab
            if of in SHOWN or summary.tabs.get(of.value)
        ],
        "rows": [_shown(visit, kind, tab, row) for row in rows],
        "next": at + 1 if (at + 1) * PAGE < summary.tabs.get(tab.value, 0) else None,
        "near": NEAR,
        "blocking": _lines(visit, kind, summary.blocking),
        "lacks_column": any(row["code"] == TableFault.MISSING_COLUMN for row in summary.blocking),
        "doubts": _lines(visit, kind, summary.doubts),
        "notes": _lines(visit, kind, summary.notes),
        "readings": [_reading(visit, text, count) for text, count in summary.hours],
        "outside": tab is Tab.FAULTY
        and not visit.operator.leagues
        and any(row["code"] == TableFault.OUT_OF_REGION for row in rows),
    }
    return render(visit, "imports/preview.html", one, values, status)


def _tab(wanted: str, counts: dict[str, int]) -> Tab:
    """The tab that is asked for, else the first one with something to do or to see."""
    if wanted in set(Tab):
        return Tab(wanted)
    order = (Tab.DOUBTFUL, Tab.FAULTY, Tab.NEW, Tab.CHANGED, Tab.MISSING)
    return next((of for of in order if counts.get(of.value)), Tab.NEW)


def _lines(visit: Visit, kind: ListKind | None, problems: Sequence[JsonRow]) -> list[str]:
    return [subjects.line(kind, problem_of(row), visit.t, visit.bot_words) for row in problems]


def _shown(visit: Visit, kind: ListKind | None, tab: Tab, row: JsonRow) -> dict[str, Any]:
    """A row of a tab in words."""
    match tab:
        case Tab.NEW:
            fields = [_field(visit, kind, name, "", cell) for name, cell in row["fields"]]
            return {**row, "fields": fields}
        case Tab.CHANGED:
            hidden = _PLACE if row.get("metres", 0) > NEAR else ()  # told as metres instead
            fields = [
                _field(visit, kind, name, was, now)
                for name, was, now in row["fields"]
                if name not in hidden
            ]
            return {**row, "fields": fields, "messages": training_notices(visit, row)}
        case Tab.FAULTY | Tab.DOUBTFUL:
            return _problem(visit, kind, row)
        case Tab.MISSING:
            return row


def _field(visit: Visit, kind: ListKind | None, name: str, was: str, now: str) -> dict[str, Any]:
    words = visit.bot_words
    if kind is ListKind.STATIONS and name == "hours":
        today = visit.now.astimezone(CHINA).date()
        return {
            "name": subjects.field_name(kind, name),
            "bar": stored_week(words, now, today) if now else (),
            "was_bar": stored_week(words, was, today) if was else (),
            "strip": strip(now, words) if now else [],
            "was_strip": strip(was, words) if was else [],
            "was": was,
            "now": now,
        }
    return {
        "name": subjects.field_name(kind, name),
        "was": subjects.said(kind, name, was, words),
        "now": subjects.said(kind, name, now, words),
    }


def _problem(visit: Visit, kind: ListKind | None, row: JsonRow) -> dict[str, Any]:
    """A problem with its rows, and whether its cell can be mended or confirmed here."""
    problem, rows = problem_of(row), row["rows"]
    mendable = row["cell"] is not None and row["row"] > 0
    value = row["value"]
    if problem.code == StationFault.REMOVES:
        value = subjects.said(kind, "facilities", value, visit.bot_words)
    return {
        **row,
        "value": value,
        "why": subjects.advice(kind, problem, visit.t, visit.bot_words),
        "where": "、".join(map(str, rows[:_WIDEST])) + ("…" if len(rows) > _WIDEST else ""),
        "count": len(rows),
        "is_place": problem.code == StationFault.NO_COORDINATES,
        "is_mendable": mendable and problem.code != StationFault.NOT_YOUR_LEAGUE,
        "is_doubt": problem.code in set(StationDoubt) and row["row"] > 0,
    }


def _reading(visit: Visit, text: str, count: int) -> dict[str, Any]:
    words = visit.bot_words
    doubts = [labels.hours_doubt(words, one) for one in hours_doubts(text)]
    today = visit.now.astimezone(CHINA).date()
    return {
        "text": text,
        "count": count,
        "words": hours_words(text, words),
        "doubts": doubts,
        "bar": _week_of(text, words, today),
    }


def _week_of(text: str, words: Translator, today: date) -> tuple[BarDay, ...]:
    """The week as a text of the file was read; empty where it was not understood."""
    try:
        return week_bar(words, read_hours(text), today, marked=False)
    except HoursError:
        return ()


ROUTES: Final[list[BaseRoute]] = [get("/imports/{number}", Right.IMPORTS, show)]
