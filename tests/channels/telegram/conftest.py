"""A running channel for each test: by webhook, by polling, or once by each."""

from collections.abc import AsyncIterator

import pytest

from tests.channels.telegram.running_channel import Setup, running
from tests.support.fakes.telegram import FakeTelegram


@pytest.fixture
async def telegram() -> AsyncIterator[FakeTelegram]:
    async with FakeTelegram() as server:
        yield server


@pytest.fixture(params=["polling", "webhook"])
async def setup(request: pytest.FixtureRequest, telegram: FakeTelegram) -> AsyncIterator[Setup]:
    async with running(request.param, telegram) as opened:
        yield opened


@pytest.fixture
async def by_webhook(telegram: FakeTelegram) -> AsyncIterator[Setup]:
    async with running("webhook", telegram) as opened:
        yield opened


@pytest.fixture
async def by_polling(telegram: FakeTelegram) -> AsyncIterator[Setup]:
    async with running("polling", telegram) as opened:
        yield opened
