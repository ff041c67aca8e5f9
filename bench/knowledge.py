"""What couriers, keepers and attackers tell about the stations of a simulated city.

Attackers act every day: 50 new accounts that never asked call three good stations locked and three
bad ones open; eight couriers of one firm, who did ask, do so with two and two; two accounts that
share a location at the door call one good station locked; the keepers of three bad stations confirm
them. Good are stations that keep more of their hours than half of the others do, bad those that are
shut for a fifth of them; of both the ones nearest to the most couriers.
"""

import heapq
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

import numpy as np

from bench.city import DAYS, GROUPS, QUARTERS, STATIONS, City, moment
from bot.belief.model import Belief, components, implied, update
from bot.belief.reporters import Reporter, Source, needs_check, weight

DAY: Final = 1440.0
YOUNG: Final = 3.0  # days
DOUBTED_FOR: Final = 180.0  # minutes


@dataclass(frozen=True, slots=True, order=True)
class Observation:
    """What `courier` says at `minute`; couriers below 0 are keepers."""

    minute: float
    station: int
    fact: str
    positive: bool
    courier: int
    group: int
    account_days: float
    was_shown: bool
    at_door: bool


@dataclass(slots=True)
class Knowledge:
    """Beliefs by station and component, and the observations that are still to come."""

    beliefs: list[dict[str, Belief]]
    doubted_until: dict[tuple[int, str], float] = field(default_factory=dict)
    """Until which minute a station and fact wait for a check."""
    coming: list[Observation] = field(default_factory=list)
    _told: dict[tuple[int, str, bool], list[Observation]] = field(
        default_factory=lambda: defaultdict(list)
    )
    _weights: dict[tuple[int, str], list[tuple[float, datetime]]] = field(
        default_factory=lambda: defaultdict(list)
    )

    def add(self, observation: Observation) -> None:
        """It will be made at its minute."""
        heapq.heappush(self.coming, observation)

    def advance(self, minute: float) -> None:
        """Counts all that was observed until then."""
        while self.coming and self.coming[0].minute <= minute:
            self._count(heapq.heappop(self.coming))

    def is_doubted(self, station: int, facts: Iterable[str], minute: float) -> bool:
        """Whether one of the facts waits for a check, and nothing has outweighed the reports."""
        beliefs = self.beliefs[station]
        return any(
            minute < self.doubted_until.get((station, fact), 0.0) and beliefs[fact].logit < 0.0
            for fact in facts
        )

    def _count(self, seen: Observation) -> None:
        told = self._told[seen.station, seen.fact, seen.positive]
        told[:] = [one for one in told if one.minute > seen.minute - DAY]
        if any(one.courier == seen.courier for one in told):
            return  # a courier counts once a day
        is_young = seen.account_days < YOUNG
        alike = sum(
            one.group == seen.group or (is_young and one.account_days < YOUNG) for one in told
        )
        told.append(seen)
        if seen.courier < 0:
            heaviness = weight(Source.KEEPER, None)
        else:
            reporter = Reporter(
                seen.was_shown, seen.was_shown, seen.at_door, seen.account_days, alike
            )
            heaviness = weight(Source.COURIER, reporter)
        at, hour = moment(seen.minute), moment(seen.minute // 60.0 * 60.0)  # the hour is stored
        beliefs = self.beliefs[seen.station]
        if seen.courier >= 0 and not seen.positive:
            weights = self._weights[seen.station, seen.fact]
            weights.append((heaviness, at))
            del weights[:-100]
            if needs_check(weights, at):
                self.doubted_until[seen.station, seen.fact] = seen.minute + DOUBTED_FOR
        for fact, positive in implied(seen.fact, seen.positive):
            for name in components(fact, hour):
                beliefs[name] = update(beliefs.get(name), name, positive, heaviness, at)


def nothing_known() -> Knowledge:
    """Before the first observation."""
    return Knowledge([{} for _ in range(STATIONS)])


def honest_keepers(city: City, start: float, seed: int) -> Iterator[Observation]:
    """A fifth of the keepers confirm every Monday at 9:30 that one can come in, if so."""
    chosen = np.random.default_rng(seed).random(len(city.listed)) < 0.2
    for station in np.flatnonzero(chosen).tolist():
        for day in range(int(start // DAY), DAYS):
            minute = day * DAY + 570.0
            if day % 7 == 0 and city.is_usable(station, 0, minute):
                yield _by_keeper(minute, station)


def attacks(city: City, start: float) -> Iterator[Observation]:
    """All that attackers tell from that minute on."""
    good, bad = _good_and_bad(city)
    for day in range(int(start // DAY), DAYS):
        for account in range(50):
            number, minute = 10_000 + day * 50 + account, day * DAY + 600.0 + account
            for station in (*good[:3], *bad[:3]):
                yield _lie(minute, station, station in bad, number, -1, 0.5)
        for account in range(8):
            minute = day * DAY + 545.0 + 40.0 * account
            for station in (*good[3:5], *bad[3:5]):
                yield _lie(minute, station, station in bad, 9_000 + account, -2, 100.0, shown=True)
        for account in range(2):
            number, minute = 9_100 + account, day * DAY + 750.0 + account
            yield _lie(minute, good[5], False, number, -3 - account, 0.5, at_door=True)
        for station in bad[5:8]:
            yield _by_keeper(day * DAY + 540.0, station)


def is_of_group(courier: int) -> int:
    """The group of an honest courier."""
    return courier % GROUPS


def _good_and_bad(city: City) -> tuple[list[int], list[int]]:
    """Six and eight stations, each the one nearest to the most couriers of its kind."""
    real, listed = np.array(city.real), np.array(city.listed)
    week = slice(-7 * QUARTERS, None)
    share = (real & listed)[:, week].sum(axis=1) / listed[:, week].sum(axis=1)
    visits = np.bincount([near[0] for near in city.asks.nearest], minlength=len(share))
    busiest = np.argsort(-visits, kind="stable").tolist()
    middle = np.median(share)
    good = [station for station in busiest if share[station] >= middle]
    bad = [station for station in busiest if share[station] < 0.8]
    return good[:6], bad[:8]


def _lie(
    minute: float,
    station: int,
    positive: bool,
    courier: int,
    group: int,
    account_days: float,
    *,
    shown: bool = False,
    at_door: bool = False,
) -> Observation:
    return Observation(
        minute, station, "enter", positive, courier, group, account_days, shown, at_door
    )


def _by_keeper(minute: float, station: int) -> Observation:
    return Observation(minute, station, "enter", True, -1 - station, -1, 0.0, False, False)
