"""Opening hours drawn: a week with a bar for each day, and the days from today on.

The bars are SVG that the template writes from minutes; the same is said in words beside them.
"""

from datetime import date, timedelta
from enum import StrEnum
from typing import Final, TypeAlias

from bot.common.i18n import Translator
from bot.common.values import value
from bot.handlers import labels
from bot.hours.calendar import Holidays
from bot.hours.errors import HoursError
from bot.hours.intervals import DAY, DayHours
from bot.hours.opening import Schedule
from bot.hours.weekly import EVERY_DAY, HOLIDAY, Hours, parse

AHEAD: Final = 14
"""Days of the calendar."""

Spans: TypeAlias = tuple[tuple[int, int], ...]
"""Minute of the day at which it opens, and minutes for which it is open that day."""


class DayKind(StrEnum):
    """How a day differs from the usual week; the values are classes of the style sheet."""

    USUAL = "usual"
    CHANGED = "changed"
    CLOSED = "shut"
    HOLIDAY = "holiday"


@value
class BarDay:
    """A day of the week, or the public holidays, with its times in words."""

    name: str
    times: str
    spans: Spans
    is_today: bool = False


@value
class CalendarDay:
    """A date with what holds on it; `reason`: why it differs, "" where nobody says."""

    day: date
    weekday: str
    date: str
    times: str
    spans: Spans
    kind: DayKind
    reason: str = ""


def week_bar(t: Translator, hours: Hours | None, day: date, *, marked: bool) -> tuple[BarDay, ...]:
    """The week that counts on a date, Monday first; empty where the hours are not known.

    `marked`: the date is today.
    """
    if hours is None:
        return ()
    usual = hours.on(day)
    days = [
        BarDay(
            labels.weekday(t, number),
            labels.times(t, usual.week[number]),
            spans(usual.week[number - 1], usual.week[number]),
            is_today=marked and number == day.weekday(),
        )
        for number in EVERY_DAY
    ]
    if usual.holiday is not None:
        row = usual.holiday
        name = labels.weekday(t, HOLIDAY)
        days.append(BarDay(name, labels.times(t, row), spans((), row)))
    return tuple(days)


def stored_week(t: Translator, hours: str, day: date) -> tuple[BarDay, ...]:
    """`week_bar` of hours as they are stored; empty where they cannot be read."""
    try:
        return week_bar(t, parse(hours), day, marked=False)
    except HoursError:
        return ()


def spans(night_before: DayHours, row: DayHours) -> Spans:
    """What of a day is open: also the end of an opening that began the day before."""
    tail = [(0, closes - DAY) for _, closes in night_before if closes > DAY]
    return (*tail, *((opens, min(closes, DAY) - opens) for opens, closes in row))


def calendar(
    t: Translator, schedule: Schedule, holidays: Holidays, today: date, unknown: str
) -> tuple[CalendarDay, ...]:
    """The days from today on, each with the hours that hold on it. `unknown` says that nobody knows
    them."""
    return tuple(
        _calendar_day(t, schedule, holidays, today + timedelta(days=n), unknown)
        for n in range(AHEAD)
    )


def _calendar_day(
    t: Translator, schedule: Schedule, holidays: Holidays, day: date, unknown: str
) -> CalendarDay:
    before, row = (_row(schedule, holidays, one) for one in (day - timedelta(days=1), day))
    kind, reason = _kind(schedule, holidays, day, row)
    return CalendarDay(
        day,
        labels.weekday(t, day.weekday()),
        labels.month_day(t, day),
        unknown if row is None else labels.times(t, row),
        spans(before or (), row or ()),
        kind,
        reason,
    )


def _row(schedule: Schedule, holidays: Holidays, day: date) -> DayHours | None:
    hours = schedule.on(day)
    return None if hours is None else holidays.row(hours, day)


def _kind(
    schedule: Schedule, holidays: Holidays, day: date, row: DayHours | None
) -> tuple[DayKind, str]:
    change = schedule.change(day)
    if change is not None:
        return (DayKind.CHANGED if row else DayKind.CLOSED), change.reason
    if schedule.hours is not None and schedule.hours.closed_on(day):
        return (DayKind.CHANGED if row else DayKind.CLOSED), ""
    if (holiday := holidays.days.get(day)) is not None:
        return DayKind.HOLIDAY, holiday.name
    return DayKind.USUAL, ""
