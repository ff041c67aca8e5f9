"""The client and the channel against a platform on this machine: tokens, errors, budgets."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from structlog.testing import capture_logs

from bot.channels.protocol import (
    Away,
    Channel,
    DeliveryFailed,
    Gone,
    Refused,
    Throttled,
    Uncertain,
    Unreachable,
)
from bot.channels.wechat.abilities import ABILITIES
from bot.channels.wechat.channel import WeChatChannel
from bot.channels.wechat.client import Client
from bot.channels.wechat.errors import PlatformError
from bot.channels.wechat.menu import Place, apply, create_code, menu
from bot.channels.wechat.quota import Half, Taken
from bot.channels.wechat.templates import parse_templates
from bot.conversation.events import Event
from bot.conversation.replies import Answer, Say, Words
from tests.conftest import WallClock
from tests.support.fakes.wechat import FakeWeChat
from tests.support.fakes.wechat_api import APP_ID, SECRET

WHO = "oFake0001-_openid"
HELLO = Answer((Words((Say("你好，明天9:00培训 ]]> 😀"),)),))
TEMPLATES = '{"training.reminder": {"id": "T1", "data": {"thing1": "{1}"}}}'


@dataclass
class Purse:
    """A budget in memory."""

    left: int = 5
    closed: int = 0

    async def heard(self, to: str, event_id: str, at: datetime, *, click: bool) -> None:
        """Not used here."""

    async def take(self, to: str) -> Taken | None:
        if not self.left:
            return None
        self.left -= 1
        return "messages"

    async def give_back(self, to: str, taken: Taken) -> None:
        assert taken == "messages"
        self.left += 1

    async def close(self, to: str) -> None:
        self.left = 0
        self.closed += 1

    async def place(
        self, to: str, kind: str, event_id: str, at: datetime, *, message: bool
    ) -> Half:
        return "first"


@dataclass
class Setup:
    """A channel and the platform it talks to."""

    wechat: FakeWeChat
    client: Client
    clock: WallClock
    purse: Purse = field(default_factory=Purse)

    def channel(self, templates: str = "") -> WeChatChannel:
        return WeChatChannel(nobody, self.client, self.purse, parse_templates(templates))

    def fail(self, *codes: int, path: str = "message/custom/send") -> None:
        self.wechat.faults[path] += codes


async def nobody(_: Event) -> Answer:
    """No turn is taken in these tests."""
    raise AssertionError


@pytest.fixture
async def setup(clock: WallClock) -> AsyncIterator[Setup]:
    async with FakeWeChat(clock) as wechat:
        client = Client(APP_ID, SECRET, clock, wechat.url + "/")
        await client.open()
        one = Setup(wechat, client, clock)
        wechat._count(wechat.message(WHO, "text", {"Content": "x"}))
        yield one
        await client.close()


async def test_a_customer_message_is_sent_as_it_reads(setup: Setup) -> None:
    channel: Channel = setup.channel()
    await channel.deliver(WHO, HELLO)
    assert setup.wechat.shown[WHO][0].text == "你好，明天9:00培训 ]]> 😀"
    raw = setup.wechat.calls[0].raw
    assert "你好，明天9:00培训 ]]> 😀".encode() in raw
    assert rb"\u" not in raw
    assert setup.purse.left == 4
    assert channel.abilities is ABILITIES
    await channel.deliver(WHO, Answer(()))
    assert len(setup.wechat.calls) == 1


async def test_one_token_serves_all_calls_until_shortly_before_its_end(setup: Setup) -> None:
    channel = setup.channel()
    for minutes in (0, 30, 84):
        setup.clock.forward(minutes=minutes)
        await channel.deliver(WHO, HELLO)
    assert setup.wechat.tokens_asked == 1
    setup.clock.forward(minutes=2)
    await channel.deliver(WHO, HELLO)
    assert setup.wechat.tokens_asked == 2


async def test_two_hundred_sends_with_a_dead_token_make_one_refresh(setup: Setup) -> None:
    """Another program took the account's token away: all find it refused at the same time."""
    channel = setup.channel()
    setup.purse.left = 1000
    await channel.deliver(WHO, HELLO)
    setup.wechat.expire_token()
    couriers = [f"oFake{number:05}" for number in range(200)]
    for one in couriers:
        setup.wechat._count(setup.wechat.message(one, "text", {"Content": "x"}))
    await asyncio.gather(*(channel.deliver(one, HELLO) for one in couriers))
    assert setup.wechat.tokens_asked == 2
    assert all(len(setup.wechat.shown[one]) == 1 for one in couriers)


