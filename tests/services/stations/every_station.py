"""A spatial index that asks about every station and computes every geodesic: what is right."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import lru_cache
from math import inf

from bot.geo.ellipsoid import ecef, ecef_rows, geodesic
from bot.geo.keep_table import Arrival
from bot.geo.point import Point
from bot.geo.spatial_index import Hit, Keep, SpatialIndex
from bot.services.stations.snapshot import StationSnapshot


class EveryStation(SpatialIndex):
    """Slow: a geodesic to each station for each new point, unless its chord is too long."""

    __slots__ = ()

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
        rows = [row for row in range(len(self.ids)) if self.facilities[row] & mask == mask]
        return self._among(rows, point, keep, within)[:k]

    def among(
        self, ids: Iterable[int], point: Point, *, mask: int, keep: Keep, within: float
    ) -> list[Hit]:
        wanted = set(ids)
        rows = [row for row, one in enumerate(self.ids.tolist()) if one in wanted]
        rows = [row for row in rows if self.facilities[row] & mask == mask]
        return self._among(rows, point, keep, within)

    def _among(self, rows: list[int], point: Point, keep: Keep | None, within: float) -> list[Hit]:
        metres = _distances(self, point, within > 100_000.0)
        kept = [
            Hit(self.ids.item(row), row, metres[row])
            for row in rows
            if metres[row] <= within and (keep is None or keep(row, metres[row]))
        ]
        return sorted(kept, key=lambda hit: (hit.metres, hit.id))


@lru_cache(maxsize=4)
def _distances(index: SpatialIndex, point: Point, far: bool) -> list[float]:
    """Of each row; infinite beyond 100 km, unless they matter."""
    x, y, z = ecef(point.lat, point.lon)
    places = zip(
        ecef_rows(index.lat, index.lon).tolist(),
        index.lat.tolist(),
        index.lon.tolist(),
        strict=True,
    )
    return [
        geodesic(point, Point(lat, lon))
        if far or abs(u - x) + abs(v - y) + abs(w - z) <= 180_000.0
        else inf
        for (u, v, w), lat, lon in places
    ]


def with_every_station_asked(snapshot: StationSnapshot) -> StationSnapshot:
    """The same stations, searched one by one."""
    index = snapshot.index
    columns = (index.ids, index.lat, index.lon, index.facilities, index.kinds)
    return replace(snapshot, index=EveryStation.build(snapshot.version, *columns))
