"""Open or not, until when and when again: 2026 lived through at its difficult hours."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.common.clock import CHINA
from bot.hours.calendar import Flag, Holidays
from bot.hours.compiled import CompiledHours, stamp
from bot.hours.opening import HORIZON, Change, Opening, Schedule, status
from bot.hours.weekly import Hours, parse

HOLIDAYS = Holidays.from_csv()
BANK = "Mo-Fr 08:30-12:00,13:30-17:00; PH off"


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=CHINA)


def opening(hours: str, moment: str, *changes: Change) -> Opening:
    return status(Schedule(parse(hours), changes), HOLIDAYS, at(moment))


def opened(until: str | None, *flags: Flag, again: str | None = None) -> Opening:
    return Opening(
        True,
        until=at(until) if until else None,
        flags=frozenset(flags),
        reopens=at(again) if again else None,
    )


def shut(opens: str | None, *flags: Flag) -> Opening:
    return Opening(False, opens=at(opens) if opens else None, flags=frozenset(flags))


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        # A Thursday: half-open edges and the midday gap
        ("2026-11-19 08:29:59", shut("2026-11-19 08:30")),
        ("2026-11-19 08:30:00", opened("2026-11-19 12:00", again="2026-11-19 13:30")),
        ("2026-11-19 11:59:59", opened("2026-11-19 12:00", again="2026-11-19 13:30")),
        ("2026-11-19 12:00:00", shut("2026-11-19 13:30")),
        ("2026-11-19 16:59:59", opened("2026-11-19 17:00")),
        ("2026-11-19 17:00:00", shut("2026-11-20 08:30")),
        # Friday evening to Monday
        ("2026-11-20 17:00:00", shut("2026-11-23 08:30")),
        # Spring Festival: Saturday worked, nine days off, Tuesday open
        ("2026-02-14 10:00", opened("2026-02-14 12:00", again="2026-02-14 13:30")),
        ("2026-02-14 17:00", shut("2026-02-24 08:30")),
        ("2026-02-16 10:00", shut("2026-02-24 08:30")),
        ("2026-02-28 16:00", opened("2026-02-28 17:00")),
        # September to October: worked Sunday, three days off, seven off, worked Saturday
        ("2026-09-19 10:00", shut("2026-09-20 08:30")),
        ("2026-09-20 10:00", opened("2026-09-20 12:00", again="2026-09-20 13:30")),
        ("2026-09-24 17:00", shut("2026-09-28 08:30")),
        ("2026-09-25 10:00", shut("2026-09-28 08:30")),
        ("2026-09-30 18:00", shut("2026-10-08 08:30")),
        ("2026-10-09 17:00", shut("2026-10-10 08:30")),
        ("2026-10-10 17:00", shut("2026-10-12 08:30")),
        # Into a year whose holidays nobody has announced
        ("2026-12-31 17:00", shut("2027-01-01 08:30", Flag.YEAR_UNKNOWN)),
        (
            "2027-01-01 09:00",
            opened("2027-01-01 12:00", Flag.YEAR_UNKNOWN, again="2027-01-01 13:30"),
        ),
    ],
)
def test_a_bank_branch(moment: str, expected: Opening) -> None:
    assert opening(BANK, moment) == expected


@pytest.mark.parametrize(
    ("hours", "moment", "expected"),
    [
        # The night of the worked Saturday 02-14 ends on the first day off
        ("Mo-Fr 18:00-02:00; PH off", "2026-02-15 01:59", opened("2026-02-15 02:00")),
        ("Mo-Fr 18:00-02:00; PH off", "2026-02-15 02:00", shut("2026-02-24 18:00")),
        ("Mo-Fr 18:00-02:00; PH off", "2026-02-16 01:00", shut("2026-02-24 18:00")),
        # The holiday's own night runs into the first working day, which opens at nine
        ("Mo-Fr 09:00-17:00; PH 20:00-04:00", "2026-10-08 03:00", opened("2026-10-08 04:00")),
        ("Mo-Fr 09:00-17:00; PH 20:00-04:00", "2026-10-01 03:00", shut("2026-10-01 20:00")),
        # Sunday night belongs to Sunday
        ("Su 22:00-06:00", "2026-11-23 05:59", opened("2026-11-23 06:00")),
        ("Su 22:00-06:00", "2026-11-22 05:59", shut("2026-11-22 22:00")),
        # Openings that touch across midnight are one
        ("Mo 08:00-24:00; Tu 00:00-10:00", "2026-11-23 09:00", opened("2026-11-24 10:00")),
        ("Mo 08:00-02:00; Tu 01:00-10:00", "2026-11-23 09:00", opened("2026-11-24 10:00")),
        ("24/7; Su off", "2026-11-23 09:00", opened("2026-11-29 00:00")),
        ("Mo-Su 06:00-30:00", "2026-11-23 05:00", opened(None)),
        # Never closes, not even on holidays or in an unknown year
        ("24/7", "2026-10-01 03:00", opened(None)),
        ("24/7", "2027-10-01 03:00", opened(None)),
        ("Mo-Su 00:00-24:00", "2026-10-01 03:00", opened(None, Flag.PHONE_FIRST)),
        # Says nothing about holidays
        ("Mo-Su 08:00-18:00", "2026-10-01 09:00", opened("2026-10-01 18:00", Flag.PHONE_FIRST)),
        ("Mo-Su 08:00-18:00", "2026-09-30 19:00", shut("2026-10-01 08:00", Flag.PHONE_FIRST)),
        ("off", "2026-11-23 09:00", shut(None)),
    ],
)
def test_nights_and_holidays(hours: str, moment: str, expected: Opening) -> None:
    assert opening(hours, moment) == expected


def test_unknown_hours_are_neither_open_nor_closed() -> None:
    assert status(Schedule(None), HOLIDAYS, at("2026-11-19 10:00")) == Opening(None)


WINTER = Change(date(2026, 10, 15), date(2027, 4, 14), parse("Mo-Fr 09:00-16:00; PH off"), "冬令时")
BOILER = Change(date(2026, 11, 19), date(2026, 11, 20), None, "暖气检修")


@pytest.mark.parametrize(
    ("moment", "changes", "expected"),
    [
        ("2026-10-14 16:30", (WINTER,), opened("2026-10-14 17:00")),
        ("2026-10-14 17:00", (WINTER,), shut("2026-10-15 09:00", Flag.CHANGED)),
        ("2026-10-15 12:30", (WINTER,), opened("2026-10-15 16:00", Flag.CHANGED)),
        ("2026-11-19 10:00", (BOILER,), shut("2026-11-23 08:30", Flag.CHANGED)),
        # The shorter wins, whichever comes first
        ("2026-11-19 10:00", (WINTER, BOILER), shut("2026-11-23 09:00", Flag.CHANGED)),
        ("2026-11-19 10:00", (BOILER, WINTER), shut("2026-11-23 09:00", Flag.CHANGED)),
        ("2026-11-18 17:00", (BOILER,), shut("2026-11-23 08:30")),
    ],
)
def test_dated_changes(moment: str, changes: tuple[Change, ...], expected: Opening) -> None:
    assert opening(BANK, moment, *changes) == expected


def test_of_two_changes_equally_long_the_later_wins() -> None:
    first = Change(date(2026, 11, 16), date(2026, 11, 17), parse("09:00-10:00"))
    second = Change(date(2026, 11, 17), date(2026, 11, 18), parse("11:00-12:00"))
    again = Change(date(2026, 11, 17), date(2026, 11, 18), parse("13:00-14:00"))
    day = date(2026, 11, 17)
    assert Schedule(None, (second, first)).change(day) is second
    assert Schedule(None, (first, second, again)).change(day) is again


def test_a_closure_leaves_the_night_before_it_alone() -> None:
    closed = Change(date(2026, 11, 20), date(2026, 11, 20), None)
    assert opening("Mo-Su 20:00-04:00", "2026-11-20 03:00", closed) == opened("2026-11-20 04:00")
    assert opening("24/7", "2026-11-19 09:00", closed) == opened("2026-11-20 00:00")
    assert opening("24/7", "2026-11-20 00:00", closed) == shut("2026-11-21 00:00", Flag.CHANGED)


def test_hours_known_only_for_some_dates() -> None:
    known = Change(date(2026, 11, 19), date(2026, 11, 20), parse("20:00-04:00"))
    schedule = Schedule(None, (known,))
    compiled = CompiledHours(HOLIDAYS)
    for moment, expected in (
        ("2026-11-18 10:00", Opening(None)),
        ("2026-11-19 03:00", shut("2026-11-19 20:00", Flag.CHANGED)),
        ("2026-11-19 21:00", opened("2026-11-20 04:00", Flag.CHANGED)),
        ("2026-11-21 03:00", opened("2026-11-21 04:00", Flag.CHANGED)),
        ("2026-11-21 04:00", Opening(None)),
    ):
        assert status(schedule, HOLIDAYS, at(moment)) == expected
        assert compiled.open_at(schedule, stamp(at(moment))) is expected.is_open


def test_the_next_opening_is_sought_for_fourteen_days() -> None:
    closed = Change(date(2026, 11, 2), date(2026, 11, 15), None)
    longer = Change(date(2026, 11, 2), date(2026, 11, 16), None)
    hours = "Mo-Su 10:00-12:00"
    reopens = shut("2026-11-16 10:00", Flag.CHANGED)
    assert opening(hours, "2026-11-02 10:00", closed) == reopens
    assert opening(hours, "2026-11-02 09:59", closed) == shut(None, Flag.CHANGED)
    assert opening(hours, "2026-11-02 10:00", longer) == shut(None, Flag.CHANGED)


def test_a_change_does_not_end_before_it_begins() -> None:
    with pytest.raises(ValueError, match="begins"):
        Change(date(2026, 11, 2), date(2026, 11, 1), None)


def test_any_time_zone_will_do_but_none_will_not() -> None:
    schedule = Schedule(parse(BANK))
    moment = datetime(2026, 11, 19, 0, 30, tzinfo=UTC)
    assert status(schedule, HOLIDAYS, moment) == opened(
        "2026-11-19 12:00", again="2026-11-19 13:30"
    )
    assert stamp(moment) == stamp(at("2026-11-19 08:30"))
    naive = moment.replace(tzinfo=None)
    with pytest.raises(ValueError, match="time zone"):
        status(schedule, HOLIDAYS, naive)
    with pytest.raises(ValueError, match="time zone"):
        stamp(naive)


TEXTS = (
    *(BANK, "24/7", "Mo-Su 00:00-24:00; PH off", "Mo-Fr 18:00-02:00; PH 20:00-30:00", "off"),
    *("Su 22:00-06:00; Mo 05:00-12:00", "Mo-Su 06:00-30:00", "Mo-Su 08:00-18:00"),
)
hours_or_none: st.SearchStrategy[Hours | None] = st.sampled_from([None, *map(parse, TEXTS)])
days = st.dates(date(2026, 9, 15), date(2026, 10, 20))
changes = st.builds(
    lambda first, length, hours: Change(first, first + timedelta(days=length), hours),
    days,
    st.integers(0, 20),
    hours_or_none,
)
schedules = st.builds(Schedule, hours_or_none, st.lists(changes, max_size=3).map(tuple))
moments = st.datetimes(datetime(2026, 9, 15), datetime(2026, 10, 20), timezones=st.just(CHINA))  # noqa: DTZ001 - the strategy adds the zone
COMPILED = CompiledHours(HOLIDAYS)


@given(schedules, moments, st.floats(0, 90))
def test_the_fast_answer_is_the_full_one(
    schedule: Schedule, moment: datetime, riding: float
) -> None:
    arrival = moment + timedelta(minutes=riding)
    full = status(schedule, HOLIDAYS, arrival)
    if (arrival.second, arrival.microsecond // 1000) in {(0, 0), (59, 999)}:
        return  # at the very edge the sum of two floats may fall to either side
    assert COMPILED.open_at(schedule, stamp(moment) + riding) is full.is_open


@given(schedules, moments)
def test_the_compiled_status_is_the_full_one(schedule: Schedule, moment: datetime) -> None:
    for later in (0, 7, 24 * 60):  # the second and the third may be of a day held already
        then = moment + timedelta(minutes=later)
        assert COMPILED.status(schedule, then) == status(schedule, HOLIDAYS, then)


@given(schedules, moments)
def test_until_and_opens_are_the_first_moments_at_which_the_answer_turns(
    schedule: Schedule, moment: datetime
) -> None:
    now = status(schedule, HOLIDAYS, moment)
    minute = moment.replace(second=0, microsecond=0)
    turn = now.until if now.is_open else now.opens
    if now.is_open:
        assert now.opens is None
    else:
        assert now.until is None
    if now.is_open is None:
        return
    last = minute + timedelta(days=HORIZON) if turn is None else turn
    step = timedelta(minutes=30)  # every edge of TEXTS lies on the half-hour
    probe = minute.replace(minute=minute.minute // 30 * 30)
    while (probe := probe + step) < last:
        found = COMPILED.open_at(schedule, stamp(probe))
        assert bool(found) is now.is_open
        if found is None:
            break  # unknown: nothing is promised beyond
    else:
        if turn is not None:
            assert turn > moment
            assert bool(COMPILED.open_at(schedule, stamp(turn))) is not now.is_open


def test_compiled_hours_forget_old_days_and_never_confuse_objects() -> None:
    compiled = CompiledHours(HOLIDAYS)
    for day in range(40):
        moment = at("2026-11-02 10:00") + timedelta(days=day)
        for text in TEXTS:
            # A fresh object each time: its id may be one that was used before.
            hours = parse(text)
            schedule = Schedule(Hours(hours.week, hours.holiday))
            assert (
                compiled.open_at(schedule, stamp(moment))
                is status(schedule, HOLIDAYS, moment).is_open
            )
            assert compiled.status(schedule, moment) == status(schedule, HOLIDAYS, moment)
