"""What the tests of the card commands share."""

from collections.abc import AsyncIterator

import pytest

from bot.store.engine import Store, open_store


@pytest.fixture
async def file(sqlite_url: str) -> AsyncIterator[Store]:
    """A SQLite database; what differs on PostgreSQL is tested with the services."""
    opened = await open_store(sqlite_url)
    yield opened
    await opened.close()
