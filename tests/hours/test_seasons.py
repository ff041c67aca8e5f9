"""Seasons and dated closures of the stored form: spelling, the days they hold, and an oracle."""

from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from opening_hours import OpeningHours

from bot.common.clock import CHINA
from bot.hours.calendar import Day, Flag, Holidays
from bot.hours.compiled import CompiledHours, stamp
from bot.hours.dates import MonthDay, YearPart
from bot.hours.errors import Fault, HoursError
from bot.hours.opening import Change, Schedule, status
from bot.hours.weekly import (
    CLOSED,
    DAY,
    LENGTH,
    Closure,
    Hours,
    Interval,
    Season,
    is_always_open,
    parse,
)

NO_HOLIDAYS = Holidays({})
FIRST = datetime.fromisoformat("2026-01-02")
NOON = time(12)
LAST = datetime.fromisoformat("2028-01-01")


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("Mar 15-Oct 31 Mo-Su 08:00-20:00", "Mar 15-Oct 31 Mo-Su 08:00-20:00"),
        ("mar-oct 8:00-20:00", "Mar 1-Oct 31 Mo-Su 08:00-20:00"),
        ("Feb 09:00-17:00", "Feb 1-Feb 29 Mo-Su 09:00-17:00"),
        ("Jan 1 09:00-17:00", "Jan 1 Mo-Su 09:00-17:00"),
        (
            "Nov 1-Mar 31 Mo-Fr 09:00-17:00; Apr 1-Oct 31 Mo-Fr 08:00-18:00; PH off",
            "Apr 1-Oct 31 Mo-Fr 08:00-18:00; Nov 1-Mar 31 Mo-Fr 09:00-17:00; PH off",
        ),
        (
            "Mo-Fr 09:00-17:00; Jul 1-Aug 31 Fr off",
            "Mo-Fr 09:00-17:00; Jul 1-Aug 31 Fr-Su off",
        ),
        ("24/7; Dec-Feb 09:00-17:00", "24/7; Dec 1-Feb 29 Mo-Su 09:00-17:00"),
        ("Mo-Su 09:00-17:00; Dec-Feb off", "Mo-Su 09:00-17:00; Dec 1-Feb 29 off"),
        ("Mo-Su 09:00-17:00; Dec-Feb 09:00-17:00", "Mo-Su 09:00-17:00"),
        ("May 09:00-17:00; 24/7", "24/7"),
        ("May PH 09:00-10:00; Mo-Su off", "Mo-Su off; May 1-May 31 PH 09:00-10:00"),
        (
            "Mo 09:00-17:00; 2018 Feb 20 off; 2018 Feb 14-2018 Feb 16 closed; 2018 Feb 20 off",
            "Mo 09:00-17:00; 2018 Feb 14-2018 Feb 16 off; 2018 Feb 20 off",
        ),
        (
            "Mo 09:00-17:00; 2018 Feb 20 10:00-11:00,12:00-13:00 off",
            "Mo 09:00-17:00; 2018 Feb 20 10:00-11:00,12:00-13:00 off",
        ),
    ],
)
def test_has_one_spelling(text: str, canonical: str) -> None:
    assert str(parse(text)) == canonical
    assert parse(canonical) == parse(text)


@pytest.mark.parametrize(
    ("text", "fault", "piece"),
    [
        ("Jan-Mar 09:00-17:00; Mar 31-Apr 2 off", Fault.CONFLICT, "Jan 1-Mar 31"),
        ("Nov-Feb 09:00-17:00; Feb 29-Mar 2 off", Fault.CONFLICT, "Feb 29-Mar 2"),
        ("Jun 31 09:00-17:00", Fault.TIME, "Jun 31"),
        ("Jun 0 09:00-17:00", Fault.TIME, "Jun 0"),
        ("Jan PH 09:00-17:00", Fault.NO_TIMES, "Jan PH 09:00-17:00"),
    ],
)
def test_is_refused_with_the_piece(text: str, fault: Fault, piece: str) -> None:
    with pytest.raises(HoursError) as refused:
        parse(text)
    assert (refused.value.fault, refused.value.text) == (fault, piece)


def test_a_season_is_a_plain_week() -> None:
    part = YearPart(MonthDay(1, 1), MonthDay(1, 31))
    seasonal = Hours(CLOSED.week, None, (Season(part, parse("Mo 09:00-17:00")),))
    with pytest.raises(ValueError, match="of its own"):
        Hours(CLOSED.week, None, (Season(part, seasonal),))


@pytest.mark.parametrize(
    ("first", "last", "days"),
    [((1, 1), (12, 31), 366), ((5, 1), (5, 1), 1), ((10, 1), (4, 30), 213), ((5, 1), (9, 30), 153)],
)
def test_a_part_of_the_year_has_so_many_days(
    first: tuple[int, int], last: tuple[int, int], days: int
) -> None:
    part = YearPart(MonthDay(*first), MonthDay(*last))
    assert part.days() == days
    year = [date(2024, 1, 1) + timedelta(days=n) for n in range(366)]
    assert sum(map(part.covers, year)) == days


