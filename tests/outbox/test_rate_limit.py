"""How fast a channel is written to, in simulated time."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.outbox.rate_limit import RateLimiter
from tests.support.outbox import MonotonicClock


def drain(
    limiter: RateLimiter,
    monotonic: MonotonicClock,
    seconds: float,
    *,
    urgent: bool,
    tick: float = 0.05,
) -> int:
    """How many go in that time by one who takes all there is."""
    sent = 0
    for _ in range(round(seconds / tick)):
        for _ in range(limiter.room(urgent=urgent)):
            limiter.spend(sent, urgent=urgent)
            sent += 1
        monotonic.now += tick
    return sent


@pytest.mark.parametrize(("urgent", "rate"), [(True, 30), (False, 25)])
def test_a_minute_at_the_rate_of_the_lane(urgent: bool, rate: int) -> None:
    monotonic = MonotonicClock()
    limiter = RateLimiter(monotonic)
    first = limiter.room(urgent=urgent)
    assert drain(limiter, monotonic, 600, urgent=urgent) == pytest.approx(rate * 600 + first, abs=2)


def test_a_broadcast_leaves_room_for_reminders_at_any_moment() -> None:
    monotonic = MonotonicClock()
    limiter = RateLimiter(monotonic)
    waited = 0
    for step in range(2000):
        for _ in range(limiter.room(urgent=False)):
            limiter.spend(step, urgent=False)
        if step % 4 == 0:  # five reminders a second
            waited += limiter.room(urgent=True) == 0
            limiter.spend(step, urgent=True)
        monotonic.now += 0.05
    assert waited == 0


@given(st.lists(st.tuples(st.floats(0, 0.5), st.booleans()), max_size=200))
def test_no_second_sees_more_than_the_platform_takes(steps: list[tuple[float, bool]]) -> None:
    monotonic = MonotonicClock()
    limiter = RateLimiter(monotonic)
    sent: list[float] = []
    for pause, urgent in steps:
        monotonic.now += pause
        for _ in range(limiter.room(urgent=urgent)):
            limiter.spend(len(sent), urgent=urgent)
            sent.append(monotonic.now)
    for at in sent:
        assert sum(at <= one < at + 1 for one in sent) <= 15 + 30 + 1


def test_a_pause_stops_every_lane_and_ends_without_a_burst() -> None:
    monotonic = MonotonicClock()
    limiter = RateLimiter(monotonic)
    limiter.pause(10)
    assert limiter.paused == 10
    for _ in range(100):
        assert limiter.room(urgent=True) == 0
        monotonic.now += 0.1
    monotonic.now = 10.0
    assert limiter.room(urgent=True) == 0
    monotonic.now += 0.1
    assert limiter.room(urgent=True) == 3
    limiter.pause(1)
    limiter.pause(0.1)  # a shorter one does not end the longer
    monotonic.now += 0.5
    assert limiter.room(urgent=True) == 0


def test_one_chat_waits_its_second_and_is_then_forgotten() -> None:
    monotonic = MonotonicClock()
    limiter = RateLimiter(monotonic)
    assert limiter.chat_wait(7) == 0
    limiter.spend(7, urgent=True)
    assert limiter.chat_wait(7) == 1
    assert limiter.chat_wait(8) == 0
    monotonic.now += 0.75
    assert limiter.chat_wait(7) == 0.25
    monotonic.now += 0.25
    assert limiter.chat_wait(7) == 0
    for chat in range(100_000):
        limiter.spend(chat, urgent=True)
        monotonic.now += 0.01
    assert len(limiter._recent) <= 101


def test_a_wait_of_one_chat_is_capped_and_stops_no_other() -> None:
    monotonic = MonotonicClock()
    limiter = RateLimiter(monotonic)
    assert not limiter.throttle(7, 86400)
    assert limiter.chat_wait(7) == 300
    assert limiter.chat_wait(8) == 0
    assert limiter.room(urgent=True) == 15
    assert (limiter.paused, limiter.throttled_chats) == (0, 1)
    monotonic.now += 300
    assert limiter.chat_wait(7) == 0
    assert limiter.throttled_chats == 0


@pytest.mark.parametrize(
    ("chats", "between", "stops"),
    [((1, 2, 3), 4.9, True), ((1, 2, 3), 5, False), ((1, 1, 1, 1), 0, False), ((1, 2), 0, False)],
)
def test_waits_of_three_chats_within_ten_seconds_stop_everything(
    chats: tuple[int, ...], between: float, stops: bool
) -> None:
    monotonic = MonotonicClock()
    limiter = RateLimiter(monotonic)
    for chat in chats:
        stopped = limiter.throttle(chat, 86400)
        monotonic.now += between
    assert stopped is stops
    assert (limiter.paused > 0) is stops
    assert limiter.paused <= 60


def test_waits_that_are_over_are_forgotten() -> None:
    monotonic = MonotonicClock()
    limiter = RateLimiter(monotonic)
    for chat in range(10_000):
        limiter.throttle(chat, 5)
        monotonic.now += 1
    assert len(limiter._throttled) <= 11
