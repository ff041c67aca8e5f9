"""Whether a station is open at a moment, until when, and when it opens again.

Weekly hours, public holidays and dated changes together. All moments are in local time
(UTC+8); an interval that runs past midnight belongs to the day on which it started.
"""

from collections.abc import Iterator
from dataclasses import field
from datetime import date, datetime, time, timedelta
from typing import Final, NamedTuple

from bot.common.clock import CHINA
from bot.common.values import value
from bot.hours.calendar import Flag, Holidays
from bot.hours.weekly import CLOSED, DAY, Hours

HORIZON: Final = 14
"""Days that are looked ahead for the next opening or closing."""


@value
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


@value
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


@value
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


@value
class Timeline:
    """When one schedule opens and closes around a date: worked out once for many moments."""

    schedule: Schedule
    holidays: Holidays
    today: date
    spans: "tuple[_Span, ...]"
    _answers: "dict[tuple[int, bool], _Answer]" = field(default_factory=dict, compare=False)

    def at(self, minute: int) -> Opening:
        """Open or not at a minute of that date."""
        number = 0
        for span in self.spans:
            if minute < span.closes:
                break
            number += 1
        is_open = number < len(self.spans) and self.spans[number].opens <= minute
        answer = self._answers.get((number, is_open))
        if answer is None:
            answer = self._open(number) if is_open else self._closed(number)
            self._answers[number, is_open] = answer
        return answer.near if minute >= answer.since else answer.far

    def _open(self, number: int) -> "_Answer":
        """While the span of this number lasts."""
        _, end, day = self.spans[number]
        reopens = None
        for later in self.spans[number + 1 :]:
            if later.opens > end:
                reopens = self._moment(later.opens) if later.day == day else None
                break
            end = max(end, later.closes)
        flags = _flags(self.schedule, self.holidays, day)
        near = Opening(True, self._moment(end), None, flags, reopens)
        return _Answer(end - HORIZON * DAY, near, Opening(True, None, None, flags, reopens))

    def _closed(self, number: int) -> "_Answer":
        """Until the span of this number opens; of one that is not there: for the time being."""
        if self.schedule.on(self.today) is None:
            return _Answer(0, Opening(None), Opening(None))
        flags = _flags(self.schedule, self.holidays, self.today)
        far = Opening(False, flags=flags)
        if number == len(self.spans):
            return _Answer(0, far, far)
        opens, _, day = self.spans[number]
        flags |= _flags(self.schedule, self.holidays, day)
        return _Answer(opens - HORIZON * DAY, Opening(False, None, self._moment(opens), flags), far)

    def _moment(self, minutes: int) -> datetime:
        return datetime.combine(self.today, time(), CHINA) + timedelta(minutes=minutes)


def timeline(schedule: Schedule, holidays: Holidays, today: date) -> Timeline:
    """The openings from the night before a date to `HORIZON` days after it."""
    return Timeline(schedule, holidays, today, tuple(sorted(_spans(schedule, holidays, today))))


class _Answer(NamedTuple):
    """`near` from the minute `since` on: what comes next is within `HORIZON`; before it `far`."""

    since: int
    near: Opening
    far: Opening


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
