"""The queue: who waits, what is mine, what colleagues have, what has ended."""

from dataclasses import replace
from typing import Final
from urllib.parse import urlencode

from starlette.responses import Response
from starlette.routing import BaseRoute

from bot.console.pages.conversations import words
from bot.console.pages.numbers import counted
from bot.console.visits import Visit, get, post
from bot.handlers.account.linking import channel_name
from bot.services.conversations import desk, queue
from bot.services.conversations.duty import DutyHours
from bot.services.conversations.queue import Query, Tab
from bot.services.conversations.statuses import ConversationConflict, PersonStatus
from bot.services.operators.roles import Right

DIGITS: Final = 18
"""Of a row's number, at most."""


async def show(visit: Visit) -> Response:
    """A page of the list, or its rows alone, as htmx asks for every few seconds."""
    return await page(visit)


async def take_next(visit: Visit) -> Response:
    """Takes whoever waits longest."""
    parts, t = visit.parts, visit.t
    async with parts.store.reading() as db:
        found = await queue.find(db, visit.operator, Query(Tab.WAITING), visit.now)
    for one in found.talks:
        try:
            async with parts.store.writing() as db:
                await desk.take(db, visit.operator, one.id, visit.now)
        except ConversationConflict:
            continue  # a colleague was faster: the next one then
        return visit.redirect(f"/conversations/{one.id}")
    return visit.redirect("/conversations", t("Nobody waits."))


async def page(visit: Visit, error: str = "", status: int = 200) -> Response:
    """The list; `error` says why something was not done."""
    t, parts, operator = visit.t, visit.parts, visit.operator
    wanted, after = visit.query("tab"), visit.query("after")
    query = Query(
        Tab(wanted) if wanted in set(Tab) else Tab.WAITING,
        visit.query("league") if visit.query("league") in parts.places.by_adcode else "",
        int(after) if is_number(after) else None,
    )
    async with parts.store.reading() as db:
        found = await queue.find(db, operator, query, visit.now)
    leagues = sorted(
        (one for one in parts.places.by_adcode.values() if one.league == one.adcode),
        key=lambda one: one.adcode,
    )
    duty = DutyHours(parts.settings.duty_hours, parts.holidays)
    values = {
        "page": found,
        "counts": {tab.value: counted(number) for tab, number in found.counts.items()},
        "query": query,
        "tabs": [
            (one.value, words.tab_name(t, one), _address(replace(query, tab=one, after=None)))
            for one in Tab
        ],
        "own_address": _address(query),
        "next": _address(replace(query, after=found.next)) if found.next else "",
        "leagues_shown": [one for one in leagues if operator.covers(one.adcode)],
        "league_names": {one.adcode: one.short for one in leagues},
        "reason": lambda one: words.reason_name(t, one),
        "closed": lambda one: words.closed_name(t, one),
        "channel": lambda name: channel_name(visit.bot_words, name),
        "since": lambda at: words.since(t, at, visit.now),
        "lasted": lambda time: words.lasted(t, time),
        "PersonStatus": PersonStatus,
        "duty": duty,
        "on_duty": duty.is_on(visit.now),
        "error": error,
    }
    fragment = visit.request.headers.get("hx-target") == "queue"
    template = "conversations/rows.html" if fragment else "conversations/list.html"
    return visit.render(template, values, status)


def is_number(text: str) -> bool:
    """Whether it can be a row's number."""
    return text.isascii() and text.isdecimal() and len(text) < DIGITS


def _address(query: Query) -> str:
    given = {"tab": query.tab.value, "league": query.league, "after": str(query.after or "")}
    return f"/conversations?{urlencode({name: value for name, value in given.items() if value})}"


ROUTES: Final[list[BaseRoute]] = [
    get("/conversations", Right.CONVERSATIONS, show),
    post("/conversations/next", Right.CONVERSATIONS, take_next),
]
