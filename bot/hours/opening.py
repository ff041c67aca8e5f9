"""Whether a station is open at a moment, until when, and when it opens again.

Weekly hours, public holidays and dated changes together. All moments are in local time
(UTC+8); an interval that runs past midnight belongs to the day on which it started.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final, NamedTuple

from bot.common.clock import CHINA
from bot.hours.calendar import Flag, Holidays
from bot.hours.weekly import CLOSED, DAY, Hours

HORIZON: Final = 14
"""Days that are looked ahead for the next opening or closing."""


@dataclass(frozen=True, slots=True)
class Change:
    """Other hours from `first` to `last`, both included; `hours` None: closed.

    They replace the usual hours whole, public holidays included.
    """

    first: date
    last: date
    hours: Hours | None
    reason: str = ""

    def __post_init__(self) -> None:
        if self.last < self.first:
            raise ValueError("a change ends no earlier than it begins")


@dataclass(frozen=True, slots=True)
class Schedule:
    """The usual hours of a station (None: unknown) and its dated changes.

    Where changes overlap the shorter wins (a day's closure within winter hours), then the one that
    begins later, then the one later in the tuple.
    """

    hours: Hours | None
    changes: tuple[Change, ...] = ()

    def change(self, day: date) -> Change | None:
        """The change that applies on a date."""
        best: Change | None = None
        for each in self.changes:
            if each.first <= day <= each.last and (
                best is None
                or (each.last - each.first, best.first) <= (best.last - best.first, each.first)
            ):
                best = each
        return best

    def on(self, day: date) -> Hours | None:
        """The hours that apply on a date; None: unknown. Closed is `CLOSED`."""
        change = self.change(day) if self.changes else None
        if change is None:
            return self.hours
        return CLOSED if change.hours is None else change.hours


@dataclass(frozen=True, slots=True)
class Opening:
    """The answer for one station at one moment; datetimes are aware, in Asia/Shanghai.

    is_open: None if the hours of that day are unknown.
    until: when open, the end of the opening, over midnight if it goes on; None: it does not close
        within `HORIZON` days.
    reopens: when open and it closes, the next opening that belongs to the same day.
    opens: when closed, the next opening within `HORIZON` days; None: none is known.
    flags: reservations about the day that the answer rests on, and about that of `opens`.
    """

    is_open: bool | None
    until: datetime | None = None
    opens: datetime | None = None
    flags: frozenset[Flag] = frozenset()
    reopens: datetime | None = None


def status(schedule: Schedule, holidays: Holidays, at: datetime) -> Opening:
    """Open or not at an aware moment. Raises `ValueError` for a naive one."""
    local = local_time(at)
    return timeline(schedule, holidays, local.date()).at(local.hour * 60 + local.minute)


@dataclass(frozen=True, slots=True)
class Timeline:
    """When one schedule opens and closes around a date: worked out once for many moments."""

    schedule: Schedule
    holidays: Holidays
    today: date
    spans: "tuple[_Span, ...]"

    def at(self, minute: int) -> Opening:
        """Open or not at a minute of that date."""
        for number, (opens, closes, day) in enumerate(self.spans):
            if opens > minute:
                return self._closed(opens, day, minute)
            if minute < closes:
                return self._open(number, minute)
        return self._closed(None, self.today, minute)

    def _open(self, number: int, minute: int) -> Opening:
        _, end, day = self.spans[number]
        reopens = None
        for later in self.spans[number + 1 :]:
            if later.opens > end:
                reopens = self._moment(later.opens) if later.day == day else None
                break
            end = max(end, later.closes)
        until = None if end > minute + HORIZON * DAY else self._moment(end)
        return Opening(True, until, None, _flags(self.schedule, self.holidays, day), reopens)

    def _closed(self, opens: int | None, day: date, minute: int) -> Opening:
        """`opens`: the minute of the next opening, which belongs to `day`."""
        if self.schedule.on(self.today) is None:
            return Opening(None)
        flags = _flags(self.schedule, self.holidays, self.today)
        if opens is None or opens > minute + HORIZON * DAY:
            return Opening(False, flags=flags)
        flags |= _flags(self.schedule, self.holidays, day)
        return Opening(False, None, self._moment(opens), flags)

    def _moment(self, minutes: int) -> datetime:
        return datetime.combine(self.today, time(), CHINA) + timedelta(minutes=minutes)


def timeline(schedule: Schedule, holidays: Holidays, today: date) -> Timeline:
    """The openings from the night before a date to `HORIZON` days after it."""
    return Timeline(schedule, holidays, today, tuple(sorted(_spans(schedule, holidays, today))))


class _Span(NamedTuple):
    opens: int  # minutes after the midnight at which today began; negative: yesterday
    closes: int
    day: date


def _spans(schedule: Schedule, holidays: Holidays, today: date) -> Iterator[_Span]:
    for offset in range(-1, HORIZON + 1):
        day = today + timedelta(days=offset)
        hours = schedule.on(day)
        if hours is None:
            if offset < 0:
                continue
            return  # beyond a day of which nothing is known, nothing can be promised
        for opens, closes in holidays.row(hours, day):
            yield _Span(opens + offset * DAY, closes + offset * DAY, day)


def _flags(schedule: Schedule, holidays: Holidays, day: date) -> frozenset[Flag]:
    hours = schedule.on(day)
    changed = frozenset({Flag.CHANGED}) if schedule.change(day) else frozenset()
    return changed if hours is None else changed | holidays.flags(hours, day)


def local_time(at: datetime) -> datetime:
    """An aware moment in local time (UTC+8). Raises `ValueError` for a naive one."""
    if at.tzinfo is None:
        raise ValueError("a moment needs its time zone")
    return at.astimezone(CHINA)
