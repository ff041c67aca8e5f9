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


def usable(
    priors: Iterable[float],
    beliefs: Mapping[str, CompiledBelief],
    facts: Iterable[Iterable[str]],
    at: float,
) -> float:
    """That all of these facts hold, each given by its prior and its components: the product of
    what `bot.belief.model.chance` has for each."""
    every = 1.0
    for prior, components in zip(priors, facts, strict=True):
        logit = prior
        for component in components:
            if component in beliefs:
                evidence, since, rate = beliefs[component]
                logit += evidence * exp2((since - at) * rate) if at > since else evidence
        every /= 1.0 + exp(-logit)
    return every
