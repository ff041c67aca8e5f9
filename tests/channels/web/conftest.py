"""A web chat that listens, and a page that is connected to it."""

from collections.abc import AsyncIterator

import pytest

from bot.common.clock import Clock
from tests.channels.web.running_chat import RunningChat
from tests.support.fakes.web import WebLine


@pytest.fixture
async def running(clock: Clock) -> AsyncIterator[RunningChat]:
    opened = await RunningChat(clock).opened()
    yield opened
    await opened.server.close()


@pytest.fixture
async def line(running: RunningChat) -> AsyncIterator[WebLine]:
    async with WebLine() as opened:
        await opened.connect(running.url)
        yield opened
