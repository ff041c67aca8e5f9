"""Pre-applications: the list, handing on, revealing one, the export."""

import asyncio
from typing import Final
from urllib.parse import urlencode

from starlette.responses import Response
from starlette.routing import BaseRoute

from bot.common.clock import CHINA
from bot.common.i18n import Translator
from bot.console.pages.cards.common import given_reason, number_of, reasons, tabs
from bot.console.pages.numbers import counted, row_number
from bot.console.visits import NotThere, Visit, get, post
from bot.operator_wording import pre_application_rows
from bot.services.card_administration import requests
from bot.services.cards.pre_application_export import ExportedPreApplication
from bot.services.cards.pre_applications import PreApplicationStatus
from bot.services.operators.roles import Right
from bot.services.spreadsheets.writer import xlsx_bytes

XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
OUTLET_LENGTH: Final = 60
DOES: Final = {
    "pass": PreApplicationStatus.PASSED,
    "close": PreApplicationStatus.CLOSED,
    "reopen": PreApplicationStatus.NEW,
}


async def show(visit: Visit) -> Response:
    """Those of one state, the open ones unless another is chosen."""
    return await _page(visit)


async def change(visit: Visit) -> Response:
    """Handed on, done, or open again."""
    number, does = number_of(visit), visit.field("does")
    before = _status(visit.field("was"))
    if does not in DOES or before is None:
        raise NotThere
    async with visit.parts.store.writing() as db:
        done = await requests.set_status(
            db, visit.parts.places, visit.operator, number, before, DOES[does], visit.now
        )
    if not done:
        error = visit.t("Somebody was faster: it is in another state now. Look again.")
        return await _page(visit, error=error, status=409)
    told = {
        "pass": visit.t("Handed on. It is under “handed on” now, where it can be taken back."),
        "close": visit.t("Done. It is under “done” now, where it can be taken back."),
        "reopen": visit.t("It waits again."),
    }
    return visit.redirect(_address(before, _outlet(visit)), told[does])


async def reveal(visit: Visit) -> Response:
    """One with its whole values, on this answer only; who looked and why is recorded."""
    number, reason = number_of(visit), given_reason(visit)
    if reason is None:
        return await _page(visit, error=visit.t("Choose why you need it."), status=422)
    parts = visit.parts
    async with parts.store.writing() as db:
        found = await requests.reveal(
            db, parts.keys, parts.places, visit.operator, number, reason, visit.now
        )
    if found is None:
        raise NotThere
    return await _page(visit, shown=found)


async def export(visit: Visit) -> Response:
    """A workbook with the whole values of one state."""
    parts, status = visit.parts, _status(visit.field("state"))
    if status is None:
        raise NotThere
    async with parts.store.writing() as db:
        found = await requests.export(
            db, parts.keys, parts.places, visit.operator, status, visit.now,
            mark_passed=visit.field("passed") == "yes",
        )  # fmt: skip
    rows = [pre_application_rows.HEADINGS, *(pre_application_rows.row(one) for one in found)]
    data = await asyncio.to_thread(xlsx_bytes, "预申请", rows)
    name = f"pre-applications-{visit.now.astimezone(CHINA):%Y%m%d-%H%M}.xlsx"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(data, media_type=XLSX, headers=headers)


ROUTES: Final[list[BaseRoute]] = [
    get("/cards", Right.CARDS, show),
    post("/cards/export", Right.CARDS, export),
    post("/cards/requests/{number}", Right.CARDS, change),
    post("/cards/requests/{number}/reveal", Right.CARDS, reveal),
]


async def _page(
    visit: Visit,
    error: str = "",
    shown: ExportedPreApplication | None = None,
    status: int = 200,
) -> Response:
    parts = visit.parts
    given = visit.query("state") or visit.field("was")
    chosen = _status(given) or PreApplicationStatus.NEW
    before, outlet = row_number(visit.query("before")), _outlet(visit)
    async with parts.store.writing() as db:  # what is opened is entered in the access log
        found = await requests.page(
            db, parts.keys, parts.places, visit.operator, chosen, before, visit.now, outlet
        )
        counts = await requests.counts(db, parts.places, visit.operator, outlet)
    values = {
        "tabs": tabs(visit),
        "found": found,
        "shown": shown,
        "chosen": chosen,
        "outlet": outlet,
        "states": [
            (one, state_name(visit.t, one), counted(counts.get(one, 0)), _address(one, outlet))
            for one in PreApplicationStatus
        ],
        "reasons": reasons(visit.t),
        "error": error,
        "before": before,
        "first_page": _address(chosen, outlet),
        "next": _address(chosen, outlet, found[-1].id) if len(found) == requests.PAGE else "",
    }
    return visit.render("cards/requests.html", values, status)


def _outlet(visit: Visit) -> str:
    return (visit.query("outlet") or visit.field("outlet"))[:OUTLET_LENGTH]


def _address(status: PreApplicationStatus, outlet: str, before: int | None = None) -> str:
    given = {"state": status.value, "outlet": outlet, "before": str(before or "")}
    return f"/cards?{urlencode({name: value for name, value in given.items() if value})}"


def _status(given: str) -> PreApplicationStatus | None:
    return PreApplicationStatus(given) if given in set(PreApplicationStatus) else None


def state_name(t: Translator, status: PreApplicationStatus) -> str:
    """A state as operators call it."""
    match status:
        case PreApplicationStatus.NEW:
            return t("waiting")
        case PreApplicationStatus.PASSED:
            return t("handed on")
        case PreApplicationStatus.CLOSED:
            return t("done with")