async def test_two_hundred_sends_at_the_start_make_one_token(setup: Setup) -> None:
    setup.purse.left = 1000
    setup.wechat._grants[WHO]["message"].left = 1000
    await asyncio.gather(*(setup.channel().deliver(WHO, HELLO) for _ in range(200)))
    assert setup.wechat.tokens_asked == 1


@pytest.mark.parametrize("code", [40001, 40014, 42001])
async def test_a_refused_token_is_renewed_once_and_no_more(setup: Setup, code: int) -> None:
    setup.fail(code)
    await setup.channel().deliver(WHO, HELLO)
    assert len(setup.wechat.shown[WHO]) == 1
    assert setup.wechat.tokens_asked == 2
    setup.fail(code, code)
    with pytest.raises(Unreachable):
        await setup.channel().deliver(WHO, HELLO)
    assert setup.wechat.tokens_asked == 3
    assert setup.purse.left == 4  # surely not sent, so not spent


@pytest.mark.parametrize(
    ("code", "kind", "left"),
    [
        (-1, Unreachable, 5),
        (40013, Unreachable, 5),
        (40125, Unreachable, 5),
        (40164, Unreachable, 5),
        (45009, Throttled, 5),
        (45011, Throttled, 5),
        (40003, Gone, 4),
        (43004, Gone, 4),
        (40033, Refused, 4),
        (40037, Refused, 4),
        (41001, Refused, 4),
        (45002, Refused, 4),
        (45008, Refused, 4),
        (47003, Refused, 4),
        (99999, Refused, 4),
        (45015, Away, 0),
        (45047, Away, 0),
        (43101, Away, 0),
        (48001, Away, 0),
        (40200, Away, 0),
        (48004, Away, 0),
        (50002, Away, 0),
    ],
)
async def test_what_an_error_means(
    setup: Setup, code: int, kind: type[DeliveryFailed], left: int
) -> None:
    setup.fail(code)
    with pytest.raises(DeliveryFailed) as caught:
        await setup.channel().deliver(WHO, HELLO)
    assert type(caught.value) is kind
    assert setup.purse.left == left
    if isinstance(caught.value, Throttled):
        assert caught.value.retry_after >= timedelta(minutes=1)
    assert setup.wechat.shown[WHO] == []


async def test_a_call_that_is_not_granted_is_not_repeated_for_an_hour(setup: Setup) -> None:
    """One alarm, not one for each courier."""
    setup.purse.left = 9
    setup.fail(48001)
    with capture_logs() as logs:
        for _ in range(3):
            with pytest.raises(Away):
                await setup.channel().deliver(WHO, HELLO)
            setup.purse.left = 9
    alarms = [line for line in logs if line["log_level"] == "error"]
    assert len(alarms) == 1
    assert alarms[0]["code"] == 48001
    assert alarms[0]["rid"] == "48001-1a2b3c4d-5e6f"
    assert "certified" in alarms[0]["hint"]
    setup.clock.forward(hours=1)
    await setup.channel().deliver(WHO, HELLO)


async def test_wrong_settings_are_named(setup: Setup) -> None:
    for code, word in ((40164, "IP"), (40013, "APP_ID"), (40125, "APP_SECRET")):
        setup.wechat.faults["stable_token"].append(code)
        with capture_logs() as logs, pytest.raises((PlatformError, Unreachable)):
            await setup.client.call("/cgi-bin/menu/create", {})
        assert word in logs[0]["hint"]


async def test_no_budget_is_no_call(setup: Setup) -> None:
    setup.purse.left = 0
    with pytest.raises(Away):
        await setup.channel(TEMPLATES).deliver(WHO, HELLO, "card.moved")
    assert setup.wechat.calls == []
    assert setup.wechat.tokens_asked == 0


async def test_beyond_the_window_the_template_of_that_kind_goes_out(setup: Setup) -> None:
    channel = setup.channel(TEMPLATES)
    assert channel.abilities.push_window is None
    setup.purse.left = 0
    await channel.deliver(WHO, HELLO, "training.reminder")
    setup.purse.left = 1
    setup.fail(45015)
    await channel.deliver(WHO, HELLO, "training.reminder")
    assert [call.path for call in setup.wechat.calls] == ["message/subscribe/bizsend"] * 2
    assert setup.wechat.calls[0].params == {
        "touser": WHO,
        "template_id": "T1",
        "data": {"thing1": {"value": "你好，明天9:00培训 ]]> 😀"[:20]}},
    }
    setup.fail(43101, path="message/subscribe/bizsend")  # no consent is left
    with pytest.raises(Away):
        await channel.deliver(WHO, HELLO, "training.reminder")


