"""Ready answers: the list, a new one, one taken out and put back."""

from typing import Final

from starlette.responses import Response
from starlette.routing import BaseRoute

from bot.console.pages.conversations import listing
from bot.console.visits import NotThere, Visit, get, post
from bot.services.conversations import desk, ready_answers
from bot.services.conversations.statuses import TextRefused
from bot.services.operators.roles import Right

ADDRESS: Final = "/conversations/ready"


async def show(visit: Visit) -> Response:
    """All of them, and the form for another."""
    return await _page(visit)


async def add(visit: Visit) -> Response:
    """Adds one; 422 keeps what was typed."""
    title, text, t = visit.field("title"), visit.field("text"), visit.t
    try:
        async with visit.parts.store.writing() as db:
            await ready_answers.add(db, visit.operator, title, text, visit.now)
    except TextRefused as refused:
        error = t("The title has 1 to {title} characters, the answer 1 to {most}.",
                  title=ready_answers.TITLE_LENGTH, most=desk.ANSWER_LENGTH)  # fmt: skip
        return await _page(visit, error or str(refused), title, text)
    return visit.redirect(ADDRESS, t("Saved."))


async def remove(visit: Visit) -> Response:
    """Takes one out, or with `does=undo` puts it back."""
    number, t = visit.path("number"), visit.t
    if not listing.is_number(number):
        raise NotThere
    removed = visit.field("does") != "undo"
    async with visit.parts.store.writing() as db:
        await ready_answers.set_removed(db, visit.operator, int(number), visit.now, removed=removed)
    if removed:
        return visit.redirect(f"{ADDRESS}?removed={number}", t("Taken out of the list."))
    return visit.redirect(ADDRESS, t("It is in the list again."))


async def _page(visit: Visit, error: str = "", title: str = "", text: str = "") -> Response:
    async with visit.parts.store.reading() as db:
        found = await ready_answers.listed(db, visit.operator)
    removed = visit.query("removed")
    values = {
        "ready": found,
        "error": error,
        "title": title,
        "text": text,
        "most": desk.ANSWER_LENGTH,
        "title_most": ready_answers.TITLE_LENGTH,
        "removed": removed if listing.is_number(removed) else "",
    }
    return visit.render("conversations/ready.html", values, 422 if error else 200)


ROUTES: Final[list[BaseRoute]] = [
    get(ADDRESS, Right.CONVERSATIONS, show),
    post(ADDRESS, Right.CONVERSATIONS, add),
    post(f"{ADDRESS}/{{number}}", Right.CONVERSATIONS, remove),
]
