"""The webhook: what it accepts, acknowledges and asks Telegram to repeat."""

from io import BytesIO

import aiohttp
import pytest
from structlog.testing import capture_logs

from bot.channels.protocol import Unavailable
from bot.channels.telegram.channel import TelegramChannel
from bot.channels.telegram.webhook import HEADER, routes
from bot.conversation.events import Text
from tests.channels.telegram.running_channel import CHAT, SECRET, Echo, Setup, running, texts
from tests.support.fakes.telegram import FakeTelegram
from tests.support.fakes.telegram_calls import Fault


async def test_the_webhook_is_registered_with_all_it_needs(by_webhook: Setup) -> None:
    asked = dict(by_webhook.telegram.webhook)
    assert asked.pop("url").endswith("/telegram/webhook")
    assert asked == {
        "secret_token": SECRET,
        "allowed_updates": ["message", "edited_message", "callback_query", "my_chat_member"],
        "max_connections": 40,
    }


async def test_registering_is_repeated_until_it_works(telegram: FakeTelegram) -> None:
    telegram.inject("setWebhook", Fault(502, body=b"<html>"), Fault(drop=True))
    with capture_logs() as logs:
        async with running("webhook", telegram) as setup:
            assert texts(await setup.telegram.text(CHAT, "hi")) == ["0: hi"]
    assert [entry["event"] for entry in logs] == ["telegram.unreachable"]
    assert len(telegram.called("setWebhook")) == 3


async def post(setup: Setup, body: bytes, secret: str | None = SECRET) -> int:
    headers = {"Content-Type": "application/json"}
    if secret is not None:
        headers[HEADER] = secret
    async with (
        aiohttp.ClientSession() as http,
        http.post(setup.telegram.webhook["url"], data=BytesIO(body), headers=headers) as response,
    ):
        return response.status


@pytest.mark.parametrize("secret", [None, "", "wrong", SECRET + "x", SECRET[:-1], "ключ", "\udcff"])
async def test_without_the_secret_nobody_is_heard(by_webhook: Setup, secret: str | None) -> None:
    assert await post(by_webhook, b'{"update_id": 1}', secret) == 403
    assert await post(by_webhook, b"not even JSON", secret) == 403
    assert by_webhook.echo.events == []


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
async def test_what_is_no_update_is_acknowledged_and_logged(by_webhook: Setup, body: bytes) -> None:
    with capture_logs() as logs:
        assert await post(by_webhook, body) == 200
    assert logs == [{"event": "telegram.unreadable", "log_level": "warning"}]


async def test_a_kind_of_update_that_is_not_known_is_acknowledged(by_webhook: Setup) -> None:
    with capture_logs() as logs:
        assert await post(by_webhook, b'{"update_id": 9, "brain_wave": {"chat": {"id": 1}}}') == 200
    assert logs == []


async def test_ten_megabytes_are_too_much(by_webhook: Setup) -> None:
    assert await post(by_webhook, b'{"update_id": 1, "x": "' + b"y" * 10_000_000 + b'"}') == 413
    assert by_webhook.echo.events == []
    assert texts(await by_webhook.telegram.text(CHAT, "hi")) == ["0: hi"]


async def test_telegram_hears_200_only_after_the_answer(by_webhook: Setup) -> None:
    by_webhook.echo.failures = [Unavailable()]
    by_webhook.later.knows = False  # the turn itself has erased the chat
    by_webhook.telegram.inject("sendMessage", Fault(429, retry_after=3))
    delivery = by_webhook.telegram.push(by_webhook.telegram.message(CHAT, {"text": "hi"}))
    await by_webhook.telegram.until(lambda: delivery.settled)
    assert delivery.statuses == [503, 503, 200]


@pytest.mark.parametrize(("asked", "passed_on"), [(17, "17"), (86400, "60")])
async def test_how_long_to_wait_is_passed_on(by_webhook: Setup, asked: int, passed_on: str) -> None:
    await by_webhook.telegram.text(CHAT, "hi")
    by_webhook.later.knows = False
    by_webhook.telegram.inject("sendMessage", Fault(429, retry_after=asked))
    update = by_webhook.telegram.message(CHAT, {"text": "x"})
    async with (
        aiohttp.ClientSession() as http,
        http.post(
            by_webhook.telegram.webhook["url"], json=update, headers={HEADER: SECRET}
        ) as response,
    ):
        assert (response.status, response.headers["Retry-After"]) == (503, passed_on)


async def test_replicas_take_turns(by_webhook: Setup) -> None:
    async with running("webhook", by_webhook.telegram) as other:
        second = other.telegram.webhook["url"]
        first = by_webhook.telegram.called("setWebhook")[0].params["url"]
        by_webhook.telegram.balance(first, second)
        for words in "abcd":
            await by_webhook.telegram.text(CHAT, words)
        heard = [[e.content for e in setup.echo.events] for setup in (by_webhook, other)]
    assert heard == [[Text("a"), Text("c")], [Text("b"), Text("d")]]
