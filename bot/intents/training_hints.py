"""Which training is meant: 周六上午那场, 明天的, 28号下午, 急救那个, 这周."""

import re
from contextlib import suppress
from datetime import date, datetime, timedelta
from typing import Final

from bot.common.lazy_pattern import LazyPattern
from bot.common.values import value
from bot.intents.normalise import normalise

_WEEKDAYS: Final = {"一": 0, "二": 1, "三": 2, "四": 3, "五": 4, "六": 5, "日": 6, "天": 6, "末": 5}
_WEEKDAY: Final = LazyPattern(r"(下下|下|这|本)?个?(?:周|星期|礼拜)([一二三四五六日天末])")
_ENGLISH: Final = LazyPattern(r"\b(mon|tues?|wed|thu|fri|sat|sun)(?:[a-z]*day)?\b")
_ORDER: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_DATE: Final = LazyPattern(r"(?:(\d{1,2})月)?(\d{1,2})[号日]|(?<!\d)(\d{1,2})[/.](\d{1,2})(?!\d)")
_DAYS: Final = (("大后天", 3), ("后天", 2), ("明天", 1), ("明儿", 1), ("tomorrow", 1), ("今天", 0),
                ("今晚", 0), ("today", 0))  # fmt: skip
_PARTS: Final = (
    (LazyPattern("早上|上午|morning|早晨"), (5, 12)),
    (LazyPattern("中午|noon"), (11, 14)),
    (LazyPattern("下午|afternoon"), (12, 18)),
    (LazyPattern("晚上|今晚|晚|evening"), (17, 24)),
)
# Two characters that so many titles share that they tell nothing.
_COMMON: Final = frozenset({"培训", "大讲", "讲堂", "课程", "讲座", "知识", "小哥", "快递"})


@value
class Hint:
    """What a text says of a training's time; `first` and `last` are days, both included."""

    first: date | None = None
    last: date | None = None
    hours: tuple[int, int] | None = None

    def fits(self, begins: datetime) -> bool:
        """Whether a training that begins then (local time) may be meant."""
        if self.first is not None and begins.date() < self.first:
            return False
        if self.last is not None and begins.date() > self.last:
            return False
        return self.hours is None or self.hours[0] <= begins.hour < self.hours[1]

    def __bool__(self) -> bool:
        return self != Hint()


def training_hint(text: str, today: date) -> Hint:
    """The days and hours that a text names, seen from `today`."""
    plain = normalise(text)
    hours = next((hours for pattern, hours in _PARTS if pattern.search(plain)), None)
    first, last = _days(plain, today)
    return Hint(first, last, hours)


def likeness(text: str, title: str) -> int:
    """How many distinctive pairs of characters of a title are in a text, 0 if none."""
    plain, name = normalise(text), normalise(title)
    pairs = {name[at : at + 2] for at in range(len(name) - 1)} - _COMMON
    return sum(pair in plain for pair in pairs if " " not in pair)


def _days(plain: str, today: date) -> tuple[date | None, date | None]:
    for word, days in _DAYS:
        if word in plain:
            day = today + timedelta(days=days)
            return day, day
    if match := _WEEKDAY.search(plain):
        return _weekday(match, today)
    if match := _ENGLISH.search(plain):
        ahead = (_ORDER.index(match[1][:3]) - today.weekday()) % 7
        return today + timedelta(days=ahead), today + timedelta(days=ahead)
    if match := _DATE.search(plain):
        named = _date(match, today)
        return named, named
    monday = today - timedelta(days=today.weekday())
    if re.search("下个?(?:周|星期|礼拜)|next week", plain):
        return monday + timedelta(days=7), monday + timedelta(days=13)
    if re.search("[这本]个?(?:周|星期|礼拜)|this week", plain):
        return today, monday + timedelta(days=6)
    if re.search("这个?月|本月|this month", plain):
        return today, (today.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
    return None, None


def _weekday(match: re.Match[str], today: date) -> tuple[date, date]:
    number = _WEEKDAYS[match[2]]
    monday = today - timedelta(days=today.weekday())
    weeks = {"下": 1, "下下": 2}.get(match[1] or "", 0)
    day = monday + timedelta(days=7 * weeks + number)
    if not match[1] and day < today:
        day += timedelta(days=7)
    return day, day + timedelta(days=1) if match[2] == "末" else day


def _date(match: re.Match[str], today: date) -> date | None:
    month, day = (match[1], match[2]) if match[2] else (match[3], match[4])
    if month is None:
        return _day_of_month(int(day), today)
    try:
        there = date(today.year, int(month), int(day))
        return there if there >= today else there.replace(year=today.year + 1)
    except ValueError:
        return None


def _day_of_month(day: int, today: date) -> date | None:
    """The next such day, in this month or the following one; None where neither has it."""
    first = today.replace(day=1)
    for month in (first, (first + timedelta(days=31)).replace(day=1)):
        with suppress(ValueError):
            if (there := month.replace(day=day)) >= today:
                return there
    return None
