"""A simulated city whose lists of stations are wrong in known ways, and the couriers who ask there.

All figures are assumptions, stated here; docs/belief.md discusses them. Everything is drawn from
one seed: 40 stations, 280 questions a day, five weeks from a Monday on, in quarters of an hour.

The list. Hours: 35 % daily 9:00-17:00, 15 % workdays 8:30-17:30, 10 % with a noon break,
25 % daily 8:00-21:00, 15 % round the clock without staff. 75 % list hot water, 85 % charging. Half
of the stations were checked at some time in the last 300 days; those checked within 90 days have
half of the lasting errors.

Lasting errors: noon break not listed 12 %, opens late or closes early 10 %, closed at weekends 8 %,
closed for good 5 % and another 0.05 % a day, couriers turned away 3 %, open every other day only
4 %. A station may have several.

Passing errors: the keeper is away 4 % of the time, 45 minutes on average; a door without staff is
out of order 2 % of the time, 6 hours on average; the kettle is dry 10 % of the time, 4 days on
average; charging fails 5 % of the time, 6 days on average.

Couriers ask from 6:00 to 24:00, most at the end of the rush; 30 % want hot water, 15 % to charge.
Straight lines are lengthened by 1.3 and ridden at 18 km/h.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import numpy as np
from numpy.typing import NDArray

from bot.common.clock import CHINA

STATIONS: Final = 40
ASKS: Final = 280
DAYS: Final = 35
COURIERS: Final = 400
GROUPS: Final = 24
"""Couriers of the same firm and the same cells: eight firms, three cells of 5 km for each."""
QUARTERS: Final = 96
MONDAY: Final = datetime(2026, 3, 2, tzinfo=CHINA)
MINUTES_A_KM: Final = 1.3 * 60 / 18
SPREAD: Final = 7.0  # km from the centre to each side
FACILITIES: Final = ("", "water", "charge")
"""What a courier wants besides a door that opens; nothing, in most cases."""
HOURS_ASKED: Final = (1, 2, 3, 3, 5, 5, 4, 6, 8, 8, 6, 4, 4, 5, 6, 5, 3, 2)
"""How many ask in each hour from 6:00 on, in proportion."""

Flags = NDArray[np.bool_]
Numbers = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Asks:
    """Questions in order of time; `minutes` since `MONDAY`, `want` an index of `FACILITIES`."""

    minutes: list[float]
    rides: list[list[float]]
    nearest: list[list[int]]
    want: list[int]
    courier: list[int]


@dataclass(frozen=True, slots=True)
class City:
    """`listed` and `real`: whether open, station × quarter; `has`, `works`: facility × station …"""

    listed: list[list[bool]]
    real: list[list[bool]]
    has: list[list[bool]]
    works: list[list[list[bool]]]
    gone: list[float]
    """The minute from which on the station is closed for good."""
    checked_days: list[float | None]
    between: list[list[float]]
    account_days: list[float]
    asks: Asks

    def is_usable(self, station: int, want: int, minute: float) -> bool:
        """Whether the courier can do there what they came for."""
        quarter = int(minute) // 15
        return self.real[station][quarter] and self.works[want][station][quarter]


def city(seed: int, passing: float = 1.0) -> City:
    """The city of that seed; `passing` errors take that many times their usual share."""
    rng = np.random.default_rng(seed)
    place = _places(rng, STATIONS)
    checked = rng.uniform(0.0, 300.0, STATIONS)
    is_checked = rng.random(STATIONS) < 0.5
    error_rate = np.where(is_checked & (checked < 90.0), 0.5, 1.0)
    day, hour = np.divmod(np.arange(DAYS * QUARTERS) / 4.0, 24.0)
    listed = np.empty((STATIONS, DAYS * QUARTERS), dtype=np.bool_)
    real, works = np.empty_like(listed), np.ones((3, *listed.shape), dtype=np.bool_)
    gone = np.where(
        rng.random(STATIONS) < 0.05 * error_rate, 0.0, rng.exponential(2_000.0, STATIONS)
    )
    for station in range(STATIONS):
        listed[station], real[station] = _hours(rng, day, hour, error_rate[station], passing)
        real[station] &= day + hour / 24.0 < gone[station]
        works[1, station] = ~_episodes(rng, 0.10 * passing, 4 * QUARTERS)
        works[2, station] = ~_episodes(rng, 0.05 * passing, 6 * QUARTERS)
    has = rng.random((3, STATIONS)) < np.array([[1.0], [0.75], [0.85]])
    return City(
        listed.tolist(),
        real.tolist(),
        has.tolist(),
        works.tolist(),
        (gone * 1440.0).tolist(),
        [
            days if known else None
            for days, known in zip(checked.tolist(), is_checked.tolist(), strict=True)
        ],
        _minutes(place, place).tolist(),
        rng.exponential(120.0, COURIERS).tolist(),
        _asks(rng, place),
    )


def moment(minute: float) -> datetime:
    """The time of a minute since `MONDAY`."""
    return MONDAY + timedelta(minutes=minute)


def _places(rng: np.random.Generator, size: int) -> Numbers:
    """Kilometres from the centre; every other place lies close to it."""
    anywhere = rng.uniform(-SPREAD, SPREAD, (size, 2))
    central = np.clip(rng.normal(0.0, 2.0, (size, 2)), -SPREAD, SPREAD)
    return np.where(rng.random((size, 1)) < 0.5, anywhere, central)


def _minutes(one: Numbers, other: Numbers) -> Numbers:
    away: Numbers = np.linalg.norm(one[:, None, :] - other[None, :, :], axis=2)
    return away * MINUTES_A_KM


def _asks(rng: np.random.Generator, stations: Numbers) -> Asks:
    size = DAYS * ASKS
    weights = np.array(HOURS_ASKED, dtype=np.float64)
    hour = rng.choice(len(weights), size, p=weights / weights.sum()) + 6 + rng.random(size)
    minutes = np.sort(np.repeat(np.arange(DAYS), ASKS) * 1440.0 + hour * 60.0)
    rides = _minutes(_places(rng, size), stations)
    return Asks(
        minutes.tolist(),
        rides.tolist(),
        np.argsort(rides, axis=1).tolist(),
        rng.choice(3, size, p=[0.55, 0.30, 0.15]).tolist(),
        rng.integers(0, COURIERS, size).tolist(),
    )


def _hours(
    rng: np.random.Generator, day: Numbers, hour: Numbers, error_rate: float, passing: float
) -> tuple[Flags, Flags]:
    """Of one station, listed and real, apart from its being closed for good."""

    def errs(rate: float) -> bool:
        return bool(rng.random() < rate * error_rate)

    workday = day % 7 < 5
    every = np.ones_like(workday)
    noon = (hour >= 12.0) & (hour < 14.5)
    kind = rng.choice(5, p=[0.35, 0.15, 0.10, 0.25, 0.15])
    opens, closes = ((9.0, 17.0), (8.5, 17.5), (8.5, 17.5), (8.0, 21.0), (0.0, 24.0))[kind]
    listed = (hour >= opens) & (hour < closes) & (workday if kind == 1 else every)
    if kind == 2:
        listed &= ~noon
    real = listed.copy()
    share, length = (0.02, 24.0) if kind == 4 else (0.04, 3.0)
    away = _episodes(rng, share * passing, length)
    if kind != 4:
        if errs(0.12):
            start, end = rng.choice([11.5, 12.0, 12.5]), rng.choice([13.0, 13.5, 14.0, 14.5])
            real &= (hour < start) | (hour >= end)
        if errs(0.10):
            late, early = rng.choice([(0.0, 1.5), (0.0, 1.0), (1.0, 0.0), (0.5, 1.0)])
            real &= (hour >= opens + late) & (hour < closes - early)
        if errs(0.08):
            real &= workday
    if errs(0.03):
        real[:] = False
    if errs(0.04):
        real &= np.repeat(rng.random(DAYS) < 0.5, QUARTERS)
    return listed, real & ~away


def _episodes(rng: np.random.Generator, share: float, length: float) -> Flags:
    """Quarters within episodes of that mean length, which take that share of the time."""
    size = DAYS * QUARTERS
    flags = np.zeros(size, dtype=np.bool_)
    pause = length * (1.0 - share) / share
    at = 0.0 if rng.random() < share else rng.exponential(pause)
    while at < size:
        end = at + rng.exponential(length)
        flags[int(at) : int(np.ceil(end))] = True
        at = end + rng.exponential(pause)
    return flags
