"""The whole channel against a Bot API on this machine, by polling and by webhook."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from io import BytesIO
from typing import Literal

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from structlog.testing import capture_logs

from bot.channels.protocol import Channel, Gone, Refused, Throttled, Unavailable
from bot.channels.telegram.channel import TelegramChannel
from bot.channels.telegram.polling import Poller
from bot.channels.telegram.profile import Profile, deploy_profile
from bot.channels.telegram.webhook import HEADER, PATH, register, routes
from bot.conversation.events import Arrival, Departure, Event, Location, Other, Press, Text
from bot.conversation.replies import Answer, Button, Choices, Document, Link, Say, Venue, Words
from bot.geo.point import Point
from tests.support.fakes.bot_api_oracle import check_calls
from tests.support.fakes.telegram import FakeTelegram
from tests.support.fakes.telegram_calls import Fault, Params, Recorded

CHAT = 5501
SECRET = "a-secret_of-the-webhook"
FIRST_PAUSE = 0.002  # seconds; doubles, so that a retry is seen at once
Way = Literal["polling", "webhook"]


@dataclass
class Echo:
    """A turn that answers an event once and repeats the answer, as the core does."""

    events: list[Event] = field(default_factory=list)
    deeds: dict[str, Answer] = field(default_factory=dict)
    troubles: list[Exception] = field(default_factory=list)
    gate: asyncio.Event | None = None
    running: int = 0
    most_running: int = 0
    news: asyncio.Event = field(default_factory=asyncio.Event)

    async def until(self, holds: Callable[[], bool]) -> None:
        async with asyncio.timeout(10):
            while not holds():
                await self.news.wait()

    async def turn(self, event: Event) -> Answer:
        self.running += 1
        self.news.set()
        self.news = asyncio.Event()
        self.most_running = max(self.running, self.most_running)
        try:
            if self.troubles:
                raise self.troubles.pop(0)
            if self.gate is not None:
                await self.gate.wait()
            self.events.append(event)
            return self.deeds.setdefault(event.id, self.answer(event))
        finally:
            self.running -= 1

    def answer(self, event: Event) -> Answer:
        menu = Choices(((Button("再来", "again:1"),),), numbered=False)
        match event.content:
            case Text(text=text):
                return Answer((Words((Say(f"{len(self.deeds)}: {text[:4000]}"),), menu),))
            case Location(point):
                return Answer((Words((Say("最近的"),)), Venue(point, "示例驿站", "新城区", menu)))
            case Press(action):
                return Answer((Words((Say(f"pressed {action}"),)),))
            case Arrival(code):
                return Answer((Words((Say(f"你好 {code}"),), ask_location="发送位置"),))
            case Other("bad_location"):
                return Answer((Words((Say("坐标不对"),)),))
            case Departure():
                return Answer(())
            case _:
                file = Document("a.ics", "text/calendar", b"BEGIN", Link("a", "https://x.example"))
                return Answer((file,))


@dataclass
class Line:
    """A running channel, and the fake at its other end."""

    telegram: FakeTelegram
    channel: TelegramChannel
    echo: Echo


@asynccontextmanager
async def running(way: Way, telegram: FakeTelegram) -> AsyncIterator[Line]:
    echo = Echo()
    channel = TelegramChannel(telegram.token, echo.turn, api_base=telegram.url)
    await channel.open()
    stop = asyncio.Event()
    server = None
    if way == "polling":
        poller = Poller(channel, stop, poll_seconds=20, first_pause=FIRST_PAUSE)
        task = asyncio.create_task(poller.run())
    else:
        app = web.Application()
        app.add_routes(routes(channel, SECRET))
        server = TestServer(app)
        await server.start_server()
        url = str(server.make_url(PATH))
        task = asyncio.create_task(register(channel, url, SECRET, stop, FIRST_PAUSE))
        await task
    try:
        yield Line(telegram, channel, echo)
    finally:
        if echo.gate is not None:
            echo.gate.set()
        stop.set()
        await task
        if server is not None:
            await server.close()
        await channel.close()
        assert check_calls(telegram.calls) > 0


@pytest.fixture
async def telegram() -> AsyncIterator[FakeTelegram]:
    async with FakeTelegram() as server:
        yield server


@pytest.fixture(params=["polling", "webhook"])
async def line(request: pytest.FixtureRequest, telegram: FakeTelegram) -> AsyncIterator[Line]:
    async with running(request.param, telegram) as open_line:
        yield open_line


@pytest.fixture
async def hooked(telegram: FakeTelegram) -> AsyncIterator[Line]:
    async with running("webhook", telegram) as open_line:
        yield open_line


@pytest.fixture
async def polled(telegram: FakeTelegram) -> AsyncIterator[Line]:
    async with running("polling", telegram) as open_line:
        yield open_line


def texts(calls: list[Recorded]) -> list[str]:
    return [call.params["text"] for call in calls if call.method == "sendMessage"]


async def test_a_courier_is_answered(line: Line) -> None:
    telegram = line.telegram
    assert texts(await telegram.start(CHAT, "poster7")) == ["你好 poster7"]
    said, pinned = await telegram.location(CHAT, 40.842356, 111.749121)
    assert said.params["text"] == "最近的"
    assert pinned.method == "sendVenue"
    assert line.echo.events[-1].content == Location(Point(40.842356, 111.749121))
    assert texts(await telegram.tap(CHAT, "再来")) == ["pressed again:1"]
    assert texts(await telegram.location(CHAT, 95.5, 111)) == ["坐标不对"]
    (sent,) = await telegram.redeliver(telegram.message(CHAT, {"voice": {"file_id": "A"}}))
    assert sent.method == "sendDocument"
    assert [event.language for event in line.echo.events] == ["zh-hans"] * 5


async def test_a_press_is_acknowledged_before_anything_else(line: Line) -> None:
    await line.telegram.text(CHAT, "hi")
    before = len(line.telegram.calls)
    await line.telegram.tap(CHAT, "再来")
    made = [call.method for call in line.telegram.calls[before:] if call.method != "getUpdates"]
    assert made == ["answerCallbackQuery", "sendMessage"]


async def test_a_late_press_still_counts(line: Line) -> None:
    line.telegram.forget_queries()
    update = line.telegram.query(CHAT, "again:1")
    line.telegram.forget_queries()
    with capture_logs() as logs:
        assert texts(await line.telegram.redeliver(update)) == ["pressed again:1"]
    assert logs == []


async def test_a_redelivery_repeats_the_answer_not_the_deed(line: Line) -> None:
    update = line.telegram.message(CHAT, {"text": "登记"})
    first = texts(await line.telegram.redeliver(update))
    again = texts(await line.telegram.redeliver(update))
    assert first == again == ["0: 登记"]
    assert len(line.echo.deeds) == 1
    assert {event.id for event in line.echo.events} == {str(update["update_id"])}


async def test_who_blocks_the_bot_is_let_go_quietly(line: Line) -> None:
    await line.telegram.text(CHAT, "hi")
    line.telegram.block_silently(CHAT)
    with capture_logs() as logs:
        (refused,) = await line.telegram.text(CHAT, "hello?")
        await line.telegram.block(CHAT)
    assert refused.status == 403
    assert logs == []
    assert line.echo.events[-1].content == Departure()
    assert texts(await line.telegram.unblock(CHAT)) == ["你好"]


async def test_nothing_that_is_sent_wedges_a_conversation(line: Line) -> None:
    telegram = line.telegram
    for words in ("长" * 4096, "😀" * 2048, "\u202eabc", "a\0b", "/", "'; DROP TABLE", "\ud83d"):
        assert len(await telegram.text(CHAT, words)) == 1
    for action in ("", "x" * 64, "../..", "station.card:999999999999"):
        assert len(await telegram.press(CHAT, action)) == 1
    for odd in (
        {"update_id": 1, "brain_wave": {"chat": {"id": CHAT}}},
        {"update_id": 2, "message": None},
        {"update_id": 3, "message": {"chat": {"id": CHAT, "type": "private"}, "text": 7}},
        {"update_id": 4, "edited_message": telegram.message(CHAT, {"text": "x"})["message"]},
    ):
        assert await telegram.redeliver(odd) == []
    assert texts(await telegram.text(CHAT, "还在吗"))[0].endswith(": 还在吗")


async def test_a_database_that_is_away_costs_no_message(line: Line) -> None:
    line.echo.troubles = [Unavailable(), Unavailable()]
    assert texts(await line.telegram.text(CHAT, "在吗")) == ["0: 在吗"]


async def test_a_bug_ends_with_its_update(line: Line) -> None:
    line.echo.troubles = [ValueError("what a courier wrote")]
    with capture_logs() as logs:
        assert await line.telegram.text(CHAT, "boom") == []
        assert texts(await line.telegram.text(CHAT, "next")) == ["0: next"]
    (entry,) = [entry for entry in logs if entry["event"] == "telegram.failed"]
    assert entry["error"] == "ValueError"
    assert "courier wrote" not in str(logs)


async def test_being_asked_to_wait_repeats_the_answer_only(line: Line) -> None:
    line.telegram.inject(
        "sendMessage", Fault(429, "Too Many Requests", retry_after=0.01), chat=CHAT
    )
    refused, sent = await line.telegram.text(CHAT, "hi")
    assert (refused.status, sent.status) == (429, 200)
    assert texts([sent]) == ["0: hi"]
    assert len(line.echo.deeds) == 1


@pytest.mark.parametrize("fault", [Fault(500), Fault(drop=True), Fault(400, "Bad Request: x")])
async def test_an_answer_that_may_have_arrived_is_not_sent_twice(line: Line, fault: Fault) -> None:
    line.telegram.inject("sendMessage", fault)
    with capture_logs() as logs:
        assert len(await line.telegram.text(CHAT, "hi")) == 1
    assert [entry["event"] for entry in logs] == ["telegram.unanswered"]
    assert texts(await line.telegram.text(CHAT, "again")) == ["1: again"]


async def test_order_within_a_chat_and_none_between_chats(line: Line) -> None:
    telegram, echo = line.telegram, line.echo
    echo.gate = asyncio.Event()
    sent = [
        telegram.push(telegram.message(chat, {"text": f"{number}"}))
        for number in range(5)
        for chat in (1, 2, 3, 4)
    ]
    await echo.until(lambda: echo.running == 4)  # the first of each chat, side by side
    echo.gate.set()
    await telegram.until(lambda: all(one.settled for one in sent))
    assert echo.most_running == 4
    for chat in (1, 2, 3, 4):
        said = [e.content for e in echo.events if e.sender.id == str(chat)]
        assert said == [Text(f"{number}") for number in range(5)]


async def test_two_copies_at_once_are_taken_one_after_the_other(hooked: Line) -> None:
    update = hooked.telegram.message(CHAT, {"text": "hi"})
    await asyncio.gather(*(hooked.channel.take(update) for _ in range(5)), return_exceptions=True)
    assert hooked.echo.most_running == 1


# what is sent first


async def test_a_reminder_is_delivered(line: Line) -> None:
    channel: Channel = line.channel
    await line.telegram.text(CHAT, "hi")
    before = len(line.telegram.calls)
    await channel.deliver(str(CHAT), Answer((Words((Say("明天 9 点开课"),)),)))
    assert "明天 9 点开课" in texts(line.telegram.calls[before:])


async def test_a_failed_reminder_says_why(line: Line) -> None:
    reminder = Answer((Words((Say("明天 9 点开课"),)),))
    with pytest.raises(Gone):
        await line.channel.deliver("999", reminder)  # never wrote to the bot
    await line.telegram.text(CHAT, "hi")
    line.telegram.inject("sendMessage", Fault(429, retry_after=5), Fault(400, "Bad Request: x"))
    with pytest.raises(Throttled) as throttled:
        await line.channel.deliver(str(CHAT), reminder)
    assert throttled.value.retry_after == timedelta(seconds=5)
    with pytest.raises(Refused):
        await line.channel.deliver(str(CHAT), reminder)
    line.telegram.block_silently(CHAT)
    with pytest.raises(Gone):
        await line.channel.deliver(str(CHAT), reminder)


async def test_commands_and_descriptions_are_set_in_each_language(hooked: Line) -> None:
    english = Profile((("start", "Begin"), ("help", "What I can do")), "Finds stations", "Stations")
    chinese = Profile((("start", "开始"), ("help", "我能做什么")), "找爱心驿站", "爱心驿站")
    await deploy_profile(hooked.channel.client, {"": chinese, "en": english})
    assert [call.params for call in hooked.telegram.called("setMyCommands")] == [
        {
            "commands": [
                {"command": "start", "description": "开始"},
                {"command": "help", "description": "我能做什么"},
            ]
        },
        {
            "commands": [
                {"command": "start", "description": "Begin"},
                {"command": "help", "description": "What I can do"},
            ],
            "language_code": "en",
        },
    ]
    (_, last) = hooked.telegram.called("setMyShortDescription")
    assert last.params == {"short_description": "Stations", "language_code": "en"}
    assert len(hooked.telegram.called("setMyDescription")) == 2


# the webhook


async def test_the_webhook_is_registered_with_all_it_needs(hooked: Line) -> None:
    asked = dict(hooked.telegram.webhook)
    assert asked.pop("url").endswith("/telegram/webhook")
    assert asked == {
        "secret_token": SECRET,
        "allowed_updates": ["message", "callback_query", "my_chat_member"],
        "max_connections": 40,
    }


async def test_registering_is_repeated_until_it_works(telegram: FakeTelegram) -> None:
    telegram.inject("setWebhook", Fault(502, body=b"<html>"), Fault(drop=True))
    with capture_logs() as logs:
        async with running("webhook", telegram) as line:
            assert texts(await line.telegram.text(CHAT, "hi")) == ["0: hi"]
    assert [entry["event"] for entry in logs] == ["telegram.unreachable"]
    assert len(telegram.called("setWebhook")) == 3


async def post(line: Line, body: bytes, secret: str | None = SECRET) -> int:
    headers = {"Content-Type": "application/json"}
    if secret is not None:
        headers[HEADER] = secret
    async with (
        aiohttp.ClientSession() as http,
        http.post(line.telegram.webhook["url"], data=BytesIO(body), headers=headers) as response,
    ):
        return response.status


@pytest.mark.parametrize("secret", [None, "", "wrong", SECRET + "x", SECRET[:-1], "ключ", "\udcff"])
async def test_without_the_secret_nobody_is_heard(hooked: Line, secret: str | None) -> None:
    assert await post(hooked, b'{"update_id": 1}', secret) == 403
    assert await post(hooked, b"not even JSON", secret) == 403
    assert hooked.echo.events == []


def test_an_empty_secret_is_refused() -> None:
    channel = TelegramChannel("1:x", Echo().turn)
    with pytest.raises(ValueError, match="secret"):
        routes(channel, "")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"null",
        b"[]",
        b'"text"',
        b"\xff\xfe",
        b'{"update_id": "7"}',
        b'{"update_id": NaN}',
        b"[" * 100_000,
        b'{"update_id": ' + b"9" * 5000 + b"}",
    ],
    ids=repr,
)
async def test_what_is_no_update_is_acknowledged_and_logged(hooked: Line, body: bytes) -> None:
    with capture_logs() as logs:
        assert await post(hooked, body) == 200
    assert logs == [{"event": "telegram.unreadable", "log_level": "warning"}]


async def test_a_kind_of_update_that_is_not_known_is_acknowledged(hooked: Line) -> None:
    with capture_logs() as logs:
        assert await post(hooked, b'{"update_id": 9, "brain_wave": {"chat": {"id": 1}}}') == 200
    assert logs == []


async def test_ten_megabytes_are_too_much(hooked: Line) -> None:
    assert await post(hooked, b'{"update_id": 1, "x": "' + b"y" * 10_000_000 + b'"}') == 413
    assert hooked.echo.events == []
    assert texts(await hooked.telegram.text(CHAT, "hi")) == ["0: hi"]


async def test_telegram_hears_200_only_after_the_answer(hooked: Line) -> None:
    hooked.echo.troubles = [Unavailable()]
    hooked.telegram.inject("sendMessage", Fault(429, retry_after=3))
    delivery = hooked.telegram.push(hooked.telegram.message(CHAT, {"text": "hi"}))
    await hooked.telegram.until(lambda: delivery.settled)
    assert delivery.statuses == [503, 503, 200]


async def test_how_long_to_wait_is_passed_on(hooked: Line) -> None:
    await hooked.telegram.text(CHAT, "hi")
    hooked.telegram.inject("sendMessage", Fault(429, retry_after=17))
    update = hooked.telegram.message(CHAT, {"text": "x"})
    async with (
        aiohttp.ClientSession() as http,
        http.post(
            hooked.telegram.webhook["url"], json=update, headers={HEADER: SECRET}
        ) as response,
    ):
        assert (response.status, response.headers["Retry-After"]) == (503, "17")


async def test_replicas_take_turns(hooked: Line) -> None:
    async with running("webhook", hooked.telegram) as other:
        second = other.telegram.webhook["url"]
        first = hooked.telegram.called("setWebhook")[0].params["url"]
        hooked.telegram.balance(first, second)
        for words in "abcd":
            await hooked.telegram.text(CHAT, words)
        heard = [[e.content for e in line.echo.events] for line in (hooked, other)]
    assert heard == [[Text("a"), Text("c")], [Text("b"), Text("d")]]


# polling


async def test_polling_removes_a_webhook_that_is_in_the_way(telegram: FakeTelegram) -> None:
    telegram.webhook = {"url": "http://127.0.0.1:9/"}
    async with running("polling", telegram) as line:
        await telegram.until(lambda: bool(telegram.called("getUpdates")))
        assert texts(await line.telegram.text(CHAT, "hi")) == ["0: hi"]
    asked = telegram.called("getUpdates")[0].params
    assert asked == {
        "timeout": 20,
        "allowed_updates": ["message", "callback_query", "my_chat_member"],
    }


async def test_polling_survives_bad_answers(telegram: FakeTelegram) -> None:
    telegram.inject("deleteWebhook", Fault(drop=True))
    telegram.inject(
        "getUpdates",
        Fault(502, body=b"<html>Bad Gateway</html>"),
        Fault(drop=True),
        Fault(200, body=b'{"ok": true, "result": [{"no": "id"}]}'),
        Fault(200, body=b'{"ok": true, "result": null}'),
        Fault(400, "Bad Request: a middlebox"),
        Fault(429, retry_after=0.01),
    )
    async with running("polling", telegram) as line:
        assert texts(await line.telegram.text(CHAT, "hi")) == ["0: hi"]


async def test_half_a_surrogate_pair_does_not_stop_the_queue(telegram: FakeTelegram) -> None:
    said = b'{"id":5501,"type":"private"},"text":"a\\ud83d"}}]}'
    batch = b'{"ok":true,"result":[{"update_id":700000001,"message":{"chat":' + said
    telegram.inject("getUpdates", Fault(200, body=batch))
    async with running("polling", telegram) as line:
        await telegram.until(lambda: bool(line.echo.events))
        assert line.echo.events[0].content == Text("a\ufffd")


@pytest.mark.parametrize("fault", [Fault(401, "Unauthorized"), Fault(404, "Not Found")])
async def test_a_refused_token_ends_polling_with_one_clear_line(
    telegram: FakeTelegram, fault: Fault
) -> None:
    telegram.inject("deleteWebhook", fault)
    with capture_logs() as logs:
        async with running("polling", telegram):
            await telegram.until(lambda: bool(telegram.calls))
    (entry,) = logs
    assert (entry["event"], entry["hint"]) == ("telegram.refused", "check the token")
    assert telegram.token not in str(logs)


async def test_a_second_poller_is_named_in_the_log(telegram: FakeTelegram) -> None:
    telegram.inject("getUpdates", *[Fault(409, "Conflict: terminated by other getUpdates")] * 3)
    with capture_logs() as logs:
        async with running("polling", telegram) as line:
            assert texts(await line.telegram.text(CHAT, "hi")) == ["0: hi"]
    assert [entry["event"] for entry in logs] == ["telegram.conflict"]


async def test_stopping_finishes_and_confirms_what_is_in_hand(telegram: FakeTelegram) -> None:
    async with running("polling", telegram) as line:
        line.echo.gate = asyncio.Event()
        delivery = telegram.push(telegram.message(CHAT, {"text": "hi"}))
        await line.echo.until(lambda: line.echo.running == 1)
        unfinished = not delivery.settled
        asyncio.get_running_loop().call_soon(line.echo.gate.set)
    assert unfinished
    assert delivery.settled
    assert len(telegram.called("sendMessage")) == 1


async def test_stopping_leaves_unconfirmed_what_could_not_be_done(telegram: FakeTelegram) -> None:
    async with running("polling", telegram) as line:
        line.echo.troubles = [Unavailable() for _ in range(10_000)]
        delivery = telegram.push(telegram.message(CHAT, {"text": "hi"}))
        await line.echo.until(lambda: len(line.echo.troubles) < 9_998)
    assert not delivery.settled
    async with running("polling", telegram) as line:
        await telegram.until(lambda: delivery.settled)
    assert texts(telegram.calls) == ["0: hi"]


async def test_an_answer_that_cannot_go_out_does_not_stop_the_others(polled: Line) -> None:
    await polled.telegram.text(CHAT, "hi")
    polled.telegram.inject("sendMessage", Fault(429, retry_after=3600), chat=CHAT)
    with capture_logs() as logs:
        assert len(await polled.telegram.text(CHAT, "x")) == 1
    assert logs[-1]["event"] == "telegram.unanswered"
    assert texts(await polled.telegram.text(6, "y")) == ["2: y"]


async def test_nothing_private_is_logged(line: Line, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    private: list[Params | str] = ["13804711234 我的号码"]
    line.telegram.inject("sendMessage", Fault(500), Fault(403, "Forbidden"), Fault(drop=True))
    with capture_logs() as logs:
        for words in private * 4:
            await line.telegram.text(CHAT, str(words))
        await line.telegram.location(CHAT, 40.842356, 111.749121)
    everything = caplog.text + str(logs)
    for secret in (line.telegram.token, SECRET, "13804711234", "40.8423", "111.7491"):
        assert secret not in everything
