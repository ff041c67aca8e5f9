"""Which kind of list it is: what was recognised, what the operator says, and where it goes then."""

from datetime import datetime
from pathlib import Path
from typing import Final

from starlette.responses import Response
from starlette.routing import BaseRoute

from bot.console.background import StillRunning, soon
from bot.console.pages.cards.common import compared, moment_of_list, still_compared
from bot.console.pages.imports.common import (
    address,
    changeable,
    found,
    render,
    set_to_work,
    too_late,
)
from bot.console.pages.imports.subjects import kind_hint, kind_name
from bot.console.visits import NotThere, Visit, get, post
from bot.operator_wording import import_report
from bot.services.list_imports import imports, kinds
from bot.services.list_imports.imports import ListImport
from bot.services.list_imports.states import OPEN, ImportChanged, ImportState
from bot.services.operators.roles import Right
from bot.services.spreadsheets.errors import FileRefused
from bot.services.spreadsheets.mappings import ListKind


async def show(visit: Visit) -> Response:
    """What was recognised, and the other kinds to choose from."""
    return _page(visit, await found(visit))


async def choose(visit: Visit) -> Response:
    """Has the list read as the kind that the operator says; 422 without one."""
    one, given = await found(visit), visit.field("kind")
    allowed = kinds.importable(visit.operator)
    if given not in allowed:
        return _page(visit, one, visit.t("Say what kind of list it is."), 422)
    kind = ListKind(given)
    try:
        async with visit.parts.store.writing() as db:
            state = await imports.choose(db, one, kind, visit.now)
    except ImportChanged:
        return too_late(visit, one)
    if state is ImportState.PLANNING:
        set_to_work(visit, one.id, visit.now)
    return visit.redirect(address(one))


async def hand_over(visit: Visit) -> Response:
    """Compares a bank's list where cards are administered: 303 to what it would change there."""
    one, parts, t = await changeable(visit), visit.parts, visit.t
    if one.kind is not ListKind.CARDS or one.state not in OPEN:
        return too_late(visit, one)
    as_of = moment_of_list(visit)
    if as_of is None:
        return _page(visit, one, t("The moment of the list has to lie in the past."), 422)
    async with parts.store.reading() as db:
        data = await imports.file(db, parts.keys, one.digest)
    try:
        number = await soon(_handed_over(visit, one, data, as_of))
    except StillRunning:
        return still_compared(visit)
    except FileRefused as refused:
        said = import_report.refusal(refused, Path(one.name), visit.bot_words)
        return _page(visit, one, said, 422)
    except ImportChanged:
        return too_late(visit, one)
    return visit.redirect(f"/cards/lists/{number}")


async def _handed_over(visit: Visit, one: ListImport, data: bytes, as_of: datetime) -> int:
    number = await compared(visit, one.name, data, as_of)
    async with visit.parts.store.writing() as db:
        await imports.drop(db, visit.operator, one, visit.now, action="import.to_cards")
    return number


async def drop(visit: Visit) -> Response:
    """Deletes the file; nothing was written."""
    one = await found(visit)
    try:
        async with visit.parts.store.writing() as db:
            await imports.drop(db, visit.operator, one, visit.now, action="import.drop")
    except ImportChanged:
        return too_late(visit, one)
    return visit.redirect("/imports", visit.t("The file is deleted; nothing was written."))


def _page(visit: Visit, one: ListImport, error: str = "", status: int = 200) -> Response:
    if one.state not in OPEN | {ImportState.REFUSED}:
        raise NotThere
    allowed = kinds.importable(visit.operator)
    t = visit.t
    values = {
        "error": error,
        "step": "kind",
        "is_known": one.kind is not None,
        "is_allowed": one.kind in allowed,
        "is_cards": one.kind is ListKind.CARDS,
        "chosen": one.kind.value if one.kind else "",
        "choices": [(of.value, kind_name(t, of), kind_hint(t, of)) for of in allowed],
        "as_of": visit.field("as_of"),
    }
    return render(visit, "imports/kind.html", one, values, status)


ROUTES: Final[list[BaseRoute]] = [
    get("/imports/{number}/kind", Right.IMPORTS, show),
    post("/imports/{number}/kind", Right.IMPORTS, choose),
    post("/imports/{number}/cards", Right.CARDS, hand_over),
    post("/imports/{number}/drop", Right.IMPORTS, drop),
]
