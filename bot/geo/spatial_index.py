"""The stations nearest to a point, exactly as the WGS-84 geodesic orders them, in tens of µs.

Stations are points x, y, z in metres in a k-d tree, which finds the shortest chords. With the
bounds c ≤ s ≤ U(c) of `bot.geo.ellipsoid`, a station with c > U(c_k) is not among the k nearest,
and neighbours in the list whose intervals [c, U(c)] do not overlap are in geodesic order already:
a geodesic is computed for near-ties only. Nothing is tuned, and it holds worldwide.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache, partial
from math import inf
from typing import Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.spatial import cKDTree

from bot.geo.ellipsoid import (
    HALF_MERIDIAN,
    A,
    B,
    arc,
    ecef,
    ecef_rows,
    geodesic,
    longest,
    sphere_angles,
)
from bot.geo.point import Point

_NOISE = 1e-6  # metres; floating point moves a chord by some nanometres
_ARC = 300_000.0  # metres; up to here `arc` gives the distance to 0.1 mm
_FAR = 1_800_000.0  # metres; from here on σ bounds a distance more closely than the chord does
_TREES = 64

Keep = Callable[[int, float], bool]


@dataclass(frozen=True, slots=True)
class Hit:
    """A station found: its id, its row in the snapshot's columns, its geodesic distance."""

    id: int
    row: int
    metres: float


@dataclass(frozen=True, slots=True)
class _Near:
    """Rows by rising lower bound of their distance; past the last one the bound is infinite."""

    low: list[float]
    rows: list[int]
    high: Callable[[float], float]  # lower bound → upper bound, rising


@dataclass(frozen=True, slots=True)
class _Tree:
    kd: cKDTree
    rows: NDArray[np.intp] | None  # position in the tree → row, where they differ

    def by_chord(self, xyz: NDArray[np.float64], count: int, within: float) -> _Near:
        """The `count` stations with the shortest chords."""
        chords, places = self.kd.query(xyz, count, 0, 2, within)
        return _Near(np.asarray(chords).tolist(), self._rows(np.asarray(places)), longest)

    def by_sphere(self, xyz: NDArray[np.float64]) -> _Near:
        """All stations: 30 ms for 180,000, where the chords' wide intervals may admit them all."""
        low = B * sphere_angles(xyz, self.kd.data)
        order = np.argsort(low)
        return _Near([*low[order].tolist(), inf], [*self._rows(order), 0], _longest_on_sphere)

    def _rows(self, places: NDArray[np.intp]) -> list[int]:
        if self.rows is not None:
            places = self.rows.take(places, mode="clip")
        rows: list[int] = places.tolist()
        return rows


