"""How likely stations of a snapshot are usable, and the order in which to try those near.

Depends on the query, the snapshot and the beliefs alone: every replica with the same versions of
both gives the same order.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from math import cos, prod, radians
from typing import Final

import numpy as np
from numpy.typing import NDArray

from bot.belief import model
from bot.belief.compiled import chance as chance_of_fact
from bot.belief.compiled import seconds
from bot.belief.model import ENTER, EXISTS
from bot.belief.ordering import order
from bot.common.clock import CHINA
from bot.common.facilities import codes
from bot.services.stations.evidence.beliefs import BeliefSnapshot

WORTH_IT: Final = 1.0
"""Minutes that must be expected to be saved for another station than the nearest to come first."""
DEGREE: Final = 111_200.0  # metres of one degree of latitude
_ByFact = tuple[tuple[str, tuple[str, ...]], ...]
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
        that moment; and whether one of these waits for a check.
        """
        local = at.astimezone(CHINA)
        return self._usable(row, _components(mask, local.weekday(), local.hour), mask, local)

    def order(
        self, rows: Sequence[int], rides: Sequence[float], mask: int, at: datetime, pace: float
    ) -> tuple[list[int], list[float]]:
        """Positions of candidates in the order to try them, and the chance of each to be usable.

        `rows` with their `rides` in minutes, the nearest first, for who leaves at `at`. `pace`:
        minutes for a metre as the crow flies. Those that wait for a check come after all others.
        """
        chances, waiting = [], []
        local = at.astimezone(CHINA)
        this_hour = _components(mask, local.weekday(), local.hour)
        minutes_left = 59.0 - local.minute
        for row, ride in zip(rows, rides, strict=True):
            arrival = local + timedelta(minutes=ride)
            components = this_hour
            if ride > minutes_left:
                components = _components(mask, arrival.weekday(), arrival.hour)
            chance, is_doubted = self._usable(row, components, mask, arrival)
            chances.append(chance)
            waiting.append(is_doubted)
        if len(rows) < 2:
            return list(range(len(rows))), chances
        handicapped = [rides[0] - WORTH_IT, *rides[1:]]
        positions = order(handicapped, chances, self._between(rows, pace))
        if True in waiting:
            positions.sort(key=waiting.__getitem__)
        return positions, chances

    def _usable(
        self, row: int, components: _ByFact, mask: int, local: datetime
    ) -> tuple[float, bool]:
        columns = self.columns
        verified = columns.verified.item(row)
        days = None if verified == NEVER else max(0, local.toordinal() - verified)
        has_hours = bool(columns.masks.item(row) & columns.has_hours)
        station = self.beliefs.by_station.get(columns.ids.item(row))
        if station is None:
            return _prior_chance(mask, days, has_hours), False
        at, chance = seconds(local), 1.0
        for fact, names in components:
            prior = _prior(fact, days, has_hours)
            chance *= chance_of_fact(prior, station.by_component, names, at)
        until = station.doubted_until
        doubted = bool(until) and any(station.is_doubted(fact, local) for fact, _ in components)
        return chance, doubted

    def _between(self, rows: Sequence[int], pace: float) -> list[list[float]]:
        """Minutes from each to each, as the crow flies on a plane."""
        lats = [self.columns.lat.item(row) for row in rows]
        up = DEGREE * pace
        across = up * cos(radians(lats[0]))
        places = [
            complex(self.columns.lon.item(row) * across, lat * up)
            for row, lat in zip(rows, lats, strict=True)
        ]
        return [[abs(there - here) for there in places] for here in places]


@lru_cache(maxsize=1024)
def _components(mask: int, weekday: int, hour: int) -> _ByFact:
    """The facts that matter to who wants these facilities, each with its components at an hour."""
    day = datetime(2026, 1, 5 + weekday, hour, tzinfo=CHINA)  # a Monday and the days after it
    return tuple((fact, model.components(fact, day)) for fact in (EXISTS, ENTER, *codes(mask)))


@lru_cache(maxsize=4096)
def _prior(fact: str, days: int | None, has_hours: bool) -> float:
    return model.prior(fact, days, has_hours)


@lru_cache(maxsize=4096)
def _prior_chance(mask: int, days: int | None, has_hours: bool) -> float:
    """The chance of a station of which nothing was observed."""
    facts = (EXISTS, ENTER, *codes(mask))
    return prod(chance_of_fact(_prior(fact, days, has_hours), {}, (), 0.0) for fact in facts)
