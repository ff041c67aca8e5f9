"""Opening hours as people write them in station lists, read into the stored form or refused.

Nothing is guessed: a piece that is not understood, hours that could mean two things, days without
hours are each a `HoursError`. Of two statements about a day the one about fewer days counts
("每天9:00-17:00,周六10:00-16:00"); two that are equally narrow and differ are refused. 工作日 says
that public holidays are closed; 周一至周五 and 每天 say nothing about them; 24小时 includes them.
What is read but had better be confirmed is told by `bot.hours.doubts`.
"""

from dataclasses import replace
from functools import lru_cache
from typing import Final

from bot.common.lazy_pattern import LazyPattern
from bot.hours.clock_times import round_the_clock
from bot.hours.dates import IS_DATED
from bot.hours.errors import Fault, HoursError
from bot.hours.grammar import read_plain
from bot.hours.tokens import plain
from bot.hours.weekly import LENGTH, Hours, parse

_UNKNOWN: Final = frozenset(
    {"", "-", "--", "—", "——", "/", "无", "暂无", "不详", "未知", "待定", "待补充", "待确认"}
    | {"n/a", "na", "none", "null", "nan"}
)
NOT_OPEN_YET: Final = LazyPattern(r"(?:即将|尚未|还未|待)(?:开业|开放|开张|营业|启用)|筹[备建]中")
"""It has no hours yet."""
_OSM: Final = LazyPattern(r"\b(?:mo|tu|we|th|fr|sa|su|ph)\b|24/7|\A(?:off|closed)\Z")


def read(text: str) -> Hours | None:
    """Free text, or OSM opening_hours, as `Hours`; None where they are blank, 不详 or 即将开业.

    Raises `HoursError` with the piece that is at fault. Equal texts give one shared object.
    """
    if len(text) > 2 * LENGTH:
        raise HoursError(Fault.TOO_LONG, text[:20])
    return _read(text)


@lru_cache(maxsize=1 << 14)
def _read(text: str) -> Hours | None:
    folded = plain(text)
    if folded in _UNKNOWN or NOT_OPEN_YET.fullmatch(folded):
        return None
    if len(folded) > LENGTH:
        raise HoursError(Fault.TOO_LONG, folded[:20])
    if folded.isascii() and (_OSM.search(folded) or IS_DATED.search(folded)):
        return _whole_days(parse(folded))
    return read_plain(folded)


def _whole_days(hours: Hours) -> Hours:
    """00:00-23:59 as the whole day."""
    return replace(
        hours,
        week=tuple(tuple(map(round_the_clock, row)) for row in hours.week),
        holiday=None if hours.holiday is None else tuple(map(round_the_clock, hours.holiday)),
    )
