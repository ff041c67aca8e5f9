"""What the client makes of the platform's errors, of broken answers and of none."""

from datetime import timedelta

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from structlog.testing import capture_logs

from bot.channels.protocol import (
    Away,
    DeliveryFailed,
    Gone,
    Refused,
    Throttled,
    Uncertain,
    Unreachable,
)
from bot.channels.wechat.client import Client
from bot.channels.wechat.errors import PlatformError
from tests.channels.wechat.fake_account import HELLO, WHO, Setup
from tests.conftest import ManualClock
from tests.support.fakes.wechat_api import APP_ID, SECRET


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
    clock: ManualClock, status: int, body: bytes
) -> None:
    server = await broken(status, body)
    client = Client(APP_ID, SECRET, clock, str(server.make_url("")))
    await client.open()
    with pytest.raises(Uncertain):
        await client.send({"touser": WHO})
    await client.close()
    await server.close()


async def test_no_platform_is_surely_not_sent(clock: ManualClock) -> None:
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


async def test_a_token_answer_without_a_token(clock: ManualClock) -> None:
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


async def test_a_gateway_s_429_was_surely_not_sent(clock: ManualClock) -> None:
    server = await broken(429, b"<html>Too Many Requests</html>")
    client = Client(APP_ID, SECRET, clock, str(server.make_url("")))
    await client.open()
    with pytest.raises(Throttled):
        await client.send({"touser": WHO})
    await client.close()
    await server.close()
