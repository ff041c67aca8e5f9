"""The console over a fresh SQLite database, and a Chromium where a test asks for one."""

import os
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, async_playwright

from bot.console import background
from bot.console.parts import Parts
from bot.store.engine import open_store
from tests.browser.chat_page import ARGS, CHROMIUM
from tests.conftest import ManualClock
from tests.support.console import ConsoleServer, console_parts


@pytest_asyncio.fixture
async def console(sqlite_url: str, clock: ManualClock) -> AsyncIterator[Parts]:
    """What pages work with."""
    store = await open_store(sqlite_url)
    yield console_parts(store, clock)
    await background.finished()
    await store.close()


@pytest_asyncio.fixture
async def server(console: Parts) -> AsyncIterator[ConsoleServer]:
    """The console on a port. The test fails if a page complains or asks for another site."""
    async with ConsoleServer(console).running() as running:
        yield running


@pytest_asyncio.fixture
async def chromium() -> AsyncIterator[Browser]:
    """A headless Chromium. Skips where there is none, fails where REQUIRE_BROWSER is set."""
    if CHROMIUM is None:
        if os.environ.get("REQUIRE_BROWSER"):
            pytest.fail("no Chromium: install one, or name it in CHROMIUM")
        pytest.skip("no Chromium: install one, or name it in CHROMIUM")
    async with async_playwright() as playwright:
        opened = await playwright.chromium.launch(executable_path=CHROMIUM, args=ARGS)
        yield opened
        await opened.close()
