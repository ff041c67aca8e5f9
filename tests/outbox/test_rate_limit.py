"""How fast a channel is written to, in simulated time."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.outbox.rate_limit import RateLimiter
from tests.support.outbox import MonotonicClock


def drain(
    pace: RateLimiter,
    monotonic: MonotonicClock,
    seconds: float,
    *,
    urgent: bool,
    tick: float = 0.05,
) -> int:
    """How many go in that time by one who takes all there is."""
    sent = 0
    for _ in range(round(seconds / tick)):
        for _ in range(pace.room(urgent=urgent)):
            pace.spend(sent, urgent=urgent)
            sent += 1
        monotonic.now += tick
    return sent


@pytest.mark.parametrize(("urgent", "rate"), [(True, 30), (False, 25)])
def test_a_minute_at_the_rate_of_the_lane(urgent: bool, rate: int) -> None:
    monotonic = MonotonicClock()
    pace = RateLimiter(monotonic)
    first = pace.room(urgent=urgent)
    assert drain(pace, monotonic, 600, urgent=urgent) == pytest.approx(rate * 600 + first, abs=2)


def test_a_broadcast_leaves_room_for_reminders_at_any_moment() -> None:
    monotonic = MonotonicClock()
    pace = RateLimiter(monotonic)
    waited = 0
    for step in range(2000):
        for _ in range(pace.room(urgent=False)):
            pace.spend(step, urgent=False)
        if step % 4 == 0:  # five reminders a second
            waited += pace.room(urgent=True) == 0
            pace.spend(step, urgent=True)
        monotonic.now += 0.05
    assert waited == 0


@given(st.lists(st.tuples(st.floats(0, 0.5), st.booleans()), max_size=200))
def test_no_second_sees_more_than_the_platform_takes(steps: list[tuple[float, bool]]) -> None:
    monotonic = MonotonicClock()
    pace = RateLimiter(monotonic)
    sent: list[float] = []
    for pause, urgent in steps:
        monotonic.now += pause
        for _ in range(pace.room(urgent=urgent)):
            pace.spend(len(sent), urgent=urgent)
            sent.append(monotonic.now)
    for at in sent:
        assert sum(at <= one < at + 1 for one in sent) <= 15 + 30 + 1


def test_a_pause_stops_every_lane_and_ends_without_a_burst() -> None:
    monotonic = MonotonicClock()
    pace = RateLimiter(monotonic)
    pace.pause(10)
    assert pace.paused == 10
    for _ in range(100):
        assert pace.room(urgent=True) == 0
        monotonic.now += 0.1
    monotonic.now = 10.0
    assert pace.room(urgent=True) == 0
    monotonic.now += 0.1
    assert pace.room(urgent=True) == 3
    pace.pause(1)
    pace.pause(0.1)  # a shorter one does not end the longer
    monotonic.now += 0.5
    assert pace.room(urgent=True) == 0


def test_one_chat_waits_its_second_and_is_then_forgotten() -> None:
    monotonic = MonotonicClock()
    pace = RateLimiter(monotonic)
    assert pace.chat_wait(7) == 0
    pace.spend(7, urgent=True)
    assert pace.chat_wait(7) == 1
    assert pace.chat_wait(8) == 0
    monotonic.now += 0.75
    assert pace.chat_wait(7) == 0.25
    monotonic.now += 0.25
    assert pace.chat_wait(7) == 0
    for chat in range(100_000):
        pace.spend(chat, urgent=True)
        monotonic.now += 0.01
    assert len(pace._recent) <= 101
