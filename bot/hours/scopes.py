"""Words into statements: a bracket is a scope of its own and says more of what stands before it."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from bot.hours import clock_times
from bot.hours.binding import Days, Off, Run, Times, Wall, bind
from bot.hours.day_words import WORKDAYS, days_of
from bot.hours.errors import Fault, HoursError
from bot.hours.intervals import ALL_DAY, Interval, without
from bot.hours.statements import Said, Shut, Statement
from bot.hours.tokens import COMMA, DAY_KINDS, NONE, SPACE, Kind, Token
from bot.hours.weekly import HOLIDAY

_DEEPEST: Final = 3
"""Brackets in brackets that are followed."""


def said_by(words: Sequence[Token], text: str) -> Said:
    """What the words state. Raises `HoursError` with the piece at fault, or quoting `text`."""
    scope = _Scope(text)
    scope.take(words)
    return scope.said()


class _Scope:
    """Collects the runs of one bracket, or of the text outside of all."""

    def __init__(self, text: str, depth: int = 0, part: str = "", meal: str = "") -> None:
        self._text = text
        self._depth = depth
        self._part, self._meal = part, meal  # said of the next times
        self._is_break = False  # the next times are a break in those before
        self.runs: list[Run] = []
        self.aside: list[Statement] = []
        self.breaks: list[Interval] = []
        self.is_alike = False

    def said(self) -> Said:
        if self.breaks:
            raise HoursError(Fault.UNREADABLE, self._text[:20])
        return Said((*bind(self.runs, self._text), *self.aside), self.is_alike)

    def take(self, words: Sequence[Token]) -> None:
        at = 0
        while at < len(words):
            word = words[at]
            if (self._part or self._meal) and word.kind not in _AFTER_PART:
                raise HoursError(Fault.UNREADABLE, word.text)
            if word.kind is Kind.OPEN:
                end = _closing(words, at)
                self._bracket(words[at + 1 : end])
                at = end + 1
                continue
            self._word(word, words[at + 1] if at + 1 < len(words) else None)
            at += 1
        if self._part or self._meal or self._is_break:
            raise HoursError(Fault.UNREADABLE, self._text[-12:])

    def _word(self, word: Token, following: Token | None) -> None:
        match word.kind:
            case Kind.SPAN:
                self._times(clock_times.span(word.text, self._part, self._meal), word.gap)
                self._part = self._meal = ""
            case Kind.ALL_DAY:
                self._times(ALL_DAY[0], word.gap)
            case Kind.PART:
                self._part = word.text
            case Kind.MEAL:
                self._meal = word.text
            case Kind.OFF if isinstance(self._last(), Times) and word.gap <= SPACE:
                self._break_before(word)  # 12:00-13:30休息
            case Kind.EXCEPT if isinstance(self._last(), Times) and word.gap <= SPACE:
                self._break_before(word)
            case Kind.OFF:
                self.runs.append(Off(Shut.OFF))
            case Kind.EXCEPT:
                if self.runs[-2:-1] == [Off(Shut.OFF)]:  # 周一闭馆,节假日除外
                    raise HoursError(Fault.UNREADABLE, word.text)
                self.runs.append(Off(Shut.EXCEPTED))
            case Kind.BREAK:
                if following is not None and following.kind is Kind.SPAN and following.gap < COMMA:
                    self._is_break = True
                    self._check_beside(word)
                else:
                    self._break_before(word)
            case Kind.ALIKE:
                self.is_alike = True
            case Kind.INCLUDED:
                self._include_holidays()
            case Kind.REMARK | Kind.AS_USUAL:
                # 9:00-17:00(周末照常营业): open at weekends too, or only then?
                last = self._last()
                if isinstance(last, tuple) and (
                    word.kind is Kind.REMARK or not last[-1].days.issuperset(WORKDAYS)
                ):
                    raise HoursError(Fault.UNREADABLE, word.text)
            case kind if kind in DAY_KINDS:
                self._days(word)
            case _:
                raise HoursError(Fault.UNREADABLE, word.text)

    def _last(self) -> Run | None:
        return self.runs[-1] if self.runs else None

    def _days(self, word: Token) -> None:
        days = Days(days_of(word), word.gap, is_of_workdays=word.kind is Kind.WORKDAYS)
        match self._last():
            case tuple() as list_ if word.is_joined and word.gap <= SPACE:
                joined = replace(
                    list_[-1],
                    days=list_[-1].days | days.days,
                    is_of_workdays=list_[-1].is_of_workdays or days.is_of_workdays,
                )
                self.runs[-1] = (*list_[:-1], joined)
            case tuple() as list_:
                self.runs[-1] = (*list_, days)
            case _:
                self.runs.append((days,))

    def _times(self, each: Interval, gap: int) -> None:
        match self._last():
            case Times(is_sealed=False) as times:
                if self._is_break and self._rest(times, each):
                    pass
                elif self._is_break and each.opens < times.intervals[-1].closes:
                    raise HoursError(Fault.UNREADABLE, self._text[:20])
                elif each != times.intervals[-1]:
                    intervals, gaps = (*times.intervals, each), (*times.gaps, gap)
                    self.runs[-1] = replace(times, intervals=intervals, gaps=gaps)
            case None if self._is_break and self._depth:
                self.breaks.append(each)
            case _ if self._is_break:
                raise HoursError(Fault.UNREADABLE, self._text[:20])
            case _:
                self.runs.append(Times((each,), (gap,)))
        self._is_break = False

    def _break_before(self, word: Token) -> None:
        """The last times are a break in those before them, or in those outside of the bracket."""
        self._check_beside(word)
        match self._last():
            case Times(intervals=[each], is_sealed=False) if self._depth and len(self.runs) == 1:
                self.runs.pop()
                self.breaks.append(each)
            case Times(intervals=[*others, each], is_sealed=False) as times if others:
                rest = replace(times, intervals=tuple(others), gaps=times.gaps[:-1])
                if not self._rest(rest, each):
                    raise HoursError(Fault.UNREADABLE, word.text)
            case _:
                raise HoursError(Fault.UNREADABLE, word.text)

    def _check_beside(self, word: Token) -> None:
        # 周一至周五8:30-17:30,周六9:00-16:00,午休12:00-13:00: on Saturdays, or on all days?
        if word.gap >= COMMA and sum(isinstance(run, Times) for run in self.runs) > 1:
            raise HoursError(Fault.UNREADABLE, word.text)

    def _rest(self, times: Times, each: Interval) -> bool:
        """Cuts a break out of the last interval; whether it is one in it.

        A break that is between the last two intervals as it is changes nothing.
        """
        *others, last = times.intervals
        if last.opens < each.opens and each.closes < last.closes:
            intervals = (*others, *without((last,), *each))
            self.runs[-1] = replace(times, intervals=intervals, gaps=(*times.gaps, NONE))
            return True
        return bool(others) and others[-1].closes <= each.opens and each.closes <= last.opens

    def _include_holidays(self) -> None:
        match self._last():
            case tuple() as list_:
                last = replace(list_[-1], days=list_[-1].days | {HOLIDAY})
                self.runs[-1] = (*list_[:-1], last)
            case Times() as times:
                self.runs[-1] = replace(times, holidays_too=True)
            case _:
                self.is_alike = True

    def _bracket(self, words: Sequence[Token]) -> None:
        if self._depth == _DEEPEST:
            raise HoursError(Fault.UNREADABLE, self._text[:20])
        inner = _Scope(self._text, self._depth + 1, self._part, self._meal)
        is_of_part = bool(self._part or self._meal)
        self._part = self._meal = ""
        if words and words[0].kind is Kind.INCLUDED:
            self._include_holidays()
            words = words[1:]
        inner.take(words)
        self.aside += inner.aside
        self.is_alike = self.is_alike or inner.is_alike
        for each in inner.breaks:
            last = self._last()
            if not (isinstance(last, Times) and self._rest(last, each)):
                raise HoursError(Fault.UNREADABLE, self._text[:20])
        match inner.runs:
            case []:
                pass
            case [Times() as times] if is_of_part:  # 上午(8:30-12:00)
                for each, gap in zip(times.intervals, times.gaps, strict=True):
                    self._times(each, gap)
            case _:
                self._add(inner)

    def _add(self, inner: "_Scope") -> None:
        has_times = any(isinstance(run, Times) for run in inner.runs)
        match self._last(), inner.runs:
            case Times() as times, [Times() as again]:
                if {*times.intervals} != {*again.intervals}:
                    raise HoursError(Fault.CONFLICT, self._text[:20])
            case Times(), [tuple() as first, *others] if not has_times:
                here = (replace(first[0], gap=NONE), *first[1:])
                self.runs += [here, *others, Wall()]
            case tuple() as before, [tuple() as meant]:
                if before[-1].days - {HOLIDAY} != frozenset().union(*(one.days for one in meant)):
                    raise HoursError(Fault.CONFLICT, self._text[:20])
            case tuple(), [Off() as closing]:
                self.runs.append(closing)
            case tuple(), [Times() as times]:
                self.runs.append(replace(times, is_sealed=True, gaps=(NONE, *times.gaps[1:])))
            case Off(), _:  # 周一闭馆(节假日除外): open on them, or closed?
                raise HoursError(Fault.UNREADABLE, self._text[:20])
            case tuple(), _ if has_times:
                raise HoursError(Fault.UNREADABLE, self._text[:20])
            case ((Wall() | None), [tuple()] | [Times()]):
                self.runs += inner.runs
            case _:
                self.aside += bind(inner.runs, self._text)


_AFTER_PART: Final = frozenset({Kind.SPAN, Kind.OPEN, Kind.PART, Kind.MEAL})


def _closing(words: Sequence[Token], opening: int) -> int:
    """Where the bracket ends that begins there."""
    depth = 0
    for at in range(opening, len(words)):
        depth += {Kind.OPEN: 1, Kind.CLOSE: -1}.get(words[at].kind, 0)
        if depth == 0:
            return at
    raise HoursError(Fault.UNREADABLE, "(")
