"""In Chromium: who types the address of another league's thing is refused, and that is logged."""

import asyncio
from dataclasses import dataclass, replace

import pytest
from playwright.async_api import Browser, Page
from sqlalchemy import select

from bot.console import background
from bot.console.parts import Parts
from bot.services.honours.statuses import NominationStatus
from bot.services.operators.roles import Operator, Role
from bot.store.models.administration.accounts import AuditRow
from tests.conftest import ManualClock
from tests.support.console import (
    DESK,
    KEYS,
    PHONE,
    ConsoleServer,
    add_operator,
    fits,
    signed_in,
)
from tests.support.console_stations import BAOTOU, HOHHOT, add_stations
from tests.support.console_trainings import add_trainings
from tests.support.content import article, put_content
from tests.support.honours import nominate, open_campaign

LIST = "编号,名称,经度,纬度\nN1,新站一,111.68,40.83\n".encode()
SCOPED = (
    "/stations/B1",
    "/stations/B1/poster.pdf",
    "/stations/-/map?league=150200",
    "/messages/1",
    "/messages/1/edit",
    "/imports/1",
    "/imports/1/columns",
    "/imports/1/datum",
    "/imports/1/marked",
    "/honours/2026-winter/1/photo",
    "/honours/2026-winter/result",
    "/dashboard?league=150200",
)
"""What an editor of Hohhot types: each page of something of Baotou, or of the whole region."""
TRAINING = (
    "", "/edit", "/cancel", "/undo?revision=1", "/people", "/attendance", "/certificates",
    "/feedback", "/screen", "/sheet.xlsx", "/poster.pdf",
)  # fmt: skip
NOT_THEIRS = ("/people", "/trainings", "/cards", "/appointments", "/conversations")
"""Pages that an editor's role has not."""
SENT: tuple[tuple[str, dict[str, str]], ...] = (
    ("/stations/B1/verify", {"version": "1"}),
    ("/stations/B1/save", {"does": "close", "version": "1"}),
    ("/stations/B1/keeper-link/end", {}),
    ("/messages/new", {"text:zh_CN": "好", "league": BAOTOU}),
    ("/messages/1/send", {"when": "now"}),
    ("/messages/1", {"does": "cancel"}),
    ("/imports/1/write", {"effect": "0"}),
    ("/content/items/parking/save", {"title": "x", "version": "1"}),
    ("/honours/2026-winter/1/decide", {"does": "approve"}),
    ("/honours/2026-winter/1/story", {}),
    ("/honours/2026-winter/publish", {"winner": "1"}),
)
"""Changes that a form made by hand would ask for."""


@dataclass(frozen=True, slots=True)
class _People:
    editor: Operator
    trainer: Operator
    training: int


@pytest.fixture
def console(console: Parts) -> Parts:
    """With the long work in threads of this process."""
    return replace(console, work=asyncio.to_thread)


async def things_of_baotou(console: Parts, clock: ManualClock) -> _People:
    """Stations, a training, a message, an import, an article and a nomination, and who may not."""
    await add_stations(console.store, clock)
    trainings = await add_trainings(console.store, KEYS, clock)
    await put_content(console.store, clock, article())
    campaign = await open_campaign(console.store, clock())
    await nominate(console.store, clock(), campaign, "包头人", NominationStatus.NEW, league=BAOTOU)
    region = await add_operator(console.store, clock)
    async with signed_in(console, region) as client:
        await client.sends("/messages/new", {"text:zh_CN": "包头下雪", "league": BAOTOU})
        await client.post("/imports", files={"list": ("名单.csv", LIST)})
        await background.finished()
    editor = await add_operator(console.store, clock, Role.EDITOR, [HOHHOT])
    trainer = await add_operator(console.store, clock, Role.TRAINER, [HOHHOT])
    return _People(editor, trainer, trainings.baotou)


async def refused(page: Page, path: str) -> None:
    """Types an address; the answer says no, in words, and with a way on."""
    answer = await page.request.get(path)  # a file would begin a download in the page itself
    assert answer.status == 403, path
    if "." not in path:
        await page.goto(path)
        assert await page.locator("main a, nav a").count() > 0
        assert await fits(page) == []


@pytest.mark.parametrize("viewport", [DESK, PHONE], ids=["desk", "phone"])
async def test_another_leagues_addresses_are_refused_and_logged(
    chromium: Browser, server: ConsoleServer, clock: ManualClock, viewport: dict[str, int]
) -> None:
    people = await things_of_baotou(server.console, clock)
    async with server.browser_of(chromium, people.editor, viewport=viewport) as page:
        for path in (*SCOPED, *NOT_THEIRS):
            await refused(page, path)
    async with server.browser_of(chromium, people.trainer, viewport=viewport) as page:
        for path in TRAINING:
            await refused(page, f"/trainings/{people.training}{path}")
    async with server.console.store.reading() as db:
        rows = list(await db.scalars(select(AuditRow).where(AuditRow.action == "page.refused")))
    logged = {(one.actor, one.subject) for one in rows}
    assert logged == {
        *(("editor", path.partition("?")[0]) for path in (*SCOPED, *NOT_THEIRS)),
        *(("trainer", f"/trainings/{people.training}{one.partition('?')[0]}") for one in TRAINING),
    }
    assert BAOTOU in {one.league for one in rows}


async def test_forms_about_another_league_change_nothing_and_are_logged(
    console: Parts, clock: ManualClock
) -> None:
    people = await things_of_baotou(console, clock)
    async with signed_in(console, people.editor) as client:
        for path, form in SENT:
            assert (await client.post(path, form)).status_code == 403, path
    async with console.store.reading() as db:
        rows = list(await db.scalars(select(AuditRow).where(AuditRow.actor == "editor")))
    assert {one.action for one in rows} == {"page.refused"}
    assert [one.subject for one in rows] == [path for path, _ in SENT]
