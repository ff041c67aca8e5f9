"""The rectangle in which a station of this service can stand."""

from typing import Final

REGION: Final = ((36.9, 53.9), (96.7, 126.7))
"""Latitudes and longitudes of Inner Mongolia with some 30 km to spare."""


def in_region(lat: float, lng: float) -> bool:
    """Whether a place may lie in Inner Mongolia, whatever its datum."""
    (south, north), (west, east) = REGION
    return south <= lat <= north and west <= lng <= east
