"""What cells of common kinds look like, so that a column shows by its cells what it holds."""

import re
from typing import Final

from bot.common.lazy_pattern import LazyPattern
from bot.services.spreadsheets.cells import clean

_HOURS: Final = LazyPattern(
    r"\d{1,2}\s*[::点时]\s*(?:\d{2}|半)?\s*分?\s*(?:-|—|–|~|至|到)\s*(?:次日|晚上?|下午)?"
    r"\s*\d{1,2}\s*[::点时]|24\s*小时|24/7|7\s*[x×*]\s*24|全天|全年无休|"
    r"(?:周|星期)[一二三四五六日天].*\d",
    re.IGNORECASE,
)
_CLOCK: Final = LazyPattern(r"\d{1,2}:\d{2}(?::\d{2})?|\d{1,2}[点时](?:\d{1,2}分?|半|整)?")
_PHONE: Final = LazyPattern(
    r"(?:\+?86[- ]?)?1[3-9]\d{9}|"
    r"\(?0\d{1,3}\)?[- ]?\d{7,8}(?:[-转]\d{1,5})?|400[- ]?\d{3}[- ]?\d{4}"
)
_PAIR: Final = LazyPattern(
    r"[^\d]{0,4}(\d{2,3}(?:\.\d+)?)[°度]?[A-Z]?\s*[,;/、\s]\s*[^\d]{0,4}(\d{2,3}(?:\.\d+)?)[°度]?[A-Z]?"
)
_POINT: Final = LazyPattern(r"^point ?\(|\)$", re.IGNORECASE)
_LINK: Final = LazyPattern(r"https?://\S*(?:amap|map\.baidu|map\.qq|google|tianditu)\S*")
_DEGREES: Final = LazyPattern(
    r"(?:东经|北纬|[EN])?\s*(\d{1,3})\s*(?:\.(\d{3,}))?\s*(?:[°度]\s*(?:[\d.]+\s*[′'分度]?.*)?)?\s*[EN]?",
    re.IGNORECASE,
)


def is_hours(cell: str) -> bool:
    """`周一至周五 9:00-17:00`, 24小时: opening hours, not a date and no moment."""
    return len(cell) <= 200 and bool(_HOURS.search(clean(cell)))


def is_clock(cell: str) -> bool:
    """`9:00`, 9点半: a time of day alone."""
    return bool(_CLOCK.fullmatch(clean(cell)))


def is_phone(cell: str) -> bool:
    """A mobile number, a landline with its area code, or a 400 number, alone or among others."""
    parts = [one for one in re.split(r"[,;/、]|\s{2,}", clean(cell)) if one.strip()]
    return bool(parts) and all(_PHONE.fullmatch(one.strip()) for one in parts)


def is_longitude(cell: str) -> bool:
    """Degrees from 73 to 135 with at least three decimals, or in degrees and minutes."""
    return _within(cell, 73, 136)


def is_latitude(cell: str) -> bool:
    """Degrees from 3 to 53 with at least three decimals, or in degrees and minutes."""
    return _within(cell, 3, 54)


def is_place(cell: str) -> bool:
    """Longitude and latitude in one cell, in either order, as WKT, or a link to a map."""
    text = _POINT.sub("", clean(cell))
    if _LINK.search(text):
        return True
    found = _PAIR.fullmatch(text)
    if found is None:
        return False
    low, high = sorted(map(float, found.groups()))
    return 3 <= low <= 54 and 73 <= high <= 136


def _within(cell: str, least: int, most: int) -> bool:
    text = clean(cell)
    found = _DEGREES.fullmatch(text) if len(text) <= 40 else None
    if found is None or (not found[2] and not re.search("[°度]", text)):
        return False
    return least <= int(found[1]) < most
