"""How long a freed seat is held."""

from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from bot.common.clock import CHINA
from bot.services.notifications.quiet_hours import NIGHT, Quiet
from bot.services.trainings.notifications import hold_end

NIGHTLY = Quiet((NIGHT,))
MINUTES = st.integers(1, 24 * 60)


def at(day: int, hour: int, minute: int = 0) -> datetime:
    """A moment in November 2026."""
    return datetime(2026, 11, day, hour, minute, tzinfo=CHINA)


def test_two_hours_of_the_day_are_two_hours() -> None:
    assert hold_end(at(23, 10), timedelta(hours=2)) == at(23, 12)


def test_the_clock_of_a_hold_stands_still_at_night() -> None:
    assert hold_end(at(23, 20, 30), timedelta(hours=2)) == at(24, 8, 30)
    assert hold_end(at(23, 23), timedelta(hours=2)) == at(24, 9, 30)
    assert hold_end(at(23, 19, 30), timedelta(hours=2)) == at(24, 7, 30)


@given(st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1)), MINUTES)  # noqa: DTZ001
def test_no_hold_ends_at_night_or_is_shorter_than_promised(begins: datetime, minutes: int) -> None:
    start, hold = begins.replace(tzinfo=CHINA), timedelta(minutes=minutes)
    end = hold_end(start, hold)
    assert not NIGHTLY.covers(end)
    assert end - start >= hold
    awake = sum(
        not NIGHTLY.covers(start + timedelta(minutes=minute))
        for minute in range(int((end - start).total_seconds() / 60))
    )
    assert abs(awake - minutes) <= 2
