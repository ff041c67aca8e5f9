"""A platform whose answer drips in byte by byte holds nobody for longer than a call may last."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator

import pytest

from bot.channels.protocol import Uncertain, Unreachable
from bot.channels.telegram.channel import TelegramChannel
from bot.channels.wechat import client as wechat
from bot.conversation.replies import Answer, Say, Words
from bot.geo.datum import Datum
from bot.services.stations import geocoding
from tests.conftest import ManualClock
from tests.support.fakes.telegram import TOKEN
from tests.support.killable_process import no_turn

BETWEEN_BYTES = 0.01  # seconds: each byte comes well before any limit on the wait for one
SHORT = 0.1  # seconds, instead of the limits of the service
HANGS = 10.0  # seconds after which a call counts as held for ever
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 1000000\r\n\r\n"
HELLO = Answer((Words((Say("你好"),)),))


class DrippingPlatform:
    """Answers each request with a byte every now and then; `first` answers come whole."""

    def __init__(self) -> None:
        self.first: list[bytes] = []

    async def __aenter__(self) -> "DrippingPlatform":
        self._open: set[asyncio.StreamWriter] = set()
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        host, port = self._server.sockets[0].getsockname()
        self.host = f"{host}:{port}"
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for writer in self._open:
            writer.close()
        self._open.clear()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open.add(writer)
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            await reader.readuntil(b"\r\n\r\n")
            if self.first:
                body = self.first.pop(0)
                size = len(body)
                writer.write(
                    b"HTTP/1.1 200 OK\r\nConnection: close\r\n"
                    b"Content-Length: %d\r\n\r\n%b" % (size, body)
                )
                await writer.drain()
            else:
                writer.write(HEAD)
                while writer in self._open:
                    writer.write(b" ")
                    await writer.drain()
                    await asyncio.sleep(BETWEEN_BYTES)
        writer.close()


@pytest.fixture
async def platform() -> AsyncIterator[DrippingPlatform]:
    async with DrippingPlatform() as running:
        yield running


async def test_telegram(platform: DrippingPlatform, monkeypatch: pytest.MonkeyPatch) -> None:
    for limit in ("CONNECT", "WRITE", "POOL"):
        monkeypatch.setattr(f"bot.channels.telegram.transport.{limit}", SHORT)
    channel = TelegramChannel(TOKEN, no_turn, api_base=f"http://{platform.host}")
    channel._transport._read = SHORT
    await channel.open()
    with pytest.raises(Uncertain):
        async with asyncio.timeout(HANGS):
            await channel.deliver("1", HELLO)
    await channel.close()


@pytest.mark.parametrize("token", [False, True], ids=["its token", "its message"])
async def test_wechat(
    platform: DrippingPlatform, monkeypatch: pytest.MonkeyPatch, clock: ManualClock, token: bool
) -> None:
    monkeypatch.setattr(wechat, "TOTAL", SHORT)
    if token:
        platform.first = [json.dumps({"access_token": "t", "expires_in": 7200}).encode()]
    client = wechat.Client("app", "secret", clock, f"http://{platform.host}")
    await client.open()
    with pytest.raises(Uncertain if token else Unreachable):
        async with asyncio.timeout(HANGS):
            await client.send({"touser": "o", "msgtype": "text"})
    await client.close()


async def test_the_geocoder(platform: DrippingPlatform, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(geocoding, "TIMEOUT", SHORT)
    options = {"domain": platform.host, "scheme": "http", "user_agent": "yizhan-test"}
    geocoder = geocoding.Geocoder("nominatim", json.dumps(options), Datum.WGS84)
    async with asyncio.timeout(HANGS):
        assert await geocoder.locate("海拉尔 火车站") is None
    await geocoder.close()
