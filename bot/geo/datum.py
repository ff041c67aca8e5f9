"""WGS-84 ⇄ GCJ-02 ⇄ BD-09, exact both ways, and where a vendor's coordinates are shifted at all.

The forward formulas are the published ones (as in googollee/eviltransform, MIT, but with
a = 6378245, which its own test vectors prove). The inverses are fixed points, followed until
nothing moves: about 1e-13°, where the usual single step errs by up to 3.4 m. The GCJ-02 that real
maps draw has up to a metre of noise outside this formula; nobody can take that out.

All angles are degrees, latitude first.
"""

from collections.abc import Callable
from enum import StrEnum
from math import atan2, cos, hypot, pi, radians, sin, sqrt

from bot.geo.point import Point

_A = 6378245.0  # Krasovsky's semi-major axis in metres; 6378137 misses the vectors by 7 to 11 mm
_EE = 0.00669342162296594323
_BD = pi * 3000.0 / 180.0
_STILL = 5e-14  # degrees: a few units in the last place of a longitude
_CLOSE_ENOUGH = 1e-9  # degrees, 0.1 mm: what every caller may rely on


class Datum(StrEnum):
    """Which of the three datums a pair of coordinates is written in."""

    WGS84 = "wgs84"
    GCJ02 = "gcj02"
    BD09 = "bd09"


def to_wgs84(lat: float, lon: float, datum: Datum) -> Point:
    """The WGS-84 place that `datum` writes as (lat, lon), to 1e-9°; always un-shifts.

    For what a chat channel or a map vendor sends, which is shifted in China only, see `received`.
    Raises `ValueError` for what is no latitude and longitude, and for the few places near the
    poles where the shift has no inverse.
    """
    Point(lat, lon)
    match datum:
        case Datum.WGS84:
            return Point(lat, lon)
        case Datum.GCJ02:
            return Point(*_inverse(_gcj02, lat, lon))
        case Datum.BD09:
            return Point(*_inverse(_gcj02, *_inverse(_bd09, lat, lon)))


def from_wgs84(point: Point, datum: Datum) -> tuple[float, float]:
    """(lat, lon) of a WGS-84 place as `datum` writes it; always shifts, abroad too."""
    match datum:
        case Datum.WGS84:
            return point.lat, point.lon
        case Datum.GCJ02:
            return _gcj02(point.lat, point.lon)
        case Datum.BD09:
            return _bd09(*_gcj02(point.lat, point.lon))


def received(lat: float, lon: float, datum: Datum) -> Point:
    """WGS-84 of a raw pair from a source that writes `datum` in China and WGS-84 elsewhere.

    Raises `ValueError` for what is no latitude and longitude.
    """
    return to_wgs84(lat, lon, datum if is_shifted(lat, lon, datum) else Datum.WGS84)


def is_shifted(lat: float, lon: float, datum: Datum) -> bool:
    """Whether a source that writes `datum` in China has shifted this raw pair.

    GCJ-02 sources shift in the mainland, Hong Kong and Macau, BD-09 sources in Taiwan too. Towns
    lie 200 m from the border and public outlines are 3 km off, so the outline here is drawn at
    least 10 km outside; the price is a user just abroad who is taken to stand ≤ 640 m away.
    """
    match datum:
        case Datum.WGS84:
            return False
        case Datum.GCJ02:
            return _inside(_CHINA, lat, lon)
        case Datum.BD09:
            return _inside(_CHINA, lat, lon) or _inside(_TAIWAN, lat, lon)


def _gcj02(lat: float, lon: float) -> tuple[float, float]:
    """WGS-84 → GCJ-02."""
    x, y = lon - 105.0, lat - 35.0
    root = sqrt(abs(x))
    common = (20.0 * sin(6.0 * pi * x) + 20.0 * sin(2.0 * pi * x)) * 2.0 / 3.0
    north = (
        -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root + common
        + (20.0 * sin(pi * y) + 40.0 * sin(pi * y / 3.0)) * 2.0 / 3.0
        + (160.0 * sin(pi * y / 12.0) + 320.0 * sin(pi * y / 30.0)) * 2.0 / 3.0
    )  # fmt: skip
    east = (
        300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root + common
        + (20.0 * sin(pi * x) + 40.0 * sin(pi * x / 3.0)) * 2.0 / 3.0
        + (150.0 * sin(pi * x / 12.0) + 300.0 * sin(pi * x / 30.0)) * 2.0 / 3.0
    )  # fmt: skip
    phi = radians(lat)
    m = 1.0 - _EE * sin(phi) ** 2
    return (
        lat + 180.0 * north * m * sqrt(m) / (_A * (1.0 - _EE) * pi),
        lon + 180.0 * east * sqrt(m) / (_A * cos(phi) * pi),
    )


def _bd09(lat: float, lon: float) -> tuple[float, float]:
    """GCJ-02 → BD-09."""
    z = hypot(lon, lat) + 2e-5 * sin(lat * _BD)
    theta = atan2(lat, lon) + 3e-6 * cos(lon * _BD)
    return z * sin(theta) + 0.006, z * cos(theta) + 0.0065


