"""The probability that a fact holds at a station: log-odds that observations move and time fades.

A fact is `exists`, `enter` or a facility's code. Its probability is the logistic function of a
prior plus beliefs; a belief is the evidence of one component of the fact. `enter` has three: the
door now (hours), this part of the day, and workdays or weekends (weeks); other facts have one.

To store an observation: for all that is `implied`, for each component of its fact, `update` that
component's belief. To read: `chance`, given a station's beliefs by component.
"""

import math
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Final

from bot.belief.reporters import Reporter, Source, needs_check, weight
from bot.common.clock import CHINA
from bot.common.values import value

__all__ = [
    "ENTER",
    "EXISTS",
    "HALF_LIVES",
    "Belief",
    "Reporter",
    "Source",
    "chance",
    "components",
    "expected_minutes",
    "implied",
    "needs_check",
    "prior",
    "probability",
    "update",
    "usable",
    "weight",
]

EXISTS: Final = "exists"
ENTER: Final = "enter"
_PART_OF_DAY: Final = "enter.part"
_DAYS: Final = "enter.days"
_FACILITY: Final = "facility"

HALF_LIVES: Final[Mapping[str, timedelta]] = MappingProxyType(
    {
        ENTER: timedelta(hours=3),
        _PART_OF_DAY: timedelta(weeks=6),
        _DAYS: timedelta(weeks=6),
        _FACILITY: timedelta(days=5),
        EXISTS: timedelta(weeks=8),
    }
)
"""After which half of the evidence has faded, by kind of component; see `kind_of`."""

STEPS: Final[Mapping[str, float]] = MappingProxyType(
    {ENTER: 1.6, _PART_OF_DAY: 1.2, _DAYS: 0.7, _FACILITY: 3.0, EXISTS: 2.5}
)
"""Log-odds that one observation of weight 1 adds."""

CAPS: Final[Mapping[str, float]] = MappingProxyType(
    {ENTER: 3.0, _PART_OF_DAY: 2.5, _DAYS: 2.0, _FACILITY: 4.0, EXISTS: 4.0}
)
"""Log-odds that observations of weight 1 reach together; those of weight w reach w times that."""

PARTS_OF_DAY: Final = (
    (6, "night"),
    (9, "early"),
    (12, "morning"),
    (14, "noon"),
    (17, "afternoon"),
    (20, "evening"),
    (24, "late"),
)
"""Each with the local hour at which it ends; whole hours, for no more is kept of observations."""


def _by_hour(days: str) -> tuple[tuple[str, ...], ...]:
    """The components of `enter` in each hour of such a day."""
    parts = [next(name for end, name in PARTS_OF_DAY if hour < end) for hour in range(24)]
    return tuple((ENTER, f"{_PART_OF_DAY}.{part}", f"{_DAYS}.{days}") for part in parts)


_WORKDAY: Final = _by_hour("workday")
_WEEKEND: Final = _by_hour("weekend")
_KINDS: Final[Mapping[str, str]] = {
    ENTER: ENTER,
    EXISTS: EXISTS,
    **{names[1]: _PART_OF_DAY for names in _WORKDAY},
    **{names[0][2]: _DAYS for names in (_WORKDAY, _WEEKEND)},
}
_SECONDS: Final = {name: HALF_LIVES[kind].total_seconds() for name, kind in _KINDS.items()}
_A_FACILITY: Final = HALF_LIVES[_FACILITY].total_seconds()

WASTED: Final = 10.0
"""What a wasted trip costs besides the ride on, in minutes: about six at the door, and a surcharge,
since a courier who found a locked door trusts the next answer less."""


@value
class Belief:
    """Evidence beyond the prior in log-odds, as of `at`."""

    logit: float
    at: datetime


def components(fact: str, at: datetime) -> tuple[str, ...]:
    """The names under which beliefs about a fact at that moment are kept, the fact first."""
    if fact != ENTER:
        return (fact,)
    local = at.astimezone(CHINA)
    days = _WORKDAY if local.weekday() < 5 else _WEEKEND
    return days[local.hour]


