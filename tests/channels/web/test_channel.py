"""The web chat's socket and page files, driven as a browser drives them."""

import asyncio
import gzip
import json
import re
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any
from uuid import uuid4

import aiohttp
import pytest
from aiohttp import WSCloseCode, web
from aiohttp.test_utils import TestServer

from bot.channels.protocol import Gone, Unavailable
from bot.channels.web import ABILITIES, WebChat
from bot.channels.web.admission import Limits
from bot.channels.web.assets import content_policy
from bot.channels.web.frames import address_of
from bot.common.clock import Clock
from bot.common.rate_limit import Buckets, TokenBucket
from bot.conversation.events import Arrival, Event, Location, Other, Press, Text
from bot.conversation.replies import Answer, Say, Words
from bot.geo.point import Point
from tests.support.fakes.web import PATIENCE, ScriptedTurn, WebLine


def echo(event: Event) -> Answer:
    """Says which of the courier's acts it answers."""
    return words(repr(event.content))


def words(text: str) -> Answer:
    return Answer((Words((Say(text),)),))


def said(frame: dict[str, Any]) -> str:
    text: str = frame["messages"][0]["paragraphs"][0]["text"]
    return text


class House:
    """A web chat that listens, with the scripted turn behind it and a clock for its bucket."""

    def __init__(self, clock: Clock, turn: ScriptedTurn | None = None, **options: Any) -> None:
        self.seconds = 0.0
        self.turn = turn or ScriptedTurn(echo)
        self.chat = WebChat(self.turn, clock, monotonic=lambda: self.seconds, **options)
        app = web.Application()
        app.add_routes(self.chat.routes())
        app.on_shutdown.append(self._close)
        self.server = TestServer(app)

    async def _close(self, _: web.Application) -> None:
        await self.chat.close()

    @property
    def url(self) -> str:
        return str(self.server.make_url("/"))

    async def opened(self) -> "House":
        await self.server.start_server()
        return self


@pytest.fixture
async def house(clock: Clock) -> AsyncIterator[House]:
    opened = await House(clock).opened()
    yield opened
    await opened.server.close()


@pytest.fixture
async def line(house: House) -> AsyncIterator[WebLine]:
    async with WebLine() as opened:
        await opened.connect(house.url)
        yield opened


async def test_every_act_becomes_its_event_and_is_answered(
    house: House, line: WebLine, clock: Clock
) -> None:
    assert "Arrival" in said(await line.arrive("poster_7"))
    assert "有热水吗" in said(await line.text("有热水吗"))
    assert "40.84" in said(await line.location(40.84, 111.75))
    assert "bad_location" in said(await line.location(111.75, 40.84))
    assert "station.card:7" in said(await line.press("station.card:7"))
    assert [event.content for event in house.turn.taken] == [
        Arrival("poster_7"),
        Text("有热水吗"),
        Location(Point(40.84, 111.75)),
        Other("bad_location"),
        Press("station.card:7"),
    ]
    for event in house.turn.taken:
        assert (event.sender.channel, event.sender.id) == ("web", address_of(line.visitor))
        assert (event.at, event.language) == (clock(), "zh-CN")
        assert line.visitor not in repr(event)
        assert len(event.id) <= 160


async def test_ten_thousand_characters_arrive_whole(house: House, line: WebLine) -> None:
    text = "驿" * 10_000
    await line.text(text)
    assert house.turn.taken[0].content == Text(text)


@pytest.mark.parametrize(
    "origin",
    [
        None,
        "",
        "null",
        "https://evil.example",
        "http://127.0.0.1.evil.example",
        "file://",
        "http://[",
    ],
)
async def test_only_our_own_page_may_connect(house: House, origin: str | None) -> None:
    headers = {} if origin is None else {"Origin": origin}
    async with aiohttp.ClientSession() as http:
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            await http.ws_connect(f"{house.url}chat/ws", headers=headers)
    assert refused.value.status == 403


async def test_a_configured_origin_may_connect(clock: Clock) -> None:
    house = await House(clock, origins=frozenset({"https://Chat.example.org"})).opened()
    async with (
        aiohttp.ClientSession() as http,
        http.ws_connect(f"{house.url}chat/ws", origin="https://chat.example.org") as socket,
    ):
        await socket.send_str("{")
        assert (await socket.receive_json(timeout=PATIENCE))["code"] == "malformed"
    await house.server.close()


