"""Long polling: confirmation, bad responses, and an orderly stop."""

import asyncio
from typing import Any

import pytest
from structlog.testing import capture_logs

from bot.channels.protocol import Unavailable
from bot.channels.telegram.polling import UpdatesInHand, WaitingUpdates
from bot.conversation.events import Text
from tests.channels.telegram.running_channel import (
    CHAT,
    Setup,
    running,
    texts,
)
from tests.support.fakes.telegram import FakeTelegram
from tests.support.fakes.telegram_calls import Fault


async def test_polling_removes_a_webhook_that_is_in_the_way(telegram: FakeTelegram) -> None:
    telegram.webhook = {"url": "http://127.0.0.1:9/"}
    async with running("polling", telegram) as setup:
        await telegram.until(lambda: bool(telegram.called("getUpdates")))
        assert texts(await setup.telegram.text(CHAT, "hi")) == ["0: hi"]
    asked = telegram.called("getUpdates")[0].params
    assert asked == {
        "timeout": 20,
        "allowed_updates": ["message", "edited_message", "callback_query", "my_chat_member"],
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
    async with running("polling", telegram) as setup:
        assert texts(await setup.telegram.text(CHAT, "hi")) == ["0: hi"]


async def test_a_batch_that_was_asked_for_before_the_answer_repeats_nothing() -> None:
    taken: list[int] = []

    async def take(update: dict[str, Any]) -> bool:
        taken.append(update["update_id"])
        return True

    updates = UpdatesInHand(take)
    assert updates.ask() is None
    updates.start([{"update_id": 7}])
    assert updates.ask() == 7  # still in hand, so Telegram gives it once more
    await updates.settle()
    updates.start([{"update_id": 7}])
    await updates.settle()
    assert taken == [7]
    assert updates.ask() == 8  # confirms it: the same number is another update
    updates.start([{"update_id": 7}])
    await updates.settle()
    assert taken == [7, 7]


async def test_half_a_surrogate_pair_does_not_stop_the_queue(telegram: FakeTelegram) -> None:
    said = b'{"id":5501,"type":"private"},"text":"a\\ud83d"}}]}'
    batch = b'{"ok":true,"result":[{"update_id":700000001,"message":{"chat":' + said
    telegram.inject("getUpdates", Fault(200, body=batch))
    async with running("polling", telegram) as setup:
        await telegram.until(lambda: bool(setup.echo.events))
        assert setup.echo.events[0].content == Text("a\ufffd")


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
        async with running("polling", telegram) as setup:
            assert texts(await setup.telegram.text(CHAT, "hi")) == ["0: hi"]
    assert [entry["event"] for entry in logs] == ["telegram.conflict"]


async def test_stopping_finishes_and_confirms_what_is_in_hand(telegram: FakeTelegram) -> None:
    async with running("polling", telegram) as setup:
        setup.echo.gate = asyncio.Event()
        delivery = telegram.push(telegram.message(CHAT, {"text": "hi"}))
        await setup.echo.until(lambda: setup.echo.running == 1)
        unfinished = not delivery.settled
        asyncio.get_running_loop().call_soon(setup.echo.gate.set)
    assert unfinished
    assert delivery.settled
    assert len(telegram.called("sendMessage")) == 1


async def test_stopping_leaves_unconfirmed_what_could_not_be_done(telegram: FakeTelegram) -> None:
    async with running("polling", telegram) as setup:
        setup.echo.failures = [Unavailable() for _ in range(10_000)]
        delivery = telegram.push(telegram.message(CHAT, {"text": "hi"}))
        await setup.echo.until(lambda: len(setup.echo.failures) < 9_998)
    assert not delivery.settled
    async with running("polling", telegram) as setup:
        await telegram.until(lambda: delivery.settled)
    assert texts(telegram.calls) == ["0: hi"]


async def test_a_stop_does_not_wait_for_what_hangs_and_leaves_it_unconfirmed(
    telegram: FakeTelegram,
) -> None:
    async with running("polling", telegram) as setup:
        setup.echo.gate = asyncio.Event()
        pending = telegram.push(telegram.message(CHAT, {"text": "hi"}))
        await setup.echo.until(lambda: setup.echo.running == 1)
        setup.stop.set()
        async with asyncio.timeout(5):
            await setup.task
        assert not pending.settled
        assert setup.echo.events == []
    async with running("polling", telegram):
        await telegram.until(lambda: pending.settled)
    assert texts(telegram.calls) == ["0: hi"]


async def test_an_update_that_waits_for_the_database_is_counted_until_it_is_answered() -> None:
    now = 100.0
    waiting = WaitingUpdates(lambda: now)
    assert waiting.longest() == (0, 0.0)
    waiting.add(7)
    now = 130.0
    waiting.add(8)
    waiting.add(7)
    assert waiting.longest() == (2, 30.0)
    waiting.remove(7)
    waiting.remove(7)
    assert waiting.longest() == (1, 0.0)


async def test_what_waits_for_the_database_can_be_seen_meanwhile(by_polling: Setup) -> None:
    by_polling.echo.failures = [Unavailable() for _ in range(10_000)]
    delivery = by_polling.telegram.push(by_polling.telegram.message(CHAT, {"text": "hi"}))
    await by_polling.echo.until(lambda: len(by_polling.echo.failures) < 9_998)
    assert by_polling.waiting.longest()[0] == 1
    by_polling.echo.failures.clear()
    await by_polling.telegram.until(lambda: delivery.settled)
    assert by_polling.waiting.longest()[0] == 0


async def test_a_slow_chat_does_not_hold_up_another(by_polling: Setup) -> None:
    telegram, echo = by_polling.telegram, by_polling.echo
    telegram.inject("sendMessage", Fault(hold=True), chat=CHAT)
    slow = telegram.push(telegram.message(CHAT, {"text": "x"}))
    await telegram.until(lambda: bool(telegram.called("sendMessage", CHAT)))
    assert texts([call for call in telegram.calls if call.params.get("chat_id") == 6]) == []
    telegram.push(telegram.message(6, {"text": "y"}))
    await telegram.until(lambda: bool(telegram.called("sendMessage", 6)))
    assert not slow.settled
    await telegram.until(lambda: len(telegram.called("getUpdates")) >= 4)
    assert len(echo.events) == 2  # what is repeated while unconfirmed is not taken again


async def test_an_answer_that_cannot_go_out_does_not_stop_the_others(by_polling: Setup) -> None:
    await by_polling.telegram.text(CHAT, "hi")
    by_polling.later.knows = False
    by_polling.telegram.inject("sendMessage", Fault(429, retry_after=3600), chat=CHAT)
    with capture_logs() as logs:
        assert len(await by_polling.telegram.text(CHAT, "x")) == 1
    assert logs[-1]["event"] == "telegram.unanswered"
    assert texts(await by_polling.telegram.text(6, "y")) == ["2: y"]
