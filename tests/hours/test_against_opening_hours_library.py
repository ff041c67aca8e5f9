"""Ordinary weeks against an independent evaluator of OSM opening_hours.

Public holidays are left out: opening-hours-py knows 6 Chinese ones a year and no worked weekends.
It also lets a day's own rule cut off the night before, where ours goes on, so each night is
handed to it in two pieces, the second as the next weekday's.
"""

from datetime import date, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st
from opening_hours import OpeningHours

from bot.common.clock import CHINA
from bot.hours.calendar import Holidays
from bot.hours.compiled import CompiledHours, stamp
from bot.hours.opening import Schedule, status
from bot.hours.weekly import DAY, Hours, Interval, parse

MONDAY = datetime(2026, 11, 2, tzinfo=CHINA)
HOLIDAYS = Holidays.from_csv()
CODES = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")


@st.composite
def rows(draw: st.DrawFn) -> tuple[Interval, ...]:
    edges = sorted(draw(st.sets(st.integers(0, DAY - 1), max_size=6)))
    if len(edges) % 2:
        edges.append(draw(st.integers(edges[-1] + 1, edges[-1] + DAY)))
    return tuple(Interval(*edges[n : n + 2]) for n in range(0, len(edges), 2))


def clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"


def in_pieces(week: tuple[tuple[Interval, ...], ...]) -> str:
    pieces: list[list[tuple[int, int]]] = [[] for _ in CODES]
    for day, row in enumerate(week):
        for opens, closes in row:
            pieces[day].append((opens, min(closes, DAY)))
            if closes > DAY:
                pieces[(day + 1) % 7].append((0, closes - DAY))
    return "; ".join(
        f"{code} " + (",".join(f"{clock(o)}-{clock(c)}" for o, c in sorted(row)) or "off")
        for code, row in zip(CODES, pieces, strict=True)
    )


def agree(hours: Hours, oracle: OpeningHours, minutes: list[int]) -> None:
    compiled, schedule = CompiledHours(HOLIDAYS), Schedule(hours)
    for minute in minutes:
        moment = MONDAY + timedelta(minutes=minute)
        expected = oracle.is_open(moment.replace(tzinfo=None))
        assert status(schedule, HOLIDAYS, moment).is_open is expected
        assert compiled.open_at(schedule, stamp(moment)) is expected


def edges(hours: Hours) -> list[int]:
    return [
        (day * DAY + minute + shift) % (7 * DAY)
        for day, row in enumerate(hours.week)
        for each in row
        for minute in each
        for shift in (-1, 0, 1)
    ]


def test_the_week_compared_is_an_ordinary_one() -> None:
    week = [date(2026, 11, 1) + timedelta(days=n) for n in range(9)]
    assert not HOLIDAYS.days.keys() & set(week)


@settings(max_examples=150)
@given(st.tuples(*[rows()] * 7), st.lists(st.integers(0, 7 * DAY - 1), max_size=20))
def test_any_week(week: tuple[tuple[Interval, ...], ...], minutes: list[int]) -> None:
    hours = Hours(week)
    agree(hours, OpeningHours(in_pieces(week)), [*minutes, *edges(hours)])


@settings(max_examples=100)
@given(rows().filter(bool), st.lists(st.integers(0, 7 * DAY - 1), max_size=20))
def test_our_spelling_of_one_rule_for_all_days(
    row: tuple[Interval, ...], minutes: list[int]
) -> None:
    hours = Hours((row,) * 7)
    agree(hours, OpeningHours(str(hours)), [*minutes, *edges(hours)])


@settings(max_examples=100)
@given(st.tuples(*[rows()] * 7), st.lists(st.integers(0, 7 * DAY - 1), max_size=20))
def test_our_spelling_of_weeks_without_nights(
    week: tuple[tuple[Interval, ...], ...], minutes: list[int]
) -> None:
    daily = tuple(tuple(each for each in row if each.closes <= DAY) for row in week)
    hours = Hours(daily)
    agree(hours, OpeningHours(str(hours)), [*minutes, *edges(hours)])


def test_the_gap_at_midday() -> None:
    hours = parse("Mo-Fr 08:30-12:00,13:30-17:00")
    agree(hours, OpeningHours(str(hours)), list(range(0, 7 * DAY, 15)))
