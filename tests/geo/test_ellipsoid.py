"""The bounds which make the nearest stations exact hold everywhere, and `arc` is what it says."""

from math import dist

import numpy as np
from geographiclib.geodesic import Geodesic  # type: ignore[import-untyped, unused-ignore]
from hypothesis import given
from hypothesis import strategies as st

from bot.geo.ellipsoid import (
    HALF_MERIDIAN,
    arc,
    bounds,
    ecef,
    ecef_rows,
    geodesic,
    longest,
    rough_bounds,
)
from bot.geo.point import Point

places = st.builds(Point, st.floats(-90.0, 90.0), st.floats(-180.0, 180.0))


@st.composite
def neighbours(draw: st.DrawFn) -> tuple[Point, Point]:
    """Two places up to 300 km apart, at any latitude that a road reaches."""
    here = draw(st.builds(Point, st.floats(-85.0, 85.0), st.floats(-180.0, 180.0)))
    way = Geodesic.WGS84.Direct(
        here.lat, here.lon, draw(st.floats(0.0, 360.0)), draw(st.floats(0.0, 300_000.0))
    )
    return here, Point(way["lat2"], way["lon2"])


def chord(a: Point, b: Point) -> float:
    return dist(ecef(a.lat, a.lon), ecef(b.lat, b.lon))


@given(a=places, b=places)
def test_a_geodesic_lies_between_its_bounds(a: Point, b: Point) -> None:
    c, s = chord(a, b), geodesic(a, b)
    assert c - 1e-6 <= s <= longest(c) + 1e-6
    one, other = np.array(ecef(a.lat, a.lon)), np.array([ecef(b.lat, b.lon)])
    for measure in (rough_bounds, bounds):
        [low], [high] = measure(one, other)
        assert low - 1e-6 <= s <= high + 1e-6
    if 300_000.0 < s < 19_700_000.0:
        assert high - low < 0.21


@given(a=places, nudge=st.tuples(st.floats(-0.9, 0.9), st.floats(-0.9, 0.9)))
def test_and_so_does_one_to_nearly_the_other_side(a: Point, nudge: tuple[float, float]) -> None:
    lat, lon = -a.lat + nudge[0], a.lon + 180.0 + nudge[1]
    b = Point(max(-90.0, min(90.0, lat)), (lon + 180.0) % 360.0 - 180.0)
    c, s = chord(a, b), geodesic(a, b)
    assert c - 1e-6 <= s <= longest(c) + 1e-6
    [low], [high] = bounds(np.array(ecef(a.lat, a.lon)), np.array([ecef(b.lat, b.lon)]))
    assert low - 1e-6 <= s <= high + 1e-6


def test_no_geodesic_is_longer_than_half_a_meridian() -> None:
    assert 0.0 < HALF_MERIDIAN - geodesic(Point(90.0, 0.0), Point(-90.0, 0.0)) < 1.0


@given(pair=neighbours())
def test_an_arc_is_the_geodesic_to_a_tenth_of_a_millimetre(pair: tuple[Point, Point]) -> None:
    a, b = pair
    s = Geodesic.WGS84.Inverse(a.lat, a.lon, b.lat, b.lon)["s12"]
    assert abs(arc(chord(a, b), a.lat, b.lat) - s) < (1e-7 if s < 30_000.0 else 2e-4)


@given(place=places)
def test_columns_and_single_places_agree(place: Point) -> None:
    [row] = ecef_rows(np.array([place.lat]), np.array([place.lon])).tolist()
    assert dist(row, ecef(place.lat, place.lon)) < 1e-8
