"""A bank's list: uploaded, looked at as a dry run, imported or dropped."""

from collections.abc import Callable
from pathlib import Path
from typing import Final
from urllib.parse import quote

from starlette.responses import Response
from starlette.routing import BaseRoute

from bot.common.i18n import Translator
from bot.console.background import StillRunning, soon
from bot.console.pages.cards.common import (
    compared,
    moment_of_list,
    number_of,
    stage_name,
    still_compared,
    tabs,
)
from bot.console.pages.cards.pushes import outcomes
from bot.console.pages.cards.requests import XLSX
from bot.console.pages.numbers import row_number
from bot.console.visits import NotThere, Visit, get, post
from bot.operator_wording import card_advice, import_report
from bot.services.card_administration import long_work, uploads
from bot.services.card_administration.uploads import OPEN, CardList, ListGone, ListState
from bot.services.cards.errors import CardsChanged
from bot.services.cards.file_import import COLUMNS, ListFault
from bot.services.cards.records import RecordRefusal
from bot.services.operators.roles import Right
from bot.services.spreadsheets.errors import FileRefused
from bot.services.spreadsheets.faults import TableFault
from bot.services.spreadsheets.marked import marked as marked_workbook
from bot.services.spreadsheets.tables import Problem
from bot.services.storage import address_of

LARGEST: Final = 25_000_000
"""Bytes of a form with a list."""
LEFT_OUT: Final = "-"
"""Instead of a field: the column is left out."""
SHOWN: Final = 100
"""Problems and moves on the page; the workbook marks all."""


async def show(visit: Visit) -> Response:
    """The upload, and the lists before."""
    return await _listing(visit)


async def upload(visit: Visit) -> Response:
    """Compares a list and shows what importing it would do."""
    file, t = visit.file("list"), visit.t
    if file is None:
        return await _listing(visit, t("Choose the bank's list (xlsx, xls or csv)."), 422)
    as_of = moment_of_list(visit)
    if as_of is None:
        return await _listing(visit, t("The moment of the list has to lie in the past."), 422)
    name = Path(file.filename or "list").name
    try:
        number = await soon(compared(visit, name, await file.read(), as_of))
    except StillRunning:
        return still_compared(visit)
    except FileRefused as refused:
        return await _listing(
            visit, import_report.refusal(refused, Path(name), visit.bot_words), 422
        )
    return visit.redirect(f"/cards/lists/{number}")


async def look(visit: Visit) -> Response:
    """The dry run of one list, or what became of it."""
    return await _page(visit)


async def change(visit: Visit) -> Response:
    """Imports it, compares it by other answers, or drops it."""
    parts, number, t = visit.parts, number_of(visit), visit.t
    try:
        match visit.field("does"):
            case "import":
                await soon(_work(visit, long_work.import_list, number))
                told = t("Imported. Couriers whose stage changed are told.")
            case "answer":
                allowed = visit.field("backwards") == "yes"
                await soon(_work(visit, long_work.answer, number, _answers(visit), allowed))
                told = ""
            case "drop":
                async with parts.store.writing() as db:
                    await uploads.drop(db, visit.operator, number, visit.now)
                told = t("The list is deleted; nothing was imported.")
            case _:
                raise NotThere
    except StillRunning:
        told = t("The list is long and still being worked on. Load this page again in a minute.")
    except ListGone:
        return await _page(visit, t("It was imported or deleted meanwhile."), 409)
    except CardsChanged:
        error = t("Nothing was imported: applications changed meanwhile. Look at the counts again.")
        return await _page(visit, error, 409)
    return visit.redirect(f"/cards/lists/{number}", told)


async def marked(visit: Visit) -> Response:
    """The workbook in which what is wrong is marked."""
    parts, number = visit.parts, number_of(visit)
    try:
        async with parts.store.writing() as db:
            one, data = await uploads.to_mark(db, parts.keys, visit.operator, number, visit.now)
    except ListGone:
        raise NotThere from None
    told = [(problem, _advice(visit, problem)) for problem in one.summary.problems]
    data = await parts.work(marked_workbook, data, one.name, told)
    shown = quote(f"{Path(one.name).stem}-{visit.t('marked')}.xlsx")
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{shown}"}
    return Response(data, media_type=XLSX, headers=headers)