async def test_bad_frames_get_one_error_each_and_the_socket_stays_open(line: WebLine) -> None:
    for raw, code in [
        ("{", "malformed"),
        ('{"v":1,"type":"dance","id":"x"}', "type"),
        ('{"v":9,"type":"text"}', "version"),
        (json.dumps({"v": 1, "type": "hello", "visitor": "0" * 32, "language": "en"}), "hello"),
    ]:
        await line.send_raw(raw)
        error = await line.receive()
        assert (error["type"], error["code"]) == ("error", code)
    assert "还在" in said(await line.text("还在"))


async def test_a_binary_frame_is_malformed(house: House) -> None:
    async with (
        aiohttp.ClientSession() as http,
        http.ws_connect(f"{house.url}chat/ws", origin=house.url.rstrip("/")) as socket,
    ):
        await socket.send_bytes(b"\x00\x01")
        assert (await socket.receive_json(timeout=PATIENCE))["code"] == "malformed"


async def test_nothing_is_taken_before_hello(house: House) -> None:
    async with (
        aiohttp.ClientSession() as http,
        http.ws_connect(f"{house.url}chat/ws", origin=house.url.rstrip("/")) as socket,
    ):
        frame = {"v": 1, "type": "text", "id": str(uuid4()), "text": "在吗"}
        await socket.send_json(frame)
        error = await socket.receive_json(timeout=PATIENCE)
    assert (error["code"], error["to"]) == ("hello", frame["id"])
    assert not house.turn.taken


async def test_too_big_a_frame_closes_that_socket_only(house: House, line: WebLine) -> None:
    async with WebLine() as big:
        await big.connect(house.url)
        await big.send_raw("x" * (Limits().frame_bytes + 1))
        with pytest.raises(ConnectionError, match=str(int(WSCloseCode.MESSAGE_TOO_BIG))):
            await big.receive()
        await big.connect(house.url)
        with pytest.raises(ConnectionError):  # hung up on while still sending, or after
            await big.ask({"type": "text", "text": "x" * 10_000_000})
    assert "还在" in said(await line.text("还在"))


async def test_too_many_messages_are_put_off_and_then_taken(house: House, line: WebLine) -> None:
    limits = Limits()
    for n in range(limits.burst - 1):  # the hello was the first
        assert (await line.text(str(n)))["type"] == "answer"
    to = str(uuid4())
    put_off = await line.text("太快了", to)
    assert (put_off["code"], put_off["to"]) == ("too_fast", to)
    assert len(house.turn.taken) == limits.burst - 1
    house.seconds += put_off["retry_after"] + 1 / limits.per_second
    assert "太快了" in said(await line.text("太快了", to))


async def test_hammering_is_hung_up_on(house: House, line: WebLine) -> None:
    for _ in range(2 * Limits().burst - 1):
        await line.send_raw("{")
    for _ in range(2 * Limits().burst - 2):
        assert (await line.receive())["code"] == "malformed"
    with pytest.raises(ConnectionError, match=str(int(WSCloseCode.POLICY_VIOLATION))):
        await line.receive()


async def test_a_new_connection_brings_no_new_messages(house: House, line: WebLine) -> None:
    limits = Limits()
    for n in range(limits.burst - 1):
        assert (await line.text(str(n)))["type"] == "answer"
    async with WebLine(line.visitor) as again, WebLine() as somebody:
        await again.connect(house.url)
        assert (await again.text("换个页面"))["code"] == "too_fast"
        await somebody.connect(house.url)
        assert (await somebody.text("我才来"))["type"] == "answer"
    house.seconds += 60
    assert (await line.text("等了一会儿"))["type"] == "answer"


async def test_one_address_is_slowed_down_however_many_visitors_it_makes_up(clock: Clock) -> None:
    limits = replace(Limits(), client_burst=6, client_per_second=1.0)
    house = await House(clock, proxies=1, limits=limits).opened()
    came = []
    for _ in range(5):  # a hello and a message each
        async with WebLine() as line:
            await line.connect(house.url)
            came.append((await line.text("我"))["type"])
    assert came == ["answer"] * 3 + ["error"] * 2
    house.seconds += 60
    async with WebLine() as line:
        await line.connect(house.url)
        assert (await line.text("我"))["type"] == "answer"
    await house.server.close()


