"""A courier with one due reminder."""

import pytest

from bot.store.engine import Store
from tests.conftest import ManualClock
from tests.support.outbox import (
    couriers,
    notice,
)


@pytest.fixture
async def one(store: Store, clock: ManualClock) -> Store:
    """A courier with one due reminder."""
    await couriers(store, clock())
    await notice(store, clock())
    return store
