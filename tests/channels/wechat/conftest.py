"""The WeChat channel on the fake platform."""

from collections.abc import AsyncIterator

import pytest

from bot.channels.wechat.client import Client
from tests.channels.wechat.fake_account import WHO, Setup
from tests.conftest import ManualClock
from tests.support.fakes.wechat import FakeWeChat
from tests.support.fakes.wechat_api import APP_ID, SECRET


@pytest.fixture
async def setup(clock: ManualClock) -> AsyncIterator[Setup]:
    async with FakeWeChat(clock) as wechat:
        client = Client(APP_ID, SECRET, clock, wechat.url + "/")
        await client.open()
        one = Setup(wechat, client, clock)
        wechat._count(wechat.message(WHO, "text", {"Content": "x"}))
        yield one
        await client.close()