@pytest.mark.parametrize(
    ("day", "row"),
    [
        (date(2026, 9, 30), ((480, 1200),)),  # Wednesday
        (date(2026, 10, 1), ()),  # a holiday, of which the winter's hours speak
        (date(2026, 10, 2), ((540, 1020),)),
        (date(2026, 12, 31), ((540, 1020),)),
        (date(2027, 2, 27), ()),  # a Saturday
    ],
)
def test_a_date_has_the_hours_of_its_season(day: date, row: tuple[tuple[int, int], ...]) -> None:
    hours = parse("Oct 1-Apr 30 Mo-Fr 09:00-17:00; Oct 1-Apr 30 PH off; May-Sep 08:00-20:00")
    holidays = Holidays({date(2026, 10, 1): Day("国庆节", is_off=True)})
    assert holidays.row(hours, day) == row


def test_a_closure_leaves_the_night_before_to_end_and_is_told() -> None:
    hours = parse("Mo-Su 18:00-02:00; 2026 Nov 24-2026 Nov 25 off")
    schedule = Schedule(hours)
    night = datetime(2026, 11, 24, 1, tzinfo=CHINA)
    assert status(schedule, NO_HOLIDAYS, night).is_open
    found = status(schedule, NO_HOLIDAYS, night + timedelta(hours=18))
    assert found.is_open is False
    assert found.opens == datetime(2026, 11, 26, 18, tzinfo=CHINA)
    assert Flag.CHANGED in found.flags


def test_a_dated_change_counts_before_a_closure() -> None:
    day = date(2026, 11, 24)
    schedule = Schedule(
        parse("Mo-Su 09:00-17:00; 2026 Nov 24 off"), (Change(day, day, parse("10:00-12:00")),)
    )
    noon = datetime(2026, 11, 24, 11, tzinfo=CHINA)
    assert status(schedule, NO_HOLIDAYS, noon).is_open
    assert CompiledHours(NO_HOLIDAYS).open_at(schedule, stamp(noon))


def test_a_closure_cuts_the_night_in_pieces_that_stay_in_order() -> None:
    hours = parse("Mo 22:00-10:00; Tu 01:30-03:00; 2026 Nov 23 23:00-01:00 off")
    monday = date(2026, 11, 23)
    assert NO_HOLIDAYS.row(hours, monday) == ((1320, 1380), (1500, 2040))
    compiled, schedule = CompiledHours(NO_HOLIDAYS), Schedule(hours)
    for minute in range(0, 2 * DAY, 5):
        at = datetime(2026, 11, 23, tzinfo=CHINA) + timedelta(minutes=minute)
        expected = 1320 <= minute < 1380 or 1500 <= minute < 2040
        assert status(schedule, NO_HOLIDAYS, at).is_open is expected
        assert compiled.open_at(schedule, stamp(at)) is expected


def test_what_is_closed_at_times_is_not_always_open() -> None:
    assert not is_always_open(parse("24/7; Dec-Feb off"))
    assert not is_always_open(parse("24/7; 2026 Nov 24 off"))


rows = st.sets(st.integers(0, DAY - 1), min_size=2, max_size=4).map(
    lambda edges: tuple(
        Interval(*sorted(edges)[n : n + 2]) for n in range(0, len(edges) - len(edges) % 2, 2)
    )
)
weeks = st.lists(rows | st.just(()), min_size=7, max_size=7).map(tuple)
days_of_year = st.dates(date(2024, 1, 1), date(2024, 12, 31)).map(
    lambda day: MonthDay(day.month, day.day)
)
closures = st.builds(
    lambda first, days, times: Closure(first, first + timedelta(days=days), times),
    st.dates(date(2026, 1, 1), date(2027, 12, 31)),
    st.integers(0, 9),
    rows | st.just(()),
)


@st.composite
def hours(draw: st.DrawFn, *, holidays: bool) -> Hours:
    edges = sorted(draw(st.sets(days_of_year, min_size=2, max_size=4)))
    parts = [YearPart(*edges[n : n + 2]) for n in range(0, len(edges) - len(edges) % 2, 2)]
    holiday = (st.none() | rows | st.just(())) if holidays else st.none()
    seasons = tuple(Season(part, Hours(draw(weeks), draw(holiday))) for part in parts)
    return Hours(
        draw(weeks | st.just(((),) * 7)), draw(holiday), seasons, tuple(draw(st.lists(closures)))
    )


@given(hours(holidays=True))
def test_what_is_written_reads_back_the_same(written: Hours) -> None:
    spelt = str(written)
    if len(spelt) <= LENGTH:
        assert parse(spelt) == written
        assert str(parse(spelt)) == spelt


@settings(max_examples=60)
@given(
    hours(holidays=False),
    st.lists(st.datetimes(FIRST, LAST), max_size=40),
)
def test_against_an_independent_evaluator(written: Hours, moments: list[datetime]) -> None:
    compiled, schedule = CompiledHours(NO_HOLIDAYS), Schedule(written)
    oracle = OpeningHours(str(written))
    edges = [
        datetime.combine(day, time()) + timedelta(days=shift, minutes=minute)
        for one in written.closures
        for day in (one.first, one.last)
        for shift in (-1, 0, 1)
        for minute in (0, 600, 1439)
    ]
    edges += [
        datetime.combine(date(2027, *at), NOON) + timedelta(days=shift)
        for season in written.seasons
        for at in season.part
        if at != (2, 29)
        for shift in (-1, 0, 1)
    ]
    for moment in [*moments, *edges]:
        at = moment.replace(second=0, microsecond=0)
        expected = oracle.is_open(at)
        aware = at.replace(tzinfo=CHINA)
        assert status(schedule, NO_HOLIDAYS, aware).is_open is expected, (str(written), at)
        assert compiled.open_at(schedule, stamp(aware)) is expected
