"""Snapshots for the tests of the spatial index."""

from functools import cache
from math import asin, inf, sqrt

import numpy as np
import pytest
from geographiclib.geodesic import Geodesic  # type: ignore[import-untyped, unused-ignore]
from numpy.typing import NDArray

from bot.geo.point import Point
from bot.geo.spatial_index import Keep, SpatialIndex

A, B = 6378137.0, 6356752.314245179
WORLD = 20_037_000.0
HOT_WATER, CHARGING, RARE = 1, 2, 1 << 62


class Oracle:
    """Computes geodesics in order of a lower bound, until no other station can be nearer.

    The bound is bσ with σ the great-circle angle of reduced latitudes. It is safe because the
    ellipsoid's metric, (a² sin²β + b² cos²β) dβ² + a² cos²β dλ², is nowhere less than that of the
    sphere of radius b, b² dβ² + b² cos²β dλ²: no path, so no geodesic, is shorter than bσ.
    """

    def __init__(self, snapshot: SpatialIndex) -> None:
        self.snapshot = snapshot
        self.axes = _directions(snapshot.lat, snapshot.lon)

    def nearest(
        self, point: Point, k: int, mask: int = 0, keep: Keep | None = None, within: float = 3e5
    ) -> list[tuple[int, float]]:
        """(id, metres) of the k nearest."""
        x, y, z = _directions(np.array(point.lat), np.array(point.lon))
        squares = (self.axes[0] - x) ** 2 + (self.axes[1] - y) ** 2 + (self.axes[2] - z) ** 2
        squares[self.snapshot.facilities & mask != mask] = inf
        count = 64
        while count < len(squares):
            rows = np.argpartition(squares, count)[:count]
            hits, complete = self._walk(point, k, rows, squares[rows], keep, within)
            if complete:
                return hits
            count *= 8
        return self._walk(point, k, np.arange(len(squares)), squares, keep, within)[0]

    def _walk(
        self,
        point: Point,
        k: int,
        rows: NDArray[np.intp],
        squares: NDArray[np.float64],
        keep: Keep | None,
        within: float,
    ) -> tuple[list[tuple[int, float]], bool]:
        """The k best of these rows, and whether they settle the matter."""
        best: list[tuple[float, int]] = []
        order = np.argsort(squares)
        for square, row in zip(squares[order].tolist(), rows[order].tolist(), strict=True):
            # The metre is for rounding: σ near 180° is good to 0.1 m only.
            least = inf if square == inf else B * 2.0 * asin(min(1.0, sqrt(square) / 2.0)) - 1.0
            if least > within or (len(best) == k and least > best[-1][0]):
                return [(number, metres) for metres, number in best], True
            metres = Geodesic.WGS84.Inverse(
                point.lat, point.lon, self.snapshot.lat[row], self.snapshot.lon[row]
            )["s12"]
            if metres <= within and (keep is None or keep(row, metres)):
                best = sorted([*best, (metres, self.snapshot.ids.item(row))])[:k]
        return [(number, metres) for metres, number in best], False


def _directions(lat: NDArray[np.float64], lon: NDArray[np.float64]) -> NDArray[np.float64]:
    phi, lam = np.radians(lat), np.radians(lon)
    beta = np.arctan2(B * np.sin(phi), A * np.cos(phi))
    return np.stack((np.cos(beta) * np.cos(lam), np.cos(beta) * np.sin(lam), np.sin(beta)))


def snapshot_of(places: list[tuple[float, float]], facilities: int = 0) -> SpatialIndex:
    lats, lons = [lat for lat, _ in places], [lon for _, lon in places]
    return SpatialIndex.build(
        1, range(10, 10 + len(places)), lats, lons, [facilities] * len(places)
    )


def assert_same(
    snapshot: SpatialIndex,
    oracle: Oracle,
    point: Point,
    k: int,
    *,
    mask: int = 0,
    keep: Keep | None = None,
    within: float = 300_000.0,
) -> None:
    hits = snapshot.nearest(point, k, mask=mask, keep=keep, within=within)
    wanted = oracle.nearest(point, k, mask, keep, within)
    assert [hit.id for hit in hits] == [number for number, _ in wanted]
    assert [snapshot.ids[hit.row] for hit in hits] == [hit.id for hit in hits]
    assert [hit.metres for hit in hits] == pytest.approx([s for _, s in wanted], rel=0, abs=2e-4)


@cache
def stations(size: int) -> tuple[SpatialIndex, Oracle]:
    """Half of them anywhere in Inner Mongolia, half crowded into 40 towns, some door to door."""
    rng = np.random.default_rng(size)
    lat, lon = rng.uniform(37.5, 53.0, size), rng.uniform(97.5, 126.0, size)
    town = rng.integers(0, 40, size)
    crowded = np.arange(size) % 2 == 0
    lat[crowded] = (lat[town] + rng.normal(0.0, 0.03, size).round(3))[crowded]
    lon[crowded] = (lon[town] + rng.normal(0.0, 0.03, size).round(3))[crowded]
    facilities = (rng.random(size) < 0.05) * HOT_WATER + (rng.random(size) < 0.5) * CHARGING
    snapshot = SpatialIndex.build(7, np.arange(size) * 3 + 1, lat, lon, facilities)
    return snapshot, Oracle(snapshot)
