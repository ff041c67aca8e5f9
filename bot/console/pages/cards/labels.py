"""What the bank's labels stand for: unknown ones first."""

from typing import Final

from starlette.responses import Response
from starlette.routing import BaseRoute

from bot.console.pages.cards.common import stage_name, tabs
from bot.console.visits import Visit, get, post
from bot.services.card_administration import labels
from bot.services.cards.statuses import CardStatus
from bot.services.operators.roles import Right


async def show(visit: Visit) -> Response:
    """Labels without a stage, each with a choice; then those that are known."""
    return await _page(visit)


async def change(visit: Visit) -> Response:
    """Says what a label stands for, or takes that back."""
    parts, text, stage = visit.parts, visit.field("label"), visit.field("stage")
    known = set(CardStatus) - {CardStatus.UNKNOWN}
    removes = visit.field("does") == "remove"
    if not removes and stage not in known:
        return await _page(visit, visit.t("Choose the stage."), 422)
    try:
        async with parts.store.writing() as db:
            if removes:
                count = await labels.remove_label(db, parts.keys, visit.operator, text, visit.now)
            else:
                status = CardStatus(stage)
                count = await labels.set_label(
                    db, parts.keys, visit.operator, text, status, visit.now
                )
    except ValueError:
        error = visit.t("A label has 1 to 60 characters and is no stage itself.")
        return await _page(visit, error, 422)
    if count is None:
        return await _page(visit, visit.t("That label has no stage (any more)."), 409)
    told = visit.t("Saved. {n} applications are read so from now on.", n=count)
    return visit.redirect("/cards/labels", told)


ROUTES: Final[list[BaseRoute]] = [
    get("/cards/labels", Right.CARDS, show),
    post("/cards/labels", Right.CARDS, change),
]


async def _page(visit: Visit, error: str = "", status: int = 200) -> Response:
    parts = visit.parts
    async with parts.store.writing() as db:  # what is opened is entered in the access log
        unknown = await labels.unknown(db, parts.keys, visit.operator, visit.now)
        known = await labels.listed(db, visit.operator)
    stages = [one for one in CardStatus if one is not CardStatus.UNKNOWN]
    values = {
        "tabs": tabs(visit),
        "unknown": unknown,
        "own": [one for one in known if one.set_at is not None],
        "usual": [one for one in known if one.set_at is None],
        "stages": [(one.value, stage_name(visit, one)) for one in stages],
        "stage_name": lambda code: stage_name(visit, code),
        "given": (visit.field("label"), visit.field("stage")),
        "error": error,
    }
    return visit.render("cards/labels.html", values, status)