async def test_who_hammered_is_hung_up_on_at_once_when_they_come_back(
    house: House, line: WebLine
) -> None:
    for _ in range(2 * Limits().burst - 1):
        await line.send_raw("{")
    for _ in range(2 * Limits().burst - 2):
        await line.receive()
    async with WebLine(line.visitor) as again:
        with pytest.raises(ConnectionError):
            await line.receive()
        with pytest.raises(ConnectionError, match=str(int(WSCloseCode.POLICY_VIOLATION))):
            await again.connect(house.url)
    house.seconds += 60
    await line.connect(house.url)
    assert (await line.text("好了"))["type"] == "answer"


def test_visitors_seen_longest_ago_are_forgotten() -> None:
    buckets = Buckets(1, 1.0, lambda: 0.0, remembered=2)
    for whose in ("a", "b", "a", "c"):
        buckets.of(whose).wait()
    assert [buckets.of(whose).wait() > 0 for whose in ("a", "c", "b")] == [True, True, False]


def test_the_bucket_fills_with_time_up_to_its_burst() -> None:
    now = 0.0
    bucket = TokenBucket(2, 1.0, lambda: now)
    assert [bucket.wait(), bucket.wait(), bucket.wait()] == [0, 0, 1]
    now = 3.0
    assert [bucket.wait(), bucket.wait(), bucket.wait()] == [0, 0, 1]
    now = 3600.0
    assert [bucket.wait(), bucket.wait(), bucket.wait()] == [0, 0, 1]


async def test_one_client_may_open_only_so_many_sockets(clock: Clock) -> None:
    house = await House(clock, limits=replace(Limits(), sockets_per_client=2)).opened()
    async with WebLine() as one, WebLine() as two, WebLine() as three:
        await one.connect(house.url)
        await two.connect(house.url)
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            await three.connect(house.url)
        assert refused.value.status == 503
        await one.leave()
        async with asyncio.timeout(PATIENCE):
            while True:
                try:
                    await three.connect(house.url)
                    break
                except aiohttp.WSServerHandshakeError:
                    continue
        assert (await three.text("进来了"))["type"] == "answer"
    await house.server.close()


async def test_behind_a_proxy_clients_are_told_apart(clock: Clock) -> None:
    limits = replace(Limits(), sockets_per_client=1)
    house = await House(clock, proxies=1, limits=limits).opened()
    origin = house.url.rstrip("/")
    async with aiohttp.ClientSession() as http:
        sockets = [
            await http.ws_connect(
                f"{house.url}chat/ws",
                origin=origin,
                headers={"X-Forwarded-For": f"1.1.1.1, {client}"},
            )
            for client in ("10.0.0.1", "10.0.0.2")
        ]
        headers = {"X-Forwarded-For": "9.9.9.9, 10.0.0.1"}
        with pytest.raises(aiohttp.WSServerHandshakeError):
            await http.ws_connect(f"{house.url}chat/ws", origin=origin, headers=headers)
        assert not any(socket.closed for socket in sockets)
        for socket in sockets:
            await socket.close()
    await house.server.close()


async def test_a_repeated_message_gets_the_answer_and_not_the_deed(
    house: House, line: WebLine
) -> None:
    to = str(uuid4())
    first = await line.text("报名", to)
    await line.connect(house.url)
    assert await line.text("报名", to) == first
    assert len(house.turn.taken) == 1


async def test_another_visitor_cannot_fetch_an_answer_by_its_id(
    house: House, line: WebLine
) -> None:
    to = str(uuid4())
    await line.text("我的卡", to)
    async with WebLine() as stranger:
        await stranger.connect(house.url)
        assert "别人" in said(await stranger.text("别人", to))


async def test_while_the_database_is_away_the_page_is_told_when_to_repeat(clock: Clock) -> None:
    away = True

    def script(event: Event) -> Answer:
        if away:
            raise Unavailable
        return words("好了")

    house = await House(clock, ScriptedTurn(script)).opened()
    async with WebLine() as line:
        await line.connect(house.url)
        to = str(uuid4())
        error = await line.text("在吗", to)
        assert (error["code"], error["to"]) == ("unavailable", to)
        assert error["retry_after"] > 0
        away = False
        assert said(await line.text("在吗", to)) == "好了"
    await house.server.close()


