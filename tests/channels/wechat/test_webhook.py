"""The webhook: deadlines of copies, signatures, times, and what is answered with what."""

from datetime import timedelta

import pytest
from structlog.testing import capture_logs

from bot.channels.wechat import webhook
from bot.channels.wechat.crypto import Cipher
from bot.channels.wechat.envelope import Account
from bot.channels.wechat.webhook import (
    HOLD,
    LAST_DELIVERY_AGE,
    REPLY_DEADLINE,
    TIMESTAMP_TOLERANCE,
)
from bot.conversation.replies import Answer
from tests.channels.wechat.fake_account import WHO
from tests.channels.wechat.served_webhook import HELLO_TEXT, SUCCESS, Served
from tests.support.fakes.wechat import AES_KEY, TOKEN
from tests.support.fakes.wechat_api import APP_ID
from tests.support.fakes.wechat_messages import signature

INSTANT = timedelta(microseconds=1)
SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("age", "patience"),
    [
        (LAST_DELIVERY_AGE - INSTANT, HOLD),
        (LAST_DELIVERY_AGE, REPLY_DEADLINE),
        (LAST_DELIVERY_AGE + INSTANT, REPLY_DEADLINE),
    ],
)
async def test_a_push_of_exactly_ten_seconds_is_the_last_copy(
    served: Served, age: timedelta, patience: float
) -> None:
    fields = served.text()
    served.clock.set(served.clock() + age)
    posted = served.posts(fields)
    await served.waits(patience)
    served.gate.set()
    assert b"<Content>" in (await posted)[1]
    assert timedelta(seconds=10) == LAST_DELIVERY_AGE


async def test_the_third_copy_is_the_last_one(served: Served) -> None:
    fields = served.text()
    posted = []
    for expected in ([HOLD], [HOLD, HOLD], [HOLD, HOLD, REPLY_DEADLINE]):
        posted.append(served.posts(fields))
        await served.waits(*expected)
    served.gate.set()
    bodies = [await one for one in posted]
    assert bodies == [bodies[0]] * 3
    assert len(served.events) == 1
    assert served.outcomes() == {"answered": 3}


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize(
    ("away", "is_current"),
    [
        (TIMESTAMP_TOLERANCE - SECOND, True),
        (TIMESTAMP_TOLERANCE, True),
        (TIMESTAMP_TOLERANCE + INSTANT * 1000, False),
    ],
)
async def test_a_push_is_current_for_exactly_ten_minutes_before_and_after_its_time(
    served: Served, away: timedelta, sign: int, *, is_current: bool
) -> None:
    served.gate.set()
    copy = served.wechat.signed(served.text())
    served.clock.set(served.clock() + sign * away)
    status, body = await served.wechat.post(*copy)
    assert (status, body != b"success") == (200, is_current)
    assert served.outcomes() == ({"answered": 1} if is_current else {"old": 1})
    assert timedelta(minutes=10) == TIMESTAMP_TOLERANCE


@pytest.mark.parametrize("spelt", ["", "x", "-1", "{} ", "{}.0", "arabic", "0000{}"])
async def test_a_time_that_is_no_number_in_plain_digits_is_old(served: Served, spelt: str) -> None:
    now = str(int(served.clock().timestamp()))
    stamp = spelt.format(now)
    if spelt == "arabic":
        stamp = now.translate({ord(str(digit)): chr(0x660 + digit) for digit in range(10)})
    query, body = served.wechat.signed(served.text())
    query |= {"timestamp": stamp, "signature": signature(TOKEN, stamp, query["nonce"])}
    assert await served.wechat.post(query, body) == SUCCESS
    assert served.events == []
    assert served.outcomes() == {"old": 1}


async def test_what_is_not_signed_is_forbidden_and_logged_with_a_count(served: Served) -> None:
    query, body = served.wechat.signed(served.text())
    with capture_logs() as logs:
        for _ in range(2):
            status, _ = await served.wechat.post({**query, "signature": "0"}, body)
            assert status == 403
    assert [(line["event"], line["count"]) for line in logs] == [("wechat.forged", 1)]
    assert served.outcomes() == {"forged": 2}


async def test_what_is_signed_and_unreadable_is_acknowledged(served: Served) -> None:
    assert await served.wechat.post(*served.wechat.signed_raw("<xml>", WHO)) == SUCCESS
    assert served.outcomes() == {"unreadable": 1}


async def test_a_body_over_64_kib_is_refused(served: Served) -> None:
    query, _ = served.wechat.signed(served.text())
    status, _ = await served.wechat.post(query, bytes((64 << 10) + 1))
    assert status == 413
    assert served.outcomes() == {"too_large": 1}


async def test_what_needs_no_answer_starts_no_turn(served: Served) -> None:
    assert await served.posts(served.wechat.event(WHO, "VIEW", "https://x.cn/")) == SUCCESS
    assert served.events == []
    assert served.outcomes() == {"ignored": 1}


async def test_who_left_is_not_answered_though_the_turn_has_an_answer(served: Served) -> None:
    served.gate.set()
    assert await served.posts(served.wechat.event(WHO, "unsubscribe", "")) == SUCCESS
    assert len(served.events) == 1
    assert served.events[0].grant is None
    assert served.outcomes() == {"unanswered": 1}


async def test_a_turn_without_an_answer_is_acknowledged(served: Served) -> None:
    served.gate.set()
    served.answers = [Answer(())]
    assert await served.posts(served.text()) == SUCCESS
    assert served.outcomes() == {"unanswered": 1}


async def test_an_answer_to_a_turn_that_is_done_waits_for_nothing(served: Served) -> None:
    served.gate.set()
    fields = served.text()
    first = await served.posts(fields)
    assert await served.posts(fields) == first
    assert len(served.events) == 1
    assert served.watch.waits() == []


async def test_types_of_the_responses(served: Served) -> None:
    served.gate.set()
    types = []
    for fields in (served.text(), served.wechat.event(WHO, "VIEW", "x")):
        query, body = served.wechat.signed(fields)
        address = next(iter(served.wechat._hooks))
        async with served.wechat._http.post(address, params=query, data=body) as response:
            types.append((response.content_type, response.charset))
    assert types == [("application/xml", "utf-8"), ("text/plain", "utf-8")]


async def test_a_body_that_does_not_come_is_given_up(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def slow(*_: object) -> bytes:
        raise TimeoutError

    monkeypatch.setattr(webhook, "read_body", slow)
    status, _ = await served.posts(served.text())
    assert status == 408
    assert served.outcomes() == {"slow": 1}


async def test_an_account_with_a_key_is_answered_with_that_key(served: Served) -> None:
    """The envelope of the answer bears our own time and the nonce of the push."""
    served.gate.set()
    served.hook._account = Account(TOKEN, (Cipher(AES_KEY, APP_ID),))
    served.wechat.mode = "safe"
    pushed = await served.wechat.push(served.text())
    assert pushed.shown is not None
    assert HELLO_TEXT in pushed.shown.text
