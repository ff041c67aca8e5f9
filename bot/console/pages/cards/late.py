"""Applications that stay longer than usual: by outlet, one by one, and revealed for a reason."""

from datetime import datetime
from typing import Final
from urllib.parse import urlencode

from starlette.responses import Response
from starlette.routing import BaseRoute

from bot.console import background
from bot.console.pages.cards.common import given_reason, number_of, reasons, stage_name, tabs
from bot.console.pages.numbers import row_number
from bot.console.visits import NotThere, Visit, get, post
from bot.services.card_administration import overdue
from bot.services.card_administration.overdue import RevealedApplication
from bot.services.operators.roles import Right

CODE_LENGTH: Final = 64
ALL: Final = "*"
"""Instead of the code of an outlet."""


async def show(visit: Visit) -> Response:
    """The outlets, and the applications of one of them or of all."""
    return await _page(visit)


async def reveal(visit: Visit) -> Response:
    """One with its whole values, on this answer only; who looked and why is recorded."""
    number, reason = number_of(visit), given_reason(visit)
    if reason is None:
        return await _page(visit, error=visit.t("Choose why you need it."), status=422)
    parts = visit.parts
    async with parts.store.writing() as db:
        found = await overdue.reveal(
            db, parts.keys, parts.places, visit.operator, number, reason, visit.now
        )
    if found is None:
        raise NotThere
    return await _page(visit, shown=(number, found))


ROUTES: Final[list[BaseRoute]] = [
    get("/cards/late", Right.CARDS, show),
    post("/cards/late/{number}", Right.CARDS, reveal),
]


async def _page(
    visit: Visit,
    error: str = "",
    shown: tuple[int, RevealedApplication] | None = None,
    status: int = 200,
) -> Response:
    parts, operator, now = visit.parts, visit.operator, visit.now
    outlet = (visit.query("outlet") or visit.field("outlet"))[:CODE_LENGTH]
    found_usual = await overdue.usual_days(parts.store, now)
    usual = found_usual.days
    if found_usual.is_due:
        background.start(overdue.count_again(parts.store, now))
    async with parts.store.writing() as db:  # what is opened is entered in the access log
        outlets = await overdue.by_outlet(db, parts.places, operator, usual, now)
        found = await overdue.page(
            db, parts.keys, parts.places, operator, usual,
            None if outlet in {"", ALL} else outlet, _after(visit), now,
        ) if outlet else []  # fmt: skip
    values = {
        "tabs": tabs(visit),
        "outlets": outlets.outlets,
        "total": outlets.late,
        "outlet": outlet,
        "all": ALL,
        "found": found,
        "shown": shown,
        "has_usual": bool(usual),
        "is_counted": found_usual.is_counted,
        "stage_name": lambda code: stage_name(visit, code),
        "reasons": reasons(visit.t),
        "error": error,
        "next": _next(outlet, found),
    }
    return visit.render("cards/late.html", values, status)


def _after(visit: Visit) -> tuple[datetime, int] | None:
    """The last application of the page before."""
    at, _, number = visit.query("after").rpartition(" ")
    last = row_number(number)
    try:
        moment = datetime.fromisoformat(at)
    except ValueError:
        return None
    return (moment, last) if last is not None and moment.tzinfo is not None else None


def _next(outlet: str, found: list[overdue.LateApplication]) -> str:
    if len(found) < overdue.PAGE:
        return ""
    last = found[-1]
    query = {"outlet": outlet, "after": f"{last.since.isoformat()} {last.id}"}
    return f"/cards/late?{urlencode(query)}"
