"""Opening hours as people write them in station lists, read into the stored form or refused.

Nothing is guessed: a piece that is not understood, hours that could mean two things, days without
hours are each a `HoursError`. Of two statements about a day the one about fewer days counts
("每天9:00-17:00,周六10:00-16:00"); two that are equally narrow and differ are refused. 工作日 says
that public holidays are closed; 周一至周五 and 每天 say nothing about them; 24小时 includes them.
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from bot.hours.errors import Fault, HoursError
from bot.hours.vocabulary import (
    CLOCK,
    DASHES,
    MARKS,
    NUMERALS,
    OSM,
    SEASON,
    TOKEN,
    UNKNOWN,
    WEEKDAY,
    WEEKDAYS,
    WITHOUT,
)
from bot.hours.weekly import (
    ALL_DAY,
    DAY,
    EVERY_DAY,
    HOLIDAY,
    LENGTH,
    DayHours,
    Hours,
    Interval,
    interval,
    parse,
)

_WORKDAYS: Final = frozenset(range(5))
_EVENING: Final = 17 * 60  # nobody means the afternoon by "17:00-5:00"; by "9:00-5:00" they do


@dataclass(slots=True)
class _Rule:
    days: frozenset[int]
    intervals: list[Interval] = field(default_factory=list)
    is_bare: bool = False  # no days were named


def read(text: str) -> Hours | None:
    """Free text, or OSM opening_hours, as `Hours`; None where the hours are blank or 不详.

    Raises `HoursError` with the piece that is at fault.
    """
    if len(text) > 2 * LENGTH:
        raise HoursError(Fault.TOO_LONG, text[:20])
    folded = unicodedata.normalize("NFKC", text).translate(MARKS)
    plain = " ".join(DASHES.sub("-", folded).lower().split())
    if plain in UNKNOWN:
        return None
    if len(plain) > LENGTH:
        raise HoursError(Fault.TOO_LONG, plain[:20])
    if plain.isascii() and OSM.search(plain):
        return parse(plain)
    if season := SEASON.search(plain):
        raise HoursError(Fault.SEASON, season[0])
    return _Reader(WITHOUT.sub(r"\1除外", plain)).hours()


class _Reader:
    """Collects days until their hours come, then adds hours to the rule for these days."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._rules: list[_Rule] = []
        self._current: _Rule | None = None
        self._pending: frozenset[int] = frozenset()
        self._holidays_alike = False
        self._holidays_off = False

    def hours(self) -> Hours:
        position = 0
        while position < len(self._text):
            found = TOKEN.match(self._text, position)
            if found is None or found.end() == position:
                raise HoursError(Fault.UNREADABLE, self._text[position : position + 12])
            self._take(found)
            position = found.end()
        self._close()
        return self._compile()

    def _take(self, found: re.Match[str]) -> None:
        match found.lastgroup:
            case "allday":
                self._add(ALL_DAY[0])
            case "span":
                self._add(_span(found[0]))
            case "off":
                self._shut(found[0])
            case "alike":
                self._holidays_alike = True
            case "included" if self._pending:
                self._pending |= {HOLIDAY}
            case "included":
                self._holidays_alike = True
            case "workdays":
                self._pending |= _WORKDAYS
                self._holidays_off = True
            case "restdays":
                self._pending |= {5, 6, HOLIDAY}
            case "weekend":
                self._pending |= {5, 6}
            case "everyday":
                self._pending |= frozenset(EVERY_DAY)
            case "holidays":
                self._pending |= {HOLIDAY}
            case "weekdays":
                self._pending |= frozenset(_weekdays(found[0]))
            case _:
                pass  # filler

    def _add(self, span: Interval) -> None:
        if self._pending or self._current is None:
            days = self._pending or frozenset(EVERY_DAY)
            self._current = _Rule(days, is_bare=not self._pending)
            self._rules.append(self._current)
            self._pending = frozenset()
        earlier = self._current.intervals
        if span in earlier:
            return
        if earlier and span.opens < earlier[-1].opens:
            raise HoursError(Fault.BACKWARDS, _digits(span))
        earlier.append(span)

    def _shut(self, word: str) -> None:
        if not self._pending:
            raise HoursError(Fault.UNREADABLE, word)
        self._rules.append(_Rule(self._pending))
        self._pending, self._current = frozenset(), None

    def _close(self) -> None:
        # "9:30-17:00(周一至周五)": the days come after the only hours.
        match self._rules:
            case [rule] if rule.is_bare and self._pending:
                rule.days, self._pending = self._pending, frozenset()
        if self._pending:
            raise HoursError(Fault.NO_TIMES, self._text[-12:])

    def _compile(self) -> Hours:
        if not any(rule.intervals and rule.days - {HOLIDAY} for rule in self._rules):
            raise HoursError(Fault.NO_TIMES, self._text[:20])
        rows: dict[int, tuple[int, DayHours]] = {}
        for rule in sorted(self._rules, key=lambda rule: -len(rule.days)):
            row, width = tuple(rule.intervals), len(rule.days)
            for day in rule.days:
                if rows.get(day, (0, row)) != (width, row) and rows.get(day, (0, ()))[0] == width:
                    raise HoursError(Fault.CONFLICT, self._text[:20])
                rows[day] = width, row
        week = tuple(rows[day][1] if day in rows else () for day in EVERY_DAY)
        return Hours(week, self._holiday(week, rows[HOLIDAY][1] if HOLIDAY in rows else None))

    def _holiday(self, week: tuple[DayHours, ...], given: DayHours | None) -> DayHours | None:
        if self._holidays_alike:
            # "节假日照常" of a week with unequal days: like which of them?
            if {*week} != {week[0]} or given not in {None, week[0]}:
                raise HoursError(Fault.CONFLICT, self._text[:20])
            return week[0]
        if given is None and {*week} == {ALL_DAY}:
            return ALL_DAY
        if given is None and self._holidays_off:
            return ()
        return given


