"""The simulated city of the benchmark: one for each seed, and better known after reports."""

import pytest

from bench.city import city
from bench.knowledge import nothing_known
from bench.trips import learned, listed_hours, ours, week


def test_a_seed_makes_the_same_city_and_another_seed_another_one() -> None:
    assert city(7) == city(7)
    assert city(7) != city(8)


@pytest.mark.slow
def test_reports_of_one_week_save_a_third_of_the_wasted_trips_of_listed_hours() -> None:
    town = city(3)
    by_list = week(town, listed_hours(town))
    told = learned(town, 3, rate=0.30, weeks=1, attacked=False)
    assert told == learned(town, 3, rate=0.30, weeks=1, attacked=False)
    assert told.wasted <= by_list.wasted * 2 / 3
    assert told.minutes < by_list.minutes


def test_without_reports_stations_are_chosen_nearly_as_by_listed_hours() -> None:
    town = city(3)
    plain = week(town, listed_hours(town))
    unknown = week(town, ours(town, nothing_known()))
    assert unknown.wasted == pytest.approx(plain.wasted, rel=0.2)
