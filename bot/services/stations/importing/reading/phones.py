"""Phones of stations: landlines that lost their zero, and mobiles that are a contact person's."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from bot.common.lazy_pattern import LazyPattern
from bot.services.spreadsheets.cells import key

AREA_CODES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "150100": "0471", "150200": "0472", "150300": "0473", "150400": "0476", "150500": "0475",
        "150600": "0477", "150700": "0470", "150800": "0478", "150900": "0474", "152200": "0482",
        "152500": "0479", "152900": "0483",
    }
)  # fmt: skip
"""Adcode of a league → its area code."""


def with_zero(text: str) -> str:
    """Landlines of the region that a spreadsheet took for numbers, as 0471-1234567."""
    return _NO_ZERO.sub(r"0\1-\2", text)


def bare(text: str) -> str:
    """A cell of phones without what says whose desk they are, and without words for none."""
    return "" if text in _NONE else _DASH.sub("-", _DESK.sub("", text))


def without_mobiles(text: str) -> str:
    """The phones of a cell that are no mobiles."""
    if not _MOBILE.search(text):
        return text
    parts = [one.strip() for one in _BETWEEN.split(text)]
    return "、".join(one for one in parts if one and not _MOBILE.search(one))


def is_of_station(heading: str) -> bool:
    """Whether a heading says that the phone is the station's, whoever else is named in the list."""
    return any(word in key(heading) for word in _STATION_WORDS)


_NO_ZERO: Final = LazyPattern(
    "(?<![0-9-])("
    + "|".join(sorted(code[1:] for code in AREA_CODES.values()))
    + r")[- ]?([0-9]{7})(?![0-9])"
)
_MOBILE: Final = LazyPattern(r"(?<!\d)(?:\+?86[- ]?)?1[3-9]\d[- ]?\d{4}[- ]?\d{4}(?!\d)")
_BETWEEN: Final = LazyPattern(r"[,;/、|]|\s{2,}|(?<=\d{7})\s+")
_NONE: Final = frozenset(
    {
        "无",
        "暂无",
        "没有",
        "未提供",
        "不详",
        "未知",
        "空",
        "-",
        "--",
        "—",
        "——",
        "/",
        "[]",
        "null",
        "None",
    }
)
_DASH: Final = LazyPattern("[‐-―−_]+")
_DESK: Final = LazyPattern(
    r" ?\((?:值班室?|前台|大堂|总机|座机|固话|办公室?|服务台|门卫|客服|白天|夜间|晚上|工作时间|"
    r"工作日|24小时|咨询|预约|急诊|门诊|站点|驿站|网点)(?:电话)?\) ?"
)
_STATION_WORDS: Final = (
    "站点", "驿站", "网点", "服务电话", "服务热线", "办公", "固定", "座机", "值班", "对外",
    "客服", "咨询",
)  # fmt: skip
