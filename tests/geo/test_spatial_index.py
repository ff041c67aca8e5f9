"""`nearest` equals a search by geodesics alone, which shares nothing with it but the earth."""

import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from math import asin, inf, nan, sqrt

import numpy as np
import pytest
from geographiclib.geodesic import Geodesic  # type: ignore[import-untyped, unused-ignore]
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from bot.geo.ellipsoid import geodesic
from bot.geo.point import Point
from bot.geo.spatial_index import Keep, Snapshot

A, B = 6378137.0, 6356752.314245179
WORLD = 20_037_000.0
HOT_WATER, CHARGING, RARE = 1, 2, 1 << 62


class Oracle:
    """Computes geodesics in order of a lower bound, until no other station can be nearer.

    The bound is bσ with σ the great-circle angle of reduced latitudes. It is safe because the
    ellipsoid's metric, (a² sin²β + b² cos²β) dβ² + a² cos²β dλ², is nowhere less than that of the
    sphere of radius b, b² dβ² + b² cos²β dλ²: no path, so no geodesic, is shorter than bσ.
    """

    def __init__(self, snapshot: Snapshot) -> None:
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


def snapshot_of(places: list[tuple[float, float]], facilities: int = 0) -> Snapshot:
    lats, lons = [lat for lat, _ in places], [lon for _, lon in places]
    return Snapshot.build(1, range(10, 10 + len(places)), lats, lons, [facilities] * len(places))


