"""The whole channel against the fake Bot API, by polling and by webhook."""

import asyncio
import logging
from datetime import timedelta

import pytest
from structlog.testing import capture_logs

from bot.channels.protocol import Channel, Gone, Refused, Throttled, Unavailable
from bot.channels.telegram.profile import Profile, deploy_profile
from bot.conversation.events import ChatLeft, Location, Text
from bot.conversation.replies import Answer, Say, Words
from bot.geo.point import Point
from tests.channels.telegram.running_channel import (
    CHAT,
    SECRET,
    Kept,
    Setup,
    texts,
)
from tests.support.fakes.telegram_calls import Fault, Params


async def test_a_courier_is_answered(setup: Setup) -> None:
    telegram = setup.telegram
    assert texts(await telegram.start(CHAT, "poster7")) == ["你好 poster7"]
    said, pinned = await telegram.location(CHAT, 40.842356, 111.749121)
    assert said.params["text"] == "最近的"
    assert pinned.method == "sendVenue"
    assert setup.echo.events[-1].content == Location(Point(40.842356, 111.749121))
    assert texts(await telegram.tap(CHAT, "再来")) == ["pressed again:1"]
    assert texts(await telegram.location(CHAT, 95.5, 111)) == ["坐标不对"]
    (sent,) = await telegram.redeliver(telegram.message(CHAT, {"voice": {"file_id": "A"}}))
    assert sent.method == "sendDocument"
    assert [event.language for event in setup.echo.events] == ["zh-hans"] * 5


async def test_a_press_is_acknowledged_before_anything_else(setup: Setup) -> None:
    await setup.telegram.text(CHAT, "hi")
    before = len(setup.telegram.calls)
    await setup.telegram.tap(CHAT, "再来")
    made = [call.method for call in setup.telegram.calls[before:] if call.method != "getUpdates"]
    assert made == ["answerCallbackQuery", "sendMessage"]


async def test_a_late_press_still_counts(setup: Setup) -> None:
    setup.telegram.forget_queries()
    update = setup.telegram.query(CHAT, "again:1")
    setup.telegram.forget_queries()
    with capture_logs() as logs:
        assert texts(await setup.telegram.redeliver(update)) == ["pressed again:1"]
    assert logs == []


async def test_a_redelivery_repeats_the_answer_not_the_deed(setup: Setup) -> None:
    update = setup.telegram.message(CHAT, {"text": "登记"})
    first = texts(await setup.telegram.redeliver(update))
    again = texts(await setup.telegram.redeliver(update))
    assert first == again == ["0: 登记"]
    assert len(setup.echo.answers) == 1
    assert {event.id for event in setup.echo.events} == {str(update["update_id"])}


async def test_who_blocks_the_bot_is_let_go_quietly(setup: Setup) -> None:
    await setup.telegram.text(CHAT, "hi")
    setup.telegram.block_silently(CHAT)
    with capture_logs() as logs:
        (refused,) = await setup.telegram.text(CHAT, "hello?")
        await setup.telegram.block(CHAT)
    assert refused.status == 403
    assert logs == []
    assert setup.echo.events[-1].content == ChatLeft()
    assert texts(await setup.telegram.unblock(CHAT)) == ["你好"]


async def test_nothing_that_is_sent_wedges_a_conversation(setup: Setup) -> None:
    telegram = setup.telegram
    for words in ("长" * 4096, "😀" * 2048, "\u202eabc", "a\0b", "/", "'; DROP TABLE", "\ud83d"):
        assert len(await telegram.text(CHAT, words)) == 1
    for action in ("", "x" * 64, "../..", "station.card:999999999999"):
        assert len(await telegram.press(CHAT, action)) == 1
    for odd in (
        {"update_id": 1, "brain_wave": {"chat": {"id": CHAT}}},
        {"update_id": 2, "message": None},
        {"update_id": 3, "message": {"chat": {"id": CHAT, "type": "private"}, "text": 7}},
        {"update_id": 4, "edited_message": telegram.message(CHAT, {"photo": []})["message"]},
    ):
        assert await telegram.redeliver(odd) == []
    assert texts(await telegram.text(CHAT, "还在吗"))[0].endswith(": 还在吗")


async def test_a_database_that_is_away_costs_no_message(setup: Setup) -> None:
    setup.echo.failures = [Unavailable(), Unavailable()]
    assert texts(await setup.telegram.text(CHAT, "在吗")) == ["0: 在吗"]


async def test_a_bug_ends_with_its_update(setup: Setup) -> None:
    setup.echo.failures = [ValueError("what a courier wrote")]
    with capture_logs() as logs:
        assert await setup.telegram.text(CHAT, "boom") == []
        assert texts(await setup.telegram.text(CHAT, "next")) == ["0: next"]
    (entry,) = [entry for entry in logs if entry["event"] == "telegram.failed"]
    assert entry["error"] == "ValueError"
    assert "courier wrote" not in str(logs)


