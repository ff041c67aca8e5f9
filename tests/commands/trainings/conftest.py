"""A database and the command line on it."""

from collections.abc import AsyncIterator

import pytest

from bot.store.engine import Store, open_store
from tests.conftest import ManualClock
from tests.support.training_commands import CommandLine


@pytest.fixture
async def sqlite_store(sqlite_url: str) -> AsyncIterator[Store]:
    """A SQLite database; what differs on PostgreSQL is tested with the services."""
    opened = await open_store(sqlite_url)
    yield opened
    await opened.close()


@pytest.fixture
def command(
    sqlite_store: Store, clock: ManualClock, capsys: pytest.CaptureFixture[str]
) -> CommandLine:
    """The organiser's command."""
    return CommandLine(sqlite_store, clock, capsys)
