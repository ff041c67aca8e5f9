"""Hours that can be read, but had better be confirmed by a person before they are stored."""

from collections.abc import Iterator
from enum import StrEnum
from typing import Final

from bot.hours.dates import DAYS_OF_YEAR
from bot.hours.errors import HoursError
from bot.hours.intervals import DAY, DayHours
from bot.hours.parser import NOT_OPEN_YET, read
from bot.hours.tokens import plain
from bot.hours.vocabulary import REMARK
from bot.hours.weekly import Hours

LONG: Final = 16 * 60
"""Open for more minutes a day than that, and not around the clock."""
_WORKDAYS: Final = slice(0, 5)
_SMALL_HOURS: Final = range(60, 7 * 60 + 1)


class Doubt(StrEnum):
    """Why a reading is doubtful; the value is stable and may be stored or translated."""

    CLOSED_ON_WORKDAYS = "closed_on_workdays"
    """Open on some days, but not from Monday to Friday."""
    LONG_DAY = "long_day"
    """Over 16 hours a day, but not round the clock."""
    SMALL_HOURS = "small_hours"
    """Open only between 1:00 and 7:00, which may have been meant for the afternoon."""
    PARTLY_UNDERSTOOD = "partly_understood"
    """A remark was left out: 以公告为准, 需预约."""
    PART_OF_YEAR = "part_of_year"
    """Nothing is said of the rest of the year: it is taken as closed."""
    NOT_OPEN_YET = "not_open_yet"
    """即将开业: the hours stay unknown."""


def doubts(text: str) -> tuple[Doubt, ...]:
    """What had better be confirmed of a text that `read` can read; nothing for one that it refuses.

    In the order of `Doubt`, each once.
    """
    try:
        hours = read(text)
    except HoursError:
        return ()
    folded = plain(text)
    if hours is None:
        return (Doubt.NOT_OPEN_YET,) if NOT_OPEN_YET.fullmatch(folded) else ()
    found = {*_of_hours(hours)}
    if REMARK.search(folded):
        found.add(Doubt.PARTLY_UNDERSTOOD)
    return tuple(one for one in Doubt if one in found)


def _of_hours(hours: Hours) -> Iterator[Doubt]:
    seasons = [season.hours for season in hours.seasons]
    covered = sum(season.part.days() for season in hours.seasons)
    weeks = seasons if covered == DAYS_OF_YEAR else [hours, *seasons]
    if seasons and not any(hours.week) and covered < DAYS_OF_YEAR:
        yield Doubt.PART_OF_YEAR
        weeks = seasons
    for week in weeks:
        rows = [row for row in (*week.week, week.holiday) if row]
        if rows and not any(week.week[_WORKDAYS]):
            yield Doubt.CLOSED_ON_WORKDAYS
        if any(LONG < _minutes(row) < DAY for row in rows):
            yield Doubt.LONG_DAY
        if any(_is_of_small_hours(row) for row in rows):
            yield Doubt.SMALL_HOURS


def _minutes(row: DayHours) -> int:
    return sum(closes - opens for opens, closes in row)


def _is_of_small_hours(row: DayHours) -> bool:
    return all(each.opens in _SMALL_HOURS and each.closes in _SMALL_HOURS for each in row)