async def test_being_asked_to_wait_repeats_only_the_answer(setup: Setup) -> None:
    setup.telegram.inject(
        "sendMessage", Fault(429, "Too Many Requests", retry_after=0.01), chat=CHAT
    )
    refused, sent = await setup.telegram.text(CHAT, "hi")
    assert (refused.status, sent.status) == (429, 200)
    assert texts([sent]) == ["0: hi"]
    assert len(setup.echo.answers) == 1


UNCERTAIN = {
    "500": Fault(500),
    "502 as JSON": Fault(502, "Bad Gateway"),
    "502 as HTML": Fault(502, body=b"<html>502 Bad Gateway</html>"),
    "garbage": Fault(200, body=b"\xff\x00garbage"),
    "no result": Fault(200, body=b'{"ok": true}'),
    "odd parameters": Fault(500, body=b'{"ok": false, "parameters": [1]}'),
    "reset": Fault(drop=True),
}


@pytest.mark.parametrize("fault", UNCERTAIN.values(), ids=UNCERTAIN)
async def test_an_answer_that_may_have_arrived_is_left_to_delivery(
    setup: Setup, fault: Fault
) -> None:
    setup.telegram.inject("sendMessage", fault)
    update = setup.telegram.message(CHAT, {"text": "hi"})
    with capture_logs() as logs:
        assert len(await setup.telegram.redeliver(update)) == 1
    assert [entry["event"] for entry in logs] == ["telegram.kept"]
    two_seconds = timedelta(seconds=2)
    assert setup.later.kept == [Kept(str(update["update_id"]), 0, two_seconds, uncertain=True)]
    assert texts(await setup.telegram.text(CHAT, "again")) == ["1: again"]


LONG_WAITS = {
    "a number": (Fault(429, retry_after=9), 9),
    "none": (Fault(429), 1),
    "zero": (Fault(429, retry_after=0), 1),
    "below zero": (Fault(429, retry_after=-5), 1),
    "a page": (Fault(429, body=b"<html>Too Many Requests</html>"), 1),
    "a word": (Fault(429, body=b'{"parameters": {"retry_after": "soon"}}'), 1),
    "beyond time": (Fault(429, body=b'{"parameters": {"retry_after": 1e300}}'), 1),
}


@pytest.mark.parametrize(("fault", "seconds"), LONG_WAITS.values(), ids=LONG_WAITS)
async def test_a_429_was_surely_not_sent_whatever_it_says(
    setup: Setup, fault: Fault, seconds: int
) -> None:
    setup.telegram.inject("sendMessage", fault)
    assert len(await setup.telegram.text(CHAT, "hi")) == 1
    (kept,) = setup.later.kept
    assert (kept.after, kept.uncertain) == (timedelta(seconds=seconds), False)


async def test_only_the_messages_that_did_not_arrive_are_sent_again(setup: Setup) -> None:
    wait = Fault(429, "Too Many Requests", retry_after=0.01)
    setup.telegram.inject("sendVenue", wait)
    sent = await setup.telegram.location(CHAT, 40.842356, 111.749121)
    assert [(one.method, one.status) for one in sent] == [
        ("sendMessage", 200),
        ("sendVenue", 429),
        ("sendVenue", 200),
    ]
    setup.telegram.inject("sendVenue", Fault(500))
    sent = await setup.telegram.location(CHAT, 40.842356, 111.749121)
    assert [one.method for one in sent] == ["sendMessage", "sendVenue"]
    (kept,) = setup.later.kept
    assert (kept.first, kept.uncertain) == (1, True)


async def test_buttons_survive_a_place_that_is_refused(setup: Setup) -> None:
    setup.telegram.inject("sendVenue", Fault(400, "Bad Request: VENUE_TITLE_INVALID"))
    said, refused, instead = await setup.telegram.location(CHAT, 40.842356, 111.749121)
    assert (said.status, refused.status) == (200, 400)
    assert instead.params["text"] == "示例驿站\n新城区"
    assert texts(await setup.telegram.tap(CHAT, "再来")) == ["pressed again:1"]


async def test_choices_survive_buttons_that_are_refused(setup: Setup) -> None:
    setup.telegram.inject("sendMessage", Fault(400, "Bad Request: BUTTON_DATA_INVALID"))
    assert texts(await setup.telegram.text(CHAT, "hi")) == ["0: hi", "0: hi\n1. 再来"]


async def test_what_is_refused_in_every_form_is_logged_without_what_it_quotes(
    setup: Setup,
) -> None:
    refusal = Fault(400, 'Bad Request: "13804711234" is wrong, 13804711234')
    setup.telegram.inject("sendMessage", refusal, refusal)
    with capture_logs() as logs:
        await setup.telegram.text(CHAT, "hi")
    assert [entry["event"] for entry in logs] == ["telegram.refused_message", "telegram.unanswered"]
    assert "1380" not in str(logs)
    assert setup.later.kept == []


async def test_an_update_comes_again_while_its_answer_cannot_be_kept(setup: Setup) -> None:
    setup.telegram.inject("sendMessage", Fault(500))
    setup.later.failures = [OSError("the database is away")]
    assert len(await setup.telegram.text(CHAT, "hi")) == 2
    assert len(setup.echo.answers) == 1


