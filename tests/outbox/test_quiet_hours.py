"""When a courier may be written to: never in quiet hours unless every other choice is too late."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.common.clock import CHINA
from bot.services.notifications.quiet_hours import DAY, USUAL, OwnQuiet, Quiet, next_allowed_time

MONDAY = datetime(2026, 11, 23, tzinfo=CHINA)
moments = st.integers(0, 3 * DAY * 60).map(lambda seconds: MONDAY + timedelta(seconds=seconds))
spans = st.integers(0, 2 * DAY * 60).map(lambda seconds: timedelta(seconds=seconds))
hours = st.none() | st.tuples(st.integers(0, DAY - 1), st.integers(0, DAY - 1))
MINUTE = timedelta(minutes=1)


def at(clock: str, day: int = 0) -> datetime:
    hour, _, minute = clock.partition(":")
    return MONDAY + timedelta(days=day, hours=int(hour), minutes=int(minute))


@pytest.mark.parametrize(
    ("due", "latest", "expected"),
    [
        (at("10:00"), at("12:00"), at("10:00")),
        (at("12:00"), at("18:00"), at("13:00")),
        (at("12:00"), at("13:00"), at("13:00")),
        (at("12:00"), at("13:00") - timedelta(microseconds=1), at("10:59")),
        (at("17:00"), at("21:00"), at("19:30")),
        (at("16:59"), at("21:00"), at("16:59")),
        (at("13:00"), at("21:00"), at("13:00")),
        (at("22:00"), at("9:00", 1), at("7:30", 1)),
        (at("3:00", 1), at("9:00", 1), at("7:30", 1)),
        (at("6:00", 1), at("7:00", 1), at("21:29")),
        (at("11:30"), at("12:30"), at("10:59")),
        (at("18:00"), at("18:30"), at("16:59")),
    ],
)
def test_the_usual_hours(due: datetime, latest: datetime, expected: datetime) -> None:
    assert next_allowed_time(due, latest) == expected


@pytest.mark.parametrize(
    ("own", "due", "latest", "expected"),
    [
        ((22 * 60, 9 * 60), at("8:00"), at("12:00"), at("9:00")),
        ((13 * 60, 17 * 60), at("11:30"), at("20:00"), at("19:30")),  # from peak to peak
        ((7 * 60, 11 * 60), at("8:00"), at("12:00"), at("21:29", -1)),
    ],
)
def test_own_hours_come_on_top(
    own: tuple[int, int], due: datetime, latest: datetime, expected: datetime
) -> None:
    assert next_allowed_time(due, latest, OwnQuiet(own).quiet) == expected


WEEKEND = OwnQuiet(days=frozenset({5, 6}))
BY_DAY = OwnQuiet((7 * 60 + 30, 17 * 60), at_night=False)


@pytest.mark.parametrize(
    ("own", "due", "latest", "expected"),
    [
        (WEEKEND, at("21:00", 4), at("12:00", 7), at("21:00", 4)),
        (WEEKEND, at("10:00", 5), at("12:00", 7), at("7:30", 7)),
        (WEEKEND, at("22:00", 4), at("20:00", 6), at("21:29", 4)),  # not before Sunday evening
        (OwnQuiet(days=frozenset({6, 0})), at("8:00", 6), at("9:00", 8), at("7:30", 8)),
        (OwnQuiet(days=frozenset(range(7))), at("8:00", 6), at("9:00", 20), None),
        (BY_DAY, at("10:00"), at("9:00", 1), at("19:30")),
        (BY_DAY, at("3:00", 1), at("9:00", 1), at("3:00", 1)),
        (BY_DAY, at("9:00", 1), at("12:00", 1), at("7:29", 1)),
    ],
)
def test_whole_days_are_quiet_and_the_night_is_not_where_one_rides_then(
    own: OwnQuiet, due: datetime, latest: datetime, expected: datetime | None
) -> None:
    assert next_allowed_time(due, latest, own.quiet) == expected


def test_a_day_without_a_gap_has_no_decent_moment() -> None:
    assert next_allowed_time(at("10:00"), at("20:00"), Quiet(((0, 12 * 60), (12 * 60, 0)))) is None


@given(moments, spans, hours)
def test_decent_is_never_quiet_and_as_early_as_can_be(
    due: datetime, span: timedelta, own: tuple[int, int] | None
) -> None:
    quiet = OwnQuiet(own).quiet
    found = next_allowed_time(due, due + span, quiet)
    gaps = [at for at in range(DAY) if not quiet.covers(MONDAY + at * MINUTE)]
    if not gaps:
        assert found is None
        return
    assert found is not None
    assert not quiet.covers(found)
    if found >= due:
        assert found <= due + span
        skipped = int((found - due) / MINUTE)
        assert all(quiet.covers(due + at * MINUTE) for at in range(skipped))
    else:  # no moment from `due` to the latest one was allowed, nor one after what was found
        assert all(quiet.covers(due + at * MINUTE) for at in range(int(span / MINUTE) + 1))
        assert all(
            quiet.covers(found + at * MINUTE) for at in range(1, int((due - found) / MINUTE) + 1)
        )


@given(moments)
def test_the_same_hours_by_any_zone(moment: datetime) -> None:
    assert USUAL.covers(moment) == USUAL.covers(moment.astimezone(UTC))
    minute = moment.hour * 60 + moment.minute
    quiet = minute < 450 or 660 <= minute < 780 or 1020 <= minute < 1170 or minute >= 1290
    assert USUAL.covers(moment) == quiet
