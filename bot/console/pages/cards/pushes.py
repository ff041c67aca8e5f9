"""What the bank pushed, what of it was refused, and which cards are locked."""

from typing import Final

from starlette.responses import Response
from starlette.routing import BaseRoute

from bot.common.i18n import Translator
from bot.console.pages.cards.common import number_of, tabs
from bot.console.pages.numbers import row_number
from bot.console.visits import Visit, get, post
from bot.operator_wording.notes import note_text
from bot.services.card_administration import pushes
from bot.services.cards.records import OutcomeKind
from bot.services.operators.roles import Right


async def show(visit: Visit) -> Response:
    """Open notes, then a page of the log."""
    before = row_number(visit.query("before"))
    async with visit.parts.store.reading() as db:
        notes = await pushes.open_notes(db, visit.operator)
        found = await pushes.page(db, visit.operator, before)
    values = {
        "tabs": tabs(visit),
        "notes": [(one, note_text(one, visit.bot_words)) for one in notes],
        "found": [(one, outcomes(visit.t, one.counts)) for one in found],
        "before": before,
        "next": found[-1].id if len(found) == pushes.PAGE else None,
    }
    return visit.render("cards/pushes.html", values)


async def close(visit: Visit) -> Response:
    """Marks a note as dealt with."""
    number = number_of(visit)
    async with visit.parts.store.writing() as db:
        done = await pushes.close_note(db, visit.operator, number, visit.now)
    t = visit.t
    told = t("Dealt with.") if done else t("It was dealt with already.")
    return visit.redirect("/cards/pushes", told)


ROUTES: Final[list[BaseRoute]] = [
    get("/cards/pushes", Right.CARDS, show),
    post("/cards/notes/{number}", Right.CARDS, close),
]


def outcomes(t: Translator, counts: object) -> list[tuple[str, int]]:
    """Counts of records by outcome in words; those of none are left out."""
    found = counts if isinstance(counts, dict) else {}
    return [(_outcome(t, one), found[one.value]) for one in OutcomeKind if found.get(one.value)]


def _outcome(t: Translator, kind: OutcomeKind) -> str:
    match kind:
        case OutcomeKind.NEW:
            return t("new")
        case OutcomeKind.MOVED:
            return t("new stage")
        case OutcomeKind.UPDATED:
            return t("updated")
        case OutcomeKind.UNCHANGED:
            return t("unchanged")
        case OutcomeKind.OUTDATED:
            return t("older than what is known")
        case OutcomeKind.REFUSED:
            return t("not taken")
