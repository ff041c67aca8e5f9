"""Distances on the WGS-84 ellipsoid: the geodesic itself, and bounds of it that cost a microsecond.

Of two points let s be the geodesic distance, c the straight chord through the earth and σ their
angle on the sphere of reduced latitudes:

* c ≤ s: a chord is the shortest path in space.
* s ≤ U(c) = 2R·asin(c / 2R) with R = a(1 − e²), the ellipsoid's smallest radius of curvature. A
  geodesic bends by at most 1/R, so by Schur's comparison theorem its chord is at least that of a
  circular arc of radius R and the same length, for s ≤ πR. No geodesic is longer than half a
  meridian, πR + 100,563 m; so s > πR needs c > 2R − 100,563 m, and there U is half a meridian.
* bσ ≤ s ≤ aσ: the ellipsoid's metric lies between those of the spheres of radius b and a.

U(c) − c is 2 mm at 12 km and 1.7 m at 118 km; beyond 1,800 km bσ and aσ are the closer pair.
Metres, and degrees for latitudes and longitudes.
"""

from math import asin, cos, radians, sin, sqrt

import numpy as np
from geographiclib.geodesic import Geodesic  # type: ignore[import-untyped, unused-ignore]
from numpy.typing import NDArray

from bot.geo.point import Point

A = 6378137.0
_F = 1 / 298.257223563
B = A * (1 - _F)
_E2 = _F * (2 - _F)
_R = A * (1 - _E2)
HALF_MERIDIAN = 20_003_932.0  # rounded up
_NEARLY_OPPOSITE = 2 * _R - 100_564.0


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
    w = 1.0 - _E2 * sin(radians(lat + lat_there) / 2.0) ** 2
    n = A / sqrt(w)
    m = n * (1.0 - _E2) / w
    share = min(1.0, (m * radians(lat_there - lat) / chord) ** 2)
    radius = 1.0 / (share / m + (1.0 - share) / n)
    return 2.0 * radius * asin(min(1.0, chord / (2.0 * radius)))


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


def sphere_angles(xyz: NDArray[np.float64], rows: NDArray[np.float64]) -> NDArray[np.float64]:
    """σ in radians of one ECEF place and many, shape (n,); near 180° good to 1e-8."""
    chords = np.linalg.norm((rows - xyz) / (A, A, B), axis=1)
    angles: NDArray[np.float64] = 2.0 * np.arcsin(np.minimum(1.0, chords / 2.0))
    return angles
