"""Behind a reverse proxy of ours clients are told apart; without one nobody's word is taken."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.app.bootstrap import build
from bot.channels.web.admission import Limits
from bot.common.http_requests import network_of, read_body
from bot.config.settings import SettingsError, read_settings
from bot.pages.routes import BURST
from tests.conftest import ManualClock

KEYS = "1:" + "A" * 43 + "="
MANY = Limits().sockets_per_client + 1


@asynccontextmanager
async def service(
    url: str, clock: ManualClock, proxies: str
) -> AsyncIterator[aiohttp.ClientSession]:
    """The whole service; no time passes for its limits."""
    given = {
        "YIZHAN_DATABASE_URL": url,
        "YIZHAN_SECRET_KEYS": KEYS,
        "YIZHAN_PROXIES": proxies,
    }
    app = await build(read_settings(given), clock=clock, monotonic=lambda: 0.0, migrate=False)
    runner = web.AppRunner(app.http(), access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    address = f"http://127.0.0.1:{runner.addresses[0][1]}"
    browsers = aiohttp.TCPConnector(limit=0)
    headers = {"Origin": address}
    try:
        async with aiohttp.ClientSession(address, headers=headers, connector=browsers) as http:
            yield http
    finally:
        await runner.cleanup()
        await app.close()


def forwarded(client: int) -> dict[str, str]:
    return {"X-Forwarded-For": f"198.51.100.7, 203.0.113.{client}"}


@pytest.mark.parametrize(("proxies", "admitted"), [("1", MANY), ("0", MANY - 1)])
async def test_more_than_a_hundred_chats_fit_behind_one_proxy(
    sqlite_url: str, clock: ManualClock, proxies: str, admitted: int
) -> None:
    async with service(sqlite_url, clock, proxies) as http, AsyncExitStack() as stack:
        for client in range(admitted):
            page = http.ws_connect("/chat/ws", headers=forwarded(client))
            await stack.enter_async_context(page)
        if admitted < MANY:
            with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
                await http.ws_connect("/chat/ws", headers=forwarded(MANY))
            assert refused.value.status == 503


@pytest.mark.parametrize(("proxies", "slowed"), [("1", 0), ("2", 2), ("0", 2)])
async def test_the_pages_slow_down_the_client_and_not_the_proxy(
    sqlite_url: str, clock: ManualClock, proxies: str, slowed: int
) -> None:
    """With two proxies the one before the last has said who it was."""
    async with service(sqlite_url, clock, proxies) as http:
        came = []
        for client in range(BURST + 2):
            async with http.get("/verify", headers=forwarded(client)) as answer:
                came.append(answer.status)
        assert came.count(429) == slowed


@pytest.mark.parametrize(
    ("address", "counted"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("2001:db8:1:2::1", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff:ffff:ffff:ffff", "2001:db8:1:2::/64"),
        ("2001:db8:1:3::1", "2001:db8:1:3::/64"),
        ("::ffff:203.0.113.9", "203.0.113.9"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", ""),
        ("unknown", "unknown"),
    ],
)
def test_an_ipv6_client_is_counted_by_its_network(address: str, counted: str) -> None:
    assert network_of(address) == counted


async def test_one_ipv6_network_opens_no_more_chats_than_one_address(
    sqlite_url: str, clock: ManualClock
) -> None:
    async with service(sqlite_url, clock, "1") as http, AsyncExitStack() as stack:
        for number in range(MANY - 1):
            headers = {"X-Forwarded-For": f"2001:db8:1:2::{number:x}"}
            await stack.enter_async_context(http.ws_connect("/chat/ws", headers=headers))
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            await http.ws_connect("/chat/ws", headers={"X-Forwarded-For": "2001:db8:1:2:f::1"})
        assert refused.value.status == 503
        neighbour = {"X-Forwarded-For": "2001:db8:1:3::1"}
        await stack.enter_async_context(http.ws_connect("/chat/ws", headers=neighbour))


async def test_a_body_that_does_not_come_whole_is_given_up() -> None:
    given_up = asyncio.Event()

    async def receive(request: web.Request) -> web.Response:
        try:
            await read_body(request, 100, 0.05)
        except TimeoutError:
            given_up.set()
            return web.Response(status=408)
        return web.Response()

    app = web.Application()
    app.add_routes([web.post("/", receive)])
    async with TestServer(app) as server:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(b"POST / HTTP/1.1\r\nHost: a.example\r\nContent-Length: 50\r\n\r\nslow")
        async with asyncio.timeout(10):
            assert (await reader.readline()).split()[1] == b"408"
        assert given_up.is_set()
        writer.close()


def test_a_wrong_number_of_proxies_is_refused() -> None:
    with pytest.raises(SettingsError, match="YIZHAN_PROXIES"):
        read_settings({"YIZHAN_PROXIES": "-1"})
