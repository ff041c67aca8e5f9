"""Slow turns, lost connections, three tries and two replicas; time is simulated."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest
from sqlalchemy import func, select
from structlog.testing import capture_logs

from bot.channels.protocol import Turn, Unavailable
from bot.channels.wechat.webhook import (
    BUSY,
    DATABASE_ATTEMPTS,
    DATABASE_RETRY,
    HOLD,
    REPLY_DEADLINE,
    Webhook,
)
from bot.conversation.events import Event
from bot.conversation.replies import Answer
from bot.services.stations import catalogue
from bot.store.models.notifications import AllowanceRow
from bot.store.models.stations import DemandRow
from tests.conftest import ManualClock
from tests.support.courier import Deployment
from tests.support.fakes.stopwatch import Stopwatch
from tests.support.fakes.wechat import FakeWeChat, Pushed
from tests.support.fakes.wechat_messages import Params
from tests.support.stations import HERE

WHO = "oFollower-_0001"
NEAREST = "1. 新城支行驿站（最近）"
TIMES = ("one", "two")


@dataclass
class Slow:
    """Turns that stand still in the middle of their transaction until `gate` is open."""

    deployment: Deployment
    clock: ManualClock
    watch: Stopwatch = field(default_factory=Stopwatch)
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    standing: int = 0

    @property
    def wechat(self) -> FakeWeChat:
        return self.deployment.wechat

    @property
    def hooks(self) -> list[Webhook]:
        ends = [app.channels["wechat"].close for app in self.deployment.replicas]
        owners = [getattr(end, "__self__", None) for end in ends]
        return [one for one in owners if isinstance(one, Webhook)]

    def pass_by(self, seconds: float) -> None:
        """Both clocks go on: the wall's and the timers'."""
        self.clock.forward(minutes=seconds / 60)
        self.watch.forward(seconds)

    def one_replica(self) -> None:
        self.wechat.balance(f"{self.deployment.addresses[0]}/wechat")

    async def deeds(self) -> int:
        async with self.deployment.replicas[0].store.reading() as db:
            return await db.scalar(select(func.count()).select_from(DemandRow)) or 0

    async def left(self) -> int:
        async with self.deployment.replicas[0].store.reading() as db:
            both = AllowanceRow.messages_left + AllowanceRow.clicks_left
            return await db.scalar(select(both)) or 0

    def place(self) -> Params:
        return self.wechat.message(WHO, "location", self.wechat.place(*HERE))

    async def given_up(self) -> Pushed:
        """A push whose three tries end without an answer, the turn still standing."""
        pushing = asyncio.ensure_future(self.wechat.push(self.place()))
        await self.wechat.until(lambda: self.standing == 1)
        self.pass_by(5)
        await self.arrives(HOLD)
        self.pass_by(5)
        await self.arrives(REPLY_DEADLINE)
        self.pass_by(REPLY_DEADLINE)
        return await pushing

    async def arrives(self, patience: float) -> None:
        """Returns when a replica begins to wait so long: for a turn, or before it tries again."""
        await self.wechat.until(lambda: any(abs(w - patience) < 1e-6 for w in self.watch.waits()))


@pytest.fixture
async def slow(
    deployment: Deployment, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Slow]:
    one = Slow(deployment, clock)
    describe = catalogue.describe

    async def stand(*args: object) -> object:
        one.standing += 1
        await one.gate.wait()
        return await describe(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(catalogue, "describe", stand)
    await deployment.wechat.follow(WHO)
    deployment.wechat.sent = 0
    deployment.wechat.timer = one.watch
    for hook in one.hooks:
        hook.timer = one.watch
    yield one
    one.gate.set()
    one.watch.stop()


@pytest.mark.parametrize("replicas", TIMES)
async def test_a_slow_turn_is_answered_on_the_second_try_and_runs_once(
    slow: Slow, replicas: str
) -> None:
    if replicas == "one":
        slow.one_replica()
    pushing = asyncio.ensure_future(slow.wechat.push(slow.place()))
    await slow.wechat.until(lambda: slow.standing == 1)
    slow.pass_by(5)
    await slow.wechat.until(lambda: slow.wechat.sent == 2)
    slow.gate.set()
    pushed = await pushing
    assert pushed.tries == 2
    assert pushed.shown is not None
    assert NEAREST in pushed.shown.words
    assert await slow.deeds() == 1
    assert slow.standing == 1


@pytest.mark.parametrize("replicas", TIMES)
async def test_three_copies_at_once_run_once(slow: Slow, replicas: str) -> None:
    if replicas == "one":
        slow.one_replica()
    slow.gate.set()
    for _ in range(3):
        pushed = await slow.wechat.push(slow.place(), at_once=3)
        assert len(pushed.bodies) == 3
        assert len({body.partition(b"<Content>")[2] for body in pushed.bodies}) == 1
        assert pushed.shown is not None
        assert NEAREST in pushed.shown.words
    assert await slow.deeds() == 3
    assert slow.standing == 3


async def test_a_finished_answer_is_repeated_by_the_other_replica(slow: Slow) -> None:
    """The first answer was lost on its way; the other replica finds it in the database."""
    slow.gate.set()
    place = slow.place()
    first = await slow.wechat.push(place)
    slow.pass_by(3600)  # and long after
    second = await slow.wechat.push(place)
    assert first.shown == second.shown
    assert await slow.deeds() == 1
    assert slow.standing == 1


@pytest.mark.parametrize("replicas", TIMES)
async def test_after_the_last_try_the_answer_follows_by_itself(slow: Slow, replicas: str) -> None:
    if replicas == "one":
        slow.one_replica()
    pushed = await slow.given_up()
    assert (pushed.tries, pushed.bodies) == (3, [b"success"])
    slow.gate.set()
    await slow.wechat.until(lambda: any(one.sent_first for one in slow.wechat.shown[WHO]))
    for hook in slow.hooks:
        await hook.close()
    sent = [one for one in slow.wechat.shown[WHO] if one.sent_first]
    assert len(sent) == 1
    assert NEAREST in sent[0].words
    assert await slow.deeds() == 1
    assert await slow.left() == 5 + 3 - 1  # a message, and just before it a follow


async def test_where_nothing_may_be_sent_it_waits_for_the_next_message(slow: Slow) -> None:
    """An account that is not certified has no customer messages at all."""
    slow.wechat.faults["message/custom/send"] = [48001]
    await slow.given_up()
    slow.gate.set()
    for hook in slow.hooks:
        await hook.close()
    for hook in slow.hooks:
        await hook.open()
    assert not [one for one in slow.wechat.shown[WHO] if one.sent_first]
    said = await slow.wechat.text(WHO, "谢谢")
    assert said.shown is not None
    assert "不客气" in said.shown.words
    assert "之前有这些消息" in said.shown.words
    assert NEAREST in said.shown.words
    assert "第1家怎么进" in said.shown.words
    again = await slow.wechat.text(WHO, "谢谢")
    assert again.shown is not None
    assert NEAREST not in again.shown.words


async def test_a_held_copy_is_not_answered_besides(slow: Slow) -> None:
    """Three copies at once: the third gives up in time, and the first two stay silent then."""
    slow.one_replica()
    copies = [slow.wechat.signed(place) for place in [slow.place()] * 3]
    posting = [asyncio.ensure_future(slow.wechat.post(*copy)) for copy in copies]
    await slow.wechat.until(lambda: len(slow.watch.waits()) == 3)
    slow.pass_by(4.5)
    await slow.wechat.until(lambda: any(one.done() for one in posting))
    slow.gate.set()
    assert [await one for one in posting] == [(200, b"success")] * 3
    await slow.hooks[0].close()
    assert len([one for one in slow.wechat.shown[WHO] if one.sent_first]) == 1


@pytest.mark.parametrize("replicas", TIMES)
async def test_two_last_copies_are_followed_by_one_answer(slow: Slow, replicas: str) -> None:
    """Both came so late that neither will be repeated: each is a last one."""
    if replicas == "one":
        slow.one_replica()
    place = slow.place()
    slow.pass_by(10)
    posting = [asyncio.ensure_future(slow.wechat.post(*slow.wechat.signed(place))) for _ in TIMES]
    await slow.wechat.until(lambda: slow.watch.waits() == [REPLY_DEADLINE] * 2)
    slow.pass_by(REPLY_DEADLINE)
    assert [await one for one in posting] == [(200, b"success")] * 2
    slow.gate.set()
    for hook in slow.hooks:
        await hook.close()
    sent = [one for one in slow.wechat.shown[WHO] if one.sent_first]
    assert len(sent) == 1
    assert NEAREST in sent[0].words


@pytest.mark.parametrize("replicas", TIMES)
async def test_a_msgid_of_a_turn_that_still_runs_is_no_copy_when_another_courier_sends_it(
    slow: Slow, replicas: str
) -> None:
    if replicas == "one":
        slow.one_replica()
    place = slow.place()
    text = slow.wechat.message("oFollower-_0002", "text", {"Content": "帮助"})
    text["MsgId"] = place["MsgId"]
    pushing = asyncio.ensure_future(slow.wechat.push(place))
    await slow.wechat.until(lambda: slow.standing == 1)
    answering = asyncio.ensure_future(slow.wechat.push(text))
    await slow.wechat.until(lambda: len(slow.watch.waits()) == 4)  # two pushes, two requests held
    slow.gate.set()  # on SQLite the second one waits for the first one's write lock
    mine, theirs = await pushing, await answering
    assert mine.shown is not None
    assert theirs.shown is not None
    assert NEAREST in mine.shown.words
    assert "你可以" in theirs.shown.words


class Shaky:
    """A turn before which the database is away for so many attempts."""

    def __init__(self, turn: Turn, failures: int) -> None:
        self.turn = turn
        self.failures = failures
        self.attempts = 0

    async def __call__(self, event: Event) -> Answer:
        self.attempts += 1
        if self.attempts <= self.failures:
            raise Unavailable
        return await self.turn(event)


async def test_a_database_that_is_back_within_seconds_is_not_noticed(slow: Slow) -> None:
    slow.gate.set()
    slow.one_replica()
    channel = slow.hooks[0].channel
    shaky = Shaky(channel.turn, 3)
    channel.turn = shaky
    pushing = asyncio.ensure_future(slow.wechat.push(slow.place()))
    for _ in range(3):
        await slow.arrives(DATABASE_RETRY)
        slow.pass_by(DATABASE_RETRY)
    pushed = await pushing
    assert pushed.tries == 1
    assert pushed.shown is not None
    assert NEAREST in pushed.shown.words
    assert shaky.attempts == 4


async def test_a_database_that_stays_away_is_said_and_the_next_try_may_work(slow: Slow) -> None:
    slow.gate.set()
    slow.one_replica()
    channel = slow.hooks[0].channel
    working, channel.turn = channel.turn, Shaky(channel.turn, 99)
    pushing = asyncio.ensure_future(slow.wechat.push(slow.place()))
    for step in range(1, DATABASE_ATTEMPTS):
        await slow.arrives(DATABASE_RETRY)
        slow.pass_by(1.25)  # so that no other wait ever has DATABASE_RETRY left
        if step in {4, 8}:
            await slow.arrives(HOLD if step == 4 else REPLY_DEADLINE)
    pushed = await pushing
    assert pushed.tries == 3
    assert pushed.shown is not None
    assert pushed.shown.text == BUSY
    channel.turn = working
    again = await slow.wechat.location(WHO, *HERE)
    assert again.shown is not None
    assert NEAREST in again.shown.words


async def test_a_bug_is_silence_and_a_log_line_without_words(slow: Slow) -> None:
    async def buggy(event: Event) -> Answer:
        raise RuntimeError(repr(event))

    for hook in slow.hooks:
        hook.channel.turn = buggy
    with capture_logs() as logs:
        pushed = await slow.wechat.text(WHO, "王小明")
    assert pushed.bodies == [b"success"]
    assert [line["error"] for line in logs if line["event"] == "wechat.failed"] == ["RuntimeError"]
    assert "王小明" not in repr(logs)
    assert WHO not in repr(logs)
