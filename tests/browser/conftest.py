"""A browser, and the chat page that it opens; no request may leave this machine."""

import os
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, Page, async_playwright, expect

from tests.browser.chat_page import ARGS, CHROMIUM, PHONE, ChatServer, Visit, script
from tests.support.fakes.web import ScriptedTurn


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    if CHROMIUM is None:
        reason = "no Chromium: install one, or name it in CHROMIUM"
        if os.environ.get("REQUIRE_BROWSER"):
            pytest.fail(reason)
        pytest.skip(reason)
    async with async_playwright() as playwright:
        opened = await playwright.chromium.launch(executable_path=CHROMIUM, args=ARGS)
        yield opened
        await opened.close()


@pytest_asyncio.fixture(loop_scope="module")
async def server() -> AsyncIterator[ChatServer]:
    opened = ChatServer(ScriptedTurn(script))
    await opened.start()
    yield opened
    await opened.stop()
    own = (opened.url, opened.url.replace("http", "ws"), f"blob:{opened.url}")
    assert opened.requested
    assert [url for url in opened.requested if not url.startswith(own)] == []
    assert opened.complaints == []


@pytest_asyncio.fixture(loop_scope="module")
async def visit(browser: Browser, server: ChatServer) -> AsyncIterator[Visit]:
    """Opens the page as `visit(…)` on a phone in Chinese, or with other context options."""
    contexts: list[BrowserContext] = []

    async def open_page(path: str = "/", **options: Any) -> Page:
        context = await browser.new_context(
            **{"locale": "zh-CN", "viewport": PHONE, "reduced_motion": "reduce", **options}
        )
        contexts.append(context)
        server.watch(context)
        page = await context.new_page()
        await page.goto(server.url + path)
        await expect(page.locator(".theirs").first).to_be_visible()
        return page

    yield open_page
    for context in contexts:
        await context.close()
