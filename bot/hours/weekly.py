"""The stored form of opening hours: a subset of OSM opening_hours, compiled to minutes.

Accepted: rules joined by `;`, each a list of `Mo` … `Su` and `PH` with ranges, then up to three
intervals, or `off`; `24/7`. A later rule replaces an earlier one for its days. Days that no rule
names are closed, except `PH`, which stays unsaid. Intervals are half-open: a station that closes
at 17:00 is shut at 17:00. Source: https://wiki.openstreetmap.org/wiki/Key:opening_hours

A rule may begin with a part of the year, `Mar 15-Oct 31 Mo-Su 08:00-20:00`: it counts then, and
for the days that it does not name the rules without a part of the year count. Dated closures come
last: `2018 Feb 14-2018 Feb 20 off`, or `2018 Feb 15 17:00-22:00 off` for a part of each day.
"""

import re
from collections.abc import Iterable
from datetime import date, timedelta
from functools import lru_cache
from typing import Final, TypeAlias

from bot.common.lazy_pattern import LazyPattern
from bot.common.values import value
from bot.hours.dates import (
    DATED,
    YEARLY,
    Closure,
    YearPart,
    read_days,
    read_year_part,
)
from bot.hours.errors import Fault, HoursError
from bot.hours.intervals import ALL_DAY, DAY, DayHours, Interval, clock, interval, tidy, without

__all__ = [
    "ALL_DAY", "CLOSED", "DAY", "EVERY_DAY", "HOLIDAY", "LENGTH", "Closure", "DayHours", "DaySet",
    "Hours", "Interval", "Season", "groups", "interval", "is_always_open", "parse",
]  # fmt: skip

HOLIDAY: Final = 7
"""The eighth day type, after Monday (0) to Sunday (6): a public holiday, `PH`."""
LENGTH: Final = 400
"""Longest text read, in characters; eight different days of three intervals take 320."""


DaySet: TypeAlias = tuple[range, ...]
"""Day types as runs: (range(0, 5),) is Monday to Friday, (range(7, 8),) public holidays."""

EVERY_DAY: Final = range(7)


@value
class Season:
    """A part of every year in which other hours, without seasons of their own, count."""

    part: YearPart
    hours: "Hours"


@value
class Hours:
    """One row for each of Monday to Sunday and, if the station says so, one for public holidays.

    `holiday` None: nothing is said about holidays. `seasons` replace both in their part of the
    year; one that says nothing of holidays has those of the rest of the year. Rows are sorted and
    touching intervals are joined; raises `HoursError` for overlaps (of seasons too) and a fourth
    interval. `str()` is canonical OSM, and `parse(str(h)) == h` for each h that takes no more than
    `LENGTH` characters.
    """

    week: tuple[DayHours, ...]
    holiday: DayHours | None = None
    seasons: tuple[Season, ...] = ()
    closures: tuple[Closure, ...] = ()

    def __post_init__(self) -> None:
        if len(self.week) != len(EVERY_DAY):
            raise ValueError("a week has seven rows, Monday first")
        week = tuple(tidy(row) for row in self.week)
        holiday = None if self.holiday is None else tidy(self.holiday)
        object.__setattr__(self, "week", week)
        object.__setattr__(self, "holiday", holiday)
        if self.seasons:
            object.__setattr__(self, "seasons", tuple(_tidy_seasons(self)))
        if self.closures:
            object.__setattr__(self, "closures", tuple(sorted({*self.closures})))

    def on(self, day: date) -> "Hours":
        """The ordinary week that counts on a date: that of its season, else these hours."""
        for season in self.seasons:
            if season.part.covers(day):
                return season.hours
        return self

    def closed_on(self, day: date) -> bool:
        """Whether a dated closure, of the whole day or of hours, begins on a date or goes on."""
        return any(one.first <= day <= one.last for one in self.closures)

    def less_closures(self, row: DayHours, day: date) -> DayHours:
        """The intervals that start on a date, without what the dated closures take away.

        A closed day shuts what would start on it; the night before is left to end.
        """
        for closure in self.closures:
            for shift in (-1, 0, 1):
                if not closure.first <= day + timedelta(days=shift) <= closure.last:
                    continue
                if not closure.times and not shift:
                    return ()
                for opens, closes in closure.times:
                    row = without(row, opens + shift * DAY, closes + shift * DAY)
        return row

    def __str__(self) -> str:
        return "; ".join(map(str, (*_rules(self), *self.closures)))


def _rules(hours: Hours) -> list[str]:
    if not hours.seasons:
        return _week_rules(hours)
    seasons = [season.hours for season in hours.seasons]
    holiday = hours.holiday
    said = any(hours.week) or not any(any(one.week) for one in seasons)
    said = said or (holiday is not None and any(one.holiday != holiday for one in seasons))
    rules = _week_rules(hours) if said else []
    for season in hours.seasons:
        rules += [f"{season.part} {rule}" for rule in _season_rules(hours, season.hours)]
    if holiday is not None and not said:
        rules.append(f"PH {_times_or_off(holiday)}")
    return rules


def _season_rules(hours: Hours, season: Hours) -> list[str]:
    if season == CLOSED:
        return ["off"]
    usual = (*hours.week, hours.holiday)
    return [
        f"{_spell(days)} {_times_or_off(row)}"
        for days, row in groups(season)
        if any(usual[day] != row for run in days for day in run)
    ]


