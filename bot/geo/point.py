"""A place on the earth in WGS-84, the only datum inside the service; channel adapters convert."""

import math

from bot.common.values import value


@value
class Point:
    """Latitude and longitude in degrees, WGS-84, latitude first.

    Raises `ValueError` for NaN, infinities and values outside ±90 and ±180, so that no later
    formula has to.
    """

    lat: float
    lon: float

    def __post_init__(self) -> None:
        if not (math.isfinite(self.lat) and math.isfinite(self.lon)):
            raise ValueError("latitude and longitude must be numbers")
        if not (-90.0 <= self.lat <= 90.0 and -180.0 <= self.lon <= 180.0):
            raise ValueError("latitude lies within ±90 and longitude within ±180")
