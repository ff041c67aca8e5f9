"""How likely stations of a snapshot are usable, and the order in which to try those near.

Depends on the query, the snapshot and the beliefs alone: every replica with the same versions of
both gives the same order.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from math import cos, hypot, radians
from typing import Final

import numpy as np
from numpy.typing import NDArray

from bot.belief import model
from bot.belief.model import ENTER, EXISTS
from bot.belief.ordering import order
from bot.common.clock import CHINA
from bot.common.facilities import codes
from bot.services.stations.evidence.beliefs import BeliefSnapshot

WORTH_IT: Final = 1.0
"""Minutes that must be expected to be saved for another station than the nearest to come first."""
DEGREE: Final = 111_200.0  # metres of one degree of latitude
NEVER: Final = 0
"""In the column of verification days: nobody has verified the station."""


@dataclass(frozen=True, slots=True)
class StationColumns:
    """What is needed of each station, by row: id, place, the day it was verified, its mask.

    `verified`: ordinal days. `has_hours`: the bit of the masks that says that hours are known.
    """

    ids: NDArray[np.int64]
    lat: NDArray[np.float64]
    lon: NDArray[np.float64]
    masks: NDArray[np.int64]
    verified: NDArray[np.int32]
    has_hours: int


@dataclass(frozen=True, slots=True)
class Chances:
    """Chances that stations are usable, by one version of the stations and of the beliefs."""

    columns: StationColumns
    beliefs: BeliefSnapshot

    def usable(self, row: int, mask: int, at: datetime) -> tuple[float, bool]:
        """The chance that a station is there, lets one in and its facilities of `mask` work at
        that moment, in local time; and whether one of these waits for a check.
        """
        columns = self.columns
        verified = columns.verified.item(row)
        days = None if verified == NEVER else max(0, at.toordinal() - verified)
        has_hours = bool(columns.masks.item(row) & columns.has_hours)
        station = self.beliefs.by_station.get(columns.ids.item(row))
        if station is None:
            return _prior_chance(mask, days, has_hours), False
        facts, doubted = _facts(mask), False
        chances = []
        for fact in facts:
            prior = _prior(fact, days, has_hours)
            chances.append(model.chance(prior, station.by_component, fact, at))
        if station.doubted_until:
            doubted = any(station.is_doubted(fact, at) for fact in facts)
        return model.usable(chances), doubted

    def order(
        self, rows: Sequence[int], rides: Sequence[float], mask: int, at: datetime, pace: float
    ) -> tuple[list[int], list[float]]:
        """Positions of candidates in the order to try them, and the chance of each to be usable.

        `rows` with their `rides` in minutes, the nearest first. `pace`: minutes for a metre as the
        crow flies. Those that wait for a check come after all others.
        """
        local = at.astimezone(CHINA)
        found = [
            self.usable(row, mask, local + timedelta(minutes=ride))
            for row, ride in zip(rows, rides, strict=True)
        ]
        chances = [chance for chance, _ in found]
        if len(rows) < 2:
            return list(range(len(rows))), chances
        handicapped = [rides[0] - WORTH_IT, *rides[1:]]
        positions = order(handicapped, chances, self._between(rows, pace))
        positions.sort(key=lambda position: found[position][1])
        return positions, chances

    def _between(self, rows: Sequence[int], pace: float) -> list[list[float]]:
        """Minutes from each to each, as the crow flies on a plane."""
        lats = [self.columns.lat.item(row) for row in rows]
        lons = [self.columns.lon.item(row) for row in rows]
        up = DEGREE * pace
        across = up * cos(radians(lats[0]))
        places = [(lat * up, lon * across) for lat, lon in zip(lats, lons, strict=True)]
        return [[hypot(y - v, x - w) for v, w in places] for y, x in places]


@lru_cache(maxsize=256)
def _facts(mask: int) -> tuple[str, ...]:
    return (EXISTS, ENTER, *codes(mask))


@lru_cache(maxsize=4096)
def _prior(fact: str, days: int | None, has_hours: bool) -> float:
    return model.prior(fact, days, has_hours)


@lru_cache(maxsize=4096)
def _prior_chance(mask: int, days: int | None, has_hours: bool) -> float:
    priors = (_prior(fact, days, has_hours) for fact in _facts(mask))
    return model.usable([1 / (1 + np.exp(-one).item()) for one in priors])
