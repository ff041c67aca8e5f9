"""Distances on the WGS-84 ellipsoid: the geodesic itself, and bounds of it that cost a microsecond.

Of two points let s be the geodesic distance, c the straight chord through the earth and σ their
angle on the sphere of reduced latitudes:

* c ≤ s: a chord is the shortest path in space.
* s ≤ U(c) = 2R·asin(c / 2R) with R = a(1 − e²), the ellipsoid's smallest radius of curvature. A
  geodesic bends by at most 1/R, so by Schur's comparison theorem its chord is at least that of a
  circular arc of radius R and the same length, for s ≤ πR. No geodesic is longer than half a
  meridian, πR + 100,563 m; so s > πR needs c > 2R − 100,563 m, and there U is half a meridian.
* bσ ≤ s ≤ aσ: the ellipsoid's metric lies between those of the spheres of radius b and a.

U(c) − c is 2 mm at 12 km, 1.7 m at 118 km and 28 m at 300 km. Beyond that `bounds` takes Vincenty's
series, good to 3 mm where it converges, with a slack of 0.1 m; near the
antipode, where it does not, bσ and aσ.
Metres, and degrees for latitudes and longitudes.
"""

from math import asin, cos, hypot, radians, sin, sqrt

import numpy as np
from geographiclib.geodesic import Geodesic  # type: ignore[import-untyped, unused-ignore]
from numpy.typing import NDArray

from bot.geo.point import Point

A = 6378137.0
_F = 1 / 298.257223563
B = A * (1 - _F)
AXES = (A, A, B)
_E2 = _F * (2 - _F)
_R = A * (1 - _E2)
_DEGREE, _HALF_DEGREE = radians(1.0), radians(0.5)
HALF_MERIDIAN = 20_003_932.0  # rounded up
ARC = 300_000.0  # metres; up to here `arc` gives the distance to 0.1 mm
_NEARLY_OPPOSITE = 2 * _R - 100_564.0
_ROUNDS, _SETTLED, _SLACK = 12, 1e-9, 0.1  # of Vincenty's formulae; radians, metres
_ANTIPODAL = cos(radians(178.0))  # from there on they are not asked


def geodesic(a: Point, b: Point) -> float:
    """s in metres, to some nanometres; 0.15 ms, so never in a loop over stations."""
    found = Geodesic.WGS84.Inverse(a.lat, a.lon, b.lat, b.lon, Geodesic.DISTANCE)
    return float(found["s12"])


def longest(chord: float) -> float:
    """U(c): no geodesic with this chord is longer."""
    return 2.0 * _R * asin(chord / (2.0 * _R)) if chord < _NEARLY_OPPOSITE else HALF_MERIDIAN


def arc(chord: float, lat: float, lat_there: float) -> float:
    """The geodesic over a chord of up to 300 km: off by 6 nm at 30 km, at most 0.1 mm at 300 km.

    It is the circular arc that bends as the ellipsoid does midway, which is by Euler's theorem
    1/M in the north-south share and 1/N in the east-west share of the direction.
    """
    if chord < 1.0:
        return chord  # to 1e-15 m, and what follows divides by it
    sine = sin((lat + lat_there) * _HALF_DEGREE)
    w = 1.0 - _E2 * sine * sine
    n = A / sqrt(w)
    m = n * (1.0 - _E2) / w
    north = m * (lat_there - lat) * _DEGREE / chord
    share = min(1.0, north * north)
    half = chord * (share / m + (1.0 - share) / n) / 2.0  # of the chord, in radii of the arc
    square = half * half
    # asin as a series: what is left out is below a nanometre
    return chord * (1.0 + square * (1 / 6 + square * (3 / 40 + square * (15 / 336))))


def ecef(lat: float, lon: float) -> tuple[float, float, float]:
    """x, y, z in metres from the earth's centre; z towards the north pole."""
    phi, lam = radians(lat), radians(lon)
    n = A / sqrt(1.0 - _E2 * sin(phi) ** 2)
    across = n * cos(phi)
    return across * cos(lam), across * sin(lam), n * (1.0 - _E2) * sin(phi)


def ecef_rows(lat: NDArray[np.float64], lon: NDArray[np.float64]) -> NDArray[np.float64]:
    """`ecef` of whole columns, shape (n, 3)."""
    phi, lam = np.radians(lat), np.radians(lon)
    sines = np.sin(phi)
    n = A / np.sqrt(1.0 - _E2 * sines * sines)
    across = n * np.cos(phi)
    return np.column_stack((across * np.cos(lam), across * np.sin(lam), n * (1.0 - _E2) * sines))


