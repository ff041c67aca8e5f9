"""例外安排: other hours on certain dates, as a list writes them.

`2026-12-01..2027-02-28 Mo-Fr 09:30-16:30 冬季时间`, `2026-12-01至2026-12-07 停业 装修`,
`2026年10月1日至10月8日停业（国庆）`; several stand behind each other, between `;` or blanks.
"""

import re
from datetime import date
from functools import lru_cache
from typing import Final

from bot.common.lazy_pattern import LazyPattern
from bot.common.values import value
from bot.hours.errors import HoursError
from bot.hours.parser import read as read_hours
from bot.hours.weekly import CLOSED, Hours, parse
from bot.services.spreadsheets.faults import TableFault
from bot.services.stations.importing.faults import CellRefused, StationFault

HOURS_WORDS: Final = 40
"""No hours have more words than this; a reason may."""
LONGEST_REASON: Final = 120


@value
class DatedHours:
    """Other hours from `first` to `last`, both included; `hours` None: closed."""

    first: date
    last: date
    hours: str | None
    reason: str


def by_date(changes: list[DatedHours]) -> tuple[DatedHours, ...]:
    """Dated changes in the order in which they are compared and written."""
    return tuple(
        sorted(changes, key=lambda one: (one.first, one.last, one.hours or "", one.reason))
    )


@lru_cache(maxsize=1 << 14)
def read_changes(text: str) -> tuple[DatedHours, ...]:
    """Dated exceptions by date."""
    found = []
    for item in filter(None, (one.strip(" ;") for one in _NEXT.split(text))):
        dates = _DATES.match(item)
        if dates is None:
            raise CellRefused(StationFault.CHANGES, text=item)
        try:
            start = date(int(dates[1]), int(dates[2]), int(dates[3]))
            end = _last(start, dates)
        except ValueError:
            raise CellRefused(StationFault.CHANGES, text=item) from None
        if end < start:
            raise CellRefused(StationFault.CHANGES_ORDER, text=dates[0].strip())
        hours, reason = _split(item[dates.end() :].strip(" :,"), item)
        if len(reason) > LONGEST_REASON:
            raise CellRefused(TableFault.TOO_LONG, max_length=str(LONGEST_REASON))
        found.append(DatedHours(start, end, None if hours == CLOSED else str(hours), reason))
    return by_date(found)


def _last(start: date, dates: re.Match[str]) -> date:
    """The last day; what it does not say of year and month is that of the first."""
    if dates[6] is None:
        return start
    month = int(dates[5]) if dates[5] else start.month
    return date(int(dates[4]) if dates[4] else start.year, month, int(dates[6]))


def _split(text: str, item: str) -> tuple[Hours, str]:
    """The longest beginning that is hours, and what follows: the reason."""
    if closed := _CLOSED.match(text):
        return CLOSED, _reason(text[closed.end() :])
    words = text.split(" ")
    for reader in (parse, read_hours):
        for count in range(min(len(words), HOURS_WORDS), 0, -1):
            try:
                hours = reader(" ".join(words[:count]))
            except HoursError:
                continue
            if hours is not None:
                return hours, " ".join(words[count:])
    if closed := _CLOSED_LAST.search(text):
        return CLOSED, _reason(text[: closed.start()])
    raise CellRefused(StationFault.CHANGES, text=item)


def _reason(text: str) -> str:
    bare = text.strip(" ,:")
    return bare[1:-1].strip() if _IN_BRACKETS.fullmatch(bare) else bare


_DATES: Final = LazyPattern(
    r"([0-9]{4})\s*[-/.年]\s*([0-9]{1,2})\s*[-/.月]\s*([0-9]{1,2})\s*日?"
    r"(?:\s*(?:\.\.|至|到|~|—+|–|-)\s*"
    r"(?:(?:([0-9]{4})\s*[-/.年]\s*)?([0-9]{1,2})\s*[-/.月]\s*)?([0-9]{1,2})\s*日?(?![0-9]|:[0-9]))?"
    r"(?:\s*(?:期间|起|,))?(?![0-9])"
)
_NEXT: Final = LazyPattern(
    r"(?:[;。]|(?<=[^\s至到~.—–-])\s)\s*(?=[0-9]{4}\s*[-/.年]\s*[0-9]{1,2}\s*[-/.月]\s*[0-9]{1,2})"
)
_CLOSED: Final = LazyPattern(
    r"(?:closed|关闭|关门|停业|暂停(?:营业|开放|服务)?|休息|放假|歇业|不开放|不营业|闭站)"
    r"(?![\u4e00-\u9fff])\s*",
    re.IGNORECASE,
)
_CLOSED_LAST: Final = LazyPattern(
    r"(?:停业|暂停(?:营业|开放|服务)|休息|放假|歇业|不开放|不营业|闭站)$"
)
_IN_BRACKETS: Final = LazyPattern(r"\([^()]*\)")
