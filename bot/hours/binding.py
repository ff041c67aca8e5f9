"""Which days belong to which times: days are written before their times, or after them.

Days, times and words of closing stand in a row of runs. Where days may belong to either side, the
ways that leave neither days nor times over are compared, and the one that cuts at the strongest
mark (a semicolon before a comma before a space) counts. What stays undecided is refused.
"""

from collections.abc import Sequence
from dataclasses import replace
from enum import Enum, auto
from typing import Final, TypeAlias

from bot.common.values import value
from bot.hours.errors import Fault, HoursError
from bot.hours.intervals import Interval
from bot.hours.statements import Shut, Statement, everyday
from bot.hours.tokens import COMMA, SEMICOLON
from bot.hours.weekly import HOLIDAY

_EXCEPTIONS: Final = 3
"""Times without days are those of the rest of the week: what differs is the lesser part of it."""
_WEEKEND: Final = frozenset({5, 6})
_END: Final = SEMICOLON + 1


@value
class Days:
    """A word for days, or several that 和 or 、 joins, and the mark before it."""

    days: frozenset[int]
    gap: int
    is_of_workdays: bool = False


@value
class Times:
    """Intervals that follow each other, and the mark before each."""

    intervals: tuple[Interval, ...]
    gaps: tuple[int, ...]
    is_sealed: bool = False
    """In brackets after their days: days that follow are not theirs."""
    holidays_too: bool = False


@value
class Off:
    """A word of closing."""

    shut: Shut


@value
class Wall:
    """The end of a bracket: days before it belong to what stands before it."""


DayList: TypeAlias = tuple[Days, ...]
Run: TypeAlias = DayList | Times | Off | Wall


class _Open(Enum):
    """What stands at the left and is not yet complete."""

    NOTHING = auto()
    DAYS = auto()
    TIMES = auto()


def bind(runs: Sequence[Run], text: str) -> tuple[Statement, ...]:
    """The statements. Raises `HoursError` quoting `text` for what is left over or undecided."""
    if plainly := _days_first(runs):
        return plainly
    binder = _Binder(runs, text)
    if binder.ends_well:
        return binder.statements()
    split = [one for one in (_Binder(way, text) for way in _splits(runs)) if one.ends_well]
    if len(split) == 1:
        return split[0].statements()
    match [run for run in runs if not isinstance(run, Wall)]:
        case [*_, Times()]:
            raise HoursError(Fault.CONFLICT, text[:20])
        case [*_, Off()]:
            raise HoursError(Fault.UNREADABLE, text[-12:])
        case _:
            raise HoursError(Fault.NO_TIMES, text[-12:])


def _days_first(runs: Sequence[Run]) -> tuple[Statement, ...]:
    """The statements of days each before their times, as most texts are; none for others."""
    pairs: list[tuple[DayList, Times]] = []
    for words, times in zip(runs[::2], runs[1::2], strict=False):
        if not isinstance(words, tuple) or not isinstance(times, Times):
            return ()
        pairs.append((words, times))
    return () if len(runs) % 2 else tuple(_timed(words, times) for words, times in pairs)


def _splits(runs: Sequence[Run]) -> list[list[Run]]:
    """The runs with one row of times cut in two, at the only comma or semicolon in it."""
    ways: list[list[Run]] = []
    for at, run in enumerate(runs):
        if not isinstance(run, Times) or len(run.intervals) < 2:
            continue
        marks = [at for at, gap in enumerate(run.gaps) if at and gap >= COMMA]
        if len(marks) != 1:
            continue
        cut = marks[0]
        first = replace(run, intervals=run.intervals[:cut], gaps=run.gaps[:cut])
        second = replace(run, intervals=run.intervals[cut:], gaps=run.gaps[cut:])
        ways.append([*runs[:at], first, second, *runs[at + 1 :]])
    return ways


