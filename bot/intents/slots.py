"""The particulars in a message: facilities, a radius, an hour, a choice from a list.

Only what is stated explicitly is found. `read_slots` takes text as `normalise` leaves it;
`ordinal`, which is used on its own, takes it as typed.
"""

from datetime import time
from typing import Final

from bot.common.facilities import FACILITIES
from bot.common.lazy_pattern import LazyPattern
from bot.common.values import value
from bot.intents.normalise import normalise
from bot.intents.numerals import NUMERAL, numeral
from bot.intents.time_of_day import after, round_the_clock
from bot.intents.vocabulary import facilities, names_only

_DECIMAL: Final = LazyPattern(r"(?<![\d.])-?\d{1,3}\.\d+(?![\d.])")
_BESIDE_DECIMALS: Final = LazyPattern(
    r"lat(?:itude)?|lo?ng?(?:itude)?|[nsew]|[北南东西]?[纬经]度?|坐标|[\s,;:()°\-\d]"
)


@value
class Slots:
    """What a request for a station may carry: facility codes, metres, the local time of day.

    `always`: it shall never close.
    """

    facilities: frozenset[str]
    radius_m: int | None
    after: time | None
    always: bool = False


def read_slots(text: str) -> Slots:
    """All at once, for the model and for the answer."""
    return Slots(facilities(text), radius_m(text), after(text), round_the_clock(text))


_DROPPED: Final = LazyPattern(
    r"(?:不要|不用|不需要|别要|不看|取消|去掉|去除)(?P<what>[^,.;!?]+?)(?:了|吧|啦)*(?=[,.;!?\s]|$)"
)
_SWAPPED: Final = LazyPattern("(?P<what>.*?)(?:换成|改成|换为|改为|改要)(?P<wanted>.+)")


@value
class Change:
    """What of an earlier search is taken back, and what replaces it: facility codes."""

    dropped: frozenset[str]
    wanted: frozenset[str]


def change(text: str) -> Change | None:
    """不要热水了, 充电的换成厕所, 换成厕所 (instead of all); None: nothing is taken back."""
    if (match := _SWAPPED.fullmatch(text)) and (wanted := facilities(match["wanted"])):
        return Change(facilities(match["what"]) or frozenset(FACILITIES), wanted)
    match = _DROPPED.search(text)
    if match is None or not names_only(match["what"]):
        return None
    return Change(facilities(match["what"]), facilities(_DROPPED.sub(" ", text)))


_RADIUS: Final = LazyPattern(
    rf"(?P<round>方圆)?(?P<amount>{NUMERAL})[来几多]?\s*(?P<unit>公里|千米|km(?![a-z])"
    "|里(?(round)(?![屯坨庄村])|(?=[半多]?(?:地|路|内|以内|之内)))|米(?![宽高长])|m(?![a-z]))(?P<half>半)?"
)
_UNITS: Final = {"公里": 1000, "千米": 1000, "km": 1000, "里": 500, "米": 1, "m": 1}

_FARTHEST: Final = 100_000
"""Metres; a longer distance is no search radius (\"rode 40 km today\")."""


def radius_m(text: str) -> int | None:
    """The distance named, in metres ("离我1公里", "500米内", "两里地", "方圆五里"), or None."""
    match = _RADIUS.search(text)
    if match is None:
        return None
    half = 0.5 if match["half"] else 0.0
    metres = round((numeral(match["amount"]) + half) * _UNITS[match["unit"]])
    return metres if 0 < metres <= _FARTHEST else None


_WITHIN_ONLY: Final = LazyPattern(
    "(?:离我|附近|最近|周边|周围|方圆|半径|只看|只要|就要|找|看看?|查|有没有|有|在|的|我|要|想)*"
    rf"{_RADIUS.pattern}(?:多?[地路](?!铁|口)|以内|之内|内|范围|里头|左右|的|有没有|有|没有?|吗|呢|么|啊|吧|爱心|驿站|站点?"
    "|哪些|哪[家个]|几[家个]|还|开着|开门|能|去|地方|歇脚|休息|就行|[ ,.!?])*"
    "|(?:anything |any stations? |stations? )?within [0-9.]+ ?(?:km|m|kilometres?|metres?)[ .!?]*"
)


def asks_within(text: str) -> bool:
    """Whether a text as typed asks for no more than a distance: 500米内, 3公里内有没有."""
    text = normalise(text)
    return _WITHIN_ONLY.fullmatch(text) is not None and radius_m(text) is not None


_COUNTED: Final = "个|家|条|场|门|节|项|处|间|号|堂|期"
_ORDINAL: Final = LazyPattern(
    rf"第({NUMERAL})(?:{_COUNTED})|\b(first|second|third|1st|2nd|3rd)\b"
    r"|(?:选项?|no\.?|#)\s?([0-9]{1,2})\b"
)
_BARE_ORDINAL: Final = LazyPattern(
    r"(?:我?要|就?选|就|看|去)?第?([一二三四五六七八九十]+|[0-9]{1,2})[.,!吧呗\s]*"
)
_THING: Final = LazyPattern(
    rf"(?:我?要|就|选|看看?|去|收藏|存|删掉?|取消收藏)*(?:第({NUMERAL})(?:号|家|个|场|处|站|条|门)|({NUMERAL})号)"
    "(?:的|驿站|站点|那家|那个|那场|站)*"
    "(?:怎么进|怎么走|怎么去|咋走|咋进|在哪里?|在哪儿|电话|地址|导航|详情|几点关门?|几点开门?|看看|介绍)?"
    "(?:是?多少|收藏)?[.,!?吧呗呢吗啊\\s]*"
)
_ENGLISH: Final = {"first": 1, "1st": 1, "second": 2, "2nd": 2, "third": 3, "3rd": 3}


def pointed(text: str) -> int | None:
    """The number of a message that says no more than which one (第2场, 第二家怎么进), or None."""
    match = _THING.fullmatch(normalise(text)) or _BARE_ORDINAL.fullmatch(normalise(text))
    return None if match is None else ordinal(text)


def ordinal(text: str) -> int | None:
    """Which of the things just listed is meant, from 1 ("第二个", "2", "②", "第3家"), or None."""
    text = normalise(text)
    if match := _THING.fullmatch(text):
        value = numeral(match[1] or match[2])
    elif match := _ORDINAL.search(text):
        counted, english, chosen = match.groups()
        if english:
            return _ENGLISH[english]
        value = numeral(counted or chosen)
    elif match := _BARE_ORDINAL.fullmatch(text):
        value = numeral(match.group(1))
    else:
        return None
    return int(value) if value == int(value) and 1 <= value <= 99 else None


def are_coordinates(text: str) -> bool:
    """Whether a message as typed is nothing but a pair of coordinates, as map apps copy them: two
    numbers with decimals, and beside them at most what says which is which.
    """
    plain = normalise(text)
    is_pair = len(_DECIMAL.findall(plain)) == 2
    return is_pair and not _BESIDE_DECIMALS.sub("", _DECIMAL.sub("", plain))
