"""The list of content with its states, what was changed last, and undoing that."""

from typing import Final
from urllib.parse import urlencode

from starlette.responses import Response
from starlette.routing import BaseRoute

from bot.common.clock import CHINA
from bot.console import background
from bot.console.pages.content.words import kind_name, state_look, state_name, tabs
from bot.console.pages.numbers import row_number
from bot.console.visits import NotThere, Visit, get, post
from bot.operator_wording import revision_words, undo_words
from bot.services.content import administration, lesson_report
from bot.services.content import listing as contents
from bot.services.content.catalogue import ContentKind
from bot.services.content.listing import Query, State
from bot.services.operators.revisions import RevisionAction, UndoRefused
from bot.services.operators.roles import Right


async def show(visit: Visit) -> Response:
    """A page of the list."""
    return await _page(visit)


async def take_back(visit: Visit) -> Response:
    """Undoes an import or a change."""
    number = row_number(visit.field("revision"))
    if number is None:
        raise NotThere
    try:
        async with visit.parts.store.writing() as db:
            await administration.take_back(db, visit.operator, number, visit.now)
    except UndoRefused as refused:
        return await _page(visit, undo_words.refused(number, refused, visit.bot_words), 409)
    return visit.redirect("/content", visit.t("Undone. Couriers see it within seconds."))


async def lessons(visit: Visit) -> Response:
    """How many began and finished each lesson, and which questions are missed most."""
    visit.operator.require(Right.CONTENT)
    store, now = visit.parts.store, visit.now
    counts = await lesson_report.look(store, now)
    async with store.reading() as db:
        found = await lesson_report.lesson_results(db, counts.by_lesson)
    if counts.is_due:
        background.start(lesson_report.count_again(store, now))
    values = {"found": found, "counted_at": counts.at, "tabs": tabs(visit)}
    return visit.render("content/lessons.html", values)


async def _page(visit: Visit, error: str = "", status: int = 200) -> Response:
    t, words, operator = visit.t, visit.bot_words, visit.operator
    kind, state = visit.query("kind"), visit.query("state")
    query = Query(
        ContentKind(kind) if kind in set(ContentKind) else None,
        State(state) if state in set(State) else None,
        visit.query("after"),
        own=visit.query("own") == "1" and bool(operator.leagues),
    )
    async with visit.parts.store.reading() as db:
        found = await contents.listed(db, operator, query, visit.now)
        latest = await administration.latest(db, operator)
    today = visit.now.astimezone(CHINA).date()
    more = {"kind": query.kind or "", "state": query.state or "", "after": ""}
    if query.own:
        more["own"] = "1"
    if len(found) == contents.PAGE:
        more["after"] = found[-1].code
    values = {
        "tabs": tabs(visit),
        "error": error,
        "query": query,
        "found": [
            (
                one,
                [
                    (state_name(t, state), state_look(state))
                    for state in contents.states(one, today)
                ],
            )
            for one in found
        ],
        "kinds": [(one.value, kind_name(t, one)) for one in ContentKind],
        "kind_names": {one: kind_name(t, one) for one in ContentKind},
        "states": [(one.value, state_name(t, one)) for one in State],
        "league_names": {one.adcode: one.short for one in visit.parts.places.by_adcode.values()},
        "latest": [
            (
                one,
                revision_words.action(one, words),
                one.undone_by is None and one.action is not RevisionAction.UNDO,
            )
            for one in latest
        ],
        "next": f"/content?{urlencode(more)}" if more["after"] else "",
    }
    return visit.render("content/list.html", values, status)


ROUTES: Final[list[BaseRoute]] = [
    get("/content", Right.CONTENT, show),
    post("/content/undo", Right.CONTENT, take_back),
    get("/content/lessons", Right.CONTENT, lessons),
]