def assert_same(
    snapshot: Snapshot,
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
def stations(size: int) -> tuple[Snapshot, Oracle]:
    """Half of them anywhere in Inner Mongolia, half crowded into 40 towns, some door to door."""
    rng = np.random.default_rng(size)
    lat, lon = rng.uniform(37.5, 53.0, size), rng.uniform(97.5, 126.0, size)
    town = rng.integers(0, 40, size)
    crowded = np.arange(size) % 2 == 0
    lat[crowded] = (lat[town] + rng.normal(0.0, 0.03, size).round(3))[crowded]
    lon[crowded] = (lon[town] + rng.normal(0.0, 0.03, size).round(3))[crowded]
    facilities = (rng.random(size) < 0.05) * HOT_WATER + (rng.random(size) < 0.5) * CHARGING
    snapshot = Snapshot.build(7, np.arange(size) * 3 + 1, lat, lon, facilities)
    return snapshot, Oracle(snapshot)


def open_on_arrival(size: int, rand: random.Random) -> Keep:
    """Riding at 250 m a minute: one station in seven never closes, most others too early."""
    closes = [inf if rand.random() < 1 / 7 else rand.uniform(-200.0, 100.0) for _ in range(size)]
    return lambda row, metres: metres / 250.0 < closes[row]


FILTERS: dict[str, tuple[int, bool]] = {
    "plain": (0, False),
    "hot water": (HOT_WATER, False),
    "open": (0, True),
    "hot water, charging, open": (HOT_WATER | CHARGING, True),
}


@pytest.mark.parametrize("filtered", FILTERS)
@pytest.mark.parametrize("size", [360, pytest.param(180_000, marks=pytest.mark.slow)])
def test_it_finds_what_geodesics_find(size: int, filtered: str) -> None:
    snapshot, oracle = stations(size)
    rand = random.Random(f"{size} {filtered}")
    mask, hurried = FILTERS[filtered]
    keep = open_on_arrival(size, rand) if hurried else None
    for _ in range(300):
        point = Point(rand.uniform(37.0, 53.5), rand.uniform(97.0, 126.5))
        if rand.random() < 0.5:
            row = rand.randrange(size)
            lat, lon = snapshot.lat.item(row), snapshot.lon.item(row)
            point = Point(lat + rand.gauss(0.0, 0.02), lon + rand.gauss(0.0, 0.02))
        assert_same(snapshot, oracle, point, rand.randint(1, 6), mask=mask, keep=keep)


@pytest.mark.parametrize("k", [1, 3])
def test_it_finds_the_nearest_from_anywhere_on_earth(k: int) -> None:
    snapshot, oracle = stations(360)
    rand = random.Random(k)
    for _ in range(40):
        point = Point(rand.uniform(-90.0, 90.0), rand.uniform(-180.0, 180.0))
        assert_same(snapshot, oracle, point, k, within=WORLD)
        assert_same(snapshot, oracle, point, k, mask=CHARGING, within=WORLD)


@pytest.mark.parametrize("around", [2_000_000.0, 5_000_000.0, 12_000_000.0, 19_000_000.0])
def test_from_afar_too_where_many_are_nearly_as_far(around: float) -> None:
    here = Point(35.0, -110.0)
    rand = random.Random(around)
    ways = [
        Geodesic.WGS84.Direct(here.lat, here.lon, azimuth, around + rand.uniform(0.0, 9_000.0))
        for azimuth in range(0, 360, 3)
    ]
    snapshot = snapshot_of([(way["lat2"], way["lon2"]) for way in ways])
    oracle = Oracle(snapshot)
    for k in (1, 3, 50):
        assert_same(snapshot, oracle, here, k, within=WORLD)
        assert_same(snapshot, oracle, here, k, keep=lambda row, _: row % 4 != 0, within=WORLD)


def test_the_shorter_chord_may_be_the_longer_way() -> None:
    here = Point(41.0, 111.0)
    # The earth bends more from north to south: 6 mm farther, the chord is still 7 mm shorter.
    east, north = (
        Geodesic.WGS84.Direct(here.lat, here.lon, azimuth, metres)
        for azimuth, metres in ((90.0, 118_000.0), (0.0, 118_000.006))
    )
    snapshot = snapshot_of([(north["lat2"], north["lon2"]), (east["lat2"], east["lon2"])])
    assert [hit.id for hit in snapshot.nearest(here, 2)] == [11, 10]
    assert [hit.id for hit in snapshot.nearest(here, 1)] == [11]


points = st.one_of(
    st.builds(Point, st.floats(-90.0, 90.0), st.floats(-180.0, 180.0)),
    st.builds(Point, st.sampled_from([-90.0, -89.9, 0.0, 89.9, 90.0]), st.floats(-180.0, 180.0)),
    st.builds(Point, st.floats(-1.0, 1.0), st.sampled_from([-180.0, -179.9, 179.9, 180.0])),
)


@given(
    places=st.lists(points, min_size=1, max_size=30),
    point=points,
    k=st.integers(1, 8),
    within=st.sampled_from([30_000.0, 300_000.0, 3_000_000.0, WORLD, inf]),
    closed=st.sets(st.integers(0, 29)),
)
def test_it_holds_worldwide_over_the_poles_and_the_date_line(
    places: list[Point], point: Point, k: int, within: float, closed: set[int]
) -> None:
    snapshot = snapshot_of([(place.lat, place.lon) for place in places])
    oracle = Oracle(snapshot)
    for keep in (None, lambda row, _: row not in closed):
        hits = snapshot.nearest(point, k, keep=keep, within=within)
        wanted = oracle.nearest(point, k, keep=keep, within=within)
        # On a pole or at the antipode all longitudes tie, and a nanometre decides who is first.
        assert [hit.metres for hit in hits] == pytest.approx(
            [metres for _, metres in wanted], rel=0, abs=2e-4
        )
        distances = dict(oracle.nearest(point, len(places), within=within))
        assert [distances[hit.id] for hit in hits] == pytest.approx(
            [metres for _, metres in wanted], rel=0, abs=2e-4
        )


def test_in_a_lattice_of_ties_the_lower_id_goes_first() -> None:
    # Powers of two, so that places east and west are exactly as far as each other.
    step = 1.0 / 1024.0
    places = [(40.0 + i * step, 111.0 + j * step) for i in range(-30, 31) for j in range(-30, 31)]
    random.Random(4).shuffle(places)
    snapshot = snapshot_of(places)
    oracle = Oracle(snapshot)
    for i, j in [(0.0, 0.0), (0.5, 0.5), (0.0, 0.5), (3.0, -7.5), (-12.5, 4.0), (20.0, 20.0)]:
        point = Point(40.0 + i * step, 111.0 + j * step)
        for k in range(1, 14):
            assert_same(snapshot, oracle, point, k)
            assert_same(snapshot, oracle, point, k, keep=lambda row, _: row % 3 == 0)


@pytest.fixture
def geodesics(monkeypatch: pytest.MonkeyPatch) -> list[Point]:
    """Every place to which a geodesic is computed."""
    asked: list[Point] = []

    def counted(here: Point, there: Point) -> float:
        asked.append(there)
        return geodesic(here, there)

    monkeypatch.setattr("bot.geo.spatial_index.geodesic", counted)
    return asked


def test_stations_in_one_building_are_ordered_by_id_without_a_geodesic(
    geodesics: list[Point],
) -> None:
    snapshot = snapshot_of([(40.0, 111.0)] * 200 + [(40.001, 111.0)] * 200 + [(40.0, 111.0)] * 200)
    for point in (Point(40.0, 111.0), Point(40.01, 111.02), Point(39.0, 110.0)):
        hits = snapshot.nearest(point, 201)
        assert len(hits) == 201
        assert hits == sorted(hits, key=lambda hit: (hit.metres, hit.id))
    assert [hit.id for hit in snapshot.nearest(Point(40.0, 111.0), 5)] == [10, 11, 12, 13, 14]
    odd = snapshot.nearest(Point(40.0, 111.0), 3, keep=lambda row, _: row % 2 == 1 and row > 100)
    assert [hit.id for hit in odd] == [111, 113, 115]
    assert not geodesics


def test_a_geodesic_is_computed_for_near_ties_only(geodesics: list[Point]) -> None:
    snapshot, _ = stations(180_000)
    rand = random.Random(9)
    for _ in range(500):
        snapshot.nearest(Point(rand.uniform(38.0, 52.0), rand.uniform(98.0, 125.0)), 3)
    assert len(geodesics) < 50


def test_within_is_measured_as_a_geodesic() -> None:
    here, there = Point(40.0, 111.0), (42.0, 112.5)
    snapshot = snapshot_of([there])
    metres = Geodesic.WGS84.Inverse(here.lat, here.lon, *there)["s12"]
    assert metres == pytest.approx(255_000.0, abs=3_000.0)
    for gap in (1e-6, 1e-3, 1.0, 100.0):
        assert snapshot.nearest(here, 1, within=metres - gap) == []
        assert [hit.id for hit in snapshot.nearest(here, 1, within=metres + gap)] == [10]


def test_the_cut_off_leaves_the_nearer_ones() -> None:
    snapshot = snapshot_of([(40.0, 111.0 + i / 10) for i in range(100)])
    here = Point(40.0, 111.0)
    assert len(snapshot.nearest(here, 100, within=30_000.0)) == 4
    assert len(snapshot.nearest(here, 100)) == 36
    assert len(snapshot.nearest(here, 100, within=WORLD)) == 100


def test_nobody_within_is_an_empty_answer() -> None:
    snapshot, _ = stations(360)
    ulan_ude = Point(51.83, 107.6)
    assert snapshot.nearest(ulan_ude, 3, within=30_000.0) == []
    assert snapshot.nearest(Point(-33.9, 151.2), 3) == []
    assert snapshot.nearest(ulan_ude, 3, keep=lambda *_: False) == []
    assert Snapshot.build(1, [], [], [], []).nearest(ulan_ude, 3, within=WORLD) == []


def test_fewer_than_k_are_all_given() -> None:
    snapshot = snapshot_of([(40.0, 111.0), (40.2, 111.0), (40.1, 111.0)])
    assert [hit.id for hit in snapshot.nearest(Point(40.0, 111.0), 10**9)] == [10, 12, 11]


def test_a_station_must_have_all_that_is_asked() -> None:
    snapshot = Snapshot.build(
        1,
        [1, 2, 3, 4],
        [40.0, 40.1, 40.2, 40.3],
        [111.0] * 4,
        [0, HOT_WATER, HOT_WATER | CHARGING, RARE | CHARGING | HOT_WATER],
    )
    here = Point(40.0, 111.0)

    def ids(mask: int) -> list[int]:
        return [hit.id for hit in snapshot.nearest(here, 4, mask=mask)]

    assert ids(0) == [1, 2, 3, 4]
    assert ids(HOT_WATER) == [2, 3, 4]
    assert ids(HOT_WATER | CHARGING) == [3, 4]
    assert ids(RARE) == [4]
    assert ids(RARE | 8) == []


def test_keep_is_asked_of_the_nearest_with_their_distance() -> None:
    snapshot, oracle = stations(180_000)
    here = Point(40.84, 111.75)
    asked: list[tuple[int, float]] = []

    def keep(row: int, metres: float) -> bool:
        asked.append((snapshot.ids.item(row), metres))
        return len(asked) % 2 == 0

    hits = snapshot.nearest(here, 3, keep=keep)
    assert 6 <= len(asked) <= 8
    assert [hit.id for hit in hits] == [number for number, _ in asked[1:6:2]]
    wanted = oracle.nearest(here, len(asked))
    assert [number for number, _ in asked] == [number for number, _ in wanted]
    assert [s for _, s in asked] == pytest.approx([s for _, s in wanted], rel=0, abs=2e-4)


def test_threads_share_a_snapshot_while_its_trees_come_and_go() -> None:
    rng = np.random.default_rng(2)
    size = 2_000
    lat, lon = rng.uniform(38.0, 52.0, size), rng.uniform(98.0, 125.0, size)
    snapshot = Snapshot.build(1, range(size), lat, lon, rng.integers(0, 128, size))
    here = Point(42.0, 112.0)
    wanted = [Oracle(snapshot).nearest(here, 3, mask, within=WORLD) for mask in range(128)]

    def ask(seed: int) -> bool:
        masks = random.Random(seed).sample(range(128), 128)
        return all(
            [hit.id for hit in snapshot.nearest(here, 3, mask=mask, within=WORLD)]
            == [number for number, _ in wanted[mask]]
            for mask in masks
        )

    with ThreadPoolExecutor(4) as pool:
        assert all(pool.map(ask, range(8)))


def test_a_snapshot_stays_what_it_was_built_from() -> None:
    lat = np.array([40.0, 41.0])
    snapshot = Snapshot.build(3, [1, 2], lat, [111.0, 111.0], [0, 0])
    lat[0] = 50.0
    assert snapshot.version == 3
    assert snapshot.nearest(Point(40.0, 111.0), 1)[0].metres == 0.0
    for column in (snapshot.ids, snapshot.lat, snapshot.lon, snapshot.facilities):
        with pytest.raises(ValueError, match="read-only"):
            column[0] = 1


Build = Callable[[], Snapshot]


@pytest.mark.parametrize(
    ("build", "why"),
    [
        (lambda: Snapshot.build(1, [1, 2], [40.0], [111.0], [0]), "length"),
        (lambda: Snapshot.build(1, [2, 1], [40.0, 41.0], [111.0, 111.0], [0, 0]), "rise"),
        (lambda: Snapshot.build(1, [1, 1], [40.0, 41.0], [111.0, 111.0], [0, 0]), "rise"),
        (lambda: Snapshot.build(1, [1], [nan], [111.0], [0]), "latitude"),
        (lambda: Snapshot.build(1, [1], [111.0], [40.0], [0]), "latitude"),
        (lambda: Snapshot.build(1, [1], [40.0], [inf], [0]), "longitude"),
    ],
)
def test_columns_that_cannot_be_are_refused(build: Build, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        build()


@pytest.mark.parametrize(("k", "within"), [(0, 1.0), (-1, 1.0), (1, -1.0), (1, nan)])
def test_a_question_that_cannot_be_is_refused(k: int, within: float) -> None:
    with pytest.raises(ValueError, match="k is at least 1, and within at least 0"):
        snapshot_of([(40.0, 111.0)]).nearest(Point(40.0, 111.0), k, within=within)
