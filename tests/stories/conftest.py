"""A town of two replicas on each database, and a courier on each channel."""

from collections.abc import AsyncIterator

import pytest

from bot.store.engine import open_store
from tests.conftest import WallClock
from tests.support.courier import Line, Town, lines
from tests.support.stations import found_town

CHANNELS = ("telegram", "web", "terminal", "wechat")


@pytest.fixture
async def town(database_url: str, clock: WallClock) -> AsyncIterator[Town]:
    """Six stations, two replicas, listening."""
    store = await open_store(database_url)
    await found_town(store, clock)
    await store.close()
    async with Town({"YIZHAN_DATABASE_URL": database_url}, clock) as town:
        yield town


@pytest.fixture(params=CHANNELS)
def channel(request: pytest.FixtureRequest) -> str:
    """Each channel that stories run on."""
    return str(request.param)


@pytest.fixture
def courier(town: Town, channel: str) -> Line:
    """One courier on that channel."""
    return lines(town, channel)[0]
