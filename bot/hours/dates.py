"""Dates in the stored form: parts of every year (`Mar 15-Oct 31`) and days of one year, closed."""

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date
from typing import Final, NamedTuple

from bot.common.lazy_pattern import LazyPattern
from bot.hours.errors import Fault, HoursError
from bot.hours.intervals import DayHours, clock

LEAP: Final = 2024
"""A year that has every day, 29 February too."""


DAYS_OF_YEAR: Final = 366


class MonthDay(NamedTuple):
    """A day of every year."""

    month: int
    day: int


class YearPart(NamedTuple):
    """A part of every year, both days included; it passes New Year where `last` is earlier."""

    first: MonthDay
    last: MonthDay

    def covers(self, day: date) -> bool:
        """Whether a date lies in it."""
        return self._has(MonthDay(day.month, day.day))

    def meets(self, other: "YearPart") -> bool:
        """Whether the two have a day in common."""
        return self._has(other.first) or other._has(self.first)

    def _has(self, at: MonthDay) -> bool:
        if self.first <= self.last:
            return self.first <= at <= self.last
        return at >= self.first or at <= self.last

    def days(self) -> int:
        """How many days of a leap year it has."""
        first, last = (date(LEAP, *one).toordinal() for one in self)
        return last - first + 1 if self.first <= self.last else DAYS_OF_YEAR - (first - last - 1)

    def __str__(self) -> str:
        first, last = (f"{MONTHS[month - 1]} {day}" for month, day in self)
        return first if first == last else f"{first}-{last}"


@dataclass(frozen=True, slots=True, order=True)
class Closure:
    """Closed from `first` to `last`, both included: all day, or at `times` of each of these days.

    Times past midnight go on into the next day, as those of an opening do.
    """

    first: date
    last: date
    times: DayHours = ()

    def __str__(self) -> str:
        times = ",".join(map(clock, self.times))
        return " ".join(filter(None, (spell_days(self.first, self.last), times, "off")))


def year_part(
    first_month: int, first_day: int | None, last_month: int, last_day: int | None, text: str
) -> YearPart:
    """From a day, or the first of a month, to a day, or the last of a month.

    Raises `HoursError` quoting `text` for a day that no year has.
    """
    if not (1 <= first_month <= 12 and 1 <= last_month <= 12):
        raise HoursError(Fault.TIME, text)
    first = MonthDay(first_month, 1 if first_day is None else first_day)
    last = MonthDay(last_month, _length(last_month) if last_day is None else last_day)
    if not (1 <= first.day <= _length(first_month) and 1 <= last.day <= _length(last_month)):
        raise HoursError(Fault.TIME, text)
    return YearPart(first, last)


def read_year_part(text: str) -> YearPart:
    """`Mar 15-Oct 31`, `Mar-Oct` or `Jan 1`, checked against `YEARLY` before."""
    first, _, last = text.partition("-")
    month, day = _month_and_day(first)
    if not last:
        return year_part(month, day, month, day, text)
    last_month, last_day = _month_and_day(last)
    return year_part(month, day, last_month, last_day, text)


def read_days(text: str) -> tuple[date, date]:
    """`2018 Feb 14-2018 Feb 20` or one day, checked against `DATED` before."""
    first, _, last = text.partition("-")
    days = (_date(first, text), _date(last or first, text))
    if days[1] < days[0]:
        raise HoursError(Fault.BACKWARDS, text)
    return days


def spell_days(first: date, last: date) -> str:
    """The spelling that `read_days` reads."""
    spelt = [f"{one.year:04} {MONTHS[one.month - 1]} {one.day}" for one in (first, last)]
    return spelt[0] if first == last else "-".join(spelt)


MONTHS: Final = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
_NUMBER: Final = {name.lower(): number for number, name in enumerate(MONTHS, 1)}
_MONTH: Final = f"(?:{'|'.join(MONTHS)})"
_DAY: Final = rf"{_MONTH} [0-9]{{1,2}}(?![0-9:])"
_YEARLY_DAY: Final = rf"(?:{_DAY}|{_MONTH})"
YEARLY: Final = rf"{_YEARLY_DAY}(?: ?- ?{_YEARLY_DAY})?"
"""A pattern, to be matched without regard to case."""
DATED: Final = rf"[0-9]{{4}} {_DAY}(?: ?- ?[0-9]{{4}} {_DAY})?"
"""A pattern, to be matched without regard to case."""
IS_DATED: Final = LazyPattern(rf"\b{_MONTH}\b", re.IGNORECASE)


def _length(month: int) -> int:
    return monthrange(LEAP, month)[1]


def _month_and_day(text: str) -> tuple[int, int | None]:
    month, *day = text.split()
    return _NUMBER[month.lower()], int(day[0]) if day else None


def _date(text: str, whole: str) -> date:
    year, month, day = text.split()
    try:
        return date(int(year), _NUMBER[month.lower()], int(day))
    except ValueError:
        raise HoursError(Fault.TIME, whole) from None
