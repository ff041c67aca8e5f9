"""The web chat's WebSocket, driven as a browser drives it."""

import asyncio
import json
from dataclasses import replace
from uuid import uuid4

import aiohttp
import pytest
from aiohttp import WSCloseCode

from bot.channels.protocol import Gone, Unavailable
from bot.channels.web import ABILITIES
from bot.channels.web.admission import Limits
from bot.channels.web.frames import address_of
from bot.common.clock import Clock
from bot.conversation.events import ChatOpened, Event, Location, Other, Press, Text
from bot.conversation.replies import Answer
from bot.geo.point import Point
from tests.channels.web.running_chat import RunningChat, text_of, words
from tests.support.fakes.web import PATIENCE, ScriptedTurn, WebLine


async def test_every_kind_of_message_becomes_its_event_and_is_answered(
    running: RunningChat, line: WebLine, clock: Clock
) -> None:
    assert "ChatOpened" in text_of(await line.arrive("poster_7"))
    assert "有热水吗" in text_of(await line.text("有热水吗"))
    assert "40.84" in text_of(await line.location(40.84, 111.75))
    assert "bad_location" in text_of(await line.location(111.75, 40.84))
    assert "station.card:7" in text_of(await line.press("station.card:7"))
    assert [event.content for event in running.turn.taken] == [
        ChatOpened("poster_7"),
        Text("有热水吗"),
        Location(Point(40.84, 111.75)),
        Other("bad_location"),
        Press("station.card:7"),
    ]
    for event in running.turn.taken:
        assert (event.sender.channel, event.sender.id) == ("web", address_of(line.visitor))
        assert (event.at, event.language) == (clock(), "zh-CN")
        assert line.visitor not in repr(event)
        assert event.network == "127.0.0.1"
        assert event.network not in repr(event)
        assert len(event.id) <= 160


async def test_ten_thousand_characters_arrive_whole(running: RunningChat, line: WebLine) -> None:
    text = "驿" * 10_000
    await line.text(text)
    assert running.turn.taken[0].content == Text(text)


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
async def test_only_our_own_page_may_connect(running: RunningChat, origin: str | None) -> None:
    headers = {} if origin is None else {"Origin": origin}
    async with aiohttp.ClientSession() as http:
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            await http.ws_connect(f"{running.url}chat/ws", headers=headers)
    assert refused.value.status == 403


async def test_a_configured_origin_may_connect(clock: Clock) -> None:
    running = await RunningChat(clock, origins=frozenset({"https://Chat.example.org"})).opened()
    async with (
        aiohttp.ClientSession() as http,
        http.ws_connect(f"{running.url}chat/ws", origin="https://chat.example.org") as socket,
    ):
        await socket.send_str("{")
        assert (await socket.receive_json(timeout=PATIENCE))["code"] == "malformed"
    await running.server.close()


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
    assert "还在" in text_of(await line.text("还在"))


async def test_a_binary_frame_is_malformed(running: RunningChat) -> None:
    async with (
        aiohttp.ClientSession() as http,
        http.ws_connect(f"{running.url}chat/ws", origin=running.url.rstrip("/")) as socket,
    ):
        await socket.send_bytes(b"\x00\x01")
        assert (await socket.receive_json(timeout=PATIENCE))["code"] == "malformed"


async def test_nothing_is_taken_before_hello(running: RunningChat) -> None:
    async with (
        aiohttp.ClientSession() as http,
        http.ws_connect(f"{running.url}chat/ws", origin=running.url.rstrip("/")) as socket,
    ):
        frame = {"v": 1, "type": "text", "id": str(uuid4()), "text": "在吗"}
        await socket.send_json(frame)
        error = await socket.receive_json(timeout=PATIENCE)
    assert (error["code"], error["to"]) == ("hello", frame["id"])
    assert not running.turn.taken


