"""The turn behind a push: its quota, its failures, and an answer that comes too late."""

import asyncio

import pytest
from structlog.testing import capture_logs

from bot.channels.protocol import Unavailable, Unreachable
from bot.channels.wechat.webhook import (
    BUSY,
    DATABASE_ATTEMPTS,
    DATABASE_RETRY,
    HOLD,
    REPLY_DEADLINE,
)
from bot.common.push_quota import Grant
from bot.conversation.events import ChatOpened, Location, Text
from bot.conversation.replies import Answer
from tests.channels.wechat.fake_account import WHO
from tests.channels.wechat.served_webhook import HELLO_TEXT, SUCCESS, Served
from tests.support.stations import HERE


@pytest.mark.parametrize(
    ("what", "kind", "grant", "location_push"),
    [
        ("text", Text, Grant.MESSAGES, ""),
        ("subscribe", ChatOpened, Grant.CLICKS, ""),
        ("location", Location, Grant.MESSAGES, "location"),
        ("location_select", Location, None, "location_select"),
    ],
)
async def test_a_turn_is_told_what_its_push_grants_and_which_one_of_a_pair_it_is(
    served: Served, what: str, kind: type, grant: Grant | None, location_push: str
) -> None:
    served.gate.set()
    match what:
        case "text":
            fields = served.text()
        case "subscribe":
            fields = served.wechat.event(WHO, "subscribe", "")
        case "location":
            fields = served.location()
        case _:
            place = {"SendLocationInfo": served.wechat.place(*HERE)}
            fields = served.wechat.event(WHO, "location_select", "place", place)
    assert b"<Content>" in (await served.posts(fields))[1]
    (event,) = served.events
    assert isinstance(event.content, kind)
    assert (event.grant, event.location_push) == (grant, location_push)


@pytest.mark.parametrize("failures", [DATABASE_ATTEMPTS - 1, DATABASE_ATTEMPTS])
async def test_the_database_is_tried_twelve_times_a_second_apart(
    served: Served, failures: int
) -> None:
    served.gate.set()
    served.answers = [Unavailable()] * failures
    posted = served.posts(served.text())
    for attempt in range(1, DATABASE_ATTEMPTS):
        await served.wechat.until(lambda at=attempt: len(served.events) == at)  # type: ignore[misc]
        await served.wechat.until(lambda: DATABASE_RETRY in served.watch.waits())
        served.watch.forward(DATABASE_RETRY)
    _, body = await posted
    assert (BUSY in body.decode()) == (failures == DATABASE_ATTEMPTS)
    assert len(served.events) == DATABASE_ATTEMPTS == 12
    last = "unavailable" if failures == DATABASE_ATTEMPTS else "answered"
    assert served.outcomes() == {last: 1}


@pytest.mark.parametrize("error", [RuntimeError("王小明"), Unavailable()])
async def test_a_turn_that_failed_is_run_again_for_the_next_copy(
    served: Served, error: Exception
) -> None:
    served.gate.set()
    served.watch.stop()
    attempts = DATABASE_ATTEMPTS if isinstance(error, Unavailable) else 1
    served.answers = [error] * attempts
    fields = served.text()
    with capture_logs() as logs:
        status, body = await served.posts(fields)
    outcome = "unavailable" if attempts > 1 else "failed"
    assert (status, body == b"success") == (200, outcome == "failed")
    assert [line["event"] for line in logs] == (["wechat.failed"] if outcome == "failed" else [])
    assert "王小明" not in repr(logs)
    assert HELLO_TEXT in (await served.posts(fields))[1].decode()
    assert served.outcomes() == {outcome: 1, "answered": 1}


async def test_a_late_answer_follows_once_and_no_copy_is_answered_besides(served: Served) -> None:
    fields = served.text()
    await served.late(fields)
    second = served.posts(fields)
    await served.waits(REPLY_DEADLINE)
    assert len(served.hook._follow_ups) == 1
    served.gate.set()
    assert await second == SUCCESS
    assert await served.posts(fields) == SUCCESS
    await served.wechat.until(lambda: not served.hook._follow_ups)
    sent = served.wechat.shown[WHO]
    assert [one.sent_first for one in sent] == [True]
    assert HELLO_TEXT in sent[0].text
    assert served.ended == [True]
    assert served.outcomes() == {"late": 3, "followed": 1}


async def test_a_late_answer_that_another_replica_sends_is_not_sent_here(served: Served) -> None:
    served.is_first = False
    await served.late(served.text())
    served.gate.set()
    await served.wechat.until(lambda: not served.hook._follow_ups)
    assert served.wechat.shown[WHO] == []
    assert (len(served.begun), served.ended) == (1, [])
    assert served.outcomes() == {"late": 1}


async def test_a_held_copy_that_gets_no_answer_is_late_but_not_the_last(served: Served) -> None:
    fields = served.text()
    posted = served.posts(fields)
    await served.waits(HOLD)
    served.watch.forward(HOLD)
    assert await posted == SUCCESS
    assert served.hook._follow_ups == set()
    served.gate.set()
    assert HELLO_TEXT in (await served.posts(fields))[1].decode()
    assert served.outcomes() == {"late": 1, "answered": 1}


async def test_a_late_answer_that_may_not_be_sent_is_kept(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refuse(*_: object) -> None:
        raise Unreachable

    monkeypatch.setattr(served.hook.channel, "deliver", refuse)
    await served.late(served.text())
    served.gate.set()
    await served.wechat.until(lambda: not served.hook._follow_ups)
    assert served.begun == [("wechat", WHO, served.events[0].id)]
    assert served.ended == [False]
    assert served.outcomes() == {"late": 1, "kept": 1}


@pytest.mark.parametrize(
    ("answer", "counted", "logged"),
    [
        (Answer(()), {"late": 1}, []),
        (RuntimeError("王小明"), {"late": 1, "lost": 1}, ["wechat.lost"]),
    ],
)
async def test_a_late_turn_without_an_answer_sends_nothing(
    served: Served, answer: Answer | Exception, counted: dict[str, int], logged: list[str]
) -> None:
    served.answers = [answer]
    await served.late(served.text())
    with capture_logs() as logs:
        served.gate.set()
        await served.wechat.until(lambda: not served.hook._follow_ups)
    assert [line["event"] for line in logs] == logged
    assert served.wechat.shown[WHO] == []
    assert served.begun == []
    assert served.outcomes() == counted


async def test_closing_waits_for_running_turns_and_late_answers(served: Served) -> None:
    await served.late(served.text())
    closing = asyncio.ensure_future(served.hook.close())
    for _ in range(20):
        await asyncio.sleep(0)
    assert not closing.done()
    served.gate.set()
    await closing
    assert [one.sent_first for one in served.wechat.shown[WHO]] == [True]
    with pytest.raises(RuntimeError):
        await served.hook.channel.client.send({"touser": WHO})
