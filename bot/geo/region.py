"""The region that the stations of this service stand in: its name, and a rectangle around it."""

import json
from functools import cache
from typing import Final

from bot.data import DATA

NAMES: Final = DATA / "region.json"
REGION: Final = ((36.9, 53.9), (96.7, 126.7))
"""Latitudes and longitudes of Inner Mongolia with some 30 km to spare."""
CHINA: Final = ((3.0, 54.0), (73.0, 136.0))
"""Latitudes and longitudes of China."""


def in_region(lat: float, lng: float) -> bool:
    """Whether a place may lie in Inner Mongolia, whatever its datum."""
    (south, north), (west, east) = REGION
    return south <= lat <= north and west <= lng <= east


def region_name(locale: str) -> str:
    """What the region is called in that language. Raises `KeyError` for one without a name."""
    return _names()[locale]


def in_china(lat: float, lng: float) -> bool:
    """Whether a place may lie in China; its latitudes are never longitudes of it."""
    (south, north), (west, east) = CHINA
    return south <= lat <= north and west <= lng <= east


@cache
def _names() -> dict[str, str]:
    names: dict[str, str] = json.loads(NAMES.read_text(encoding="utf-8"))
    return names
