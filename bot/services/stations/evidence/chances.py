"""How likely stations of a snapshot are usable, and the order in which to try those near.

Depends on the query, the snapshot and the beliefs alone: every replica with the same versions of
both gives the same order.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from math import cos, radians
from typing import Final

import numpy as np
from numpy.typing import NDArray

from bot.belief import model
from bot.belief.compiled import seconds, usable
from bot.belief.model import ENTER, EXISTS
from bot.belief.ordering import order
from bot.common.clock import CHINA
from bot.common.facilities import codes
from bot.common.values import value
from bot.services.stations.evidence.beliefs import BeliefSnapshot

WORTH_IT: Final = 1.0
"""Minutes that must be expected to be saved for another station than the nearest to come first."""
DEGREE: Final = 111_200.0  # metres of one degree of latitude
NEVER: Final = 0
"""In the column of verification days: nobody has verified the station."""


@value
class Chances:
    """Chances that stations are usable, by one version of the stations and of the beliefs.

    By row: `lat`, `lon`, and the ordinal day on which a station was `verified`, or `NEVER`.
    """

    lat: NDArray[np.float64]
    lon: NDArray[np.float64]
    verified: NDArray[np.int32]
    beliefs: BeliefSnapshot

    def order(
        self,
        ids: Sequence[int],
        rows: Sequence[int],
        rides: Sequence[float],
        mask: int,
        at: datetime,
        pace: float,
    ) -> tuple[list[int], list[float]]:
        """Positions of candidates in the order to try them, and the chance of each to be usable:
        it is there, lets one in, and its facilities of `mask` work on arrival.

        The candidates are open on arrival by their known hours, the nearest first; `rides` in
        minutes, for who leaves at `at`. `pace`: minutes for a metre as the crow flies. Those that
        wait for a check come after all others.
        """
        chances: list[float] = []
        waiting = [False] * len(rows)
        local = at.astimezone(CHINA)
        weekday, this_hour = local.weekday(), local.hour
        start, today = seconds(local), local.toordinal()
        past = start % 3600.0 / 60.0  # minutes of this hour
        now = _components(mask, weekday, this_hour)
        for position, (one, row, ride) in enumerate(zip(ids, rows, rides, strict=True)):
            verified = self.verified.item(row)
            priors = _priors(mask, None if verified == NEVER else today - verified)
            station = self.beliefs.by_station.get(one)
            if station is None:
                chances.append(_chance_unobserved(priors))
                continue
            names = now
            if past + ride >= 60.0:
                days, hour = divmod(this_hour + int((past + ride) // 60.0), 24)
                names = _components(mask, (weekday + days) % 7, hour)
            chances.append(usable(priors, station.by_component, names, start + ride * 60.0))
            if station.doubted_until:
                arrival = local + timedelta(minutes=ride)
                waiting[position] = any(station.is_doubted(fact, arrival) for fact in _facts(mask))
        if len(rows) < 2:
            return list(range(len(rows))), chances
        handicapped = [rides[0] - WORTH_IT, *rides[1:]]
        positions = order(handicapped, chances, self._between(rows, pace))
        if True in waiting:
            positions.sort(key=waiting.__getitem__)
        return positions, chances

    def _between(self, rows: Sequence[int], pace: float) -> list[list[float]]:
        """Minutes from each to each before it, as the crow flies on a plane."""
        up = DEGREE * pace
        across = up * cos(radians(self.lat.item(rows[0])))
        places = [complex(self.lon.item(row) * across, self.lat.item(row) * up) for row in rows]
        return [[abs(there - here) for there in places[:one]] for one, here in enumerate(places)]


@lru_cache(maxsize=256)
def _facts(mask: int) -> tuple[str, ...]:
    """What matters to who wants these facilities."""
    return (EXISTS, ENTER, *codes(mask))


@lru_cache(maxsize=1024)
def _components(mask: int, weekday: int, hour: int) -> tuple[tuple[str, ...], ...]:
    """The components of each of these facts at an hour."""
    day = datetime(2026, 1, 5 + weekday, hour, tzinfo=CHINA)  # a Monday and the days after it
    return tuple(model.components(fact, day) for fact in _facts(mask))


@lru_cache(maxsize=4096)
def _priors(mask: int, days: int | None) -> tuple[float, ...]:
    """The prior of each of these facts, so many days after the station was verified."""
    age = None if days is None else max(0, days)
    return tuple(model.prior(fact, age, has_hours=True) for fact in _facts(mask))


@lru_cache(maxsize=4096)
def _chance_unobserved(priors: tuple[float, ...]) -> float:
    """The chance of a station of which nothing was observed."""
    return usable(priors, {}, [()] * len(priors), 0.0)