class _Binder:
    """Knows for each place in the row whether what follows can be completed, from the end on."""

    def __init__(self, runs: Sequence[Run], text: str) -> None:
        self._runs = runs
        self._text = text
        self._well: dict[tuple[int, _Open, bool], bool] = {}
        for at in range(len(runs), -1, -1):
            for left in _Open:
                for timed in (False, True):
                    self._well[at, left, timed] = self._completes(at, left, timed=timed)
        self.ends_well = self._well[0, _Open.NOTHING, False]

    def _completes(self, at: int, left: _Open, *, timed: bool) -> bool:
        """`timed`: something has hours already, so that times without days would be unclear."""
        if at >= len(self._runs):
            return left is _Open.NOTHING or (left is _Open.TIMES and not timed)
        match self._runs[at], left:
            case Times(), _Open.DAYS:
                return self._well[at + 1, _Open.NOTHING, True]
            case Times(is_sealed=False), _Open.NOTHING:
                return self._well[at + 1, _Open.TIMES, timed]
            case Off(), _Open.DAYS:
                return self._well[at + 1, _Open.NOTHING, timed]
            case Wall(), _Open.NOTHING | _Open.TIMES:
                return self._well[at + 1, left, timed]
            case tuple() as words, _Open.NOTHING:
                return bool(self._before(at, words, timed=timed))
            case tuple() as words, _Open.TIMES:
                return bool(self._between(at, words, timed=timed))
            case _:
                return False

    def _right(self, at: int) -> Run | None:
        return self._runs[at] if at < len(self._runs) else None

    def _before(self, at: int, words: DayList, *, timed: bool) -> list[int]:
        """How many of the words may wait for times beyond a closing; none in an ordinary text.

        周一至周五,节假日除外,9:00-12:00: the first word waits.
        """
        beyond = self._right(at + 2)
        if not (isinstance(self._right(at + 1), Off) and isinstance(beyond, Times)):
            return [0] if self._well[at + 1, _Open.DAYS, timed] else []
        waiting = range(1, len(words)) if self._well[at + 2, _Open.DAYS, timed] else ()
        is_bare = not isinstance(self._right(at + 3), tuple)
        none_waits = self._well[at + 1, _Open.DAYS, timed] and (not is_bare or _are_few(words))
        return [*([0] if none_waits else []), *waiting]

    def _between(self, at: int, words: DayList, *, timed: bool) -> list[int]:
        """How many of the words may belong to the times on their left."""
        right = self._right(at + 1)
        gaps = [word.gap for word in words]
        gaps.append(right.gaps[0] if isinstance(right, Times) else _END)
        cuts = []
        for cut in range(len(words) + 1):
            if cut == 0 and (timed or not _are_few(words)):
                continue
            if cut and gaps[cut] < max(gaps[:cut]):
                continue
            if isinstance(right, Times) and cut < len(words):
                after = max(gaps[cut + 1 :])
                if gaps[cut] < after or (cut == 0 and gaps[0] < gaps[-1]):
                    continue
            left = _Open.NOTHING if cut == len(words) else _Open.DAYS
            if self._well[at + 1, left, True]:
                cuts.append(cut)
        return cuts

    def statements(self) -> tuple[Statement, ...]:
        """To be asked only if it `ends_well`."""
        found: list[Statement] = []
        days: DayList = ()
        times: Times | None = None
        timed = False
        waiting: DayList = ()
        for at, run in enumerate(self._runs):
            match run:
                case Times() if days:
                    found.append(_timed(days, run))
                    days, timed = (), True
                case Times():
                    times = run
                case Off():
                    found.append(Statement(_all(days), shut=run.shut))
                    days, waiting = waiting, ()
                case tuple() as words if times is None:
                    cut = self._choose(at, words, self._before(at, words, timed=timed))
                    waiting, days = words[:cut], words[cut:]
                case tuple() as words if times is not None:
                    cut = self._choose(at, words, self._between(at, words, timed=timed))
                    # 8:00-20:00 周六 9:00-18:00
                    if cut == 0 and _stand_alike(words, self._right(at + 1)):
                        raise HoursError(Fault.UNREADABLE, self._text[:20])
                    found.append(_timed(words[:cut], times))
                    days, times, timed = words[cut:], None, True
                case _:
                    pass  # a wall
        if times is not None:
            found.append(_timed((), times))
        return tuple(found)

    def _choose(self, at: int, words: DayList, cuts: list[int]) -> int:
        right = self._right(at + 1)
        gaps = [word.gap for word in words]
        gaps.append(right.gaps[0] if isinstance(right, Times) else _END)
        if len(cuts) == 1:
            return cuts[0]
        if isinstance(right, Off) and 0 in cuts:
            # 9:00-17:00 周六,周日休息: a comma may be the list's own
            if _all(words) <= _WEEKEND or gaps[0] > max(gaps[1:-1]):
                return 0
            raise HoursError(Fault.UNREADABLE, self._text[:20])
        strongest = max(gaps[cut] for cut in cuts)
        best = [cut for cut in cuts if gaps[cut] == strongest]
        if len(best) > 1:
            raise HoursError(Fault.UNREADABLE, self._text[:20])
        return best[0]


def _stand_alike(words: DayList, right: Run | None) -> bool:
    """Whether days are as near to the times before them as to those after."""
    return isinstance(right, Times) and words[0].gap == right.gaps[0]


def _are_few(words: DayList) -> bool:
    return len(_all(words) - {HOLIDAY}) <= _EXCEPTIONS


def _all(words: DayList) -> frozenset[int]:
    return frozenset().union(*(word.days for word in words))


def _timed(words: DayList, times: Times) -> Statement:
    for earlier, later in zip(times.intervals, times.intervals[1:], strict=False):
        if later.opens < earlier.opens:
            raise HoursError(Fault.BACKWARDS, f"{later.opens // 60:02}:{later.opens % 60:02}")
    if not words:
        return everyday(times.intervals, holidays_too=times.holidays_too)
    days = _all(words) | ({HOLIDAY} if times.holidays_too else set())
    return Statement(days, times.intervals, is_of_workdays=any(one.is_of_workdays for one in words))