def _week_rules(hours: Hours) -> list[str]:
    for name, known in (("24/7", _ALWAYS), ("off", CLOSED)):
        if (hours.week, hours.holiday) == (known.week, known.holiday):
            return [name]
    rarely = not any(hours.week)
    return [
        f"{_spell(days)} {_times_or_off(row)}"
        for days, row in groups(hours)
        if row or rarely or days[0][0] == HOLIDAY
    ]


def groups(hours: Hours) -> list[tuple[DaySet, DayHours]]:
    """Days with equal rows together, in the order to read them; public holidays, if any, last.

    `Mo-Fr 09:00-17:00; PH off` gives Monday to Friday, then Saturday and Sunday (closed), then
    holidays (closed). A run of two days reads better as a list than as a range. Seasons
    and closures are left out.
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
    if hours.seasons or hours.closures:
        return False
    rows = {*hours.week} if hours.holiday is None else {*hours.week, hours.holiday}
    return len(rows) == 1 and all(c - o == DAY for o, c in hours.week[0]) and any(rows)


@lru_cache(maxsize=4096)
def parse(text: str) -> Hours:
    """Reads the stored form; equal texts give one shared object, so thousands of stations cost few.

    Case, spaces and a missing leading zero are forgiven, anything outside the subset raises
    `HoursError`.
    """
    if len(text) > LENGTH:
        raise HoursError(Fault.TOO_LONG, text[:20])
    usual: _Rows = {}
    seasons: dict[YearPart, _Rows] = {}
    closures: list[Closure] = []
    for part in text.strip(" ;").split(";"):
        rule = " ".join(part.split())
        found = _RULE.fullmatch(rule)
        if found is None:
            raise HoursError(Fault.UNREADABLE, rule)
        if found["dated"]:
            times = tidy(tuple(_times(found["closed"]))) if found["closed"] else ()
            closures.append(Closure(*read_days(found["dated"]), times))
            continue
        if closures:  # a later rule would open the days again
            raise HoursError(Fault.UNREADABLE, rule)
        if found["always"]:
            usual, seasons = dict.fromkeys(range(8), ALL_DAY), {}
            continue
        row = () if found["off"] else tuple(_times(found["times"]))
        days = _days(found["days"]) if found["days"] else _unnamed(row)
        new = dict.fromkeys(days, tidy(row))
        if found["yearly"]:
            seasons.setdefault(read_year_part(found["yearly"]), dict(usual)).update(new)
        else:
            for rows in (usual, *seasons.values()):
                rows.update(new)
    if not any(rows.keys() & set(EVERY_DAY) for rows in (usual, *seasons.values())):
        raise HoursError(Fault.NO_TIMES, text.strip())
    plain = tuple(Season(part, _hours(rows)) for part, rows in seasons.items())
    return Hours(*_week_and_holiday(usual), plain, tuple(closures))


_Rows: TypeAlias = dict[int, DayHours]


def _hours(rows: _Rows) -> Hours:
    return Hours(*_week_and_holiday(rows))


def _week_and_holiday(rows: _Rows) -> tuple[tuple[DayHours, ...], DayHours | None]:
    return tuple(rows.get(day, ()) for day in EVERY_DAY), rows.get(HOLIDAY)


_CODES: Final = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su", "PH")
_NUMBER: Final = {code.lower(): day for day, code in enumerate(_CODES)}
_ONE: Final = "(?:Mo|Tu|We|Th|Fr|Sa|Su)"
_DAYS: Final = rf"(?:PH|{_ONE}(?: ?- ?{_ONE})?)"
_SPAN: Final = r"[0-9]{1,2}:[0-9]{2} ?- ?[0-9]{1,2}:[0-9]{2}"
_SPANS: Final = rf"{_SPAN}(?: ?, ?{_SPAN})*"
_RULE: Final = LazyPattern(
    rf"(?P<always>24/7)|(?P<dated>{DATED}) (?:(?P<closed>{_SPANS}) )?(?:off|closed)"
    rf"|(?:(?P<yearly>{YEARLY}) )?(?:(?P<days>{_DAYS}(?: ?, ?{_DAYS})*) )?"
    rf"(?:(?P<off>off|closed)|(?P<times>{_SPANS}))",
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


def _tidy_seasons(usual: Hours) -> Iterable[Season]:
    seasons = sorted(usual.seasons, key=lambda one: one.part)
    for number, season in enumerate(seasons):
        if season.hours.seasons or season.hours.closures:
            raise ValueError("a season has no seasons or dated closures of its own")
        if any(season.part.meets(later.part) for later in seasons[number + 1 :]):
            raise HoursError(Fault.CONFLICT, str(season.part))
        holiday = usual.holiday if season.hours.holiday is None else season.hours.holiday
        if (season.hours.week, holiday) != (usual.week, usual.holiday):
            yield Season(season.part, Hours(season.hours.week, holiday))


def _times_or_off(row: DayHours) -> str:
    return ",".join(map(clock, row)) or "off"


def _spell(days: DaySet) -> str:
    return ",".join(
        _CODES[run[0]] if len(run) == 1 else f"{_CODES[run[0]]}-{_CODES[run[-1]]}" for run in days
    )


CLOSED: Final = Hours(((),) * 7, ())
"""Never open, holidays included."""
_ALWAYS: Final = Hours((ALL_DAY,) * 7, ALL_DAY)
