"""Copies of one push share a turn, and a finished turn is forgotten after a minute."""

import asyncio
from dataclasses import dataclass, field

import pytest

from bot.channels.wechat.inflight import KEEP_FINISHED, InFlightTurn, InFlightTurns
from bot.conversation.replies import Answer


@dataclass
class Started:
    """Turns of one process at a time that the test sets, and how often each was started."""

    now: float = 1000.0
    starts: list[str] = field(default_factory=list)
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    turns: InFlightTurns = field(init=False)

    def __post_init__(self) -> None:
        self.turns = InFlightTurns(lambda: self.now)

    def join(self, key: str, *, waits: bool = False) -> InFlightTurn:
        async def start() -> Answer:
            self.starts.append(key)
            if waits:
                await self.gate.wait()
            return Answer(())

        return self.turns.join(key, start)

    async def finished(self, key: str) -> InFlightTurn:
        turn = self.join(key)
        await turn.task
        await asyncio.sleep(0)  # its callback runs then
        return turn


async def test_copies_join_the_turn_of_the_first_and_are_counted() -> None:
    one = Started()
    first = one.join("a", waits=True)
    assert one.join("a", waits=True) is first
    assert one.join("b", waits=True) is not first
    assert first.deliveries == 2
    assert first.finished is None
    assert not first.is_late
    one.gate.set()
    await first.task
    assert sorted(one.starts) == ["a", "b"]


@pytest.mark.parametrize(
    ("later", "is_kept"),
    [
        (KEEP_FINISHED - 0.001, True),
        (KEEP_FINISHED, False),
        (KEEP_FINISHED + 0.001, False),
    ],
)
async def test_a_finished_turn_is_kept_for_less_than_a_minute(
    later: float, *, is_kept: bool
) -> None:
    one = Started()
    turn = await one.finished("a")
    assert turn.finished == 1000.0
    one.now += later
    assert (one.join("a") is turn) == is_kept
    assert KEEP_FINISHED == 60.0


async def test_a_turn_that_runs_is_never_forgotten_and_does_not_keep_those_after_it() -> None:
    one = Started()
    running = one.join("running", waits=True)
    old = await one.finished("old")
    one.now += KEEP_FINISHED
    assert one.join("old") is not old
    assert one.join("running", waits=True) is running
    one.gate.set()


async def test_turns_are_forgotten_in_the_order_in_which_they_finished() -> None:
    one = Started()
    slow = one.join("slow", waits=True)
    quick = await one.finished("quick")
    one.now += KEEP_FINISHED / 2
    one.gate.set()
    await slow.task
    await asyncio.sleep(0)
    one.now += KEEP_FINISHED / 2
    assert one.join("quick") is not quick
    assert one.join("slow") is slow


async def test_dropping_a_turn_leaves_a_newer_one_of_the_same_push() -> None:
    one = Started()
    first = await one.finished("a")
    one.turns.drop("a", first)
    second = await one.finished("a")
    assert second is not first
    one.turns.drop("a", first)
    assert one.join("a") is second
    one.turns.drop("unknown", first)


async def test_a_dropped_turn_does_not_come_back_when_it_finishes() -> None:
    one = Started()
    first = one.join("a", waits=True)
    one.turns.drop("a", first)
    second = one.join("a", waits=True)
    one.gate.set()
    await first.task
    await asyncio.sleep(0)
    assert one.join("a", waits=True) is second


async def test_finishing_waits_for_all_turns_and_for_failed_ones() -> None:
    one = Started()
    running = one.join("a", waits=True)

    async def fail() -> Answer:
        raise RuntimeError

    one.turns.join("b", fail)
    finishing = asyncio.ensure_future(one.turns.finish_all())
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert not finishing.done()
    one.gate.set()
    await finishing
    assert running.task.done()
