"""The spatial index finds what geodesics to every station find, anywhere on earth."""

import random
from math import inf

import pytest
from geographiclib.geodesic import Geodesic  # type: ignore[import-untyped, unused-ignore]
from hypothesis import given
from hypothesis import strategies as st

from bot.geo.point import Point
from bot.geo.spatial_index import Keep
from tests.geo.index_snapshots import (
    CHARGING,
    HOT_WATER,
    WORLD,
    Oracle,
    assert_same,
    snapshot_of,
    stations,
)


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