async def test_a_notice_is_shown_on_every_open_page_of_that_visitor(house: House) -> None:
    async with WebLine() as phone, WebLine(phone.visitor) as desktop, WebLine() as stranger:
        for line in (phone, desktop, stranger):
            await line.connect(house.url)
        receiving = [asyncio.create_task(line.receive()) for line in (phone, desktop)]
        await house.chat.deliver(address_of(phone.visitor), words("明天元旦"))
        for frame in await asyncio.gather(*receiving):
            assert (frame["type"], said(frame)) == ("notice", "明天元旦")
        assert (await stranger.text("我呢"))["type"] == "answer"
        assert not stranger.notices


async def test_a_notice_that_no_page_acknowledges_is_not_called_delivered(clock: Clock) -> None:
    house = await House(clock, limits=replace(Limits(), acknowledgement=0.01)).opened()
    async with WebLine() as asleep:
        await asleep.connect(house.url)
        with pytest.raises(Gone):
            await house.chat.deliver(address_of(asleep.visitor), words("明天元旦"))
        await asleep.leave()
    with pytest.raises(Gone):
        await house.chat.deliver(address_of(uuid4().hex), words("没有人"))
    await house.server.close()


async def test_two_pages_of_one_visitor_are_answered_each_on_its_own(house: House) -> None:
    async with WebLine() as phone, WebLine(phone.visitor) as desktop:
        await phone.connect(house.url)
        await desktop.connect(house.url)
        on_phone, on_desktop = await asyncio.gather(phone.text("手机"), desktop.text("电脑"))
    assert "手机" in said(on_phone)
    assert "电脑" in said(on_desktop)
    assert len({event.sender for event in house.turn.taken}) == 1


async def test_shutting_down_says_going_away(clock: Clock) -> None:
    house = await House(clock).opened()
    async with WebLine() as line:
        await line.connect(house.url)
        waiting = asyncio.create_task(line.receive())
        await house.server.close()
        with pytest.raises(ConnectionError, match=str(int(WSCloseCode.GOING_AWAY))):
            await waiting


async def test_the_page_comes_with_strict_headers_and_no_inline_code(house: House) -> None:
    async with aiohttp.ClientSession() as http, http.get(house.url) as got:
        page = await got.text()
        policy = got.headers["Content-Security-Policy"]
        assert got.headers["X-Content-Type-Options"] == "nosniff"
        assert got.headers["Referrer-Policy"] == "no-referrer"
        assert got.headers["Cache-Control"] == "no-cache"
    assert "unsafe" not in policy
    assert "default-src 'none'" in policy
    assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=", page)
    assert not re.search(r"(?:src|href)=\"(?!/static/|#)", page)


async def test_files_are_cached_by_content_and_sent_compressed(house: House) -> None:
    async with aiohttp.ClientSession(auto_decompress=False) as http:
        for path, media_type, cache in [
            ("static/chat.js", "text/javascript; charset=utf-8", "no-cache"),
            ("static/leagues.geojson", "application/geo+json", "no-cache"),
            (
                "static/leaflet-1.9.4/leaflet.js",
                "text/javascript; charset=utf-8",
                "public, max-age=31536000, immutable",
            ),
        ]:
            plain = await http.get(house.url + path, headers={"Accept-Encoding": "identity"})
            body = await plain.read()
            assert plain.headers["Content-Type"] == media_type
            assert plain.headers["Cache-Control"] == cache
            packed = await http.get(house.url + path, headers={"Accept-Encoding": "gzip, br"})
            assert packed.headers["Content-Encoding"] == "gzip"
            assert gzip.decompress(await packed.read()) == body
            known = {"If-None-Match": plain.headers["ETag"]}
            assert (await http.get(house.url + path, headers=known)).status == 304


@pytest.mark.parametrize("path", ["static/../channel.py", "static/index.html", "static/", "x"])
async def test_nothing_but_the_listed_files_is_served(house: House, path: str) -> None:
    async with aiohttp.ClientSession() as http, http.get(house.url + path) as got:
        assert got.status == 404


def test_a_forged_host_stays_out_of_the_policy() -> None:
    assert "wss://chat.example.org:8443" in content_policy("chat.example.org:8443")
    assert "evil" not in content_policy("x; script-src evil")


def test_the_channel_declares_what_the_page_can_show() -> None:
    assert (ABILITIES.pins, ABILITIES.documents, ABILITIES.max_buttons) == (9, True, 24)
    assert ABILITIES.location_requests == "button"
    assert ABILITIES.push_window is None
