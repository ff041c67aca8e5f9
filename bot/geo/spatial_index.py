"""The stations nearest to a point, exactly as the WGS-84 geodesic orders them, in tens of µs.

With the bounds c ≤ s ≤ U(c) of `bot.geo.ellipsoid` a station with c > U(c_k) is not among the k
nearest, and neighbours in the list whose bounds do not overlap are in geodesic order already:
a geodesic is computed for near-ties and far ones only. Nothing is tuned, and it holds worldwide.
`bot.geo.place_tree` finds those with the shortest chords; where these do not suffice, all of them
by distance, without those that a table rules out.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache, partial
from math import dist
from typing import Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from bot.common.values import value
from bot.geo.ellipsoid import ARC, HALF_MERIDIAN, arc, ecef, ecef_rows, geodesic
from bot.geo.keep_table import Arrival, KeepTable
from bot.geo.place_tree import Near, PlaceTree, Reach
from bot.geo.point import Point

_NOISE = 1e-6  # metres; floating point moves a chord by some nanometres
_TREES = 64
_ENOUGH = 2  # times that a few of the nearest are asked for, before all are
_UNLIMITED = 1 << 62

Keep = Callable[[int, float], bool]


@value
class Hit:
    """A station found: its id, its row in the snapshot's columns, its geodesic distance."""

    id: int
    row: int
    metres: float


_Found = tuple[float, float, int, float | None]
"""A row that may be among the k: bounds of its distance, the row, and metres where they are known.
"""


@dataclass(frozen=True, slots=True, eq=False)
class SpatialIndex:
    """All stations at one version of the data, as columns; never changes, so threads may share it.

    Columns are ordered by id, a row is a position in them. Degrees, WGS-84. About 95 bytes a
    station, and 70 per match for each of the last 64 facility masks that were asked for.
    """

    version: int
    ids: NDArray[np.int64]
    lat: NDArray[np.float64]
    lon: NDArray[np.float64]
    facilities: NDArray[np.int64]
    kinds: NDArray[np.int32]
    _all: PlaceTree
    _having: Callable[[int], PlaceTree]

    @classmethod
    def build(
        cls,
        version: int,
        ids: ArrayLike,
        lat: ArrayLike,
        lon: ArrayLike,
        facilities: ArrayLike,
        kinds: ArrayLike | None = None,
    ) -> Self:
        """Copy four columns of equal length and grow the tree over them.

        facilities: a bit mask per station. kinds: of each station its row in the keep tables with
        which it will be searched. Raises `ValueError` if ids do not rise from row to row, or if a
        place is not on earth.
        """
        station_ids, masks = np.array(ids, np.int64), np.array(facilities, np.int64)
        lats, lons = np.array(lat, np.float64), np.array(lon, np.float64)
        kind = np.zeros(len(lats), np.int32) if kinds is None else np.array(kinds, np.int32)
        if not station_ids.shape == lats.shape == lons.shape == masks.shape == kind.shape:
            raise ValueError("columns differ in length")
        if not (np.diff(station_ids) > 0).all():
            raise ValueError("ids must rise from row to row")
        if not ((np.abs(lats) <= 90.0).all() and (np.abs(lons) <= 180.0).all()):
            raise ValueError("latitude lies within ±90 and longitude within ±180")
        for column in (station_ids, lats, lons, masks, kind):
            column.flags.writeable = False
        # A bound method here would tie the snapshot into a cycle, and its memory would stay on.
        every = _grow(lats, lons, np.arange(len(lats)), kind)
        having = lru_cache(maxsize=_TREES)(partial(_with, every, lats, lons, masks))
        return cls(version, station_ids, lats, lons, masks, kind, every, having)

    def nearest(
        self,
        point: Point,
        k: int,
        *,
        mask: int = 0,
        keep: Keep | None = None,
        within: float = 300_000.0,
        arrival: Callable[[], Arrival] | None = None,
    ) -> list[Hit]:
        """The k nearest stations, nearest first, equally near ones by id; fewer if there are fewer.

        mask: facility bits that a station must all have; the first query of a mask grows a tree
        for it. keep: asked with (row, metres) of the nearest ones, until k were kept; it answers
        alike each time. Its metres are exact to 0.1 mm up to 300 km, and to 1 % beyond. within:
        metres, by geodesic. arrival: rules out only what `keep` would not keep; it is asked for
        where the nearest few are not kept. Raises `ValueError` if k is less than 1 or within is
        no distance.
        """
        if k < 1 or not within >= 0.0:
            raise ValueError("k is at least 1, and within at least 0")
        tree = self._having(mask) if mask else self._all
        if len(tree.xyz) == 0:
            return []
        here = ecef(point.lat, point.lon)
        reach = Reach(min(within, HALF_MERIDIAN) + 2.0 * _NOISE, k if keep is None else None)
        count = k + 2 if keep is None else 2 * k + 4
        for _ in range(_ENOUGH):
            near = tree.by_chord(here, count, reach.metres, 2 * count)
            found = self._select(point, k, near, keep, within, asked=2 * count - 1)
            if found is not None:
                return self._rank(point, k, found)
            count *= 4
        table = None if arrival is None or keep is None else arrival()
        near = tree.by_distance(np.array(here), reach, table)
        found = self._select(point, k, near, keep, within, reach=reach)
        return [] if found is None else self._rank(point, k, found)

    def among(
        self, ids: Iterable[int], point: Point, *, mask: int, keep: Keep, within: float
    ) -> list[Hit]:
        """Of these few stations those that there are, as `nearest` orders and restricts them."""
        wanted = np.array(sorted(ids), np.int64)
        rows = self.ids.searchsorted(wanted)
        rows, wanted = rows[rows < len(self.ids)], wanted[rows < len(self.ids)]
        here, hits = ecef(point.lat, point.lon), list[Hit]()
        for row in rows[self.ids[rows] == wanted].tolist():
            there = self._place(row)
            if dist(here, ecef(there.lat, there.lon)) > within + _NOISE:
                continue
            if self.facilities.item(row) & mask == mask:
                metres = geodesic(point, there)
                if metres <= within and keep(row, metres):
                    hits.append(Hit(self.ids.item(row), row, metres))
        return sorted(hits, key=lambda hit: (hit.metres, hit.row))

    def prepare(self, table: KeepTable) -> None:
        """Works out ahead what the first search with this table would, but for facilities."""
        self._all.prepare(table)

    def _select(
        self,
        point: Point,
        k: int,
        near: Iterable[Near],
        keep: Keep | None,
        within: float,
        *,
        asked: int = _UNLIMITED,
        reach: Reach | None = None,
    ) -> list[_Found] | None:
        """All that may be among the k; None if `near` ends too soon, or if more rows than
        `asked` would have to be asked about. reach: shortened as soon as there are k.
        """
        found: list[_Found] = []
        end, top = min(within, HALF_MERIDIAN) + _NOISE, 0.0
        lat, lat_of = point.lat, self.lat.item
        for low, high, rows in near:
            if low > end:
                return found
            if high > within and geodesic(point, self._place(rows[0])) > within:
                continue
            kept, metres = 0, None
            if keep is not None and low <= ARC and rows:
                metres = arc(low, lat, lat_of(rows[0]))
            for row in rows:
                if keep is not None:
                    asked -= 1
                    if asked < 0:
                        return None
                    if not keep(row, low if metres is None else metres):
                        continue
                found.append((low, high, row, metres))
                if len(found) <= k:
                    top = max(top, high)
                    if len(found) == k:
                        end = min(end, top + _NOISE)
                        if reach is not None:
                            reach.metres = min(reach.metres, end)
                kept += 1
                if kept == k:
                    break  # the others here have higher ids
        return None

    def _place(self, row: int) -> Point:
        return Point(self.lat.item(row), self.lon.item(row))

    def _rank(self, point: Point, k: int, found: list[_Found]) -> list[Hit]:
        """The first k in geodesic order: runs of overlapping bounds, each settled by itself."""
        hits: list[Hit] = []
        start, size = 0, len(found)
        while start < size and len(hits) < k:
            low, high, row, metres = found[start]
            end = start + 1
            while end < size and found[end][0] <= high + _NOISE:
                high = max(high, found[end][1])
                end += 1
            if end == start + 1 and low <= ARC:  # as `_settle` does, at a third of the cost
                if metres is None:
                    metres = arc(low, point.lat, self.lat.item(row))
                hits.append(Hit(self.ids.item(row), row, metres))
            else:
                hits += self._settle(point, found[start:end])
            start = end
        return hits[:k]

    def _settle(self, point: Point, run: list[_Found]) -> list[Hit]:
        """Hits in order; one geodesic per distinct place, and none if the run is one near place."""
        rows, low = [one[2] for one in run], run[0][0]
        places = [(self.lat.item(row), self.lon.item(row)) for row in rows]
        if low <= ARC and len(set(places)) == 1:
            metres = {places[0]: arc(low, point.lat, places[0][0])}
        else:
            metres = {place: geodesic(point, Point(*place)) for place in set(places)}
        hits = [
            Hit(self.ids.item(row), row, metres[place])
            for row, place in zip(rows, places, strict=True)
        ]
        return sorted(hits, key=lambda hit: (hit.metres, hit.row))


