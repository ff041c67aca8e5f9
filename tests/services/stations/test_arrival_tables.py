"""The tables that rule stations out of a search never rule out one that would be accepted."""

from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.hours.calendar import Holidays
from bot.hours.compiled import CompiledHours
from bot.hours.opening import Change, Schedule
from bot.hours.weekly import DAY, Hours, parse
from bot.services.stations import arrival_tables
from bot.services.stations.arrival_tables import SLOT, ArrivalTables, Stay

HOLIDAYS = Holidays.from_csv()
PACE = 1.3 * 60 / 1000 / 18
SHORT = 0.37  # minutes
FIRST = date(2026, 9, 15)  # a worked Sunday, two holidays and a worked Saturday lie ahead
TEXTS = (
    "Mo-Fr 08:30-12:00,13:30-17:00; PH off",
    "24/7",
    "Mo-Su 00:00-24:00; PH off",
    "Mo-Fr 18:00-02:00; PH 20:00-30:00",
    "Su 22:00-06:00; Mo 05:00-12:00",
    "Mo-Su 06:00-30:00",
    "Mo-Su 07:58-08:01,12:03-12:19,23:51-24:13",
    "Mo-Su 08:00-20:00; Oct 1-Oct 5 Mo-Su 10:00-16:00",
    "Mo-Su 09:00-17:00; 2026 Sep 24-2026 Sep 26 off; 2026 Oct 2 12:00-14:07 off",
    "off",
)
hours_or_none: st.SearchStrategy[Hours | None] = st.sampled_from([None, *map(parse, TEXTS)])
days = st.dates(FIRST, date(2026, 10, 20))
changes = st.builds(
    lambda first, length, hours: Change(first, first + timedelta(days=length), hours),
    days,
    st.integers(0, 20),
    hours_or_none,
)
schedules = st.builds(Schedule, hours_or_none, st.lists(changes, max_size=2).map(tuple))
leasts = st.sampled_from([0.0, SHORT, 14.99, 15.0, 44.99, 90.0, 270.5, 1500.5])


def accepts(
    compiled: CompiledHours, schedule: Schedule, arrival: float, stay: Stay, least: float
) -> bool:
    """As a search accepts a station, with the answers of the opening hours themselves."""
    if compiled.open_at(schedule, arrival) is not True:
        return False
    stays = compiled.open_at(schedule, arrival + least) is True
    return stay is Stay.ANY or stays is (stay is Stay.ENOUGH)


@given(
    st.lists(schedules, min_size=1, max_size=4),
    days,
    st.floats(0.0, DAY, exclude_max=True) | st.integers(0, DAY - 1).map(float),
    st.data(),
    leasts,
)
def test_no_station_that_would_be_accepted_is_ruled_out(
    kinds: list[Schedule], day: date, minute: float, data: st.DataObject, least: float
) -> None:
    compiled = CompiledHours(HOLIDAYS)
    tables = ArrivalTables(kinds, compiled)
    start = day.toordinal() * DAY + minute
    edges = [
        number * DAY + turn - back
        for number in range(3)
        for kind in kinds
        for turn in compiled.turns(kind, day.toordinal() + number)
        for back in (0.0, least)
    ]
    beside = st.sampled_from([-1.0, -0.5, -0.01, -1e-5, 0.0, 1e-5, 0.01, 0.5, 1.0])
    any_ride = st.floats(0.0, 4.0 * DAY)
    at_an_edge = st.builds(
        lambda edge, off: max(0.0, edge - minute + off), st.sampled_from(edges or [0.0]), beside
    )
    for ride in data.draw(st.lists(any_ride | at_an_edge, min_size=1, max_size=30)):
        metres = ride / PACE
        near = np.array([metres])
        for stay in Stay:
            arrival = tables.arrival(start, PACE, stay, least)
            for number, kind in enumerate(kinds):
                if accepts(compiled, kind, start + metres * PACE, stay, least):
                    counts = arrival.table.counts
                    assert arrival.may_keep(counts, np.array([number]), near, near).all()


@given(
    st.lists(schedules, min_size=1, max_size=2),
    days,
    st.sampled_from([SHORT, 14.99, 270.5, 1500.5]),
)
def test_a_slot_is_possible_where_any_arrival_in_it_would_be_accepted(
    kinds: list[Schedule], day: date, least: float
) -> None:
    """Three arrivals in each minute stand for all: two stays end in each minute that one can."""
    compiled = CompiledHours(HOLIDAYS)
    tables = ArrivalTables(kinds, compiled)
    start = day.toordinal() * DAY
    arrivals = [start + minute + part for minute in range(2 * DAY) for part in (0.0, 0.5, 0.9)]
    for stay in Stay:
        table = tables.table(day.toordinal(), stay, least)
        possible = np.diff(table.counts.astype(int), axis=1) > 0
        for number, kind in enumerate(kinds):
            accepted = [accepts(compiled, kind, one, stay, least) for one in arrivals]
            by_slot = np.array(accepted).reshape(-1, 3 * SLOT).any(axis=1)
            assert (possible[number] == by_slot).all()


def test_a_station_that_reopens_as_the_stay_ends_is_not_ruled_out() -> None:
    """Who arrives in the last minute of the slot of 12:00 leaves at 12:19, when it has reopened."""
    kind, least, day = Schedule(parse("Mo-Su 12:00-12:10,12:19-13:00")), 14.99, FIRST.toordinal()
    compiled = CompiledHours(HOLIDAYS)
    arrival = day * DAY + 12 * 60 + 4.5
    table = ArrivalTables([kind], compiled).table(day, Stay.ENOUGH, least)
    possible = np.diff(table.counts.astype(int), axis=1)[0] > 0
    assert accepts(compiled, kind, arrival, Stay.ENOUGH, least)
    assert [bool(one) for one in possible[12 * 60 // SLOT :][:3]] == [True, True, False]


@pytest.mark.parametrize("stay", Stay)
def test_many_kinds_are_worked_out_part_by_part(
    monkeypatch: pytest.MonkeyPatch, stay: Stay
) -> None:
    kinds = [Schedule(parse(text)) for text in TEXTS]
    whole = ArrivalTables(kinds, CompiledHours(HOLIDAYS)).table(FIRST.toordinal(), stay, 14.99)
    monkeypatch.setattr(arrival_tables, "_AT_ONCE", 3)
    parts = ArrivalTables(kinds, CompiledHours(HOLIDAYS)).table(FIRST.toordinal(), stay, 14.99)
    assert (parts.counts == whole.counts).all()


def test_a_table_is_worked_out_once_and_old_ones_are_forgotten() -> None:
    tables = ArrivalTables([Schedule(parse(TEXTS[0]))], CompiledHours(HOLIDAYS))
    day = FIRST.toordinal()
    first = tables.table(day, Stay.ANY, 0.0)
    assert tables.table(day, Stay.ANY, 0.0) is first
    for later in range(1, 10):
        tables.table(day + later, Stay.ANY, 0.0)
        assert len(tables._tables) <= arrival_tables._HELD
    again = tables.table(day, Stay.ANY, 0.0)
    assert again is not first
    assert (again.counts == first.counts).all()


def test_without_stations_there_is_a_table_too() -> None:
    table = ArrivalTables([], CompiledHours(HOLIDAYS)).table(FIRST.toordinal(), Stay.ANY, 0.0)
    assert table.counts.shape == (0, 2 * DAY // SLOT + 1)
