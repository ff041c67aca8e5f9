"""The library's calls over aiohttp against a server that answers well, badly or not at all."""

import asyncio
import logging
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from telegram import InputFile
from telegram.error import (
    BadRequest,
    Conflict,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
    TimedOut,
)

from bot.channels.protocol import DeliveryFailed, Gone, Refused, Throttled, Uncertain, Unreachable
from bot.channels.telegram.client import Client, failure, make_client
from bot.channels.telegram.http_connection import NotSentError
from bot.channels.telegram.render import Call
from bot.channels.telegram.transport import BotApiTransport
from bot.conversation.replies import Document, Json, Link
from tests.support.fakes.bot_api_oracle import check_calls
from tests.support.fakes.telegram import TOKEN, FakeTelegram
from tests.support.fakes.telegram_calls import Fault, Upload

CHAT = 5501
HELLO = Call("sendMessage", {"chat_id": CHAT, "text": "你好 & <再见>"})
SHORT = 0.05  # seconds, for time-outs that must happen


@pytest.fixture
async def telegram() -> AsyncIterator[FakeTelegram]:
    async with FakeTelegram() as server:
        server.push(server.message(CHAT, {"text": "/start"}))
        yield server


@pytest.fixture
async def request_() -> AsyncIterator[BotApiTransport]:
    request = BotApiTransport()
    await request.initialize()
    yield request
    await request.shutdown()


@pytest.fixture
def client(telegram: FakeTelegram, request_: BotApiTransport) -> Client:
    return make_client(telegram.token, request_, telegram.url)


async def error_of(client: Client, call: Call = HELLO) -> TelegramError:
    with pytest.raises(TelegramError) as caught:
        await client.call(call)
    return caught.value


async def test_a_form_arrives_as_it_was_meant(telegram: FakeTelegram, client: Client) -> None:
    markup: Json = {"inline_keyboard": [[{"text": "有热水", "callback_data": "f:water"}]]}
    sent = await client.call(Call("sendMessage", {**HELLO.params, "reply_markup": markup}))
    assert sent["text"] == "你好 & <再见>"
    assert telegram.calls[-1].params == {**HELLO.params, "reply_markup": markup}


async def test_a_file_arrives_with_its_chinese_name(telegram: FakeTelegram, client: Client) -> None:
    file = Document(
        '安全"课.ics', "text/calendar", bytes(range(256)), Link("x", "https://x.example")
    )
    await client.call(Call("sendDocument", {"chat_id": CHAT}, upload=file))
    (upload,) = telegram.uploads
    assert upload == Upload(upload.name, "text/calendar", bytes(range(256)))
    assert upload.name == file.name
    assert telegram.calls[-1].params["chat_id"] == CHAT
    assert check_calls(telegram.called("sendDocument")) == 1


async def test_a_photo_arrives_with_its_bytes(telegram: FakeTelegram, client: Client) -> None:
    photo = Document("门口照片1.jpg", "image/jpeg", b"\xff\xd8\xff" + bytes(99), Link("x", ""))
    sent = await client.call(Call("sendPhoto", {"chat_id": CHAT}, upload=photo))
    assert sent["photo"]
    (upload,) = telegram.uploads
    assert upload == Upload("门口照片1.jpg", "image/jpeg", photo.content)
    assert check_calls(telegram.called("sendPhoto")) == 1


async def test_the_library_itself_works_over_it(telegram: FakeTelegram, client: Client) -> None:
    async with client:
        assert client.username == "yizhan_test_bot"
        message = await client.send_document(CHAT, InputFile(b"data", filename="a.txt"))
    assert message.document is not None
    assert message.document.file_name == "a.txt"


async def test_a_long_poll_outlasts_the_read_limit(telegram: FakeTelegram) -> None:
    request = BotApiTransport(read=SHORT)
    async with request:
        client = make_client(telegram.token, request, telegram.url)
        (first,) = await client.updates(None, poll_seconds=1)
        poll = asyncio.create_task(client.updates(first["update_id"] + 1, poll_seconds=10))
        await telegram.until(lambda: len(telegram.called("getUpdates")) == 2)
        async with asyncio.timeout(10 * SHORT):
            with pytest.raises(TimeoutError):  # longer than `read`, and still waiting
                async with asyncio.timeout(2 * SHORT):
                    await asyncio.shield(poll)
        telegram.push(telegram.message(CHAT, {"text": "x"}))
        (second,) = await poll
        assert second["message"]["text"] == "x"


async def test_the_limit_given_with_a_call_is_kept(telegram: FakeTelegram, client: Client) -> None:
    telegram.inject("getMe", Fault(hold=True), Fault(hold=True))
    with pytest.raises(TimedOut):
        await client.get_me(read_timeout=SHORT)
    with pytest.raises(TimedOut):  # no limit for reading leaves that for writing, and the rest none
        await client.get_me(
            read_timeout=SHORT, write_timeout=None, connect_timeout=None, pool_timeout=None
        )


