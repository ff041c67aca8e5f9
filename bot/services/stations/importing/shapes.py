"""How the cells of a station list look, by field."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from bot.services.spreadsheets import shapes

SHAPES: Final[Mapping[str, Callable[[str], bool]]] = MappingProxyType(
    {
        "hours": shapes.is_hours,
        "phone": shapes.is_phone,
        "lng": shapes.is_longitude,
        "lat": shapes.is_latitude,
        "lnglat": shapes.is_place,
        "opens": shapes.is_clock,
        "closes": shapes.is_clock,
    }
)
"""Fields that a column can show by its cells, those of which it has parts included."""
