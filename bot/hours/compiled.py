"""Open on arrival, fast enough to be asked for each candidate of a nearest search."""

from bisect import bisect_right
from datetime import date, datetime, timedelta
from typing import Final, NamedTuple

from bot.hours.calendar import Holidays
from bot.hours.opening import Opening, Schedule, Timeline, local_time, timeline
from bot.hours.weekly import DAY, DayHours, Hours

_DAYS_HELD: Final = 8
_KEYS_HELD: Final = 20_000  # per day; about 5 MB
_TIMELINES_HELD: Final = 2_000  # about 6 MB


def stamp(at: datetime) -> float:
    """An aware moment as minutes of local time (UTC+8) since year 1, for `CompiledHours`.

    Add riding minutes to it for the moment of arrival. Raises `ValueError` for a naive one.
    """
    local = local_time(at)
    minutes = local.toordinal() * DAY + local.hour * 60 + local.minute
    return minutes + (local.second + local.microsecond / 1e6) / 60


class CompiledHours:
    """Answers open or not in about half a microsecond, and as `status` does at each moment.

    What opens and closes on a day is worked out once: for each `Hours` object, or for each
    `Schedule` object that has changes. Stations of equal hours should share these objects, as
    those from `parse` do. Make a new one when the holidays change.
    """

    def __init__(self, holidays: Holidays) -> None:
        self._holidays = holidays
        self._days: dict[float, dict[int, _Edges]] = {}
        self._timelines: dict[tuple[int, int], Timeline] = {}

    def open_at(self, schedule: Schedule, at: float) -> bool | None:
        """Whether it is open at `at`, a `stamp` plus riding minutes; None: hours unknown."""
        key = schedule if schedule.changes else schedule.hours
        if key is None:
            return None
        number, minute = divmod(at, DAY)
        try:
            edges, otherwise, _ = self._days[number][id(key)]
        except KeyError:
            edges, otherwise, _ = self._work_out(schedule, key, number)
        return True if bisect_right(edges, minute) & 1 else otherwise

    def status(self, schedule: Schedule, at: datetime) -> Opening:
        """As `bot.hours.opening.status`, with the openings around a day worked out once."""
        local = local_time(at)
        # The schedule in the timeline keeps the key alive, so that no other object gets its id.
        key = local.toordinal(), id(schedule if schedule.changes else schedule.hours)
        found = self._timelines.get(key)
        if found is None:
            if len(self._timelines) >= _TIMELINES_HELD:
                self._timelines.clear()
            found = timeline(schedule, self._holidays, local.date())
            self._timelines[key] = found
        return found.at(local.hour * 60 + local.minute)

    def turns(self, schedule: Schedule, day: int) -> tuple[int, ...]:
        """The minutes of an ordinal day at which it opens, closes, opens …; none if unknown."""
        key = schedule if schedule.changes else schedule.hours
        if key is None:
            return ()
        held = self._days.get(day, {}).get(id(key))
        return (held or self._work_out(schedule, key, day)).turns

    def _work_out(self, schedule: Schedule, key: Hours | Schedule, number: float) -> "_Edges":
        if number not in self._days and len(self._days) >= _DAYS_HELD:
            self._days.clear()
        held = self._days.setdefault(number, {})
        if len(held) >= _KEYS_HELD:
            held.clear()
        day = date.fromordinal(int(number))
        last_night, today = self._row(schedule, day - timedelta(days=1)), self._row(schedule, day)
        unknown = schedule.on(day) is None
        found = held[id(key)] = _Edges(_turns(last_night, today), None if unknown else False, key)
        return found

    def _row(self, schedule: Schedule, day: date) -> DayHours:
        hours = schedule.on(day)
        return () if hours is None else self._holidays.row(hours, day)


class _Edges(NamedTuple):
    turns: tuple[int, ...]  # minutes at which it opens, closes, opens …
    otherwise: bool | None  # what it is when it is not open
    key: object  # kept alive, so that no other object gets its id


def _turns(last_night: DayHours, today: DayHours) -> tuple[int, ...]:
    turns: list[int] = []
    tail = [(max(0, o - DAY), closes - DAY) for o, closes in last_night if closes > DAY]
    for opens, closes in sorted([*tail, *today]):
        if turns and opens <= turns[-1]:
            turns[-1] = max(turns[-1], closes)
        else:
            turns += (opens, closes)
    return tuple(turns)
