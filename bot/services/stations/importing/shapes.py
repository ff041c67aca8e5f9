"""How the cells of a station list look, by field."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from bot.services.spreadsheets import shapes
from bot.services.spreadsheets.cells import clean
from bot.services.stations.importing.vocabulary import STATUSES, YES


def is_state(cell: str) -> bool:
    """装修中, 已停用: a state that no yes or no is, and that no device has."""
    text = clean(cell).casefold()
    return bool(text) and text in STATUSES and text not in _AMBIGUOUS


_AMBIGUOUS: Final = frozenset({*YES, "正常", "完好", "良好", "故障", "损坏", "有效", "可用"})
SHAPES: Final[Mapping[str, Callable[[str], bool]]] = MappingProxyType(
    {
        "hours": shapes.is_hours,
        "phone": shapes.is_phone,
        "lng": shapes.is_longitude,
        "lat": shapes.is_latitude,
        "lnglat": shapes.is_place,
        "opens": shapes.is_clock,
        "closes": shapes.is_clock,
        "status": is_state,
    }
)
"""Fields that a column can show by its cells, those of which it has parts included."""
