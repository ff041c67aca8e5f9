"""Times of day as people write them: 9:00-17:30, 上午九点至下午五点半, 18:00-次日2:00."""

import re
from typing import Final

from bot.hours.errors import Fault, HoursError
from bot.hours.intervals import ALL_DAY, DAY, Interval, interval
from bot.hours.vocabulary import CLOCK, NUMERALS

_HALF: Final = DAY // 2
_EVENING: Final = 17 * 60  # nobody means the afternoon by "17:00-5:00"; by "9:00-5:00" they do
_LATEST: Final = DAY + 59
_NOON: Final = 12
_MORNING: Final = 8
_LATE_PARTS: Final = frozenset({"下午", "傍晚", "晚上", "晚间", "晚", "夜间", "夜里"})
_LATE_MEALS: Final = frozenset({"晚市", "晚餐", "夜市", "夜宵", "宵夜"})
_LAST_MINUTE: Final = Interval(0, DAY - 1)  # 00:00-23:59


def span(text: str, part: str = "", meal: str = "") -> Interval:
    """The interval of "9:00-17:00", by the part of the day or the meal named before it.

    Raises `HoursError` for what is no time, and for a close before the opening that may mean the
    same afternoon or the next morning.
    """
    first, second = CLOCK.finditer(text)
    if not (_is_clock(first) or _is_clock(second)):
        raise HoursError(Fault.UNREADABLE, text)  # "9-17" may be anything
    first_part = first["part"] or part
    opens = _minutes(first, first_part, text)
    closes = _minutes(second, second["part"], text)
    if meal in _LATE_MEALS and opens < _HALF and not first["part"]:
        raise HoursError(Fault.TIME, text)  # 晚餐5:00-8:00 may be the evening
    if (
        not second["part"]
        and first_part
        and closes < opens <= closes + _HALF
        and not _is_24(second)
    ):
        closes = _minutes(second, first_part, text)  # 下午2:30-5:30
    if second["next"]:
        return interval(opens, closes + DAY, text)
    if closes > DAY:
        closes -= DAY  # 5:00-24:30
        if closes >= opens:
            raise HoursError(Fault.SPAN, text)
        return interval(opens, closes + DAY, text)
    late = opens >= _EVENING or closes == 0 or second["part"] == "凌晨" or _is_24(second)
    never_afternoon = not first_part and closes + _HALF <= opens  # 16:00-2:00
    if closes < opens and not (late or never_afternoon):
        raise HoursError(Fault.BACKWARDS, text)
    return round_the_clock(interval(opens, closes, text))


def is_of_afternoon(text: str, part: str = "") -> bool:
    """Whether hours of the afternoon or evening are written from 1 to 11: 下午2:30-5:30."""
    return any(
        (found["part"] or part) in _LATE_PARTS and _hour(found) < _NOON
        for found in CLOCK.finditer(text)
    )


def is_of_small_hours(text: str) -> bool:
    """Whether it is a time like 2:30-5:30, which may be the afternoon where others are."""
    return all(
        not found["part"] and not _is_24(found) and _hour(found) < _MORNING
        for found in CLOCK.finditer(text)
    )


def round_the_clock(each: Interval) -> Interval:
    """The interval, or the whole day for 00:00-23:59."""
    return ALL_DAY[0] if each == _LAST_MINUTE else each


def _is_clock(found: re.Match[str]) -> bool:
    return bool(found["colon"] or found["oclock"] or found["half"])


def _is_24(found: re.Match[str]) -> bool:
    """Whether a time is plainly written in 24 hours: 02:00, never 2:00."""
    return len(found["hour"]) == 2 and found["hour"][0] == "0" and not found["half"]


def _hour(found: re.Match[str]) -> int:
    return NUMERALS[found["hour"]] if found["hour"] in NUMERALS else int(found["hour"])


def _minutes(found: re.Match[str], part: str | None, text: str) -> int:
    hour = _hour(found)
    minute = int(found["colon"] or found["minute"] or 0)
    minute = {"半": 30, "一刻": 15, "三刻": 45}.get(found["quarter"] or "", minute)
    hour = _of_part(_of_half(hour, found["half"], text), part, text)
    if minute >= 60 or hour * 60 + minute > _LATEST:
        raise HoursError(Fault.TIME, text)
    return hour * 60 + minute


def _of_half(hour: int, half: str | None, text: str) -> int:
    if half is None or (half == "pm" and hour >= 12):
        return hour
    if hour > 12:
        raise HoursError(Fault.TIME, text)
    return hour % 12 + (12 if half == "pm" else 0)


def _of_part(hour: int, part: str | None, text: str) -> int:
    """The hour of the day of "下午2点"; what contradicts itself, as "上午14:30", is refused."""
    match part:
        case None | "":
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
