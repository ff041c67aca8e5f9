"""The webhook on turns that the test controls: deadlines, copies, quota and outcomes."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from prometheus_client import REGISTRY
from structlog.testing import capture_logs

from bot.channels.protocol import Unavailable, Unreachable
from bot.channels.wechat import webhook
from bot.channels.wechat.channel import WeChatChannel
from bot.channels.wechat.client import Client
from bot.channels.wechat.crypto import Cipher
from bot.channels.wechat.envelope import Account
from bot.channels.wechat.webhook import (
    BUSY,
    DATABASE_ATTEMPTS,
    DATABASE_RETRY,
    HOLD,
    LAST_DELIVERY_AGE,
    REPLY_DEADLINE,
    TIMESTAMP_TOLERANCE,
    Webhook,
)
from bot.common.push_quota import LocationPush
from bot.conversation.events import Arrival, Event, Location, Text
from bot.conversation.replies import Answer
from tests.channels.wechat.fake_account import HELLO, WHO, QuotaInMemory
from tests.conftest import ManualClock
from tests.support.fakes.stopwatch import Stopwatch
from tests.support.fakes.wechat import AES_KEY, TOKEN, FakeWeChat
from tests.support.fakes.wechat_api import APP_ID, SECRET
from tests.support.fakes.wechat_messages import Params, signature
from tests.support.stations import HERE

HELLO_TEXT = "明天9:00培训"
SUCCESS = (200, b"success")
INSTANT = timedelta(microseconds=1)
SECOND = timedelta(seconds=1)
OUTCOMES = (
    "slow",
    "too_large",
    "forged",
    "unreadable",
    "old",
    "ignored",
    "late",
    "unavailable",
    "failed",
    "unanswered",
    "answered",
    "followed",
    "kept",
    "lost",
)


@dataclass
class RecordedQuota(QuotaInMemory):
    """What was asked of it; `location` is what it answers."""

    location: LocationPush = LocationPush.FIRST
    asked: list[tuple[str, bool]] = field(default_factory=list)
    error: Exception | None = None

    async def record_event(self, to: str, event_id: str, at: datetime, *, click: bool) -> None:
        self.asked.append(("event", click))
        if self.error:
            raise self.error

    async def place(
        self, to: str, kind: str, event_id: str, at: datetime, *, message: bool
    ) -> LocationPush:
        self.asked.append((kind, message))
        if self.error:
            raise self.error
        return self.location


@dataclass
class Served:
    """A webhook on a socket, and turns that wait for `gate` and then give `answers` in order."""

    wechat: FakeWeChat
    clock: ManualClock
    quota: RecordedQuota = field(default_factory=RecordedQuota)
    watch: Stopwatch = field(default_factory=Stopwatch)
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    answers: list[Answer | Exception | None] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    kept: list[tuple[str, str, str]] = field(default_factory=list)
    hook: Webhook = field(init=False)
    before: Counter[str] = field(init=False)

    async def turn(self, event: Event) -> Answer:
        self.events.append(event)
        await self.gate.wait()
        answer = self.answers.pop(0) if self.answers else HELLO
        if isinstance(answer, Exception):
            raise answer
        return answer  # type: ignore[return-value]

    async def keep(self, *late: str) -> None:
        channel, openid, event_id = late
        self.kept.append((channel, openid, event_id))

    def outcomes(self) -> dict[str, int]:
        """What was counted since the begin of the test."""
        return dict(_counted() - self.before)

    def text(self) -> Params:
        return self.wechat.message(WHO, "text", {"Content": "你好"})

    def location(self) -> Params:
        return self.wechat.message(WHO, "location", self.wechat.place(*HERE))

    def posts(self, fields: Params) -> "asyncio.Future[tuple[int, bytes]]":
        """One copy of a push."""
        return asyncio.ensure_future(self.wechat.post(*self.wechat.signed(fields)))

    async def waits(self, *seconds: float) -> None:
        """Returns when exactly these waits are running."""
        await self.wechat.until(lambda: self.watch.waits() == list(seconds))

    async def late(self, fields: Params) -> None:
        """The only copy of a push, given up while its turn runs."""
        self.clock.set(self.clock() + LAST_DELIVERY_AGE)
        posted = self.posts(fields)
        await self.waits(REPLY_DEADLINE)
        self.watch.forward(REPLY_DEADLINE)
        assert await posted == SUCCESS


def _counted() -> Counter[str]:
    name = "yizhan_wechat_pushes_total"
    found = {one: REGISTRY.get_sample_value(name, {"outcome": one}) for one in OUTCOMES}
    return Counter({one: int(value or 0) for one, value in found.items()})


@pytest.fixture
async def served(clock: ManualClock) -> AsyncIterator[Served]:
    async with FakeWeChat(clock, "plain") as wechat:
        one = Served(wechat, clock)
        client = Client(APP_ID, SECRET, clock, wechat.url + "/")
        channel = WeChatChannel(one.turn, client, one.quota)
        one.hook = Webhook(channel, Account(TOKEN), one.keep, clock, one.watch)
        app = web.Application()
        app.router.add_routes(one.hook.routes())
        server = TestServer(app)
        await server.start_server()
        await one.hook.open()
        wechat.balance(str(server.make_url("/wechat")))
        wechat._count(one.text())  # the platform allows customer messages after one of theirs
        one.before = _counted()
        yield one
        one.gate.set()
        one.watch.stop()
        await one.hook.close()
        await server.close()


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
    assert served.quota.asked == []
    assert served.outcomes() == {"unanswered": 1}


async def test_a_turn_without_an_answer_is_acknowledged(served: Served) -> None:
    served.gate.set()
    served.answers = [None]
    assert await served.posts(served.text()) == SUCCESS
    assert served.outcomes() == {"unanswered": 1}


@pytest.mark.parametrize(
    ("what", "location", "runs", "asked"),
    [
        ("text", LocationPush.SECOND, 1, [("event", False)]),
        ("subscribe", LocationPush.SECOND, 1, [("event", True)]),
        ("location", LocationPush.FIRST, 1, [("location", True)]),
        ("location", LocationPush.SECOND, 0, [("location", True)]),
        ("location", LocationPush.STRANGER, 1, [("location", True), ("event", False)]),
        ("location_select", LocationPush.STRANGER, 1, [("location_select", False)]),
    ],
)
async def test_a_push_is_charged_to_the_quota_once_and_only_a_location_is_one_of_a_pair(
    served: Served, what: str, location: LocationPush, runs: int, asked: list[tuple[str, bool]]
) -> None:
    served.gate.set()
    served.quota.location = location
    match what:
        case "text":
            fields, kind = served.text(), Text
        case "subscribe":
            fields, kind = served.wechat.event(WHO, "subscribe", ""), Arrival  # type: ignore[assignment]
        case "location":
            fields, kind = served.location(), Location  # type: ignore[assignment]
        case _:
            place = {"SendLocationInfo": served.wechat.place(*HERE)}
            fields = served.wechat.event(WHO, "location_select", "place", place)
            kind = Location  # type: ignore[assignment]
    answered = (await served.posts(fields))[1] != b"success"
    assert answered == bool(runs)
    assert [type(one.content) for one in served.events] == [kind] * runs
    assert served.quota.asked == asked


async def test_a_location_is_answered_while_the_quota_fails(served: Served) -> None:
    served.gate.set()
    served.quota.error = RuntimeError()
    with capture_logs() as logs:
        assert b"<Content>" in (await served.posts(served.location()))[1]
    assert [line["event"] for line in logs] == ["wechat.pair", "wechat.budget"]


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
    assert served.kept == []
    assert served.outcomes() == {"late": 3, "followed": 1}


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
    assert served.kept == [("wechat", WHO, served.events[0].id)]
    assert served.outcomes() == {"late": 1, "kept": 1}


@pytest.mark.parametrize(
    ("answer", "counted", "logged"),
    [
        (None, {"late": 1}, []),
        (RuntimeError("王小明"), {"late": 1, "lost": 1}, ["wechat.lost"]),
    ],
)
async def test_a_late_turn_without_an_answer_sends_nothing(
    served: Served, answer: Exception | None, counted: dict[str, int], logged: list[str]
) -> None:
    served.answers = [answer]
    await served.late(served.text())
    with capture_logs() as logs:
        served.gate.set()
        await served.wechat.until(lambda: not served.hook._follow_ups)
    assert [line["event"] for line in logs] == logged
    assert served.wechat.shown[WHO] == []
    assert served.kept == []
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
