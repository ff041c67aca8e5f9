"""How much an observation counts by who made it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.belief.reporters import CHECK_WEIGHT, Reporter, Source, needs_check, weight

NOW = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
USUAL = Reporter(was_shown=True, can_have_arrived=True, at_door=False, account_days=60.0, like_me=0)
REPORTERS = st.builds(
    Reporter,
    was_shown=st.booleans(),
    can_have_arrived=st.booleans(),
    at_door=st.booleans(),
    account_days=st.floats(0.0, 1000.0),
    like_me=st.integers(0, 100),
)


def courier(reporter: Reporter) -> float:
    return weight(Source.COURIER, reporter)


@given(REPORTERS)
def test_a_weight_lies_between_nothing_and_one(reporter: Reporter) -> None:
    assert 0.0 < courier(reporter) <= 1.0


@given(REPORTERS)
def test_each_doubt_about_a_reporter_can_only_take_weight_away(reporter: Reporter) -> None:
    plain = courier(reporter)
    assert courier(replace(reporter, was_shown=True)) >= plain
    assert courier(replace(reporter, can_have_arrived=True)) >= plain
    assert courier(replace(reporter, at_door=True)) >= plain
    assert courier(replace(reporter, account_days=reporter.account_days + 1.0)) >= plain
    assert courier(replace(reporter, like_me=reporter.like_me + 1)) <= plain


def test_who_never_asked_hardly_counts() -> None:
    stranger = replace(USUAL, was_shown=False, can_have_arrived=False)
    assert courier(stranger) <= courier(USUAL) / 20
    assert weight(Source.COURIER, None) == courier(stranger)


def test_two_couriers_at_the_door_count_in_full_whatever_the_age_of_their_accounts() -> None:
    new = Reporter(False, False, at_door=True, account_days=0.0, like_me=0)
    weights = [courier(replace(new, like_me=others)) for others in range(4)]
    assert weights == [1.0, 1.0, 0.5, 0.25]


@given(REPORTERS, st.integers(1, 200))
def test_a_group_counts_no_more_than_three_couriers(reporter: Reporter, size: int) -> None:
    together = sum(courier(replace(reporter, like_me=others)) for others in range(size))
    assert together <= 3.0 * courier(replace(reporter, like_me=0))


def test_a_keeper_counts_less_than_a_courier_who_was_there_and_more_than_a_list() -> None:
    assert weight(Source.LIST, None) < weight(Source.KEEPER, None) < courier(USUAL)


@pytest.mark.parametrize(
    ("minutes", "asks"),
    [((119, 0), True), ((120, 0), True), ((121, 0), False), ((0,), False), ((0, 0), True)],
)
def test_two_locked_doors_within_two_hours_ask_for_a_check(
    minutes: tuple[int, ...], asks: bool
) -> None:
    reports = [(0.8, NOW - timedelta(minutes=ago)) for ago in minutes]
    assert needs_check(reports, NOW) is asks


def test_reports_that_hardly_count_ask_for_no_check() -> None:
    crowd = [(CHECK_WEIGHT - 0.01, NOW)] * 50
    assert not needs_check(crowd, NOW)
    assert not needs_check([*crowd, (1.0, NOW)], NOW)
    assert needs_check([(CHECK_WEIGHT, NOW), (1.0, NOW)], NOW)


def test_a_report_of_the_future_asks_for_no_check() -> None:
    assert not needs_check([(1.0, NOW), (1.0, NOW + timedelta(minutes=1))], NOW)
