"""What couriers reported of stations, and marking it as dealt with."""

from typing import Final

from starlette.responses import Response
from starlette.routing import BaseRoute

from bot.console.pages.numbers import row_number
from bot.console.visits import NotThere, Visit, get, post
from bot.operator_wording.notes import note_text
from bot.services.operators.roles import Right
from bot.services.stations.administration import reports

DIGITS: Final = 18
"""Of a row's number, at most."""


async def show(visit: Visit) -> Response:
    """A page of the open reports; what is shown is entered in the access log."""
    parts, after = visit.parts, row_number(visit.query("after"))
    async with parts.store.writing() as db:
        found = await reports.waiting(
            db, parts.keys, parts.places, visit.operator, visit.now, after
        )
    values = {
        "notes": [
            (one, note_text(one, visit.bot_words), str(one.params["code"])) for one in found.notes
        ],
        "after": after,
        "next": found.next,
    }
    return visit.render("reports.html", values)


async def close(visit: Visit) -> Response:
    """Dealt with; or in order again, which the couriers who reported it are told."""
    parts, number, t = visit.parts, visit.path("number"), visit.t
    if not (number.isascii() and number.isdecimal() and len(number) < DIGITS):
        raise NotThere
    async with parts.store.writing() as db:
        done = await reports.close(
            db,
            parts.keys,
            parts.places,
            visit.operator,
            int(number),
            visit.now,
            in_order=visit.field("does") == "in_order",
        )
    return visit.redirect("/reports", t("Dealt with.") if done else t("It was dealt with already."))


ROUTES: Final[list[BaseRoute]] = [
    get("/reports", Right.STATIONS, show),
    post("/reports/{number}", Right.STATIONS, close),
]