def _with(
    every: PlaceTree,
    lat: NDArray[np.float64],
    lon: NDArray[np.float64],
    facilities: NDArray[np.int64],
    mask: int,
) -> PlaceTree:
    rows = np.flatnonzero(facilities & mask == mask)
    return every if len(rows) == len(lat) else _grow(lat, lon, rows, every.kinds)


def _grow(
    lat: NDArray[np.float64],
    lon: NDArray[np.float64],
    rows: NDArray[np.intp],
    kinds: NDArray[np.int32],
) -> PlaceTree:
    """A tree of these rows, with those of equal coordinates in one place."""
    lats, lons = lat[rows], lon[rows]
    key = lats.view(np.uint64) * np.uint64(0x9E3779B97F4A7C15) + lons.view(np.uint64)
    ordered = np.sort(key)
    if (ordered[1:] != ordered[:-1]).all():  # all places differ; sorting alone is the quicker way
        return PlaceTree.build(ecef_rows(lats, lons), rows, None, kinds)
    by_key = np.argsort(key, kind="stable")
    lats, lons = lats[by_key], lons[by_key]
    is_new = np.ones(len(rows), np.bool_)
    is_new[1:] = (lats[1:] != lats[:-1]) | (lons[1:] != lons[:-1])
    firsts = np.flatnonzero(is_new)
    xyz = ecef_rows(lats[firsts], lons[firsts])
    return PlaceTree.build(xyz, rows[by_key], np.append(firsts, len(rows)), kinds)
