"""What a text states of the days of a week, and the week that statements make together."""

from dataclasses import replace
from enum import Enum, auto
from typing import Final, TypeAlias

from bot.common.values import value
from bot.hours.day_words import WEEK
from bot.hours.errors import Fault, HoursError
from bot.hours.intervals import ALL_DAY, DayHours, Interval
from bot.hours.weekly import EVERY_DAY, HOLIDAY, Hours


class Shut(Enum):
    """How days without hours are closed."""

    OFF = auto()
    """休息, 不营业: they are closed, whatever else is said of more days."""
    EXCEPTED = auto()
    """除外: what is said beside it does not hold on them; something else may."""


@value
class Statement:
    """These days have these hours; none: they are closed, in the way of `shut`."""

    days: frozenset[int]
    intervals: DayHours = ()
    shut: Shut | None = None
    is_of_workdays: bool = False
    """Said of 工作日, which public holidays are not."""


@value
class Said:
    """All that one text, or the part about one season, states."""

    statements: tuple[Statement, ...]
    is_alike_on_holidays: bool = False
    """节假日照常, 全年无休: public holidays are as all other days."""

    def plus(self, other: "Said") -> "Said":
        """What both state."""
        alike = self.is_alike_on_holidays or other.is_alike_on_holidays
        return replace(
            self, statements=self.statements + other.statements, is_alike_on_holidays=alike
        )


_Rows: TypeAlias = dict[int, DayHours]
_HOLIDAYS: Final = frozenset({HOLIDAY})


def is_said_of_holidays_alone(said: Said) -> bool:
    """Whether nothing is stated but that public holidays are closed, or alike."""
    return all(one.days == _HOLIDAYS and one.shut for one in said.statements)


def week_of(said: Said, text: str) -> Hours:
    """The week that the statements make; the one about fewer days counts for these.

    Raises `HoursError` quoting `text`: CONFLICT where two of them differ on a day and neither is
    about some days of the other, NO_TIMES where none has hours of an ordinary day.
    """
    if not any(one.intervals and one.days - _HOLIDAYS for one in said.statements):
        raise HoursError(Fault.NO_TIMES, text[:20])
    rows: _Rows = {}
    owners: dict[int, Statement] = {}
    for one in sorted(said.statements, key=lambda one: -len(one.days)):
        for day in one.days:
            earlier = owners.get(day)
            if earlier is not None and not _yields(earlier, one, day):
                if one.intervals != earlier.intervals and not _yields(one, earlier, day):
                    raise HoursError(Fault.CONFLICT, text[:20])
                continue
            owners[day], rows[day] = one, one.intervals
    week = tuple(rows.get(day, ()) for day in EVERY_DAY)
    return Hours(week, _holiday(said, week, rows.get(HOLIDAY), text))


def _yields(earlier: Statement, later: Statement, day: int) -> bool:
    """Whether `later` counts on a day of both."""
    if day == HOLIDAY:
        if earlier.shut is Shut.EXCEPTED and later.intervals:
            return True
        if later.shut is Shut.EXCEPTED and earlier.intervals:
            return False
        return later.days < earlier.days
    return later.days - _HOLIDAYS < earlier.days - _HOLIDAYS


def _holiday(
    said: Said, week: tuple[DayHours, ...], given: DayHours | None, text: str
) -> DayHours | None:
    if said.is_alike_on_holidays:
        # "节假日照常" of a week with unequal days: like which of them?
        if {*week} != {week[0]} or given not in {None, week[0]}:
            raise HoursError(Fault.CONFLICT, text[:20])
        return week[0]
    if given is None and {*week} == {ALL_DAY}:
        return ALL_DAY
    if given is None and any(one.is_of_workdays for one in said.statements):
        return ()
    return given


def everyday(intervals: tuple[Interval, ...], *, holidays_too: bool) -> Statement:
    """Hours without a word about days."""
    return Statement(WEEK | _HOLIDAYS if holidays_too else WEEK, intervals)
