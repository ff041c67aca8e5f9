"""Every page in Chromium: nothing blocked by the policy, no request to another site, no overflow,
no text that is hard to read.

The server fixture fails a test for each error that a page reports.
"""

import pytest
from playwright.async_api import Browser, expect

from bot.services.operators.roles import Operator
from tests.conftest import ManualClock
from tests.support.console import (
    DESK,
    KEYS,
    PASSWORD,
    PHONE,
    ConsoleServer,
    add_operator,
    fits,
    low_contrast,
)
from tests.support.console_stations import add_hostile_station, add_stations
from tests.support.console_trainings import add_trainings
from tests.support.photos import add_photo

PAGES = (
    "/",
    "/reports",
    "/stations",
    "/stations/H1",
    "/stations/H1/merge",
    "/stations/H1/merge?with=H2",
    "/stations/-/duplicates",
    "/trainings",
    "/trainings/1",
    "/trainings/1/edit",
    "/trainings/1/cancel",
    "/trainings/1/people",
    "/trainings/1/attendance",
    "/trainings/1/certificates",
    "/trainings/1/feedback",
    "/trainings/new?copy=1",
    "/messages",
    "/appointments",
    "/content",
    "/content/add",
    "/content/import",
    "/content/lessons",
    "/honours",
    "/messages/new",
    "/cards",
    "/cards/late",
    "/cards/lists",
    "/cards/labels",
    "/cards/pushes",
    "/dashboard",
    "/conversations",
    "/conversations/ready",
    "/stations/-/map",
    "/people",
    "/imports",
    "/records",
    "/account",
    "/account/password",
    "/account/totp",
)


@pytest.mark.parametrize("viewport", [DESK, PHONE], ids=["desk", "phone"])
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
async def test_every_page_is_shown_whole(
    chromium: Browser,
    server: ConsoleServer,
    clock: ManualClock,
    viewport: dict[str, int],
    *,
    dark: bool,
) -> None:
    operator = await add_operator(server.console.store, clock)
    await add_stations(server.console.store, clock)
    await add_hostile_station(server.console.store, clock)
    await add_photo(server.console.store, clock, "H1", "长" * 60)
    await add_trainings(server.console.store, KEYS, clock)
    async with server.browser_of(chromium, operator, viewport=viewport, dark=dark) as page:
        for path in PAGES:
            await page.goto(path)
            await expect(page.locator("h1")).to_be_visible()
            assert await fits(page) == [], path
            assert await low_contrast(page) == [], path
            styles = "getComputedStyle(document.body).backgroundColor"
            assert await page.evaluate(styles) == (
                "rgb(20, 23, 28)" if dark else "rgb(244, 245, 247)"
            )


@pytest.mark.parametrize("javascript", [True, False])
async def test_signing_in_needs_the_keyboard_only_and_no_javascript(
    chromium: Browser, server: ConsoleServer, clock: ManualClock, *, javascript: bool
) -> None:
    await add_operator(server.console.store, clock)
    async with server.browser_of(chromium, None, javascript=javascript) as page:
        await page.goto("/people")
        await expect(page.locator("input[name=name]")).to_be_focused()
        await page.keyboard.type("administrator")
        await page.keyboard.press("Tab")
        await page.keyboard.type(PASSWORD)
        await page.keyboard.press("Enter")
        await expect(page.locator("h1")).to_have_text("人员", timeout=20_000)
        await page.keyboard.press("Tab")
        await expect(page.locator(".skip")).to_be_focused()
        await page.keyboard.press("Enter")
        await expect(page.locator("#main")).to_be_focused()


async def test_a_policy_violation_would_be_noticed(
    chromium: Browser, server: ConsoleServer, clock: ManualClock
) -> None:
    operator: Operator = await add_operator(server.console.store, clock)
    async with server.browser_of(chromium, operator) as page:
        await page.goto("/")
        await page.evaluate("document.body.setAttribute('style', 'color: red')")
        await page.evaluate("fetch('https://evil.example/').catch(() => {})")
    assert any("style" in one for one in server.complaints)
    assert any("connect" in one for one in server.complaints)
    server.complaints.clear()
    server.requested[:] = [one for one in server.requested if "evil" not in one]


async def test_live_search_asks_for_the_rows_only_and_not_while_pinyin_is_composed(
    chromium: Browser, server: ConsoleServer, clock: ManualClock
) -> None:
    operator = await add_operator(server.console.store, clock)
    await add_stations(server.console.store, clock)
    async with server.browser_of(chromium, operator) as page:
        await page.goto("/stations")
        await page.locator("input[name=text]").focus()
        keyboard = await page.context.new_cdp_session(page)
        for text in ("kun", "kund", "kundu"):
            composed = {"text": text, "selectionStart": len(text), "selectionEnd": len(text)}
            await keyboard.send("Input.imeSetComposition", composed)
        await keyboard.send("Input.insertText", {"text": "昆都仑"})
        await expect(page.locator("#rows tbody tr")).to_have_count(1)
        assert await page.locator("h1").count() == 1
        asked = [url for url in server.requested if "/stations?" in url]
        assert len(asked) == 1
        assert "text=%E6%98%86" in page.url


async def test_pale_text_would_be_noticed(
    chromium: Browser, server: ConsoleServer, clock: ManualClock
) -> None:
    operator = await add_operator(server.console.store, clock)
    async with server.browser_of(chromium, operator, dark=True) as page:
        await page.goto("/")
        await page.evaluate("document.querySelector('h1').style.color = '#555'")
        assert [one.partition(" ")[2] for one in await low_contrast(page)] == ["H1."]
