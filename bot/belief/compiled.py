"""Beliefs as numbers: the chances of `bot.belief.model`, fast enough for each candidate near.

A test compares the two.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from math import exp, exp2
from typing import NamedTuple

from bot.belief.model import HALF_LIVES, Belief, kind_of


class CompiledBelief(NamedTuple):
    """Evidence as of `at` (seconds since 1970), which loses half in 1 / `rate` seconds."""

    logit: float
    at: float
    rate: float


def compiled(component: str, belief: Belief) -> CompiledBelief:
    """The belief of a component as numbers."""
    half_life = HALF_LIVES[kind_of(component)].total_seconds()
    return CompiledBelief(belief.logit, belief.at.timestamp(), 1.0 / half_life)


def seconds(at: datetime) -> float:
    """An aware moment as `chance` takes it."""
    return at.timestamp()


def chance(
    prior_logit: float,
    beliefs: Mapping[str, CompiledBelief],
    components: Iterable[str],
    at: float,
) -> float:
    """That a fact of these components holds, as `bot.belief.model.chance` has it."""
    logit = prior_logit
    for component in components:
        belief = beliefs.get(component)
        if belief is not None:
            evidence, since, rate = belief
            logit += evidence * exp2((since - at) * rate) if at > since else evidence
    return 1.0 / (1.0 + exp(-logit))
