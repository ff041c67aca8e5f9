"""Uploading a list, and the imports so far."""

from typing import Final

from starlette.responses import Response
from starlette.routing import BaseRoute

from bot.console.pages.imports.common import number_of, set_to_work
from bot.console.pages.imports.subjects import kind_hint, kind_name
from bot.console.pages.imports.wording import state_name
from bot.console.visits import Visit, get, post
from bot.services.list_imports import imports
from bot.services.list_imports.kinds import importable
from bot.services.list_imports.states import ImportState, UploadRefused
from bot.services.operators.roles import Right
from bot.services.spreadsheets.reader import MAX_BYTES

LARGEST: Final = MAX_BYTES + 100_000
"""Bytes of the form that brings the file."""
PAGE: Final = 20


async def show(visit: Visit) -> Response:
    """Where a list is dropped, and what became of earlier ones."""
    return await _page(visit)


async def upload(visit: Visit) -> Response:
    """Keeps the file and has it read: 303 to its page, 422 without one."""
    sent, t = visit.file("list"), visit.t
    if sent is None:
        return await _page(visit, t("Choose a file first."), 422)
    data = await sent.read()
    try:
        async with visit.parts.store.writing() as db:
            number = await imports.add(
                db, visit.parts.keys, visit.operator, sent.filename or "", data, visit.now
            )
    except UploadRefused:
        most = MAX_BYTES // 1_000_000
        wrong = t("The file is empty, or larger than {most} MB. Nothing was changed.", most=most)
        return await _page(visit, wrong, 422)
    set_to_work(visit, number, visit.now)
    return visit.redirect(f"/imports/{number}")


async def _page(visit: Visit, error: str = "", status: int = 200) -> Response:
    before = number_of(visit.query("before")) if visit.query("before") else None
    async with visit.parts.store.reading() as db:
        found = await imports.latest(db, visit.operator, before, PAGE)
    values = {
        "error": error,
        "imports": [
            (one, kind_name(visit.t, one.kind), state_name(visit.t, one.state), _tone(one.state))
            for one in found
        ],
        "before": before,
        "next": found[-1].id if len(found) == PAGE else None,
        "most": MAX_BYTES // 1_000_000,
        "kinds": [
            (kind_name(visit.t, kind), kind_hint(visit.t, kind))
            for kind in importable(visit.operator)
        ],
    }
    return visit.render("imports/list.html", values, status)


def _tone(state: ImportState) -> str:
    if state is ImportState.APPLIED:
        return "good"
    return "bad" if state in {ImportState.REFUSED, ImportState.FAILED} else "warn"


ROUTES: Final[list[BaseRoute]] = [
    get("/imports", Right.IMPORTS, show),
    post("/imports", Right.IMPORTS, upload, max_files=1, largest=LARGEST),
]