@pytest.mark.parametrize("secret_in", ["token", "secret"])
async def test_secrets_are_in_no_log_and_no_error(setup: Setup, secret_in: str) -> None:
    await setup.channel().deliver(WHO, HELLO)
    secret = setup.wechat.token if secret_in == "token" else SECRET
    said = [repr(setup.client)]
    with capture_logs() as logs:
        for code in (45002, 40164, -1, 48001):
            setup.fail(code)
            try:
                await setup.channel().deliver(WHO, HELLO)
            except DeliveryFailed as error:
                said += [repr(error), str(error), repr(error.__cause__), repr(error.__context__)]
            setup.purse.left = 5
    assert logs
    assert secret not in json.dumps(logs, default=str)
    assert secret not in "".join(said)
    assert WHO not in json.dumps(logs, default=str)


async def broken(status: int, body: bytes) -> TestServer:
    async def answer(request: web.Request) -> web.Response:
        if request.path.endswith("stable_token"):
            return web.json_response({"access_token": "t", "expires_in": 7200})
        return web.Response(status=status, body=body)

    app = web.Application()
    app.router.add_post("/{path:.+}", answer)
    server = TestServer(app)
    await server.start_server()
    return server


@pytest.mark.parametrize(
    ("status", "body"), [(502, b"<html>"), (200, b"ok"), (200, b"[]"), (200, b"[" * 100000)]
)
async def test_an_answer_that_is_none_may_mean_either(
    clock: WallClock, status: int, body: bytes
) -> None:
    server = await broken(status, body)
    client = Client(APP_ID, SECRET, clock, str(server.make_url("")))
    await client.open()
    with pytest.raises(Uncertain):
        await client.send({"touser": WHO})
    await client.close()
    await server.close()


async def test_no_platform_is_surely_not_sent(clock: WallClock) -> None:
    server = await broken(200, b"{}")
    url = str(server.make_url(""))
    await server.close()
    client = Client(APP_ID, SECRET, clock, url)
    await client.open()
    await client.open()
    with pytest.raises(Unreachable):
        await client.send({"touser": WHO})
    await client.close()
    await client.close()
    with pytest.raises(RuntimeError):
        await client.send({"touser": WHO})


async def test_a_token_answer_without_a_token(clock: WallClock) -> None:
    async def answer(_: web.Request) -> web.Response:
        return web.json_response({"errcode": 0})

    app = web.Application()
    app.router.add_post("/{path:.+}", answer)
    server = TestServer(app)
    await server.start_server()
    client = Client(APP_ID, SECRET, clock, str(server.make_url("")))
    await client.open()
    with pytest.raises(Unreachable):
        await client.send({"touser": WHO})
    await client.close()
    await server.close()


async def test_menu_and_codes_are_made(setup: Setup) -> None:
    await apply(setup.client, menu(Place("发送位置")))
    code = await create_code(setup.client, "poster-7")
    assert code.url == "http://weixin.qq.com/q/02"
    assert code.picture.endswith("?ticket=gQ%3D%3D%2F%2B")
    await create_code(setup.client, "desk_1", 600)
    assert [call.params for call in setup.wechat.calls[1:]] == [
        {
            "action_name": "QR_LIMIT_STR_SCENE",
            "action_info": {"scene": {"scene_str": "poster-7"}},
        },
        {
            "action_name": "QR_STR_SCENE",
            "action_info": {"scene": {"scene_str": "desk_1"}},
            "expire_seconds": 600,
        },
    ]
    for scene, seconds in (("", None), ("两", None), ("x" * 65, None), ("x", 0), ("x", 3_000_000)):
        with pytest.raises(ValueError, match="code"):
            await create_code(setup.client, scene, seconds)


async def test_a_gateway_s_429_was_surely_not_sent(clock: WallClock) -> None:
    server = await broken(429, b"<html>Too Many Requests</html>")
    client = Client(APP_ID, SECRET, clock, str(server.make_url("")))
    await client.open()
    with pytest.raises(Throttled):
        await client.send({"touser": WHO})
    await client.close()
    await server.close()
