"""The order in which to try stations near: what is surer may come first, never for nothing."""

from datetime import UTC, datetime, timedelta

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from bot.belief.compiled import compiled
from bot.belief.model import Belief
from bot.common.clock import CHINA
from bot.services.stations.evidence.beliefs import BeliefSnapshot, StationBeliefs
from bot.services.stations.evidence.chances import NEVER, Chances, StationColumns

AT = datetime(2026, 11, 23, 10, tzinfo=CHINA)
PACE = 1.3 * 60 / 1000 / 18
HAS_HOURS = 1 << 41
Logits = dict[int, float]


def chances(
    north: list[float],
    logits: Logits | None = None,
    doubted: frozenset[int] = frozenset(),
    verified: list[int] | None = None,
) -> Chances:
    """Stations so many metres north of a courier, with beliefs that one can enter by row."""
    count = len(north)
    days = [AT.toordinal() - 20] * count if verified is None else verified
    columns = StationColumns(
        np.arange(1, count + 1),
        np.array([40.0 + metres / 111_200 for metres in north]),
        np.full(count, 111.0),
        np.full(count, HAS_HOURS),
        np.array(days, np.int32),
        HAS_HOURS,
    )
    by_station = {
        row + 1: StationBeliefs(
            {"enter": compiled("enter", Belief(logit, AT))},
            {"enter": AT + timedelta(hours=3)} if row in doubted else {},
        )
        for row, logit in (logits or {}).items()
    }
    return Chances(columns, BeliefSnapshot(1, by_station))


def order(found: Chances, north: list[float], at: datetime = AT) -> list[int]:
    rides = [metres * PACE for metres in north]
    return found.order(range(len(north)), rides, 0, at, PACE)[0]


def test_where_all_are_alike_the_nearest_comes_first() -> None:
    north = [300.0, 900.0, 1500.0, 2600.0]
    assert order(chances(north), north) == [0, 1, 2, 3]


def test_one_that_is_surely_shut_comes_after_the_next() -> None:
    north = [300.0, 900.0, 1500.0]
    assert order(chances(north, {0: -3.0}), north)[0] == 1


def test_half_a_minute_is_not_worth_another_station_than_the_nearest() -> None:
    north = [300.0, 350.0]
    verified = [NEVER, AT.toordinal()]
    assert order(chances(north, verified=verified), north) == [0, 1]


def test_one_that_waits_for_a_check_is_last_however_far_the_others_are() -> None:
    north = [300.0, 6000.0, 9000.0]
    found = chances(north, {0: -1.0}, frozenset({0}))
    assert order(found, north) == [1, 2, 0]
    assert order(found, north, AT + timedelta(hours=3, minutes=1)) == [0, 1, 2]


def test_one_that_waits_for_a_check_and_was_found_open_since_is_not_last() -> None:
    north = [300.0, 6000.0]
    assert order(chances(north, {0: 1.0}, frozenset({0})), north) == [0, 1]


def test_the_moment_counts_and_not_the_zone_in_which_it_is_told() -> None:
    north = [300.0, 900.0, 1500.0]
    found = chances(north, {0: -1.0, 2: 1.0})
    rides = [metres * PACE for metres in north]
    early = datetime(2026, 11, 23, 17, 30, tzinfo=UTC)  # the next day in China
    assert found.order(range(3), rides, 0, early, PACE) == found.order(
        range(3), rides, 0, early.astimezone(CHINA), PACE
    )


@given(
    st.lists(st.floats(0, 9000), min_size=1, max_size=6).map(sorted),
    st.dictionaries(st.integers(0, 5), st.floats(-6, 6)),
    st.frozensets(st.integers(0, 5)),
)
def test_each_candidate_stays_one_and_its_chance_is_a_probability(
    north: list[float], logits: Logits, doubted: frozenset[int]
) -> None:
    found = chances(north, {row: one for row, one in logits.items() if row < len(north)}, doubted)
    rides = [metres * PACE for metres in north]
    positions, usable = found.order(range(len(north)), rides, 0, AT, PACE)
    assert sorted(positions) == list(range(len(north)))
    assert all(0.0 <= one <= 1.0 for one in usable)
    assert usable == [found.usable(row, 0, AT + timedelta(minutes=ride))[0]
                      for row, ride in enumerate(rides)]  # fmt: skip


def test_who_wants_a_facility_is_sent_where_it_works() -> None:
    north = [300.0, 900.0]
    water = 1 << 1
    found = chances(north)
    dry = StationBeliefs({"water": compiled("water", Belief(-4.0, AT))})
    found = Chances(found.columns, BeliefSnapshot(2, {1: dry}))
    rides = [metres * PACE for metres in north]
    assert found.order(range(2), rides, water, AT, PACE)[0] == [1, 0]
    assert found.order(range(2), rides, 0, AT, PACE)[0] == [0, 1]