ROUTES: Final[list[BaseRoute]] = [
    get("/cards/lists", Right.CARDS, show),
    post("/cards/lists", Right.CARDS, upload, max_files=1, largest=LARGEST),
    get("/cards/lists/{number}", Right.CARDS, look),
    post("/cards/lists/{number}", Right.CARDS, change),
    post("/cards/lists/{number}/marked", Right.CARDS, marked),
]


async def _work(visit: Visit, function: Callable[..., None], *args: object) -> None:
    parts = visit.parts
    await parts.work(
        function, address_of(parts.store), parts.keys, visit.operator, *args, visit.now
    )


async def _listing(visit: Visit, error: str = "", status: int = 200) -> Response:
    before = row_number(visit.query("before"))
    async with visit.parts.store.reading() as db:
        found = await uploads.listed(db, visit.operator, before)
    values = {
        "tabs": tabs(visit),
        "found": [(one, outcomes(visit.t, one.summary.counts)) for one in found],
        "state_name": lambda state: state_name(visit.t, state),
        "as_of": visit.field("as_of"),
        "error": error,
        "before": before,
        "next": found[-1].id if len(found) == uploads.PAGE else None,
    }
    return visit.render("cards/lists.html", values, status)


async def _page(visit: Visit, error: str = "", status: int = 200) -> Response:
    try:
        async with visit.parts.store.reading() as db:
            one = await uploads.view(db, visit.operator, number_of(visit))
    except ListGone:
        raise NotThere from None
    values = {
        "tabs": tabs(visit),
        "one": one,
        "is_open": one.state in OPEN,
        "is_ready": one.state is ListState.READY,
        "state": state_name(visit.t, one.state),
        "outcomes": outcomes(visit.t, one.summary.counts),
        "written": _written(one),
        "problems": [_line(visit, problem) for problem in one.summary.problems[:SHOWN]],
        "warnings": [_line(visit, problem) for problem in one.summary.warnings[:SHOWN]],
        "moves": one.summary.moves[:SHOWN],
        "stage_name": lambda code: stage_name(visit, code),
        "fields": [(field, names[0]) for field, names in COLUMNS.items()],
        "left_out": LEFT_OUT,
        "goes_back": any(
            problem.code == RecordRefusal.BACKWARDS for problem in one.summary.problems
        ),
        "error": error,
    }
    return visit.render("cards/list.html", values, status)


def _written(one: CardList) -> int:
    return sum(one.summary.counts.get(kind, 0) for kind in ("new", "moved", "updated"))


def _answers(visit: Visit) -> dict[str, str | None]:
    """What the operator says the columns are, by heading."""
    found: dict[str, str | None] = {}
    for heading, field in zip(visit.fields("heading"), visit.fields("field"), strict=False):
        if field == LEFT_OUT:
            found[heading] = None
        elif field in COLUMNS:
            found[heading] = field
    return found


def _line(visit: Visit, problem: Problem) -> str:
    return import_report.line(problem, _advice(visit, problem), visit.bot_words)


def _advice(visit: Visit, problem: Problem) -> str:
    """What to do about it on this page; the rest as the command line says it."""
    t, given = visit.t, problem.params
    match problem.code:
        case RecordRefusal.BACKWARDS:
            return t("the stage goes back; if the bank really took it back, allow that below")
        case ListFault.UNKNOWN_LABEL:
            return t("no known stage; {n} rows keep it as the bank wrote it", n=given.get("n", ""))
        case TableFault.READ_AS:
            return t("read as {field}", field=given.get("field", ""))
        case TableFault.AS_LAST_TIME:
            return t("read as {field}, as last time", field=given.get("field") or "—")
        case _:
            return card_advice.advice(problem, visit.bot_words)


def state_name(t: Translator, state: ListState) -> str:
    """The state of a list in words."""
    match state:
        case ListState.READY:
            return t("not imported yet")
        case ListState.FAULTY:
            return t("to be mended")
        case ListState.APPLIED:
            return t("already imported")
        case ListState.DROPPED:
            return t("deleted, not imported")
