"""How much an observation counts, by who made it, and when two of them ask for a check."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from bot.common.values import value

ARRIVED: Final = 0.8
"""Weight of a courier who was shown the station and can have reached it by now."""
SHOWN: Final = 0.2
"""Was shown the station, but cannot have reached it yet."""
PASSED_BY: Final = 0.15
"""Was never shown the station, but may have been near."""
NEVER_ASKED: Final = 0.03
"""Was not shown the station and cannot have been there, as far as is known."""
KEEPER: Final = 0.3
"""Weight of the station's keeper, who knows best and gains by praise."""
LIST: Final = 0.2
"""Weight of a line in a list of stations that an owner sent."""

TRUSTED_DAYS: Final = 14.0
"""Age in days from which an account counts in full."""
NEW_ACCOUNT: Final = 0.25
"""Share that counts of an observation from an account made today."""
ALIKE: Final = 0.5
"""Factor for each earlier observation by somebody who may be of the same group."""
FULL_AT_DOOR: Final = 2
"""So many couriers of one group count in full if their location was at the door."""

CHECK_WITHIN: Final = timedelta(hours=2)
CHECK_WEIGHT: Final = 0.3
"""Weight from which an observation counts for a check."""
CHECK_REPORTERS: Final = 2


class Source(StrEnum):
    """Who observed; the values are stored."""

    COURIER = "courier"
    KEEPER = "keeper"
    LIST = "list"


@value
class Reporter:
    """What is known of the courier who observed.

    `at_door`: shared a location within 150 m of the station within the last 20 minutes.
    `like_me`: earlier observations of the same sign about this station and fact in the last 24
    hours by couriers who may belong to the same group: the same firm and the same network or
    cells, or both accounts younger than three days. New accounts must not count for an old one:
    they could silence it by agreeing with it.
    """

    was_shown: bool
    can_have_arrived: bool
    at_door: bool
    account_days: float
    like_me: int


def weight(source: Source, reporter: Reporter | None) -> float:
    """From 0 to 1: how much an observation counts. A courier's needs its reporter."""
    match source:
        case Source.KEEPER:
            return KEEPER
        case Source.LIST:
            return LIST
        case Source.COURIER:
            return NEVER_ASKED if reporter is None else _courier_weight(reporter)


def _courier_weight(reporter: Reporter) -> float:
    if reporter.at_door:
        return ALIKE ** max(0, reporter.like_me + 1 - FULL_AT_DOOR)
    if reporter.was_shown:
        plain = ARRIVED if reporter.can_have_arrived else SHOWN
    else:
        plain = PASSED_BY if reporter.can_have_arrived else NEVER_ASKED
    age = min(1.0, max(0.0, reporter.account_days) / TRUSTED_DAYS)
    trust = NEW_ACCOUNT + (1.0 - NEW_ACCOUNT) * age
    return plain * trust * ALIKE ** max(0, reporter.like_me)


def needs_check(weights: Sequence[tuple[float, datetime]], now: datetime) -> bool:
    """Whether two couriers found the station locked within two hours.

    `weights`: one entry for each courier, the weight of their last 锁门 and when it was.
    """
    recent = [at for one, at in weights if one >= CHECK_WEIGHT and now - CHECK_WITHIN <= at <= now]
    return len(recent) >= CHECK_REPORTERS
