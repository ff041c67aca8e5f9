"""Beliefs as numbers: what moves them, how far, and how they fade."""

import math
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.belief.model import (
    CAPS,
    ENTER,
    EXISTS,
    HALF_LIVES,
    STEPS,
    Belief,
    chance,
    components,
    implied,
    kind_of,
    prior,
    probability,
    update,
    usable,
)

NOW = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)  # Monday noon in China
NAMES = st.sampled_from((EXISTS, ENTER, "enter.part.noon", "enter.days.weekend", "water"))
WEIGHTS = st.floats(0.0, 1.0)
EVIDENCE = st.floats(-4.0, 4.0)
PRIORS = st.floats(-3.0, 3.0)
MINUTES = st.integers(0, 59)


@given(NAMES, EVIDENCE, st.booleans(), WEIGHTS, WEIGHTS)
def test_a_heavier_observation_moves_a_belief_at_least_as_far(
    name: str, evidence: float, positive: bool, one: float, other: float
) -> None:
    before = Belief(evidence, NOW)
    light, heavy = sorted((one, other))
    moved_little = update(before, name, positive, light, NOW).logit - evidence
    moved_much = update(before, name, positive, heavy, NOW).logit - evidence
    sign = 1.0 if positive else -1.0
    assert 0.0 <= sign * moved_little <= sign * moved_much


@given(NAMES, st.booleans(), st.floats(0.01, 1.0))
def test_an_observation_of_any_weight_moves_an_empty_belief_its_way(
    name: str, positive: bool, weight: float
) -> None:
    assert (update(None, name, positive, weight, NOW).logit > 0.0) is positive


@given(NAMES, PRIORS, EVIDENCE)
def test_half_of_the_evidence_is_left_after_each_half_life(
    name: str, prior_logit: float, evidence: float
) -> None:
    half_life = HALF_LIVES[kind_of(name)]
    for lives in range(4):
        at = NOW + lives * half_life
        left = probability(prior_logit, Belief(evidence, NOW), name, at)
        assert left == pytest.approx(1.0 / (1.0 + math.exp(-prior_logit - evidence / 2**lives)))


@given(NAMES, PRIORS, EVIDENCE, st.integers(0, 400), st.integers(0, 400))
def test_probability_only_comes_closer_to_the_prior_with_time(
    name: str, prior_logit: float, evidence: float, hours: int, more: int
) -> None:
    plain = probability(prior_logit, None, name, NOW)
    early, late = (
        abs(probability(prior_logit, Belief(evidence, NOW), name, NOW + timedelta(hours=h)) - plain)
        for h in (hours, hours + more)
    )
    assert late <= early + 1e-12


@given(NAMES, st.lists(st.tuples(MINUTES, st.booleans()), max_size=6), st.randoms())
def test_reports_of_one_hour_come_to_the_same_in_any_order(
    name: str, reports: list[tuple[int, bool]], random: object
) -> None:
    weight = 0.8
    kind = kind_of(name)
    few = reports[: int(CAPS[kind] / STEPS[kind])]  # no cap is reached
    shuffled = list(few)
    random.shuffle(shuffled)  # type: ignore[attr-defined]

    def after(sequence: list[tuple[int, bool]]) -> float:
        belief = None
        for minute, positive in sequence:
            belief = update(belief, name, positive, weight, NOW + timedelta(minutes=minute))
        return probability(1.0, belief, name, NOW + timedelta(hours=1))

    assert after(few) == pytest.approx(after(shuffled), abs=1e-9)


@given(NAMES, st.lists(st.tuples(MINUTES, WEIGHTS), min_size=1, max_size=60), st.booleans())
def test_observations_of_one_kind_stop_at_the_cap_of_the_heaviest(
    name: str, reports: list[tuple[int, float]], positive: bool
) -> None:
    belief = None
    for minute, weight in sorted(reports):
        belief = update(belief, name, positive, weight, NOW + timedelta(minutes=minute))
    assert belief is not None
    heaviest = max(weight for _, weight in reports)
    assert abs(belief.logit) <= heaviest * CAPS[kind_of(name)] + 1e-12


@given(NAMES, EVIDENCE, WEIGHTS, st.booleans())
def test_a_light_observation_leaves_what_heavier_ones_reached(
    name: str, evidence: float, weight: float, positive: bool
) -> None:
    after = update(Belief(evidence, NOW), name, positive, weight, NOW).logit
    cap = weight * CAPS[kind_of(name)]
    if abs(evidence) >= cap and (evidence > 0.0) is positive:
        assert after == evidence


def test_a_report_that_arrives_late_counts_as_faded_and_keeps_the_time_of_the_latest() -> None:
    before = Belief(0.0, NOW)
    late = update(before, ENTER, False, 1.0, NOW - HALF_LIVES[ENTER])
    assert late == Belief(-STEPS[ENTER] / 2, NOW)


def test_evidence_has_not_faded_for_a_moment_before_it() -> None:
    belief = Belief(2.0, NOW)
    assert probability(0.0, belief, ENTER, NOW - timedelta(days=9)) == probability(
        0.0, belief, ENTER, NOW
    )


