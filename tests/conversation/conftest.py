"""Two replicas of the dispatcher."""

from collections.abc import AsyncIterator

import pytest

from bot.store.encryption import new_key, parse_keys
from bot.store.engine import open_store
from tests.conftest import ManualClock
from tests.support.turn_replicas import CountingHandlers, Replicas, new_dispatcher


@pytest.fixture
async def replicas(database_url: str, clock: ManualClock) -> AsyncIterator[Replicas]:
    """Two of them, with handlers of their own."""
    handlers, keys = CountingHandlers(), parse_keys(new_key())
    stores = [await open_store(database_url) for _ in range(2)]
    each = [new_dispatcher(store, handlers, clock, keys) for store in stores]
    yield Replicas(database_url, handlers, stores, each, clock, keys)
    for store in stores:
        await store.close()
