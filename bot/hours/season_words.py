"""Dates as people write them: 5月1日至9月30日 of every year, 2026年2月14日至20日 of one."""

from datetime import date

from bot.hours.dates import YearPart, year_part
from bot.hours.errors import Fault, HoursError
from bot.hours.vocabulary import DATE, DATES, DOTTED, YEAR_PART


def part_of_year(text: str) -> YearPart | None:
    """The part of every year that a season is said to last; None: it is only named.

    Raises `HoursError` for a day that no year has.
    """
    found = YEAR_PART.search(DOTTED.sub(r"\1月\2日", text))
    if found is None:
        return None
    first, last = int(found["m1"]), int(found["m2"] or found["m1"])
    if found["m2"] is None and "月" not in found[0]:
        raise HoursError(Fault.SEASON, text)
    begins = int(found["d1"]) if found["d1"] else None
    ends = int(found["d2"]) if found["d2"] else None
    if found["m2"] is None and ends is None and found["end"] is None:
        raise HoursError(Fault.SEASON, text)
    if (begins is None) != (ends is None) and not found["end"] and begins is not None:
        raise HoursError(Fault.SEASON, text)  # 5月1日-9月
    return year_part(first, begins, last, ends, text)


def days_between(text: str) -> tuple[date, date]:
    """The first and the last day. Raises `HoursError` for no days, or days that go backwards."""
    found = DATES.fullmatch(text)
    if found is None:
        raise HoursError(Fault.UNREADABLE, text)
    first = _day(found["first"], None, text)
    last = first if found["last"] is None else _day(found["last"], first, text)
    if last < first:
        raise HoursError(Fault.BACKWARDS, text)
    return first, last


def _day(text: str, after: date | None, whole: str) -> date:
    found = DATE.fullmatch(text)
    if found is None:
        raise HoursError(Fault.UNREADABLE, whole)
    year = int(found["year"] or (after.year if after else 0))
    month = int(found["month"] or (after.month if after else 0))
    try:
        return date(year, month, int(found["day"]))
    except ValueError:
        raise HoursError(Fault.TIME, whole) from None
