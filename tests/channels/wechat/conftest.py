"""The WeChat channel on the fake platform."""

from collections.abc import AsyncIterator

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.channels.wechat.channel import WeChatChannel
from bot.channels.wechat.client import Client
from bot.channels.wechat.envelope import Account
from bot.channels.wechat.webhook import Webhook
from tests.channels.wechat.fake_account import WHO, Setup
from tests.channels.wechat.served_webhook import Served, counted
from tests.conftest import ManualClock
from tests.support.fakes.wechat import TOKEN, FakeWeChat
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


@pytest.fixture
async def served(clock: ManualClock) -> AsyncIterator[Served]:
    async with FakeWeChat(clock, "plain") as wechat:
        one = Served(wechat, clock)
        client = Client(APP_ID, SECRET, clock, wechat.url + "/")
        channel = WeChatChannel(one.turn, client, one.quota)
        one.hook = Webhook(channel, Account(TOKEN), one, clock, one.watch)
        app = web.Application()
        app.router.add_routes(one.hook.routes())
        server = TestServer(app)
        await server.start_server()
        await one.hook.open()
        wechat.balance(str(server.make_url("/wechat")))
        wechat._count(one.text())  # the platform allows customer messages after one of theirs
        one.before = counted()
        yield one
        one.gate.set()
        one.watch.stop()
        await one.hook.close()
        await server.close()