def _weekdays(text: str) -> Iterable[int]:
    last = None
    for found in WEEKDAY.finditer(text):
        until, weekday = found["until"], found["day"]
        numbers = (5, 6) if weekday == "末" else (WEEKDAYS[weekday],)
        if until and (last is None or len(numbers) > 1):
            raise HoursError(Fault.UNREADABLE, text[:20])
        if until and last is not None:
            yield from ((last + n) % 7 for n in range((numbers[0] - last) % 7 + 1))
            last = None
        else:
            yield from numbers
            last = numbers[-1]


def _span(text: str) -> Interval:
    first, second = CLOCK.finditer(text)
    if not (_is_clock(first) or _is_clock(second)):
        raise HoursError(Fault.UNREADABLE, text)  # "9-17" may be anything
    opens = _minutes(first, first["part"], text)
    closes = _minutes(second, second["part"], text)
    if not second["part"] and first["part"] and closes < opens <= closes + DAY // 2:
        closes = _minutes(second, first["part"], text)  # 下午2:30-5:30
    if second["next"]:
        return interval(opens, closes + DAY, text)
    late = opens >= _EVENING or closes == 0 or second["part"] == "凌晨"
    if closes < opens and not late:
        raise HoursError(Fault.BACKWARDS, text)
    return interval(opens, closes, text)


def _is_clock(found: re.Match[str]) -> bool:
    return bool(found["colon"] or found["oclock"])


def _minutes(found: re.Match[str], part: str | None, text: str) -> int:
    hour = NUMERALS[found["hour"]] if found["hour"] in NUMERALS else int(found["hour"])
    minute = int(found["colon"] or found["minute"] or 0)
    minute = {"半": 30, "一刻": 15, "三刻": 45}.get(found["quarter"] or "", minute)
    hour = _of_part(hour, part, text)
    if minute >= 60 or hour * 60 + minute > DAY:
        raise HoursError(Fault.TIME, text)
    return hour * 60 + minute


def _of_part(hour: int, part: str | None, text: str) -> int:
    """The hour of the day of "下午2点"; what contradicts itself, as "上午14:30", is refused."""
    match part:
        case None:
            return hour
        case "凌晨" if hour <= 6 or hour == 12:
            return hour % 12
        case "上午" | "早上" | "早晨" | "清晨" | "早" if hour <= 12:
            return hour
        case "中午" if 10 <= hour <= 14 or 1 <= hour <= 2:
            return hour if hour >= 10 else hour + 12
        case "下午" | "傍晚" if hour >= 1:
            return hour if hour >= 12 else hour + 12
        case "晚上" | "晚间" | "晚" | "夜间" | "夜里" if hour >= 6:
            return hour + 12 if hour <= 12 else hour
    raise HoursError(Fault.TIME, text)


def _digits(span: Interval) -> str:
    return f"{span.opens // 60:02}:{span.opens % 60:02}"
