"""Couriers of a simulated city ride to stations that a strategy chooses, and report what they find.

The strategies are those that `bench.door` compares.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from bench.city import DAYS, FACILITIES, STATIONS, City, moment
from bench.knowledge import (
    DAY,
    Knowledge,
    Observation,
    attacks,
    honest_keepers,
    is_of_group,
    nothing_known,
)
from bot.belief.model import chance, prior, usable
from bot.belief.ordering import order

MEASURED: Final = (DAYS - 7) * DAY  # minute from which trips count
COMPARED: Final = 6  # as the search does; so are the next minute and the order
WORTH_IT: Final = 1.0  # minutes to be saved before another station comes before the nearest
TRIES: Final = 5
LOST: Final = 6.0  # minutes at a locked door
GIVEN_UP: Final = 30.0  # minutes added for who found nothing
STAY: Final = 15.0  # minutes that a station must stay open by its list

Choose = Callable[[float, Sequence[float], Sequence[int], int, frozenset[int]], int | None]
"""Minute, rides to all stations, stations by ride, what is wanted, those tried → a station."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """Of a week of questions: wasted trips per 1,000 and mean minutes to a usable station."""

    wasted: float
    minutes: float


@dataclass(frozen=True, slots=True)
class Reporting:
    """How couriers report what they found.

    `chances`: four random numbers for each try of each question, so that runs differ by no more
    than they must.
    """

    rate: float
    knowledge: Knowledge
    chances: NDArray[np.float64]

    def visited(self, town: City, number: int, attempt: int, station: int, minute: float) -> None:
        """Perhaps an observation by who asked that question, twelve minutes after the arrival."""
        courier, want = town.asks.courier[number], town.asks.want[number]
        says, errs, locates, names_gone = self.chances[number, attempt].tolist()
        if says >= self.rate:
            return
        is_open, works = town.is_usable(station, 0, minute), town.is_usable(station, want, minute)
        fact, positive = FACILITIES[want] or "enter", works
        if not is_open:
            is_gone = minute >= town.gone[station] and names_gone < 0.5
            fact, positive = ("exists" if is_gone else "enter"), False
        if errs < 0.02:
            positive = not positive
        age = town.account_days[courier] + minute / DAY
        group, at_door = is_of_group(courier), locates < 0.25
        seen = (station, fact, positive, courier, group, age, True, at_door)
        self.knowledge.add(Observation(minute + 12.0, *seen))


def nearest_pin(town: City) -> Choose:
    """The nearest that lists what is wanted."""

    def choose(
        _minute: float,
        _rides: Sequence[float],
        near: Sequence[int],
        want: int,
        tried: frozenset[int],
    ) -> int | None:
        return next((one for one in near if town.has[want][one] and one not in tried), None)

    return choose


def candidates(
    town: City,
    minute: float,
    rides: Sequence[float],
    near: Sequence[int],
    want: int,
    tried: frozenset[int],
    count: int,
) -> list[int]:
    """The nearest that list what is wanted and will be open for a while by their list."""
    found: list[int] = []
    has, listed, last = town.has[want], town.listed, len(town.listed[0]) - 1
    for one in near:
        arrival = minute + rides[one]
        if (
            has[one]
            and one not in tried
            and listed[one][min(int(arrival) // 15, last)]
            and listed[one][min(int(arrival + STAY) // 15, last)]
        ):
            found.append(one)
            if len(found) == count:
                break
    return found


def listed_hours(town: City) -> Choose:
    """The nearest that will be open by the list."""

    def choose(
        minute: float, rides: Sequence[float], near: Sequence[int], want: int, tried: frozenset[int]
    ) -> int | None:
        return next(iter(candidates(town, minute, rides, near, want, tried, 1)), None)

    return choose


def ours(town: City, knowledge: Knowledge) -> Choose:
    """Of the nearest that will be open by the list the one with the fewest expected minutes."""
    priors = [
        {fact: prior(fact, days, True, 200.0) for fact in ("exists", "enter", "water", "charge")}
        for days in town.checked_days
    ]

    def choose(
        minute: float, rides: Sequence[float], near: Sequence[int], want: int, tried: frozenset[int]
    ) -> int | None:
        found = candidates(town, minute, rides, near, want, tried, COMPARED)
        if len(found) < 2:
            return next(iter(found), None)
        facts = ("exists", "enter", FACILITIES[want]) if want else ("exists", "enter")
        chances = []
        for one in found:
            prior_of, beliefs = priors[one], knowledge.beliefs[one]
            at = moment(minute + rides[one])
            chances.append(usable([chance(prior_of[fact], beliefs, fact, at) for fact in facts]))
        minutes = [rides[one] for one in found]
        minutes[0] -= WORTH_IT
        between = [[town.between[one][other] for other in found] for one in found]
        positions = order(minutes, chances, between)
        doubted = [knowledge.is_doubted(one, facts, minute + rides[one]) for one in found]
        return found[min(positions, key=doubted.__getitem__)]

    return choose


def week(
    town: City, choose: Choose, reporting: Reporting | None = None, start: float = MEASURED
) -> Outcome:
    """Couriers ask from that minute on; trips of the last week count."""
    asks, wasted, total, counted = town.asks, 0, 0.0, 0
    for number, asked in enumerate(asks.minutes):
        if asked < start:
            continue
        if reporting:
            reporting.knowledge.advance(asked)
        want, rides, near = asks.want[number], asks.rides[number], asks.nearest[number]
        minute, tried, failed = asked, frozenset[int](), 0
        while len(tried) < TRIES:
            station = choose(minute, rides, near, want, tried)
            if station is None:
                break
            minute = min(minute + rides[station], DAYS * DAY - 1.0)
            if reporting:
                reporting.visited(town, number, failed, station, minute)
            if town.is_usable(station, want, minute):
                break
            failed, tried = failed + 1, tried | {station}
            minute = min(minute + LOST, DAYS * DAY - 1.0)
            rides = town.between[station]
            near = sorted(range(STATIONS), key=rides.__getitem__)
        else:
            station = None
        if asked >= MEASURED:
            counted += 1
            wasted += failed
            total += minute - asked + (GIVEN_UP if station is None else 0.0)
    return Outcome(1000.0 * wasted / counted, total / counted)


def learned(town: City, seed: int, rate: float, weeks: int, *, attacked: bool) -> Outcome:
    """Ours after so many weeks of reports."""
    start = MEASURED - weeks * 7 * DAY
    knowledge = nothing_known()
    for one in honest_keepers(town, start, seed):
        knowledge.add(one)
    if attacked:
        for one in attacks(town, start):
            knowledge.add(one)
    chances = np.random.default_rng(seed + 1_000).random((len(town.asks.minutes), TRIES, 4))
    reporting = Reporting(rate, knowledge, chances)
    return week(town, ours(town, knowledge), reporting, start)
