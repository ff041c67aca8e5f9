"""Searches that find nothing near: the last table of `python -m bench.nearest`."""

import time
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from bot.geo.keep_table import Arrival, KeepTable
from bot.geo.point import Point
from bot.geo.spatial_index import SpatialIndex

K = 3
FACILITY, RARE = 1, 2
PACE = 1 / 250.0  # minutes a metre


def places(rng: np.random.Generator, size: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Latitudes and longitudes; every other one within some kilometres of one of 300 towns."""
    lat, lon = rng.uniform(22.0, 50.0, size), rng.uniform(80.0, 125.0, size)
    towns = np.random.default_rng(300)
    town_lat, town_lon = towns.uniform(23.0, 49.0, 300), towns.uniform(81.0, 124.0, 300)
    town = rng.integers(0, 300, size)
    crowded = np.arange(size) % 2 == 0
    lat[crowded] = (town_lat[town] + rng.normal(0.0, 0.03, size))[crowded]
    lon[crowded] = (town_lon[town] + rng.normal(0.0, 0.03, size))[crowded]
    return lat, lon


def worst_cases(size: int, rng: np.random.Generator) -> float:
    """A table of searches that find nothing near; the p50 of the slowest, of the processor."""
    lat, lon = places(rng, size)
    ids, kinds = np.arange(size), rng.integers(0, 50, size)
    bits = (rng.random(size) < 0.05) * FACILITY + (np.arange(size) % (size // 3) == 0) * RARE
    spread = SpatialIndex.build(1, ids, lat, lon, bits, kinds)
    crowded = SpatialIndex.build(1, ids, lat.round(1), lon.round(1), bits, kinds)
    town = SpatialIndex.build(1, ids, np.full(size, 40.8), np.full(size, 111.7), bits, kinds)
    table = KeepTable.build(np.zeros((50, 576), np.bool_))

    def shut(index: SpatialIndex, where: Point, mask: int = 0, within: float = 300_000.0) -> None:
        arrival = Arrival(table, 264.0, PACE / 5.0)  # 22:00; none opens on this day or the next
        index.nearest(
            where, K, mask=mask, keep=lambda *_: False, within=within, arrival=lambda: arrival
        )

    def far(index: SpatialIndex, where: Point, mask: int = 0) -> None:
        index.nearest(where, K, mask=mask, within=20_037_000.0)

    here, london = Point(40.8, 111.7), Point(51.5, -0.1)
    cases: dict[str, Callable[[], object]] = {
        "all shut": lambda: shut(spread, here),
        "all shut, 5 % facility": lambda: shut(spread, here, FACILITY),
        "all shut, within 10 km": lambda: shut(spread, here, within=10_000.0),
        "all shut, abroad, rare": lambda: shut(spread, london, RARE),
        "all shut, many at a point": lambda: shut(crowded, here),
        "all shut, all at a point": lambda: shut(town, here),
        "all at a point": lambda: far(town, here),
        "many at a point": lambda: far(crowded, here),
        "facility nobody has": lambda: far(spread, here, 4 * RARE),
        "rare facility": lambda: far(spread, here, RARE),
        "London": lambda: far(spread, london),
        "London, rare facility": lambda: far(spread, london, RARE),
        "London, all at a point": lambda: far(town, london),
        "Siberia": lambda: far(spread, Point(65.0, 100.0)),
        "antipode": lambda: far(spread, Point(-36.0, -77.0)),
        "north pole": lambda: far(spread, Point(90.0, 0.0)),
        "south pole": lambda: far(spread, Point(-90.0, 0.0)),
    }
    slowest = 0.0
    for name, case in cases.items():
        case()
        times = []
        for _ in range(40):
            start = time.thread_time()
            case()
            times.append((time.thread_time() - start) * 1e6)
        p50, p99 = np.percentile(times, [50, 99]).tolist()
        slowest = max(slowest, p50)
        print(f"{size:>9,}  {name:<28}{p50:>7,.0f} {p99:>7,.0f}")
    return slowest
