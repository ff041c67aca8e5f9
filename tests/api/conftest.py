"""The endpoint on each kind of database, and a bank that calls it."""

from collections.abc import AsyncIterator

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from bot.api.card_applications import CardApplicationsApi
from bot.store.engine import Store
from tests.api.bank import KEYS, SECRET, Bank
from tests.conftest import ManualClock


@pytest.fixture
async def bank(store: Store, clock: ManualClock) -> AsyncIterator[Bank]:
    """Two replicas would share the database alone: one is enough to serve it."""
    http = web.Application()
    http.add_routes(CardApplicationsApi(store, KEYS, SECRET, clock).routes())
    async with TestClient(TestServer(http)) as client:
        yield Bank(client, clock)
