"""The chat page of a courier in a browser, for tests of the console."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from playwright.async_api import Browser, Page, expect

from bot.store.engine import open_store
from tests.browser.chat_page import type_and_send
from tests.conftest import ManualClock
from tests.support.console import PHONE
from tests.support.courier import Deployment
from tests.support.stations import create_stations


async def courier_page(chromium: Browser, address: str) -> tuple[Page, list[str]]:
    """The chat page in a browser of its own, and what it complained of."""
    context = await chromium.new_context(
        locale="zh-CN", viewport={"width": PHONE["width"], "height": PHONE["height"]}
    )
    complaints: list[str] = []
    context.on("weberror", lambda error: complaints.append(str(error.error)))
    page = await context.new_page()
    page.on(
        "console",
        lambda said: complaints.append(said.text) if said.type in {"error", "warning"} else None,
    )
    await page.goto(f"{address}/")
    return page, complaints


async def says(chat: Page, text: str, answer: str) -> str:
    """Sends a text and waits for an answer with these words; the whole answer."""
    await type_and_send(chat, text)
    return await heard(chat, answer)


async def picks(chat: Page, label: str, answer: str) -> str:
    """Presses the newest button of that label; the answer with these words."""
    await chat.get_by_role("button", name=label, exact=True).last.click()
    return await heard(chat, answer)


async def heard(chat: Page, words: str) -> str:
    """Waits until the newest message has these words; the whole message."""
    last = chat.locator(".theirs").last
    await expect(last).to_contain_text(words, timeout=15_000)
    return await last.inner_text()


@asynccontextmanager
async def with_stations(url: str, clock: ManualClock) -> AsyncIterator[Deployment]:
    """Two replicas over a database with the stations of the tests."""
    store = await open_store(url)
    await create_stations(store, clock)
    await store.close()
    async with Deployment({"YIZHAN_DATABASE_URL": url}, clock) as opened:
        yield opened
