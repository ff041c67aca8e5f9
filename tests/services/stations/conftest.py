"""Databases that the tests of stations share."""

from collections.abc import AsyncIterator

import pytest

from bot.store.engine import Store, open_store


@pytest.fixture
async def file(sqlite_url: str) -> AsyncIterator[Store]:
    """A SQLite database, for what does not depend on the kind."""
    opened = await open_store(sqlite_url)
    yield opened
    await opened.close()