@pytest.mark.parametrize(
    ("hour", "part"),
    [
        (0, "night"),
        (5, "night"),
        (6, "early"),
        (9, "morning"),
        (11, "morning"),
        (12, "noon"),
        (14, "afternoon"),
        (17, "evening"),
        (20, "late"),
        (23, "late"),
    ],
)
def test_entry_is_known_by_part_of_the_day_in_chinese_time(hour: int, part: str) -> None:
    local_midnight = datetime(2026, 3, 1, 16, tzinfo=UTC)  # Monday 2 March in China
    names = components(ENTER, local_midnight + timedelta(hours=hour, minutes=59))
    assert names == (ENTER, f"enter.part.{part}", "enter.days.workday")


def test_entry_is_known_by_workdays_and_weekends() -> None:
    days = [components(ENTER, NOW + timedelta(days=day))[2] for day in range(7)]
    assert days == ["enter.days.workday"] * 5 + ["enter.days.weekend"] * 2


def test_other_facts_have_one_component() -> None:
    assert components("water", NOW) == ("water",)
    assert components(EXISTS, NOW) == (EXISTS,)


@pytest.mark.parametrize(
    ("fact", "positive", "all_of_it"),
    [
        (ENTER, True, {ENTER: True, EXISTS: True}),
        (ENTER, False, {ENTER: False}),
        (EXISTS, True, {EXISTS: True}),
        (EXISTS, False, {EXISTS: False, ENTER: False}),
        ("water", True, {"water": True, ENTER: True, EXISTS: True}),
        ("water", False, {"water": False, ENTER: True, EXISTS: True}),
    ],
)
def test_an_observation_says_what_follows_from_it(
    fact: str, positive: bool, all_of_it: dict[str, bool]
) -> None:
    said = implied(fact, positive)
    assert said[0] == (fact, positive)
    assert dict(said) == all_of_it


def test_a_noon_break_is_remembered_for_noon_and_not_for_the_morning() -> None:
    beliefs: dict[str, Belief] = {}
    for day in range(5):
        for hours, positive in ((-2, True), (0, False)):
            at = NOW + timedelta(days=day, hours=hours)
            for name in components(ENTER, at):
                beliefs[name] = update(beliefs.get(name), name, positive, 0.8, at)
    listed = prior(ENTER, None, has_hours=True)
    next_week = NOW + timedelta(days=7)
    morning, noon = (
        chance(listed, beliefs, ENTER, at) for at in (next_week - timedelta(hours=2), next_week)
    )
    assert noon < 0.6 < probability(listed, None, ENTER, NOW) < morning


@given(PRIORS, EVIDENCE, EVIDENCE, EVIDENCE)
def test_chance_adds_up_the_components_of_that_moment(
    prior_logit: float, now: float, part: float, days: float
) -> None:
    evidence = dict(zip(components(ENTER, NOW), (now, part, days), strict=True))
    beliefs = {name: Belief(logit, NOW) for name, logit in evidence.items()}
    beliefs["enter.part.late"] = Belief(4.0, NOW)
    beliefs["water"] = Belief(-4.0, NOW)
    whole = probability(prior_logit + now + part + days, None, ENTER, NOW)
    assert chance(prior_logit, beliefs, ENTER, NOW) == pytest.approx(whole)
    assert chance(prior_logit, {}, ENTER, NOW) == probability(prior_logit, None, ENTER, NOW)


@given(st.sampled_from((EXISTS, ENTER, "water")), st.floats(0, 900), st.floats(0, 900))
def test_a_list_is_believed_less_the_longer_ago_it_was_checked(
    fact: str, one: float, other: float
) -> None:
    early, late = sorted((one, other))
    assert prior(fact, late, True) <= prior(fact, early, True)
    assert prior(fact, late, False, early) <= prior(fact, early, True, early)
    assert 0.5 <= probability(prior(fact, late, True), None, fact, NOW) < 1.0


@pytest.mark.parametrize(
    ("fact", "days", "expected"),
    [
        (EXISTS, 0.0, 0.98),
        (EXISTS, 365.0, 0.9416),
        (ENTER, 0.0, 0.9),
        (ENTER, 365.0, 0.86),
        (ENTER, None, 0.815),
        ("water", 0.0, 0.9),
        ("water", 365.0, 0.81),
    ],
)
def test_a_list_is_believed_so_much(fact: str, days: float | None, expected: float) -> None:
    assert probability(prior(fact, days, True), None, fact, NOW) == pytest.approx(expected)


def test_unknown_hours_and_a_list_without_a_date_are_believed_less() -> None:
    assert prior(ENTER, 10.0, has_hours=False) < prior(ENTER, 10.0, has_hours=True)
    assert prior(ENTER, None, True) == prior(ENTER, None, True, 365.0)
    assert prior(ENTER, None, True) < prior(ENTER, None, True, 30.0) < prior(ENTER, 30.0, True)


def test_a_station_is_usable_if_all_that_is_needed_holds() -> None:
    assert usable([0.9, 0.5]) == pytest.approx(0.45)
    assert usable([]) == 1.0
