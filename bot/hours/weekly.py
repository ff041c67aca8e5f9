"""The stored form of opening hours: a subset of OSM opening_hours, compiled to minutes.

Accepted: rules joined by `;`, each a list of `Mo` … `Su` and `PH` with ranges, then up to three
intervals, or `off`; `24/7`. A later rule replaces an earlier one for its days. Days that no rule
names are closed, except `PH`, which stays unsaid. Intervals are half-open: a station that closes
at 17:00 is shut at 17:00. Source: https://wiki.openstreetmap.org/wiki/Key:opening_hours
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, NamedTuple, TypeAlias

from bot.hours.errors import Fault, HoursError

DAY: Final = 1440
"""Minutes in a day."""
HOLIDAY: Final = 7
"""The eighth day type, after Monday (0) to Sunday (6): a public holiday, `PH`."""
LENGTH: Final = 400
"""Longest text read, in characters; eight different days of three intervals take 320."""


class Interval(NamedTuple):
    """Minutes after midnight of the day on which it starts, half-open.

    0 <= opens < 1440 and opens < closes <= opens + 1440; past midnight `closes` exceeds 1440 and
    the tail belongs to the day before, whatever the next day is.
    """

    opens: int
    closes: int


DayHours: TypeAlias = tuple[Interval, ...]
"""The intervals of one day in order, at most three; empty: closed."""
DaySet: TypeAlias = tuple[range, ...]
"""Day types as runs: (range(0, 5),) is Monday to Friday, (range(7, 8),) public holidays."""

ALL_DAY: Final[DayHours] = (Interval(0, DAY),)
EVERY_DAY: Final = range(7)


@dataclass(frozen=True, slots=True)
class Hours:
    """One row for each of Monday to Sunday and, if the station says so, one for public holidays.

    `holiday` None: nothing is said about holidays. Rows are sorted and touching intervals are
    joined; raises `HoursError` for overlaps and a fourth interval. `str()` is canonical OSM, and
    `parse(str(h)) == h` for each h.
    """

    week: tuple[DayHours, ...]
    holiday: DayHours | None = None

    def __post_init__(self) -> None:
        if len(self.week) != len(EVERY_DAY):
            raise ValueError("a week has seven rows, Monday first")
        week = tuple(_tidy(row) for row in self.week)
        holiday = None if self.holiday is None else _tidy(self.holiday)
        object.__setattr__(self, "week", week)
        object.__setattr__(self, "holiday", holiday)

    def __str__(self) -> str:
        if self == _ALWAYS:
            return "24/7"
        if self == CLOSED:
            return "off"
        rarely = not any(self.week)
        return "; ".join(
            f"{_spell(days)} {','.join(map(_clock, row)) or 'off'}"
            for days, row in groups(self)
            if row or rarely or days[0][0] == HOLIDAY
        )


def groups(hours: Hours) -> list[tuple[DaySet, DayHours]]:
    """Days with equal rows together, in the order to read them; public holidays, if any, last.

    `Mo-Fr 09:00-17:00; PH off` gives Monday to Friday, then Saturday and Sunday (closed), then
    holidays (closed). A run of two days reads better as a list than as a range.
    """
    found: dict[DayHours, list[range]] = {}
    for day, row in enumerate(hours.week):
        runs = found.setdefault(row, [])
        if runs and runs[-1].stop == day:
            runs[-1] = range(runs[-1].start, day + 1)
        else:
            runs.append(range(day, day + 1))
    merged: list[tuple[DaySet, DayHours]] = [(tuple(runs), row) for row, runs in found.items()]
    if hours.holiday is not None:
        merged.append(((range(HOLIDAY, HOLIDAY + 1),), hours.holiday))
    return merged


def is_always_open(hours: Hours) -> bool:
    """Whether it never closes on any day; holidays count only where the station speaks of them."""
    rows = {*hours.week} if hours.holiday is None else {*hours.week, hours.holiday}
    return len(rows) == 1 and all(c - o == DAY for o, c in hours.week[0]) and any(rows)


def interval(opens: int, closes: int, text: str) -> Interval:
    """Checks one interval; a close at or before the opening is taken as that of the next morning.

    Raises `HoursError` quoting `text`: SPAN if empty or longer than a day, TIME if out of range.
    """
    if not 0 <= opens < DAY or not 0 <= closes <= 2 * DAY:
        raise HoursError(Fault.TIME, text)
    if closes < opens:
        closes += DAY
    if not 0 < closes - opens <= DAY:
        raise HoursError(Fault.SPAN, text)
    return Interval(opens, closes)


@lru_cache(maxsize=4096)
def parse(text: str) -> Hours:
    """Reads the stored form; equal texts give one shared object, so thousands of stations cost few.

    Case, spaces and a missing leading zero are forgiven, anything outside the subset raises
    `HoursError`.
    """
    if len(text) > LENGTH:
        raise HoursError(Fault.TOO_LONG, text[:20])
    rows: dict[int, DayHours] = {}
    for part in text.strip(" ;").split(";"):
        rule = " ".join(part.split())
        found = _RULE.fullmatch(rule)
        if found is None:
            raise HoursError(Fault.UNREADABLE, rule)
        if found["always"]:
            rows = dict.fromkeys(range(8), ALL_DAY)
            continue
        row = () if found["off"] else tuple(_times(found["times"]))
        days = _days(found["days"]) if found["days"] else _unnamed(row)
        rows |= dict.fromkeys(days, _tidy(row))
    if not rows.keys() & set(EVERY_DAY):
        raise HoursError(Fault.NO_TIMES, text.strip())
    return Hours(tuple(rows.get(day, ()) for day in EVERY_DAY), rows.get(HOLIDAY))


_CODES: Final = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su", "PH")
_NUMBER: Final = {code.lower(): day for day, code in enumerate(_CODES)}
_ONE: Final = "(?:Mo|Tu|We|Th|Fr|Sa|Su)"
_DAYS: Final = rf"(?:PH|{_ONE}(?: ?- ?{_ONE})?)"
_SPAN: Final = r"[0-9]{1,2}:[0-9]{2} ?- ?[0-9]{1,2}:[0-9]{2}"
_RULE: Final = re.compile(
    rf"(?P<always>24/7)|(?:(?P<days>{_DAYS}(?: ?, ?{_DAYS})*) )?"
    rf"(?:(?P<off>off|closed)|(?P<times>{_SPAN}(?: ?, ?{_SPAN})*))",
    re.IGNORECASE | re.ASCII,
)


def _unnamed(row: DayHours) -> range:
    # A lone `off` closes for good; lone times say nothing certain about holidays.
    return range(HOLIDAY if row else HOLIDAY + 1)


def _days(text: str) -> Iterable[int]:
    for item in text.lower().split(","):
        first, _, last = (piece.strip() for piece in item.partition("-"))
        start = _NUMBER[first]
        length = (_NUMBER[last] - start) % 7 if last else 0
        yield from [start] if length == 0 else [(start + n) % 7 for n in range(length + 1)]


def _times(text: str) -> Iterable[Interval]:
    for item in text.split(","):
        span = item.strip()
        opens, closes = (_minutes(clock.strip(), span) for clock in span.split("-"))
        yield interval(opens, closes, span)


def _minutes(clock: str, span: str) -> int:
    hour, minute = map(int, clock.split(":"))
    if minute >= 60:
        raise HoursError(Fault.TIME, span)
    return hour * 60 + minute


def _tidy(row: Iterable[Interval]) -> DayHours:
    tidy: list[Interval] = []
    for each in sorted(row):
        opens, closes = interval(*each, _clock(each))
        text = f"{_clock(tidy[-1])},{_clock(each)}" if tidy else _clock(each)
        if tidy and opens < tidy[-1].closes:
            raise HoursError(Fault.OVERLAP, text)
        if tidy and opens == tidy[-1].closes:
            opens = tidy.pop().opens
        tidy.append(interval(opens, closes, text))
    if len(tidy) > 3:
        raise HoursError(Fault.TOO_MANY, ",".join(map(_clock, tidy)))
    return tuple(tidy)


def _spell(days: DaySet) -> str:
    return ",".join(
        _CODES[run[0]] if len(run) == 1 else f"{_CODES[run[0]]}-{_CODES[run[-1]]}" for run in days
    )


def _clock(each: Interval) -> str:
    opens, closes = each
    # 24 hours from 06:00 is 06:00-30:00 in OSM; 06:00-06:00 would be empty.
    until = closes - DAY if closes > DAY and closes - opens < DAY else closes
    return f"{opens // 60:02}:{opens % 60:02}-{until // 60:02}:{until % 60:02}"


CLOSED: Final = Hours(((),) * 7, ())
"""Never open, holidays included."""
_ALWAYS: Final = Hours((ALL_DAY,) * 7, ALL_DAY)