async def test_a_repeated_message_gets_the_stored_answer_and_runs_once(
    running: RunningChat, line: WebLine
) -> None:
    to = str(uuid4())
    first = await line.text("报名", to)
    await line.connect(running.url)
    assert await line.text("报名", to) == first
    assert len(running.turn.taken) == 1


async def test_another_visitor_cannot_fetch_an_answer_by_its_id(
    running: RunningChat, line: WebLine
) -> None:
    to = str(uuid4())
    await line.text("我的卡", to)
    async with WebLine() as stranger:
        await stranger.connect(running.url)
        assert "别人" in text_of(await stranger.text("别人", to))


async def test_while_the_database_is_away_the_page_is_told_when_to_repeat(clock: Clock) -> None:
    away = True

    def script(event: Event) -> Answer:
        if away:
            raise Unavailable
        return words("好了")

    running = await RunningChat(clock, ScriptedTurn(script)).opened()
    async with WebLine() as line:
        await line.connect(running.url)
        to = str(uuid4())
        error = await line.text("在吗", to)
        assert (error["code"], error["to"]) == ("unavailable", to)
        assert error["retry_after"] > 0
        away = False
        assert text_of(await line.text("在吗", to)) == "好了"
    await running.server.close()


async def test_a_notice_is_shown_on_every_open_page_of_that_visitor(running: RunningChat) -> None:
    async with WebLine() as phone, WebLine(phone.visitor) as desktop, WebLine() as stranger:
        for line in (phone, desktop, stranger):
            await line.connect(running.url)
        receiving = [asyncio.create_task(line.receive()) for line in (phone, desktop)]
        await running.chat.deliver(address_of(phone.visitor), words("明天元旦"))
        for frame in await asyncio.gather(*receiving):
            assert (frame["type"], text_of(frame)) == ("notice", "明天元旦")
        assert (await stranger.text("我呢"))["type"] == "answer"
        assert not stranger.notices


async def test_a_notice_that_no_page_acknowledges_is_not_called_delivered(clock: Clock) -> None:
    running = await RunningChat(clock, limits=replace(Limits(), acknowledgement=0.01)).opened()
    async with WebLine() as asleep:
        await asleep.connect(running.url)
        with pytest.raises(Gone):
            await running.chat.deliver(address_of(asleep.visitor), words("明天元旦"))
        await asleep.leave()
    with pytest.raises(Gone):
        await running.chat.deliver(address_of(uuid4().hex), words("没有人"))
    await running.server.close()


async def test_two_pages_of_one_visitor_are_answered_each_on_its_own(running: RunningChat) -> None:
    async with WebLine() as phone, WebLine(phone.visitor) as desktop:
        await phone.connect(running.url)
        await desktop.connect(running.url)
        on_phone, on_desktop = await asyncio.gather(phone.text("手机"), desktop.text("电脑"))
    assert "手机" in text_of(on_phone)
    assert "电脑" in text_of(on_desktop)
    assert len({event.sender for event in running.turn.taken}) == 1


async def test_shutting_down_says_going_away(clock: Clock) -> None:
    running = await RunningChat(clock).opened()
    async with WebLine() as line:
        await line.connect(running.url)
        waiting = asyncio.create_task(line.receive())
        await running.server.close()
        with pytest.raises(ConnectionError, match=str(int(WSCloseCode.GOING_AWAY))):
            await waiting


@pytest.mark.parametrize("path", ["static/../channel.py", "static/index.html", "static/", "x"])
async def test_nothing_but_the_listed_files_is_served(running: RunningChat, path: str) -> None:
    async with aiohttp.ClientSession() as http, http.get(running.url + path) as got:
        assert got.status == 404


def test_the_channel_declares_what_the_page_can_show() -> None:
    assert (ABILITIES.pins, ABILITIES.documents, ABILITIES.max_buttons) == (9, True, 24)
    assert ABILITIES.location_requests == "button"
    assert ABILITIES.push_window is None
