"""The time of day that a message speaks of: 晚上十点以后, 22:30, 下午3点半, 9pm, 半夜; 24小时."""

import re
from datetime import datetime, time, timedelta
from typing import Final

from bot.common.lazy_pattern import LazyPattern
from bot.intents.numerals import NUMERAL, numeral

# Named without a clock time, a part of the day stands for an hour well inside it; only a station
# that never closes is open at three in the morning.
_PARTS: Final = {
    "凌晨": time(3),
    "后半夜": time(3),
    "下半夜": time(3),
    "半夜": time(0),
    "午夜": time(0),
    "midnight": time(0),
    "深夜": time(23),
    "late night": time(23),
    "夜里": time(22),
    "夜间": time(22),
    "夜班": time(22),
    "at night": time(22),
    "晚上": time(20),
    "今晚": time(20),
    "明晚": time(20),
    "tonight": time(20),
    "傍晚": time(18),
    "下午": time(15),
    "中午": time(12, 30),
    "上午": time(10),
    "早上": time(7),
    "清早": time(6),
    "一早": time(6),
}
_ALWAYS: Final = LazyPattern(
    r"(?<![0-9])24\s?(?:个?小时|h(?![a-z])|hours?)|二十四个?小时|通宵|整夜|不打烊|不关门的"
    r"|round the clock|all night|\btongxiao"
)
_TOMORROW: Final = LazyPattern(r"明[天早晚儿]|\btomorrow\b|\bmingtian\b")
_PART_LASTS: Final = timedelta(hours=4)
_LATE: Final = frozenset({"晚上", "今晚", "明晚", "夜里", "深夜", "夜间", "夜班", "半夜"})

_PART: Final = "|".join(_PARTS)
_PART_OF_DAY: Final = LazyPattern(rf"(?<![一半整拉])({_PART})(?!好)")
"""站一上午了, 跑了半拉上午 tell how long, and of no time."""
_CLOCK: Final = LazyPattern(
    rf"(?P<part>{_PART})?\s*(?:"
    r"(?P<h24>[0-9]{1,2})\s?:\s?(?P<m24>[0-5][0-9])(?![0-9])"
    r"|(?P<h12>[0-9]{1,2})\s?(?P<half>am|pm)(?![a-z])"
    # 一点五公里 is a distance.
    rf"|(?P<hour>{NUMERAL})点(?!{NUMERAL}?\s?(?:公里|千米|里|km|米))"
    rf"(?P<minute>一刻|{NUMERAL}分?)?(?P<sign>钟|以后|之后|过后|后|以前|还|能|开|关|到|去)?"
    r")"
)
_AHEAD: Final = frozenset({"以后", "之后", "过后", "后"})


def after(text: str) -> time | None:
    """The time of day a visit is meant for, without a zone ("晚上十点以后" is 22:00), or None.

    Takes text as `normalise` leaves it. An hour without 上午 or 晚上 is read as a courier means it
    when asking ahead: 1-6 is the afternoon, 7-11 with 以后 or 还 the evening. A part of the day
    alone stands for an hour within it.
    """
    if (found := _named(text)) is not None:
        return found
    part = _PART_OF_DAY.search(text)
    return _PARTS[part.group(1)] if part else None


def round_the_clock(text: str) -> bool:
    """Whether a message asks for what never closes (24小时, 通宵). Takes normalised text."""
    return _ALWAYS.search(text) is not None


def moment(text: str, now: datetime) -> datetime | None:
    """When a visit is meant for, seen from the local time `now`; None: at once.

    An hour that is past is tomorrow's; a part of the day (今晚) that has only begun is now.
    """
    at = after(text)
    if at is None:
        return None
    meant = now.replace(hour=at.hour, minute=at.minute, second=0, microsecond=0)
    if _TOMORROW.search(text):
        return meant + timedelta(days=1)
    if meant > now:
        return meant
    if _named(text) is None and now - meant < _PART_LASTS:
        return None
    return meant + timedelta(days=1)


def _named(text: str) -> time | None:
    """An explicit clock time."""
    for match in _CLOCK.finditer(text):
        if (found := _clock(match, text)) is not None:
            return found
    return None


def _clock(match: re.Match[str], text: str) -> time | None:
    part = match["part"] or ""
    if match["h24"]:
        return _time(int(match["h24"]), int(match["m24"]), part)
    if match["h12"]:
        return _time(int(match["h12"]) % 12, 0, "下午" if match["half"] == "pm" else "上午")
    hour = numeral(match["hour"])
    if hour != int(hour) or (not part and _no_clock(match)):
        return None
    if not part and 7 <= hour <= 11:
        part = "晚上" if match["sign"] in _AHEAD or "还" in text else "上午"
    return _time(int(hour), _minute(match["minute"]), part or "下午")


def _no_clock(match: re.Match[str]) -> bool:
    """近一点, 说两点, 快一点到: no clock is meant."""
    if match["minute"] or match["hour"].isascii():
        return False
    return match["sign"] not in _AHEAD | {"钟"} if match["hour"] == "一" else not match["sign"]


def _minute(text: str | None) -> int:
    match text:
        case None:
            return 0
        case "半":
            return 30
        case "一刻":
            return 15
        case _:
            return int(numeral(text.removesuffix("分")))


def _time(hour: int, minute: int, part: str) -> time | None:
    """An hour of the 12-hour clock moved into its part of the day; 0 and 13-24 mean themselves."""
    if hour > 24 or minute > 59:
        return None
    if hour == 12 and (part in _LATE or part in {"凌晨", "午夜"}):
        hour = 0
    elif (
        # 夜里两点 is 02:00, 晚上八点 20:00; 中午十一点 stays before noon.
        (part in _LATE and 5 <= hour < 12)
        or (part in {"下午", "傍晚"} and 1 <= hour < 12)
        or (part == "中午" and 1 <= hour < 10)
    ):
        hour += 12
    return time(hour % 24, minute)
