"""The list of messages, and writing one."""

from collections.abc import Mapping
from typing import Final

from starlette.responses import Response
from starlette.routing import BaseRoute

from bot.console.pages.messages.common import (
    TOPICS,
    audience_name,
    fault,
    is_conflict,
    number_of,
    topic_name,
)
from bot.console.pages.numbers import row_number
from bot.console.visits import NotThere, Visit, get, post
from bot.operator_wording.broadcasts import state
from bot.services.broadcasts import administration
from bot.services.broadcasts.audience import Audience
from bot.services.broadcasts.campaigns import DEFAULT, LONGEST
from bot.services.broadcasts.errors import BroadcastRefused
from bot.services.broadcasts.statuses import BroadcastStatus
from bot.services.couriers.firms import firms
from bot.services.notifications.queue import Topic
from bot.services.operators.roles import Right
from bot.services.stations.administration.leagues import leagues

FIRM_LENGTH: Final = 40
LANGUAGE_NAMES: Final = {"zh_CN": "中文", "en": "English", "mn": "монгол"}


async def show(visit: Visit) -> Response:
    """A page of the list, the newest first."""
    before = row_number(visit.query("before"))
    async with visit.parts.store.reading() as db:
        found = await administration.listed(db, visit.operator, before)
    values = {
        "messages": found,
        "audience_name": lambda audience: audience_name(visit, audience),
        "state_name": lambda status: state(status, visit.bot_words),
        "before": before,
        "next": found[-1].id if len(found) == administration.PAGE else None,
    }
    return visit.render("messages/list.html", values)


async def new(visit: Visit) -> Response:
    """An empty form, or one with the words of the message `?from=`."""
    given = row_number(visit.query("from"))
    if given is None:
        return _form(visit, {}, Audience(league=_only_league(visit)))
    return await _copied(visit, given, None)


async def edit(visit: Visit) -> Response:
    """The form of a draft."""
    number = number_of(visit)
    return await _copied(visit, number, number)


async def add(visit: Visit) -> Response:
    """A new draft."""
    return await _save(visit, None)


async def change(visit: Visit) -> Response:
    """Other words or another audience for a draft."""
    return await _save(visit, number_of(visit))


ROUTES: Final[list[BaseRoute]] = [
    get("/messages", Right.MESSAGES, show),
    get("/messages/new", Right.MESSAGES, new),
    post("/messages/new", Right.MESSAGES, add),
    get("/messages/{number}/edit", Right.MESSAGES, edit),
    post("/messages/{number}/edit", Right.MESSAGES, change),
]


async def _save(visit: Visit, number: int | None) -> Response:
    texts, audience = _given(visit)
    try:
        async with visit.parts.store.writing() as db:
            saved = await administration.save_draft(
                db, visit.operator, texts, audience, visit.now, number
            )
    except BroadcastRefused as refused:
        status = 409 if is_conflict(refused) else 422
        return _form(visit, texts, audience, number, fault(visit, refused), status)
    return visit.redirect(f"/messages/{saved}")


async def _copied(visit: Visit, source: int, number: int | None) -> Response:
    try:
        async with visit.parts.store.reading() as db:
            found = await administration.look(db, visit.operator, source)
    except BroadcastRefused:
        raise NotThere from None
    if number is not None and found.one.status is not BroadcastStatus.DRAFT:
        return visit.redirect(f"/messages/{number}")
    return _form(visit, found.one.texts, found.one.audience, number)


def _form(
    visit: Visit,
    texts: Mapping[str, str],
    audience: Audience,
    number: int | None = None,
    error: str = "",
    status: int = 200,
) -> Response:
    operator, places = visit.operator, visit.parts.places
    values = {
        "texts": texts,
        "default": DEFAULT,
        "languages": [
            (one, LANGUAGE_NAMES.get(one, one))
            for one in sorted(visit.parts.languages.translators)
            if one != DEFAULT
        ],
        "audience": audience,
        "topics": [(one.value, topic_name(visit.t, one)) for one in TOPICS],
        "leagues_shown": [one for one in leagues(places) if operator.covers(one.adcode)],
        "firms": list(firms().values()),
        "number": number,
        "longest": LONGEST,
        "error": error,
    }
    return visit.render("messages/form.html", values, status)


def _given(visit: Visit) -> tuple[dict[str, str], Audience]:
    """The form's texts by language, empty ones left out but the Chinese, and its audience."""
    texts = {DEFAULT: _text(visit, DEFAULT)}
    for locale in visit.parts.languages.translators:
        if text := _text(visit, locale):
            texts[locale] = text
    topic, league = visit.field("topic"), visit.field("league")
    if league not in visit.parts.places.by_adcode:
        league = ""
    firm = visit.field("firm")[:FIRM_LENGTH]
    return texts, Audience(Topic(topic) if topic in TOPICS else Topic.TRAINING, league, firm)


def _text(visit: Visit, locale: str) -> str:
    return visit.field(f"text:{locale}").replace("\r\n", "\n")


def _only_league(visit: Visit) -> str:
    """Of an operator of single leagues the first one: they write to no others."""
    return min(visit.operator.leagues, default="")
