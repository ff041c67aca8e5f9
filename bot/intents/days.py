"""A day that a question about opening hours is for: 国庆开吗, 明年元旦, 10月10号开门吗, 周日呢.

Takes text as `normalise` leaves it. A question with a time of day is `time_of_day`'s.
"""

import re
from datetime import date, timedelta
from typing import Final

from bot.common.lazy_pattern import LazyPattern
from bot.common.values import value
from bot.intents.numerals import NUMERAL, numeral
from bot.intents.time_of_day import after


@value
class AskedFestival:
    """A public holiday by its name in the holiday table; `year` None: the next one."""

    name: str
    year: int | None = None


_FESTIVALS: Final = {
    "元旦": "元旦",
    "新年": "元旦",
    "春节": "春节",
    "过年": "春节",
    "大年": "春节",
    "除夕": "春节",
    "初一": "春节",
    "初二": "春节",
    "初三": "春节",
    "清明": "清明节",
    "五一": "劳动节",
    "劳动节": "劳动节",
    "端午": "端午节",
    "中秋": "中秋节",
    "八月十五": "中秋节",
    "国庆": "国庆节",
    "十一": "国庆节",
    "new year": "元旦",
    "spring festival": "春节",
    "national day": "国庆节",
}
_FESTIVAL: Final = LazyPattern(f"(?:{'|'.join(_FESTIVALS)})(?!月|点|号|楼|路)")
_YEAR: Final = LazyPattern(r"(?P<word>今年|明年|后年)|(?P<year>20[0-9]{2})年?")
_DATE: Final = LazyPattern(
    rf"(?:(?P<month>{NUMERAL})月(?:份)?)?(?P<day>{NUMERAL})[号日](?!线|楼|店|门)"
    r"|(?P<m>[0-9]{1,2})[./-](?P<d>[0-9]{1,2})(?![0-9.:])"
)
_WEEKDAY: Final = LazyPattern(
    "(?P<next>下+个?)?(?:这个?|本)?(?:周|星期|礼拜)(?P<day>[一二三四五六日天末])"
)
_NEAR: Final = (("大后天", 3), ("后天", 2), ("明天", 1), ("明儿", 1), ("tomorrow", 1))
_ENGLISH: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_OPENING: Final = LazyPattern(
    "歇(?!脚|会|一)|开(?!车|会|水|始|通|卡|心|店)|营业|上班|休息|放假|关门|关不关|有人|能去|能进|几点|时间"
    r"|\b(?:open|closed?|hours)\b"
)
_MONTHS: Final = ("jan", "feb", "mar", "apr", "may", "jun",
                  "jul", "aug", "sep", "oct", "nov", "dec")  # fmt: skip
_ENGLISH_DATE: Final = LazyPattern(
    rf"\b(?P<name>{'|'.join(_MONTHS)})[a-z]* (?P<number>[0-9]{{1,2}})(?:st|nd|rd|th)?\b"
)
_NAMED_DAY: Final = LazyPattern(rf"{_FESTIVAL.pattern}|(?:周|星期|礼拜)[一二三四五六日天]")
_AND_THEN: Final = LazyPattern("(?:那|那么)?.{1,12}呢[?!. ]*")
_OTHER_SUBJECT: Final = LazyPattern(
    "课|讲|培训|卡|提醒|通知|别发|报名|名额|申请|收|单子?多|打扰|吵"
)


def asked_day(text: str, today: date) -> date | AskedFestival | None:
    """The day whose opening hours are asked for; None where no other day is asked for.

    A day without a month or year is the next such day.
    """
    if _OTHER_SUBJECT.search(text) or (after(text) is not None and not _NAMED_DAY.search(text)):
        return None
    if not (_OPENING.search(text) or _AND_THEN.fullmatch(text)):
        return None
    year = _year(text, today)
    if match := _ENGLISH_DATE.search(text):
        return _english_date(match, today, year)
    if match := _FESTIVAL.search(text):
        return AskedFestival(_FESTIVALS[match.group()], year)
    if match := _DATE.search(text):
        return _date(match, today, year)
    return _near(text, today)


def _year(text: str, today: date) -> int | None:
    match = _YEAR.search(text)
    if match is None:
        return None
    words = ("今年", "明年", "后年")
    return int(match["year"]) if match["year"] else today.year + words.index(match["word"])


def _english_date(match: re.Match[str], today: date, year: int | None) -> date | None:
    try:
        found = date(year or today.year, _MONTHS.index(match["name"]) + 1, int(match["number"]))
    except ValueError:
        return None
    return found if year or found >= today else _replace_year(found, today.year + 1)


def _date(match: re.Match[str], today: date, year: int | None) -> date | None:
    if match["d"]:
        month, day = int(match["m"]), int(match["d"])
    else:
        month = int(numeral(match["month"])) if match["month"] else today.month
        day = int(numeral(match["day"]))
    try:
        found = date(year or today.year, month, day)
    except ValueError:
        return None
    if year is not None or found >= today:
        return found
    if match["month"] or match["d"]:
        return _replace_year(found, today.year + 1)
    following = found.replace(day=1) + timedelta(days=32)
    try:
        return following.replace(day=day)
    except ValueError:
        return None


def _replace_year(day: date, year: int) -> date | None:
    try:
        return day.replace(year=year)
    except ValueError:
        return None


def _near(text: str, today: date) -> date | None:
    for word, days in _NEAR:
        if word in text:
            return today + timedelta(days=days)
    if match := _WEEKDAY.search(text):
        day = match["day"]
        number = 5 if day == "末" else 6 if day in "日天" else "一二三四五六".index(day)
        ahead = (number - today.weekday()) % 7
        if match["next"]:
            ahead = 7 * len(match["next"].rstrip("个")) + number - today.weekday()
        return today + timedelta(days=ahead)
    for number, name in enumerate(_ENGLISH):
        if re.search(rf"\b{name}\b", text):
            return today + timedelta(days=(number - today.weekday()) % 7)
    return None
