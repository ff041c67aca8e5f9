"""The spatial index: ties, limits, filters, threads and refused input."""

import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from math import inf, nan

import numpy as np
import pytest
from geographiclib.geodesic import Geodesic  # type: ignore[import-untyped, unused-ignore]

from bot.geo.ellipsoid import geodesic
from bot.geo.point import Point
from bot.geo.spatial_index import SpatialIndex
from tests.geo.index_snapshots import (
    CHARGING,
    HOT_WATER,
    RARE,
    WORLD,
    Oracle,
    assert_same,
    snapshot_of,
    stations,
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
    assert SpatialIndex.build(1, [], [], [], []).nearest(ulan_ude, 3, within=WORLD) == []


def test_fewer_than_k_are_all_given() -> None:
    snapshot = snapshot_of([(40.0, 111.0), (40.2, 111.0), (40.1, 111.0)])
    assert [hit.id for hit in snapshot.nearest(Point(40.0, 111.0), 10**9)] == [10, 12, 11]


def test_a_station_must_have_all_that_is_asked() -> None:
    snapshot = SpatialIndex.build(
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
    snapshot = SpatialIndex.build(1, range(size), lat, lon, rng.integers(0, 128, size))
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
    snapshot = SpatialIndex.build(3, [1, 2], lat, [111.0, 111.0], [0, 0])
    lat[0] = 50.0
    assert snapshot.version == 3
    assert snapshot.nearest(Point(40.0, 111.0), 1)[0].metres == 0.0
    for column in (snapshot.ids, snapshot.lat, snapshot.lon, snapshot.facilities):
        with pytest.raises(ValueError, match="read-only"):
            column[0] = 1


Build = Callable[[], SpatialIndex]


@pytest.mark.parametrize(
    ("build", "why"),
    [
        (lambda: SpatialIndex.build(1, [1, 2], [40.0], [111.0], [0]), "length"),
        (lambda: SpatialIndex.build(1, [2, 1], [40.0, 41.0], [111.0, 111.0], [0, 0]), "rise"),
        (lambda: SpatialIndex.build(1, [1, 1], [40.0, 41.0], [111.0, 111.0], [0, 0]), "rise"),
        (lambda: SpatialIndex.build(1, [1], [nan], [111.0], [0]), "latitude"),
        (lambda: SpatialIndex.build(1, [1], [111.0], [40.0], [0]), "latitude"),
        (lambda: SpatialIndex.build(1, [1], [40.0], [inf], [0]), "longitude"),
    ],
)
def test_columns_that_cannot_be_are_refused(build: Build, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        build()


@pytest.mark.parametrize(("k", "within"), [(0, 1.0), (-1, 1.0), (1, -1.0), (1, nan)])
def test_a_question_that_cannot_be_is_refused(k: int, within: float) -> None:
    with pytest.raises(ValueError, match="k is at least 1, and within at least 0"):
        snapshot_of([(40.0, 111.0)]).nearest(Point(40.0, 111.0), k, within=within)
