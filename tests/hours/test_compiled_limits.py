"""The compiled hours at the minutes at which a station opens and closes, and what they hold."""

from datetime import UTC, date, datetime, timedelta

import pytest

from bot.common.clock import CHINA
from bot.hours import compiled, opening
from bot.hours.calendar import Holidays
from bot.hours.compiled import CompiledHours, stamp
from bot.hours.opening import Change, Schedule, Timeline
from bot.hours.weekly import CLOSED, DAY, parse

MONDAY = datetime(2026, 11, 23, tzinfo=CHINA)
NO_HOLIDAYS = Holidays({})
SPLIT = parse("Mo-Fr 09:00-12:00,13:30-17:00; Sa 22:00-06:00")


def test_a_stamp_counts_minutes_of_local_time() -> None:
    midnight = date(2026, 11, 23).toordinal() * DAY
    assert stamp(MONDAY) == midnight
    assert stamp(MONDAY.astimezone(UTC)) == midnight
    later = MONDAY + timedelta(hours=2, minutes=3, seconds=30, microseconds=600_000)
    assert stamp(later) == pytest.approx(midnight + 123 + 30.6 / 60, abs=1e-6)
    with pytest.raises(ValueError, match="time zone"):
        stamp(datetime(2026, 11, 23))  # noqa: DTZ001 - what is refused


@pytest.mark.parametrize(
    ("day", "clock", "is_open"),
    [
        (0, (8, 59, 59), False),
        (0, (9, 0, 0), True),
        (0, (11, 59, 59), True),
        (0, (12, 0, 0), False),
        (0, (13, 29, 59), False),
        (0, (13, 30, 0), True),
        (0, (17, 0, 0), False),
        (5, (0, 0, 0), False),
        (5, (21, 59, 59), False),
        (5, (22, 0, 0), True),
        (5, (23, 59, 59), True),
        (6, (0, 0, 0), True),
        (6, (5, 59, 59), True),
        (6, (6, 0, 0), False),
        (6, (22, 0, 0), False),
    ],
)
def test_a_station_opens_and_closes_at_its_minute(
    day: int, clock: tuple[int, int, int], *, is_open: bool
) -> None:
    hours, minutes, seconds = clock
    at = MONDAY + timedelta(days=day, hours=hours, minutes=minutes, seconds=seconds)
    assert CompiledHours(NO_HOLIDAYS).open_at(Schedule(SPLIT), stamp(at)) is is_open


@pytest.mark.parametrize(
    ("night", "next_day", "turns"),
    [
        ("22:00-06:00", "09:00-17:00", (0, 360, 540, 1020)),
        ("22:00-06:00", "06:00-17:00", (0, 1020)),  # it stays open
        ("22:00-06:00", "05:00-17:00", (0, 1020)),
        ("22:00-06:00", "05:00-05:30", (0, 360)),  # closes after the later day has
        ("22:00-24:00", "09:00-17:00", (540, 1020)),
    ],
)
def test_a_night_and_the_next_day_join(night: str, next_day: str, turns: tuple[int, ...]) -> None:
    hours = parse(f"Mo {night}; Tu {next_day}")
    assert compiled._turns(hours.week[0], hours.week[1]) == turns


def test_unknown_and_closed_are_told_apart() -> None:
    known = CompiledHours(NO_HOLIDAYS)
    day = MONDAY.date()
    closed_today = Schedule(None, (Change(day, day, None),))
    other_day = Schedule(None, (Change(day, day, parse("Mo-Su 09:00-17:00")),))
    noon = stamp(MONDAY) + 720
    assert known.open_at(Schedule(None), noon) is None
    assert known.open_at(Schedule(CLOSED), noon) is False
    assert known.open_at(closed_today, noon) is False
    assert known.open_at(closed_today, noon + DAY) is None
    assert known.open_at(other_day, noon) is True
    assert known.open_at(other_day, noon - 400) is False
    assert known.open_at(other_day, noon + DAY) is None


def test_what_opens_is_worked_out_once_a_day_and_at_most_eight_days_are_held(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[date] = []

    def row(self: Holidays, hours: object, day: date) -> object:
        asked.append(day)
        return plain(self, hours, day)  # type: ignore[arg-type]

    plain = Holidays.row
    monkeypatch.setattr(Holidays, "row", row)
    known, schedule = CompiledHours(NO_HOLIDAYS), Schedule(SPLIT)
    for _ in range(3):
        for day in range(8):
            assert known.open_at(schedule, stamp(MONDAY) + day * DAY + 600) is (day < 5 or day == 7)
    assert len(asked) == 2 * 8
    known.open_at(schedule, stamp(MONDAY) + 8 * DAY)  # a ninth day: all are worked out anew
    known.open_at(schedule, stamp(MONDAY))
    assert len(asked) == 2 * 10


def test_at_most_so_many_hours_are_held_for_a_day(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compiled, "_KEYS_HELD", 2)
    known = CompiledHours(NO_HOLIDAYS)
    three = [Schedule(parse(f"Mo-Su 0{at}:00-17:00")) for at in (1, 2, 3)]
    for one in three:
        known.open_at(one, stamp(MONDAY))
        known.open_at(one, stamp(MONDAY))
    assert [len(held) for held in known._days.values()] == [1]
    assert list(known._days[stamp(MONDAY) // DAY]) == [id(three[2].hours)]


def test_the_openings_around_a_day_are_worked_out_once_and_so_many_are_held(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(compiled, "_TIMELINES_HELD", 2)
    made: list[Schedule] = []

    def timeline(schedule: Schedule, holidays: Holidays, today: date) -> Timeline:
        made.append(schedule)
        return opening.timeline(schedule, holidays, today)

    monkeypatch.setattr(compiled, "timeline", timeline)
    known = CompiledHours(NO_HOLIDAYS)
    first, second, third = (Schedule(parse(f"Mo-Su 0{at}:00-17:00")) for at in (1, 2, 3))
    for _ in range(2):
        for one in (first, second, Schedule(first.hours)):
            assert known.status(one, MONDAY + timedelta(hours=12)).is_open
    assert made == [first, second]
    known.status(third, MONDAY)  # a third: all are worked out anew
    known.status(first, MONDAY)
    assert made == [first, second, third, first]
