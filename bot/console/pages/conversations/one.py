"""One conversation: its messages, an answer, and who has it."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from itertools import takewhile
from typing import Final

from starlette.responses import Response
from starlette.routing import BaseRoute

from bot.console.pages.conversations import listing, words
from bot.console.visits import NotThere, Visit, get, post
from bot.handlers.account.linking import channel_name
from bot.handlers.conversations.person import answer_text
from bot.intents.emergencies import emergency
from bot.services.conversations import desk, ready_answers
from bot.services.conversations.statuses import (
    Author,
    ConversationConflict,
    ConversationGone,
    PersonStatus,
    TextRefused,
)
from bot.services.operators.roles import Operator, Right
from bot.services.storage import Db

PURPOSE_LENGTH: Final = 60
WHOLE: Final = "conversations/one.html"


async def show(visit: Visit) -> Response:
    """The whole page."""
    return await _page(visit)


async def thread(visit: Visit) -> Response:
    """The messages alone; 204 where there is nothing new, as htmx asks every few seconds."""
    number = _number(visit)
    try:
        async with visit.parts.store.reading() as db:
            found = await desk.find(db, visit.operator, number)
            last = await desk.newest(db, number)
    except ConversationGone:
        said = visit.t("The conversation is gone: the courier had their data erased.")
        gone = visit.redirect("/conversations", said)
        gone.status_code = 200  # htmx follows its own header, the browser a 303 by itself
        gone.headers["HX-Redirect"] = "/conversations"
        return gone
    if visit.query("last") == str(last) and visit.query("status") == found.status.value:
        return Response(status_code=204)
    return await _page(visit, template="conversations/thread.html")


async def take(visit: Visit) -> Response:
    """It is mine from now on; the list with a word where a colleague was faster."""

    async def change(db: Db, operator: Operator, number: int) -> None:
        await desk.take(db, operator, number, visit.now)

    return await _change(visit, change, is_take=True)


async def answer(visit: Visit) -> Response:
    """Sends an answer; 422 and 409 keep what was typed."""
    text = visit.field("text")

    async def change(db: Db, operator: Operator, number: int) -> None:
        await desk.answer(db, visit.parts.keys, operator, number, text, visit.now)

    return await _change(visit, change, text=text)


async def close(visit: Visit) -> Response:
    """The bot answers again."""

    async def change(db: Db, operator: Operator, number: int) -> None:
        await desk.close(db, operator, number, visit.now)

    said = visit.t("Ended. The bot answers the courier again.")
    return await _change(visit, change, said, text=visit.field("text"))


async def reopen(visit: Visit) -> Response:
    """It is mine again; the courier is told."""

    async def change(db: Db, operator: Operator, number: int) -> None:
        await desk.reopen(db, operator, number, visit.now)

    return await _change(visit, change, visit.t("Reopened. The courier has been told."))


async def unmask(visit: Visit) -> Response:
    """Shows the messages whole, once; the reason is entered in the access log."""
    purpose = visit.field("purpose")[:PURPOSE_LENGTH]
    if not purpose:
        error = visit.t("Say why you need to see the numbers.")
        return await _page(visit, error=error, status=422)
    return await _page(visit, purpose=purpose)


async def _change(
    visit: Visit,
    change: Callable[[Db, Operator, int], Awaitable[None]],
    notice: str = "",
    *,
    text: str = "",
    is_take: bool = False,
) -> Response:
    number, t = _number(visit), visit.t
    try:
        async with visit.parts.store.writing() as db:
            await change(db, visit.operator, number)
    except ConversationGone:
        raise NotThere from None
    except TextRefused as refused:
        error = t("An answer has 1 to {most} characters.", most=refused.most)
        return await _page(visit, error=error, status=422, text=text)
    except ConversationConflict as lost:
        error = words.conflict(t, lost.status, lost.operator, is_take=is_take)
        return await _page(visit, error=error, status=409, text=text)
    return visit.redirect(f"/conversations/{number}", notice)


async def _page(
    visit: Visit,
    *,
    error: str = "",
    status: int = 200,
    text: str = "",
    purpose: str = "",
    template: str = WHOLE,
) -> Response:
    parts, operator, t = visit.parts, visit.operator, visit.t
    try:
        async with parts.store.writing() as db:
            found = await desk.find(db, operator, _number(visit))
            said = await desk.messages(db, parts.keys, operator, found, visit.now, purpose=purpose)
            ready = await ready_answers.listed(db, operator)
    except ConversationGone:
        raise NotThere from None
    chosen = next((one.text for one in ready if one.key == visit.query("ready")), "")
    place = parts.places.by_adcode.get(found.league)
    values = {
        "talk": found,
        "messages": [_shown(visit, one) for one in said],
        "last": said[-1].id if said else 0,
        "unanswered_since": _unanswered_since(said) or found.since,
        "ready": ready,
        "text": text or chosen,
        "error": error,
        "most": desk.ANSWER_LENGTH,
        "league": place.name if place else t("not known"),
        "reason": words.reason_name(t, found.reason),
        "closed": words.closed_name(t, found.closed_by) if found.closed_by else "",
        "channel": channel_name(visit.bot_words, found.channel),
        "since": lambda at: words.since(t, at, visit.now),
        "first_answer": words.lasted(t, found.first_answer_at - found.opened_at)
        if found.first_answer_at else "",
        "is_mine": found.status is PersonStatus.TAKEN and found.operator == operator.name,
        "is_waiting": found.status is PersonStatus.WAITING,
        "is_closed": found.status is PersonStatus.CLOSED,
        "minutes": parts.settings.conversation_minutes,
        "is_clear": bool(purpose),
        "is_whole": template == WHOLE,
        "Author": Author,
    }  # fmt: skip
    return visit.render(template, values, status)


def _shown(visit: Visit, one: desk.Message) -> tuple[desk.Message, str, bool]:
    """A message, its words as the courier has them, and whether the bot answered it with the
    numbers to call in an emergency."""
    if one.author is Author.OPERATOR:
        return one, answer_text(visit.bot_words, one.text), False
    return one, one.text, emergency(one.text) is not None


def _unanswered_since(said: Sequence[desk.Message]) -> datetime | None:
    """When the courier wrote the first of the words that nobody has answered yet."""
    unanswered = list(takewhile(lambda one: one.author is Author.COURIER, reversed(said)))
    return unanswered[-1].at if unanswered else None


def _number(visit: Visit) -> int:
    number = visit.path("number")
    if not listing.is_number(number):
        raise NotThere
    return int(number)


ROUTES: Final[list[BaseRoute]] = [
    get("/conversations/{number}", Right.CONVERSATIONS, show),
    get("/conversations/{number}/thread", Right.CONVERSATIONS, thread),
    post("/conversations/{number}/take", Right.CONVERSATIONS, take),
    post("/conversations/{number}/answer", Right.CONVERSATIONS, answer),
    post("/conversations/{number}/close", Right.CONVERSATIONS, close),
    post("/conversations/{number}/reopen", Right.CONVERSATIONS, reopen),
    post("/conversations/{number}/unmask", Right.CONVERSATIONS, unmask),
]