def _inverse(
    shift: Callable[[float, float], tuple[float, float]], lat: float, lon: float
) -> tuple[float, float]:
    """The (lat, lon) that `shift` moves to this one; each step gains two digits or more."""
    at_lat, at_lon = lat, lon
    step = _CLOSE_ENOUGH
    for _ in range(24):
        to_lat, to_lon = shift(at_lat, at_lon)
        d_lat, d_lon = to_lat - lat, to_lon - lon
        step = max(abs(d_lat), abs(d_lon))
        if step < _STILL or not step < 1.0:
            break
        at_lat, at_lon = at_lat - d_lat, at_lon - d_lon
    if not step < _CLOSE_ENOUGH:
        raise ValueError("no place is shifted to these coordinates")
    return at_lat, at_lon


def _inside(outline: tuple[tuple[float, float], ...], lat: float, lon: float) -> bool:
    """Even-odd rule in plate carrée, for an outline that crosses neither pole nor antimeridian."""
    inside = False
    a_lat, a_lon = outline[-1]
    for b_lat, b_lon in outline:
        if (b_lat > lat) != (a_lat > lat) and lon < a_lon + (b_lon - a_lon) * (lat - a_lat) / (
            b_lat - a_lat
        ):
            inside = not inside
        a_lat, a_lon = b_lat, b_lon
    return inside


# Drawn by hand for this one question, from the mouth of the Tumen against the clock: 10 to 60 km
# outside of the border where people live beside it, farther in the mountains and at sea. It says
# nothing about where a border runs.
# fmt: off
_CHINA = (
    (41.9, 131.0), (43.0, 131.5), (44.7, 131.4), (44.8, 133.1), (46.0, 134.2), (47.6, 135.1),
    (48.3, 135.5), (48.8, 135.0), (48.4, 133.0), (48.0, 132.3), (48.0, 131.2), (49.1, 130.8),
    (49.8, 129.0), (50.9, 127.6), (52.0, 126.8), (53.2, 126.1), (53.8, 123.5), (53.5, 120.9),
    (52.9, 119.7), (52.4, 120.2), (51.5, 119.5), (50.5, 118.7), (49.9, 118.2), (50.1, 116.6),
    (49.2, 115.7), (48.0, 115.2), (47.55, 115.6), (47.45, 117.3), (47.75, 117.8), (47.0, 118.4),
    (46.95, 117.5), (46.5, 116.3), (45.9, 115.5), (45.35, 113.9), (45.3, 111.7), (44.5, 111.0),
    (43.9, 111.2), (43.3, 110.5), (42.7, 109.3), (42.6, 107.3), (42.2, 105.5), (42.2, 104.3),
    (42.8, 101.9), (42.9, 99.5), (43.1, 96.6), (44.5, 95.5), (45.2, 93.9), (45.4, 91.3),
    (46.5, 91.4), (47.7, 90.8), (48.4, 88.7), (49.35, 88.2), (49.5, 87.2), (48.7, 85.5),
    (47.4, 84.9), (47.5, 83.0), (45.8, 82.2), (45.2, 79.6), (43.4, 80.0), (42.5, 79.8),
    (41.4, 77.9), (41.2, 76.5), (40.7, 75.5), (40.7, 74.5), (39.8, 73.2), (38.3, 73.6),
    (36.6, 74.6), (35.7, 76.0), (34.8, 77.6), (32.5, 78.2), (31.2, 78.3), (29.9, 80.5),
    (29.2, 83.0), (28.3, 84.7), (27.6, 86.5), (27.6, 88.3), (27.1, 88.6), (27.1, 89.2),
    (27.8, 90.0), (27.6, 91.5), (26.7, 92.0), (28.0, 96.0), (28.0, 97.4), (27.4, 98.2),
    (26.2, 98.4), (25.2, 97.4), (23.7, 97.3), (23.8, 98.5), (22.8, 98.7), (21.9, 99.0),
    (21.3, 100.2), (21.0, 101.3), (21.0, 102.0), (22.1, 102.2), (22.3, 103.9), (23.1, 105.3),
    (22.1, 106.4), (21.4, 107.2), (21.3, 108.1), (18.0, 107.9), (15.0, 110.4), (3.4, 111.5),
    (4.0, 113.9), (8.0, 116.9), (15.5, 119.5), (21.5, 119.5), (24.0, 118.9), (25.1, 120.1),
    (26.5, 121.2), (28.0, 123.0), (31.0, 123.5), (37.0, 123.5), (38.8, 123.3), (39.7, 124.3),
    (40.4, 125.2), (40.85, 126.3), (41.5, 126.9), (41.2, 127.3), (41.3, 128.4), (42.0, 128.5),
    (42.3, 129.6),
)
_TAIWAN = (
    (21.6, 120.5), (21.6, 121.9), (24.5, 122.4), (25.9, 122.3), (25.5, 120.9), (24.0, 119.3),
    (23.1, 119.1),
)
# fmt: on