def may_lie_within(
    xyz: NDArray[np.float64], rows: NDArray[np.float64], metres: float
) -> NDArray[np.bool_]:
    """Whether bσ, the least that a geodesic can be, is no longer; shapes (3,), (n, 3)."""
    half = (metres + 1.0) / B / 2.0  # the metre is for rounding
    if half >= radians(90.0):
        return np.ones(len(rows), np.bool_)
    away = (rows - xyz) / AXES
    near: NDArray[np.bool_] = np.einsum("ij,ij->i", away, away) <= (2.0 * sin(half)) ** 2
    return near


def rough_bounds(
    xyz: NDArray[np.float64], rows: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """As `bounds`, at a tenth of the cost: c to U(c), or bσ to aσ where these are closer."""
    away = rows - xyz
    chords = np.sqrt(np.einsum("ij,ij->i", away, away))
    away /= AXES
    angles = 2.0 * np.arcsin(np.minimum(1.0, np.sqrt(np.einsum("ij,ij->i", away, away)) / 2.0))
    high = np.where(
        chords < _NEARLY_OPPOSITE,
        2.0 * _R * np.arcsin(np.minimum(1.0, chords / (2.0 * _R))),
        HALF_MERIDIAN,
    )
    # up to there `arc` needs the chord; σ near 180° is rounded to 0.1 m
    low = np.where(chords <= ARC, chords, np.maximum(chords, B * angles - 1.0))
    return low, np.minimum(high, A * angles + 1.0)


def bounds(
    xyz: NDArray[np.float64], rows: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Lower and upper bounds of the geodesics from one ECEF place to many, shapes (3,), (n, 3)."""
    low, high = rough_bounds(xyz, rows)
    far = low > ARC
    if far.any():
        low[far], high[far] = _far_bounds(xyz, rows[far], low[far], high[far])
    return low, high


def _far_bounds(
    xyz: NDArray[np.float64],
    rows: NDArray[np.float64],
    least: NDArray[np.float64],
    most: NDArray[np.float64],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """By Vincenty's inverse formulae (1975), or the bounds given where these do not serve."""
    x, y, z = xyz.tolist()
    xs, ys, zs = rows[:, 0], rows[:, 1], rows[:, 2]
    sine, cosine, sines, cosines = z / B, hypot(x, y) / A, zs / B, np.hypot(xs, ys) / A
    apart = np.arctan2(x * ys - y * xs, x * xs + y * ys)
    product, flat = sine * sines, cosine * cosines
    lam, moved = apart, np.zeros(len(rows))
    for _ in range(_ROUNDS):
        sin_lam, cos_lam = np.sin(lam), np.cos(lam)
        sin_s = np.hypot(cosines * sin_lam, cosine * sines - sine * cosines * cos_lam)
        sin_s = np.maximum(sin_s, 1e-12)
        cos_s = product + flat * cos_lam
        sigma = np.arctan2(sin_s, cos_s)
        sin_a = flat * sin_lam / sin_s
        cos2_a = np.maximum(1.0 - sin_a * sin_a, 1e-12)
        middle = cos_s - 2.0 * product / cos2_a
        middle = np.clip(middle, -1.0, 1.0)  # on the equator it is multiplied by cos2_a ≈ 0
        c = _F / 16.0 * cos2_a * (4.0 + _F * (4.0 - 3.0 * cos2_a))
        inner = middle + c * cos_s * (2.0 * middle * middle - 1.0)
        following = apart + (1.0 - c) * _F * sin_a * (sigma + c * sin_s * inner)
        moved, lam = np.abs(following - lam), following
        if moved.max() < _SETTLED:
            break
    u2 = cos2_a * (A * A / (B * B) - 1.0)
    a = 1.0 + u2 / 16384.0 * (4096.0 + u2 * (-768.0 + u2 * (320.0 - 175.0 * u2)))
    b = u2 / 1024.0 * (256.0 + u2 * (-128.0 + u2 * (74.0 - 47.0 * u2)))
    turn = cos_s * (2.0 * middle * middle - 1.0)
    last = middle * (4.0 * sin_s * sin_s - 3.0) * (4.0 * middle * middle - 3.0)
    metres = B * a * (sigma - b * sin_s * (middle + b / 4.0 * (turn - b / 6.0 * last)))
    doubtful = (moved > _SETTLED) | (cos_s < _ANTIPODAL)
    return np.where(doubtful, least, metres - _SLACK), np.where(doubtful, most, metres + _SLACK)