def implied(fact: str, positive: bool) -> tuple[tuple[str, bool], ...]:
    """All that one observation says, itself first: fact and whether it holds.

    Who found a kettle dry came in; where one came in there is a station. A locked door says
    nothing of the station's being there.
    """
    match fact, positive:
        case "enter", True:
            return ((ENTER, True), (EXISTS, True))
        case "exists", False:
            return ((EXISTS, False), (ENTER, False))
        case "enter" | "exists", _:
            return ((fact, positive),)
        case _:
            return ((fact, positive), (ENTER, True), (EXISTS, True))


def kind_of(component: str) -> str:
    """The key of a component in `HALF_LIVES`, `STEPS` and `CAPS`."""
    return _KINDS.get(component, _FACILITY)


def prior(
    fact: str, verified_days: float | None, has_hours: bool, source_days: float | None = None
) -> float:
    """Log-odds that a fact of a list holds, while it is within the listed hours.

    `verified_days`: since somebody last checked the station, None if nobody has. `source_days`:
    age of the list. An unchecked station of a list without a date is taken for a year old.
    """
    known = [days for days in (verified_days, source_days) if days is not None]
    years = max(0.0, min(known, default=365.0)) / 365.0
    if fact == EXISTS:
        return _logit(0.5 + 0.48 * 0.92**years)
    if fact != ENTER:
        return _logit(0.6 + 0.3 * 0.7**years)
    fresh = 0.9 if verified_days is not None else 0.85
    return _logit(0.5 + (fresh - 0.5) * 0.9**years) - (0.0 if has_hours else 1.0)


def update(belief: Belief | None, fact: str, positive: bool, weight: float, at: datetime) -> Belief:
    """The belief of a component after one more observation, made at `at`.

    It moves towards the observation by a step in proportion to the weight, and no further than the
    cap of that weight; what heavier observations reached beyond it stays. One that arrives late
    counts as far as it had faded by the time of the latest.
    """
    kind = kind_of(fact)
    latest = at if belief is None else max(at, belief.at)
    old = 0.0 if belief is None else _faded(belief, fact, latest)
    step = _faded(Belief(weight * STEPS[kind], at), fact, latest)
    cap = weight * CAPS[kind]
    if positive:
        return Belief(max(old, min(old + step, cap)), latest)
    return Belief(min(old, max(old - step, -cap)), latest)


def probability(prior_logit: float, belief: Belief | None, fact: str, at: datetime) -> float:
    """That the fact holds at `at`, from the prior and the belief of one component."""
    evidence = 0.0 if belief is None else _faded(belief, fact, at)
    return _logistic(prior_logit + evidence)


def chance(prior_logit: float, beliefs: Mapping[str, Belief], fact: str, at: datetime) -> float:
    """That the fact holds at `at`, from the prior and a station's beliefs by component."""
    if not beliefs:
        return _logistic(prior_logit)
    logit = prior_logit
    for component in components(fact, at):
        belief = beliefs.get(component)
        if belief is not None:
            logit += _faded(belief, component, at)
    return _logistic(logit)


def usable(probabilities: Sequence[float]) -> float:
    """That all facts a courier needs hold: it exists, one may enter, the facility works."""
    return math.prod(probabilities)


def expected_minutes(ride: float, p: float, next_ride: float) -> float:
    """To a usable station if one tries this first, which is usable with probability `p`.

    `next_ride`: minutes from this station to the next one to try.
    """
    return ride + (1.0 - p) * (next_ride + WASTED)


def _faded(belief: Belief, component: str, at: datetime) -> float:
    """What is left of the evidence; all of it for a moment before the observation."""
    seconds = (at - belief.at).total_seconds()
    return belief.logit * math.exp2(-max(0.0, seconds) / _SECONDS.get(component, _A_FACILITY))


def _logit(p: float) -> float:
    return math.log(p / (1.0 - p))


def _logistic(logit: float) -> float:
    return 1.0 / (1.0 + math.exp(-logit))
