"""Compiled beliefs give the chances that the model gives."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.belief import compiled, model
from bot.belief.model import Belief

NOW = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
NAMES = ("exists", "water", *model.components("enter", NOW))
BELIEFS = st.dictionaries(
    st.sampled_from(NAMES),
    st.builds(
        lambda logit, hours: Belief(logit, NOW + timedelta(hours=hours)),
        st.floats(-6, 6),
        st.floats(-2000, 48),
    ),
)


@given(
    st.lists(st.sampled_from(["exists", "enter", "water"]), min_size=1, max_size=3),
    BELIEFS,
    st.floats(-4, 4),
    st.floats(-24, 200),
)
def test_a_compiled_chance_is_that_of_the_model(
    facts: list[str], beliefs: dict[str, Belief], prior: float, hours: float
) -> None:
    at = NOW + timedelta(hours=hours)
    numbers = {name: compiled.compiled(name, belief) for name, belief in beliefs.items()}
    names = [model.components(fact, at) for fact in facts]
    found = compiled.usable([prior] * len(facts), numbers, names, compiled.seconds(at))
    chances = [model.chance(prior, beliefs, fact, at) for fact in facts]
    assert found == pytest.approx(model.usable(chances), abs=1e-9)
