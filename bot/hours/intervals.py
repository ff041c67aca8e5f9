"""Intervals of a day in minutes, and how they are spelt."""

from functools import lru_cache
from typing import Final, NamedTuple, TypeAlias

from bot.hours.errors import Fault, HoursError

DAY: Final = 1440
"""Minutes in a day."""


class Interval(NamedTuple):
    """Minutes after midnight of the day on which it starts, half-open.

    0 <= opens < 1440 and opens < closes <= opens + 1440; past midnight `closes` exceeds 1440 and
    the tail belongs to the day before, whatever the next day is.
    """

    opens: int
    closes: int


DayHours: TypeAlias = tuple[Interval, ...]
"""The intervals of one day in order, at most three; empty: closed."""
ALL_DAY: Final[DayHours] = (Interval(0, DAY),)


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
def tidy(row: DayHours) -> DayHours:
    """In order, touching ones joined. Raises `HoursError` for overlaps and a fourth interval."""
    joined: list[Interval] = []
    for one in sorted(row):
        each = interval(*one, clock(one))
        if not joined or each.opens > joined[-1].closes:
            joined.append(each)
            continue
        both = f"{clock(joined[-1])},{clock(each)}"
        if each.opens < joined[-1].closes:
            raise HoursError(Fault.OVERLAP, both)
        joined[-1] = interval(joined[-1].opens, each.closes, both)
    if len(joined) > 3:
        raise HoursError(Fault.TOO_MANY, ",".join(map(clock, joined)))
    return tuple(joined)


def without(row: DayHours, shut: int, opened: int) -> DayHours:
    """The intervals without the minutes from `shut` to `opened`."""
    return tuple(
        Interval(opens, closes)
        for each in row
        for opens, closes in (
            (each.opens, min(each.closes, shut)),
            (max(each.opens, opened), each.closes),
        )
        if opens < closes
    )


def clock(each: Interval) -> str:
    """`09:00-17:00`."""
    opens, closes = each
    # 24 hours from 06:00 is 06:00-30:00 in OSM; 06:00-06:00 would be empty.
    until = closes - DAY if closes > DAY and closes - opens < DAY else closes
    return f"{opens // 60:02}:{opens % 60:02}-{until // 60:02}:{until % 60:02}"