@pytest.mark.parametrize("knows", [True, False])
async def test_what_arrived_is_left_out_when_the_update_comes_again(
    setup: Setup, knows: bool
) -> None:
    """The place fails, and nothing can be kept for it: the words before it arrived already."""
    setup.later.knows = knows
    setup.later.failures = [OSError("the database is away")] if knows else []
    setup.telegram.inject("sendVenue", *[Fault(429)] * (1 if knows else 2), chat=CHAT)
    calls = await setup.telegram.location(CHAT, 40.84, 111.75)
    assert texts(calls) == ["最近的"]
    arrived = [one for one in calls if one.status == 200]
    assert [one.method for one in arrived] == ["sendMessage", "sendVenue"]
    await setup.telegram.location(CHAT, 40.84, 111.75)
    assert len(texts(setup.telegram.calls)) == 2


async def test_order_within_a_chat_and_none_between_chats(setup: Setup) -> None:
    telegram, echo = setup.telegram, setup.echo
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


async def test_two_copies_at_once_are_taken_one_after_the_other(by_webhook: Setup) -> None:
    update = by_webhook.telegram.message(CHAT, {"text": "hi"})
    await asyncio.gather(
        *(by_webhook.channel.take(update) for _ in range(5)), return_exceptions=True
    )
    assert by_webhook.echo.most_running == 1


async def test_a_reminder_is_delivered(setup: Setup) -> None:
    channel: Channel = setup.channel
    await setup.telegram.text(CHAT, "hi")
    before = len(setup.telegram.calls)
    await channel.deliver(str(CHAT), Answer((Words((Say("明天 9 点开课"),)),)))
    assert "明天 9 点开课" in texts(setup.telegram.calls[before:])


async def test_a_failed_reminder_says_why(setup: Setup) -> None:
    reminder = Answer((Words((Say("明天 9 点开课"),)),))
    with pytest.raises(Gone):
        await setup.channel.deliver("999", reminder)  # never wrote to the bot
    await setup.telegram.text(CHAT, "hi")
    refused = Fault(400, "Bad Request: x")
    setup.telegram.inject("sendMessage", Fault(429, retry_after=5), refused)
    with pytest.raises(Throttled) as throttled:
        await setup.channel.deliver(str(CHAT), reminder)
    assert throttled.value.retry_after == timedelta(seconds=5)
    with pytest.raises(Refused):
        await setup.channel.deliver(str(CHAT), reminder)
    setup.telegram.block_silently(CHAT)
    with pytest.raises(Gone):
        await setup.channel.deliver(str(CHAT), reminder)


async def test_commands_and_descriptions_are_set_in_each_language(by_webhook: Setup) -> None:
    english = Profile((("start", "Begin"), ("help", "What I can do")), "Finds stations", "Stations")
    chinese = Profile((("start", "开始"), ("help", "我能做什么")), "找爱心驿站", "爱心驿站")
    await deploy_profile(by_webhook.channel.client, {"": chinese, "en": english})
    assert [call.params for call in by_webhook.telegram.called("setMyCommands")] == [
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
    (_, last) = by_webhook.telegram.called("setMyShortDescription")
    assert last.params == {"short_description": "Stations", "language_code": "en"}
    assert len(by_webhook.telegram.called("setMyDescription")) == 2


async def test_nothing_private_is_logged(setup: Setup, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    private: list[Params | str] = ["13804711234 我的号码"]
    setup.telegram.inject("sendMessage", Fault(500), Fault(403, "Forbidden"), Fault(drop=True))
    with capture_logs() as logs:
        for words in private * 4:
            await setup.telegram.text(CHAT, str(words))
        await setup.telegram.location(CHAT, 40.842356, 111.749121)
    everything = caplog.text + str(logs)
    for secret in (setup.telegram.token, SECRET, "13804711234", "40.8423", "111.7491"):
        assert secret not in everything


async def test_words_that_were_edited_are_answered_again(setup: Setup) -> None:
    telegram = setup.telegram
    assert texts(await telegram.text(CHAT, "东腾")) == ["0: 东腾"]
    edited = telegram.message(CHAT, {"text": "东胜"})
    edited["edited_message"] = {**edited.pop("message"), "edit_date": 1_793_692_000}
    assert texts(await telegram.redeliver(edited)) == ["1: 东胜"]


async def test_a_group_is_told_to_write_in_private(setup: Setup) -> None:
    telegram = setup.telegram
    group = {"id": -1009, "type": "supergroup", "title": "骑手群"}
    for words in ("/start", "/help@yizhan_bot"):
        update = telegram.message(CHAT, {"text": words})
        update["message"]["chat"] = group
        assert texts(await telegram.redeliver(update)) == ["我只在私聊里回答：点我的头像，私聊我。"]
    chatter = telegram.message(CHAT, {"text": "今天单多吗"})
    chatter["message"]["chat"] = group
    assert texts(await telegram.redeliver(chatter)) == []
    assert setup.echo.events == []