@dataclass(frozen=True, slots=True, eq=False)
class SpatialIndex:
    """All stations at one version of the data, as columns; never changes, so threads may share it.

    Columns are ordered by id, a row is a position in them. Degrees, WGS-84. About 85 bytes a
    station, and 60 per match for each of the last 64 facility masks that were asked for.
    """

    version: int
    ids: NDArray[np.int64]
    lat: NDArray[np.float64]
    lon: NDArray[np.float64]
    facilities: NDArray[np.int64]
    _all: _Tree
    _having: Callable[[int], _Tree]

    @classmethod
    def build(
        cls, version: int, ids: ArrayLike, lat: ArrayLike, lon: ArrayLike, facilities: ArrayLike
    ) -> Self:
        """Copy four columns of equal length and grow the tree over them.

        facilities: a bit mask per station. Raises `ValueError` if ids do not rise from row to
        row, or if a place is not on earth.
        """
        station_ids, masks = np.array(ids, np.int64), np.array(facilities, np.int64)
        lats, lons = np.array(lat, np.float64), np.array(lon, np.float64)
        if not station_ids.shape == lats.shape == lons.shape == masks.shape:
            raise ValueError("columns differ in length")
        if not (np.diff(station_ids) > 0).all():
            raise ValueError("ids must rise from row to row")
        if not ((np.abs(lats) <= 90.0).all() and (np.abs(lons) <= 180.0).all()):
            raise ValueError("latitude lies within ±90 and longitude within ±180")
        for column in (station_ids, lats, lons, masks):
            column.flags.writeable = False
        xyz = ecef_rows(lats, lons)
        # A bound method here would tie the snapshot into a cycle, and its memory would stay on.
        having = lru_cache(maxsize=_TREES)(partial(_grow, xyz, masks))
        return cls(version, station_ids, lats, lons, masks, _Tree(cKDTree(xyz), None), having)

    def nearest(
        self,
        point: Point,
        k: int,
        *,
        mask: int = 0,
        keep: Keep | None = None,
        within: float = 300_000.0,
    ) -> list[Hit]:
        """The k nearest stations, nearest first, equally near ones by id; fewer if there are fewer.

        mask: facility bits that a station must all have; the first query of a mask grows a tree
        for it. keep: asked with (row, metres) of the nearest ones, until k were kept; it answers
        alike each time. Its metres are exact to 0.1 mm up to 300 km, and to 1 % beyond. within:
        metres, by geodesic. Raises `ValueError` if k is less than 1 or within is no distance.
        """
        if k < 1 or not within >= 0.0:
            raise ValueError("k is at least 1, and within at least 0")
        tree = self._having(mask) if mask else self._all
        if tree.kd.n == 0:
            return []
        xyz = np.array(ecef(point.lat, point.lon))
        count = k + 2 if keep is None else 4 * k + 4
        while True:
            near = tree.by_chord(
                xyz, min(count, tree.kd.n + 1), min(within, HALF_MERIDIAN) + 2.0 * _NOISE
            )
            if _FAR < near.low[0] < inf:
                near = tree.by_sphere(xyz)
            found = self._select(point, k, near, keep, within)
            if found is not None:
                return self._rank(point, k, found, near.high)
            count *= 4

    def _select(
        self, point: Point, k: int, near: _Near, keep: Keep | None, within: float
    ) -> list[tuple[float, int, float | None]] | None:
        """(lower bound, row, metres if computed) of all that may be among the k; None if `near`
        ends too soon.
        """
        found: list[tuple[float, int, float | None]] = []
        reach = min(within, HALF_MERIDIAN) + _NOISE
        for low, row in zip(near.low, near.rows, strict=True):
            if low > reach:
                return found
            high = near.high(low)
            if high > within and geodesic(point, self._place(row)) > within:
                continue
            metres = None
            if keep is not None:
                metres = arc(low, point.lat, self.lat.item(row)) if low <= _ARC else None
                if not keep(row, low if metres is None else metres):
                    continue
            found.append((low, row, metres))
            if len(found) == k:
                reach = min(reach, high + _NOISE)
        return None

    def _place(self, row: int) -> Point:
        return Point(self.lat.item(row), self.lon.item(row))

    def _rank(
        self,
        point: Point,
        k: int,
        found: list[tuple[float, int, float | None]],
        high: Callable[[float], float],
    ) -> list[Hit]:
        """The first k in geodesic order: runs of overlapping intervals, each settled by itself."""
        hits: list[Hit] = []
        start = 0
        while start < len(found) and len(hits) < k:
            end = start + 1
            while end < len(found) and found[end][0] <= high(found[end - 1][0]) + _NOISE:
                end += 1
            low, row, metres = found[start]
            if end == start + 1 and low <= _ARC:  # as `_settle` does, at a third of the cost
                if metres is None:
                    metres = arc(low, point.lat, self.lat.item(row))
                hits.append(Hit(self.ids.item(row), row, metres))
            else:
                hits += self._settle(point, found[start:end])
            start = end
        return hits[:k]

    def _settle(self, point: Point, run: list[tuple[float, int, float | None]]) -> list[Hit]:
        """Hits in order; one geodesic per distinct place, and none if the run is one near place."""
        places = [(self.lat.item(row), self.lon.item(row)) for _, row, _ in run]
        low = run[0][0]
        if low <= _ARC and len(set(places)) == 1:
            metres = {places[0]: arc(low, point.lat, places[0][0])}
        else:
            metres = {place: geodesic(point, Point(*place)) for place in set(places)}
        hits = [
            Hit(self.ids.item(row), row, metres[place])
            for (_, row, _), place in zip(run, places, strict=True)
        ]
        return sorted(hits, key=lambda hit: (hit.metres, hit.row))


def _grow(xyz: NDArray[np.float64], facilities: NDArray[np.int64], mask: int) -> _Tree:
    rows = np.flatnonzero(facilities & mask == mask)
    return _Tree(cKDTree(xyz[rows]), rows)


def _longest_on_sphere(low: float) -> float:
    return low * (A / B) + 1.0  # metre: σ near 180° is rounded to 0.1 m
