"""How far ahead an opening or a closing is looked for, and which of several changes counts."""

from datetime import date, datetime, timedelta

import pytest

from bot.common.clock import CHINA
from bot.hours.calendar import Day, Flag, Holidays
from bot.hours.opening import HORIZON, Change, Opening, Schedule, status
from bot.hours.weekly import CLOSED, parse

MONDAY = date(2026, 11, 23)
KNOWN = Holidays({date(2026, 10, 1): Day("国庆节", is_off=True)})
CHANGED = frozenset({Flag.CHANGED})


def at(clock: str, day: int = 0) -> datetime:
    hour, minute = map(int, clock.split(":"))
    midnight = datetime(MONDAY.year, MONDAY.month, MONDAY.day, tzinfo=CHINA)
    return midnight + timedelta(days=day, hours=hour, minutes=minute)


def on(day: int, hours: str) -> Change:
    the_day = MONDAY + timedelta(days=day)
    return Change(the_day, the_day, parse(hours))


@pytest.mark.parametrize(
    ("now", "opens"),
    [("8:59", None), ("9:00", at("9:00", 14)), ("9:01", at("9:00", 14))],
)
def test_an_opening_is_told_up_to_exactly_fourteen_days_ahead(
    now: str, opens: datetime | None
) -> None:
    schedule = Schedule(CLOSED, (on(14, "Mo-Su 09:00-17:00"),))
    flags = frozenset() if opens is None else CHANGED
    assert status(schedule, KNOWN, at(now)) == Opening(False, None, opens, flags)
    assert HORIZON == 14


@pytest.mark.parametrize(
    ("now", "until"),
    [("8:59", None), ("9:00", at("9:00", 14)), ("9:01", at("9:00", 14))],
)
def test_a_closing_is_told_up_to_exactly_fourteen_days_ahead(
    now: str, until: datetime | None
) -> None:
    schedule = Schedule(parse("24/7"), (on(14, "Mo-Su 00:00-09:00"),))
    assert status(schedule, KNOWN, at(now)) == Opening(True, until)


@pytest.mark.parametrize(
    ("hours", "now", "expected"),
    [
        ("Mo 22:00-06:00; Tu 06:00-09:00", at("23:00"), Opening(True, at("9:00", 1))),
        ("Mo 22:00-06:00; Tu 06:01-09:00", at("23:00"), Opening(True, at("6:00", 1))),
        ("Mo 22:00-06:00; Tu 05:00-05:30", at("23:00"), Opening(True, at("6:00", 1))),
        ("Mo 22:00-06:00; Tu 05:00-05:30", at("5:59", 1), Opening(True, at("6:00", 1))),
        ("Mo 09:00-17:00", at("8:59"), Opening(False, None, at("9:00"))),
        ("Mo 09:00-17:00", at("9:00"), Opening(True, at("17:00"))),
        ("Mo 09:00-17:00", at("16:59"), Opening(True, at("17:00"))),
        ("Mo 09:00-17:00", at("17:00"), Opening(False, None, at("9:00", 7))),
        ("Mo 09:00-12:00,13:00-17:00", at("12:00"), Opening(False, None, at("13:00"))),
    ],
)
def test_it_opens_and_closes_at_its_minute(hours: str, now: datetime, expected: Opening) -> None:
    assert status(Schedule(parse(hours)), KNOWN, now) == expected


@pytest.mark.parametrize(
    ("day", "opens"), [(-1, "09:00"), (0, "10:00"), (1, "10:00"), (2, "10:00"), (3, "09:00")]
)
def test_a_change_counts_on_its_first_and_its_last_day(day: int, opens: str) -> None:
    first, last = MONDAY, MONDAY + timedelta(days=2)
    schedule = Schedule(
        parse("Mo-Su 09:00-17:00"), (Change(first, last, parse("Mo-Su 10:00-17:00")),)
    )
    assert status(schedule, KNOWN, at("8:00", day)).opens == at(opens, day)


def days(first: int, last: int, reason: str) -> Change:
    return Change(MONDAY + timedelta(days=first), MONDAY + timedelta(days=last), None, reason)


@pytest.mark.parametrize(
    "changes",
    [
        (days(0, 5, "long"), days(0, 1, "wins")),
        (days(0, 1, "wins"), days(0, 5, "long")),
        (days(-1, 1, "early"), days(0, 2, "wins")),
        (days(0, 2, "wins"), days(-1, 1, "early")),
        (days(0, 1, "first"), days(0, 1, "wins")),
        (days(-9, 0, "long"), days(0, 1, "wins"), days(-1, 0, "early")),
    ],
)
def test_the_shorter_then_the_later_of_several_changes_counts(changes: tuple[Change, ...]) -> None:
    change = Schedule(CLOSED, changes).change(MONDAY)
    assert change is not None
    assert change.reason == "wins"


def test_a_change_may_last_one_day_and_does_not_end_before_it_begins() -> None:
    days(0, 0, "")
    with pytest.raises(ValueError, match="no earlier"):
        days(0, -1, "")


def test_hours_that_are_unknown_today_promise_nothing() -> None:
    later = Schedule(None, (on(1, "Mo-Su 09:00-17:00"),))
    assert status(later, KNOWN, at("8:00")) == Opening(None)
    last_night = Schedule(None, (on(-1, "Mo-Su 22:00-06:00"), on(0, "Mo-Su 09:00-17:00")))
    assert status(last_night, KNOWN, at("5:59")) == Opening(True, at("6:00"), None, CHANGED)
    assert status(last_night, KNOWN, at("17:00")) == Opening(False, flags=CHANGED)