@pytest.mark.parametrize("caller", ["ours", "the library"])
async def test_a_full_pool_is_no_lost_message(
    telegram: FakeTelegram, monkeypatch: pytest.MonkeyPatch, caller: str
) -> None:
    for limit, value in (("CONNECTIONS", 1), ("POOL", SHORT), ("CONNECT", SHORT)):
        monkeypatch.setattr(f"bot.channels.telegram.transport.{limit}", value)
    async with BotApiTransport() as request:
        client = make_client(telegram.token, request, telegram.url)

        async def call() -> object:
            return await (client.call(Call("getMe", {})) if caller == "ours" else client.get_me())

        telegram.inject("getMe", Fault(hold=True))
        held = asyncio.create_task(call())
        await telegram.until(lambda: bool(telegram.called("getMe")))
        with pytest.raises(NotSentError):
            await call()
        held.cancel()
        with pytest.raises(asyncio.CancelledError):  # passes through as what it is
            await held
        await call()  # its place is free again


@pytest.mark.parametrize(
    ("fault", "error", "meaning"),
    [
        (Fault(403, "Forbidden: bot was blocked by the user"), Forbidden, Gone),
        (Fault(400, "Bad Request: chat not found"), BadRequest, Gone),
        (Fault(400, "Bad Request: can't parse entities"), BadRequest, Refused),
        (Fault(429, "Too Many Requests", retry_after=7), RetryAfter, Throttled),
        (Fault(429, body=b"<html>"), RetryAfter, Throttled),
        (Fault(413, body=b"<html>"), BadRequest, Refused),
        (Fault(401, "Unauthorized"), InvalidToken, Unreachable),
        (Fault(404, "Not Found"), InvalidToken, Unreachable),
        (Fault(409, "Conflict: terminated"), Conflict, Uncertain),
        (Fault(500, "Internal Server Error"), NetworkError, Uncertain),
        (Fault(502, body=b"<html><h1>502 Bad Gateway</h1></html>"), NetworkError, Uncertain),
        (Fault(200, body=b"<html>captive portal</html>"), TelegramError, Uncertain),
        (Fault(200, body=b"[1]"), TelegramError, Uncertain),
        (Fault(502, body=b"\xff\xfe\x00"), NetworkError, Uncertain),
        (Fault(drop=True), NetworkError, Uncertain),
    ],
    ids=lambda value: getattr(value, "__name__", None),
)
async def test_each_failure_has_its_meaning(
    telegram: FakeTelegram,
    client: Client,
    fault: Fault,
    error: type[TelegramError],
    meaning: type[DeliveryFailed],
) -> None:
    telegram.inject("sendMessage", fault)
    raised = await error_of(client)
    assert type(raised) is error
    assert type(failure(raised)) is meaning


async def test_how_long_to_wait_is_told(telegram: FakeTelegram, client: Client) -> None:
    telegram.inject("sendMessage", Fault(429, "Too Many Requests", retry_after=7))
    throttled = failure(await error_of(client))
    assert isinstance(throttled, Throttled)
    assert throttled.retry_after == timedelta(seconds=7)


async def test_a_timeout_is_uncertain(telegram: FakeTelegram) -> None:
    async with BotApiTransport(read=SHORT) as request:
        telegram.inject("sendMessage", Fault(hold=True))
        raised = await error_of(make_client(telegram.token, request, telegram.url))
    assert type(raised) is TimedOut
    assert type(failure(raised)) is Uncertain


@pytest.mark.parametrize("way", ["directly", "by a proxy"])
async def test_no_connection_is_surely_not_sent(way: str, unused_tcp_port: int) -> None:
    nowhere = f"http://127.0.0.1:{unused_tcp_port}"
    async with BotApiTransport(nowhere if way == "by a proxy" else None) as request:
        raised = await error_of(make_client(TOKEN, request, nowhere))
    assert type(raised) is NotSentError
    assert type(failure(raised)) is Unreachable


async def test_calls_go_through_the_proxy(telegram: FakeTelegram) -> None:
    async with BotApiTransport(proxy=telegram.url) as request:
        client = make_client(telegram.token, request, "http://telegram.invalid")
        await client.call(HELLO)
    assert telegram.called("sendMessage")


async def test_the_token_is_in_no_error_and_no_log(
    telegram: FakeTelegram, client: Client, caplog: pytest.LogCaptureFixture, unused_tcp_port: int
) -> None:
    caplog.set_level(logging.DEBUG)
    said = []
    for fault in (Fault(drop=True), Fault(502, body=b"<html>"), Fault(429, retry_after=1)):
        telegram.inject("sendMessage", fault)
        said.append(await error_of(client))
    async with BotApiTransport() as request:
        said.append(
            await error_of(make_client(TOKEN, request, f"http://127.0.0.1:{unused_tcp_port}"))
        )
        said.append(await error_of(make_client(TOKEN, request, "nonsense://")))
    while said:
        error: BaseException | None = said.pop()
        while error is not None:
            assert TOKEN not in repr(error) + str(error)
            error = error.__context__
    assert TOKEN not in caplog.text + repr(client)
    assert "再见" not in caplog.text


async def test_opening_and_closing_twice_is_harmless(telegram: FakeTelegram) -> None:
    request = BotApiTransport()
    with pytest.raises(NetworkError, match="not initialized"):
        await make_client(telegram.token, request, telegram.url).get_me()
    await request.initialize()
    await request.initialize()
    assert (await make_client(telegram.token, request, telegram.url).get_me()).is_bot
    await request.shutdown()
    await request.shutdown()


async def test_a_date_is_told_once_though_many_answers_carry_it(telegram: FakeTelegram) -> None:
    dates: list[str] = []
    async with BotApiTransport(saw_date=dates.append) as request:
        client = make_client(telegram.token, request, telegram.url)
        for _ in range(5):
            await client.call(HELLO)
    assert dates
    assert len(dates) == len(set(dates)) < 5
