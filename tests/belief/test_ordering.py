"""Which station to try first."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.belief.model import WASTED, expected_minutes
from bot.belief.ordering import order

CANDIDATES = st.lists(st.tuples(st.floats(0.0, 60.0), st.floats(0.0, 1.0)), max_size=7)


def on_a_line(rides: list[float]) -> list[list[float]]:
    """Minutes between stations that lie along one road."""
    return [[abs(one - other) for other in rides] for one in rides]


def test_a_sure_station_takes_its_ride_and_a_hopeless_one_the_next_ride_as_well() -> None:
    assert expected_minutes(8.0, 1.0, 5.0) == 8.0
    assert expected_minutes(8.0, 0.0, 5.0) == 8.0 + 5.0 + WASTED


def test_a_doubtful_station_comes_after_a_surer_one_a_little_further_on() -> None:
    rides = [5.0, 7.0, 30.0]
    assert order(rides, [0.2, 0.9, 0.95], on_a_line(rides)) == [1, 0, 2]


def test_nobody_is_sent_far_away_because_of_a_small_doubt() -> None:
    rides = [5.0, 25.0]
    assert order(rides, [0.7, 1.0], on_a_line(rides)) == [0, 1]


def test_a_doubtful_station_on_the_way_to_others_is_worth_a_try() -> None:
    near = [[0.0, 1.0, 30.0], [1.0, 0.0, 31.0], [30.0, 31.0, 0.0]]
    assert order([10.0, 11.0, 10.0], [0.6, 0.6, 0.6], near) == [0, 1, 2]


@given(CANDIDATES)
def test_every_candidate_stays_in_the_answer(candidates: list[tuple[float, float]]) -> None:
    rides = [ride for ride, _ in candidates]
    found = order(rides, [chance for _, chance in candidates], on_a_line(rides))
    assert sorted(found) == list(range(len(candidates)))


@given(st.lists(st.floats(0.0, 60.0), max_size=7), st.floats(0.0, 1.0))
def test_stations_that_are_all_sure_are_ordered_by_their_ride(
    rides: list[float], chance: float
) -> None:
    assert order(rides, [1.0] * len(rides), on_a_line(rides)) == sorted(
        range(len(rides)), key=rides.__getitem__
    )
    same_place = [chance] * len(rides)
    assert order([9.0] * len(rides), same_place, on_a_line([0.0] * len(rides))) == list(
        range(len(rides))
    )


@given(CANDIDATES.filter(bool))
def test_the_first_has_the_fewest_expected_minutes(candidates: list[tuple[float, float]]) -> None:
    rides = [ride for ride, _ in candidates]
    chances = [chance for _, chance in candidates]
    between = on_a_line(rides)

    def minutes(first: int) -> float:
        onward = [
            expected_minutes(between[first][other], chances[other], between[first][other])
            for other in range(len(rides))
            if other != first
        ]
        return expected_minutes(rides[first], chances[first], min(onward, default=rides[first]))

    best = order(rides, chances, between)[0]
    assert minutes(best) == pytest.approx(min(minutes(one) for one in range(len(rides))))
