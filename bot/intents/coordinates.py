"""Whether a message is nothing but a pair of coordinates, as map apps copy them."""

from typing import Final

from bot.common.lazy_pattern import LazyPattern
from bot.intents.normalise import normalise

_NUMBER: Final = LazyPattern(r"(?<![\d.])-?\d{1,3}\.\d+(?![\d.])")
_AROUND: Final = LazyPattern(
    r"lat(?:itude)?|lo?ng?(?:itude)?|[nsew]|[北南东西]?[纬经]度?|坐标|[\s,;:()°\-\d]"
)


def are_coordinates(text: str) -> bool:
    """Two numbers with decimals, and beside them at most what says which is which."""
    plain = normalise(text)
    return len(_NUMBER.findall(plain)) == 2 and not _AROUND.sub("", _NUMBER.sub("", plain))
