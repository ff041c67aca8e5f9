"""What a longer message asks about things on the screen: all of it, and of which of them.

`about_shown` takes messages that are one short question. Here the question stands among other
words (有电话没有，我先打一个问问), or there are several. It counts only where something is shown.
"""

from enum import StrEnum
from typing import Final

from bot.common.lazy_pattern import LazyPattern
from bot.intents.normalise import normalise
from bot.intents.numerals import numeral


class Asked(StrEnum):
    """What is asked about a station."""

    DISTANCE = "distance"
    WAY = "way"
    HOURS = "hours"
    PHONE = "phone"
    PARKING = "parking"
    ENTRY = "entry"
    """Whether one may come in, and what has to be shown."""
    KEEP = "keep"
    DETAILS = "details"
    MORE = "more"
    """Others than those shown."""


class AskedOfTraining(StrEnum):
    """What is asked about a training."""

    TIME = "time"
    PLACE = "place"
    BRING = "bring"
    CALENDAR = "calendar"
    SWAP = "swap"
    """Whether another person may come instead."""
    RULES = "rules"
    """What the list of trainings says nothing about: children, being late, the language."""


_STATION: Final = {
    Asked.DISTANCE: "老远|多远|远不远|离我.{0,6}(?:远|多)|how far",
    Asked.WAY: "[咋怎]么?(?:走|去|过去)|路线|导航|地址|\\b(?:directions?|address|get there)\\b",
    Asked.HOURS: (
        "几点|关得?[晚早]|关门|(?:坐|待|呆|开)到|一直[坐待呆]|能[坐待呆]多久"
        "|\\b(?:clos(?:es?|ing)|how late|hours)\\b"
    ),
    Asked.PHONE: "电话|联系方式|\\b(?:phone|call them)\\b",
    Asked.PARKING: "停[哪在门院得车电不]|停.{0,3}[车驴]|(?:车|驴).{0,4}[停放推]|\\bpark",
    Asked.ENTRY: (
        "登记|证件|身份证|工牌|工服|健康证|让进|能进|[撵轰]|有?人赶|赶人|刷脸|取号|门禁"
        "|\\b(?:need (?:an? )?id|let me in|show id|sign in)\\b"
    ),
    Asked.KEEP: "记着|记下来|收藏|存[着一起]|下[回次][还再]来|\\b(?:bookmark|save this|save it)\\b",
    Asked.MORE: "还有别的|换一?[家个]别?的?|别家|都不想去|\\b(?:others|another)\\b",
    Asked.DETAILS: "详细|详情|介绍|看看|\\b(?:deets|details|tell me more|info)\\b",
}
_TRAINING: Final = {
    AskedOfTraining.TIME: "几点|[0-9]点|[0-9]:[0-9]|时间|\\b(?:what time|when)\\b",
    AskedOfTraining.PLACE: (
        "哪个[屋楼厅门教]|几[楼层号]|哪[栋层里]|哪个?(?:会议|教)室|会议室|大厅|地点|在哪|搁哪"
        "|\\b(?:where|which (?:room|floor))\\b"
    ),
    AskedOfTraining.BRING: "带.{0,3}[本笔书啥]|带什么|健康证|身份证|人去就行|\\bbring\\b",
    AskedOfTraining.CALENDAR: "日历|calendar",
    AskedOfTraining.SWAP: (
        "换(?!课|场|个?时间).{0,3}[人小老董王李张]|替.{0,3}去|代.{0,2}[去听]|instead of me"
    ),
    AskedOfTraining.RULES: (
        "迟到|晚到|晚去|孩子|小孩|蒙[语文古]|普通话讲|录像|回放|拍照|中途|早走|管饭|礼品|停车"
        "|下[雪雨]|\\b(?:late|kids?|child|record)"
    ),
}
_STATION_PATTERNS: Final = {asked: LazyPattern(words) for asked, words in _STATION.items()}
_TRAINING_PATTERNS: Final = {asked: LazyPattern(words) for asked, words in _TRAINING.items()}

_NUMBER: Final = LazyPattern(
    "第([一二三四五六七八九0-9])(?![0-9天次遍])|([1-9])号(?!楼|线|门|下|出)"
    "|^([1-9])[ ,.]+(?![0-9分])"
)
_FIRST: Final = LazyPattern("头一?[个家]|\\b(?:first|1st) one\\b")
_ENGLISH: Final = {"first": 1, "second": 2, "third": 3, "1st": 1, "2nd": 2, "3rd": 3}
_ENGLISH_NUMBER: Final = LazyPattern(r"\b(first|second|third|1st|2nd|3rd)\b")
_ALL: Final = LazyPattern(
    "这?[仨三]个?家?(?=里|的|中|都|哪|地址|电话)|这几[个家]|哪[个家一](?!个?月)"
    "|\\b(?:which (?:one|1)|all (?:three|of them))\\b"
)


def asked_of_station(text: str) -> tuple[Asked, ...]:
    """All that a message as typed asks about stations shown; empty where it asks nothing."""
    words = normalise(text)
    return tuple(one for one, pattern in _STATION_PATTERNS.items() if pattern.search(words))


def asked_of_training(text: str) -> tuple[AskedOfTraining, ...]:
    """All that a message as typed asks about a training shown."""
    words = normalise(text)
    return tuple(one for one, pattern in _TRAINING_PATTERNS.items() if pattern.search(words))


def numbers(text: str) -> tuple[int, ...]:
    """Which of the things listed are meant, from 1: 第一家和第三家, 2 咋走, 头一个, third one."""
    words = normalise(text)
    found = [1] if _FIRST.search(words) else []
    for match in _NUMBER.finditer(words):
        value = numeral(next(group for group in match.groups() if group))
        if value == int(value) and value > 0:
            found.append(int(value))
    found += [_ENGLISH[match[1]] for match in _ENGLISH_NUMBER.finditer(words)]
    return tuple(dict.fromkeys(found))


def means_all(text: str) -> bool:
    """Whether all that are listed are meant, or one of them is asked for: 这仨, 哪个."""
    return _ALL.search(normalise(text)) is not None
