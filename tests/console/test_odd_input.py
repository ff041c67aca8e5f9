"""Every form of the console, filled in by hand with nonsense, and sent twice: no page fails."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from html.parser import HTMLParser

import pytest
import pytest_asyncio
from sqlalchemy import select

from bot.console import background
from bot.console.parts import Parts
from bot.services.couriers.profiles import Profiles
from bot.services.honours.statuses import NominationStatus
from bot.store.engine import open_store
from bot.store.models.trainings import TrainingRow
from tests.conftest import ManualClock
from tests.support.console import (
    KEYS,
    OperatorClient,
    add_operator,
    console_parts,
    signed_in,
    text_of,
)
from tests.support.console_stations import HOHHOT, add_stations
from tests.support.console_trainings import add_trainings
from tests.support.content import article, lesson, put_content
from tests.support.honours import nominate, open_campaign

PAGES = (
    "/stations/H1", "/trainings/new", "/trainings/1/edit", "/trainings/1/attendance",
    "/trainings/1/cancel", "/messages/new", "/messages/1/edit", "/messages/1", "/content/add",
    "/content/items/parking", "/content/items/gloves", "/honours/2026-winter", "/cards/labels",
    "/conversations/ready", "/people", "/account/password", "/account/totp", "/imports",
)  # fmt: skip
LISTS = (
    "/stations", "/trainings", "/records", "/cards", "/cards/lists", "/appointments", "/content",
    "/conversations", "/imports", "/messages", "/dashboard", "/stations/-/map",
)  # fmt: skip
ODD = {
    "long": "驿" * 10_000,
    "emoji": "🦄👨‍👩‍👧‍👦\u202e驿站🏍️",
    "full width": "２０２６－１１－２８　０９：００",
    "zero bytes and quotes": "a\x00b'\"--;<b>%s{{7*7}}",
    "past": "1999-01-01",
    "number": "99999999999999999999",
    "blank": "   ",
}
KEPT = frozenset({"csrf", "version", "effect", "does", "what", "revision", "username"})
TEXTS = frozenset(
    {"text", "search", "number", "date", "time", "datetime-local", "password", "", "tel"}
)


@dataclass(slots=True)
class Form:
    """A form of a page as its browser would send it; `texts`: what a person types."""

    action: str
    fields: dict[str, list[str]] = field(default_factory=dict)
    texts: list[str] = field(default_factory=list)


class _Forms(HTMLParser):
    """The POST forms of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[Form] = []
        self._form: Form | None = None
        self._area = self._select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        of = {name: value or "" for name, value in attrs}
        if tag == "form" and of.get("method") == "post":
            self._form = Form(of["action"])
            self.found.append(self._form)
        form, name = self._form, of.get("name", "")
        if form is None:
            return
        match tag:
            case "input":
                self._input(form, of, name)
            case "textarea":
                self._area = name
                form.fields[name] = [""]
                if "hidden" not in of:
                    form.texts.append(name)
            case "select":
                self._select = name
            case "option" if self._select and ("selected" in of or self._select not in form.fields):
                form.fields[self._select] = [of.get("value", "")]
            case "button" if name:
                form.fields.setdefault(name, [of.get("value", "")])
            case _:
                pass

    def _input(self, form: Form, of: dict[str, str], name: str) -> None:
        kind = of.get("type", "")
        if kind in {"checkbox", "radio"} and "checked" not in of:
            return
        form.fields.setdefault(name, []).append(of.get("value", ""))
        if kind in TEXTS:
            form.texts.append(name)

    def handle_endtag(self, tag: str) -> None:
        self._area = "" if tag == "textarea" else self._area
        self._select = "" if tag == "select" else self._select
        if tag == "form":
            self._form = None

    def handle_data(self, data: str) -> None:
        if self._form is not None and self._area:
            self._form.fields[self._area][0] += data


@pytest_asyncio.fixture
async def console(database_url: str, clock: ManualClock) -> AsyncIterator[Parts]:
    """On both databases, as only one of them minds the length of a text."""
    store = await open_store(database_url)
    yield replace(console_parts(store, clock), work=asyncio.to_thread)
    await background.finished()
    await store.close()


async def furnish(console: Parts, clock: ManualClock) -> None:
    """Something of everything."""
    await add_stations(console.store, clock)
    trainings = await add_trainings(console.store, KEYS, clock)
    async with console.store.writing() as db:
        await Profiles(KEYS).belong(db, trainings.couriers[0], clock(), league=HOHHOT)
    await put_content(console.store, clock, article(), lesson())
    campaign = await open_campaign(console.store, clock())
    await nominate(console.store, clock(), campaign, "王小强", NominationStatus.NEW)


async def forms_of(client: OperatorClient, path: str) -> list[Form]:
    page = await client.get(path)
    assert page.status_code == 200, path
    parser = _Forms()
    parser.feed(page.text)
    return parser.found


@pytest.mark.parametrize("odd", list(ODD.values()), ids=list(ODD))
async def test_no_form_fails_whatever_is_typed_and_however_often_it_is_sent(
    console: Parts, clock: ManualClock, odd: str
) -> None:
    await furnish(console, clock)
    operator = await add_operator(console.store, clock)
    tried = 0
    async with signed_in(console, operator) as client:
        await client.sends("/messages/new", {"text:zh_CN": "下雪", "league": HOHHOT})
        for path in PAGES:
            for form in await forms_of(client, path):
                typed = {name: odd for name in form.texts if name not in KEPT}
                if not typed or form.action == "/sign-out":
                    continue
                sent = {**form.fields, **typed}
                sent.pop("csrf", None)
                for _ in range(2):
                    answer = await client.post(form.action, sent)
                    assert answer.status_code < 500, (form.action, typed.keys())
                    tried += 1
        for path in LISTS:
            for name in ("text", "q", "after", "before", "league", "status", "check", "kind", "at"):
                answer = await client.get(path, **{name: odd[:2_000]})
                assert answer.status_code < 500, (path, name)
    assert tried >= 40


async def test_what_is_published_twice_by_going_back_is_there_once(
    console: Parts, clock: ManualClock
) -> None:
    await furnish(console, clock)
    operator = await add_operator(console.store, clock)
    new = {
        "title": "防冻", "day": "2026-12-05", "begins": "10:00", "ends": "11:00", "capacity": "9",
        "place": "职工之家", "league": HOHHOT, "weeks": "2",
    }  # fmt: skip
    piece = {"kind": "article", "code": "x", "title": "体检", "text": "来。", "source": "工会",
             "version": "1"}  # fmt: skip
    async with signed_in(console, operator) as client:
        await client.sends("/trainings/new", new)
        again = await client.post("/trainings/new", new)
        assert again.status_code == 422
        assert "已经发布过" in again.text
        await client.sends("/content/add/save", piece)
        assert "本来就是这样" in text_of(await client.sends("/content/add/save", piece))
        await client.sends("/messages/new", {"text:zh_CN": "下雪", "league": HOHHOT})
        await client.sends("/messages/1/send", {"when": "now"})
        assert (await client.post("/messages/1/send", {"when": "now"})).status_code == 409
        person = {"name": "dorji", "role": "reader"}
        assert (await client.post("/people", person)).status_code == 200
        assert (await client.post("/people", person)).status_code == 422
    async with console.store.reading() as db:
        published = select(TrainingRow.id).where(TrainingRow.title == "防冻")
        assert len(list(await db.scalars(published))) == 2
