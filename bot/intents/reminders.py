"""What a message switches on and off (停培训 开办卡), and when it wants quiet (22点到8点别发).

Takes text as `normalise` leaves it. Only a message that consists of nothing else counts: 取消培训
gives a seat back, 开卡 asks for a card.
"""

import re
from typing import Final

from bot.intents.numerals import NUMERAL, numeral

EVERYTHING: Final = "all"
_TOPICS: Final = {
    "card": r"办卡进度|办卡|奋斗卡|卡片|卡|cards?",
    "training": r"培训班|培训|大讲堂|讲座|讲堂|课程|上课|课|trainings?|lessons?",
    "station": r"爱心驿站|驿站|站点|收藏|天气|stations?",
    EVERYTHING: r"全部|所有|全|everything|all",
}
_OFF: Final = r"不要|停止|停掉|停了|停|退订|关闭|关掉|关|别发|stop|mute|unsubscribe(?: from)?|no"
_ON: Final = (
    r"重新打开|重新开|打开|开启|开通|开|恢复|继续|订阅|start|resume|unmute|subscribe(?: to)?"
)
_NAMED: Final = "|".join(f"(?:{words})" for words in _TOPICS.values())
_NEWS: Final = r"\s*的?\s*(?:提醒|通知|消息|推送|reminders?|messages?|notifications?)"
_ITEM: Final = re.compile(
    rf"\s*(?:(?:(?P<off>{_OFF})|(?P<on>{_ON}))\s*(?P<what>(?:{_NAMED})"
    rf"(?:\s*(?:和|跟|与|及|,|and)\s*(?:{_NAMED}))*)(?P<news>{_NEWS})?"
    rf"|(?:全部|全|都)(?:(?P<all_off>停|关)|(?P<all_on>打开|开|恢复)))"
    r"(?:掉|了|吧|啦|一下)*[\s,;.!]*"
)
_EACH: Final = {code: re.compile(words) for code, words in _TOPICS.items()}

_QUIET: Final = re.compile(
    r"别|不要|勿扰|免打扰|不打扰|静音|不发|安静|quiet|don'?t|do not|mute|no messages?"
)
_LEAVE_ME: Final = re.compile(
    r"(?:别|不要|不许|少)(?:再|老|总)?(?:给我|来|在)?(?:发|吵|打扰|推|提醒|响|烦|叫|弹)|勿扰|免打扰|不打扰|静音"
    r"|(?:don'?t|do not) (?:disturb|write|bother|message)|no messages?|quiet"
)
_WHOLE_DAY: Final = re.compile(r"全天|整天|一天到晚|24小时|任何时候|all day|around the clock")
_TIMES: Final = (
    (
        re.compile(r"半夜|夜里|夜间|深夜|晚上|凌晨|睡觉|大晚上|at night|nights?\b"),
        (21 * 60 + 30, 450),
    ),
    (re.compile(r"中午|午休|吃饭|noon|lunch"), (11 * 60, 14 * 60)),
    (re.compile(r"上午|morning"), (450, 12 * 60)),
    (re.compile(r"早上|早晨|一早|大清早"), (450, 9 * 60)),
    (re.compile(r"下午|afternoon"), (12 * 60, 18 * 60)),
)
"""What is meant by a part of the day, in minutes after midnight."""

_PARTS: Final = r"凌晨|早上|早晨|明早|第二天|次日|上午|中午|下午|傍晚|晚上|夜里|半夜|晚|早"
_HOUR: Final = (
    rf"(?:{_PARTS}|的)*\s*(?:[0-9]{{1,2}}\s?:\s?[0-5][0-9]|[0-9]{{1,2}}\s?(?:am|pm)"
    rf"|{NUMERAL}\s?点(?:钟|半|[0-5]?[0-9]分?)?|[0-9]{{1,2}})"
)
_SPAN: Final = re.compile(rf"({_HOUR})\s*(?:到|至|-|~|to|until|till)\s*({_HOUR})")
_READ: Final = re.compile(
    rf"(?P<part>(?:{_PARTS})?)\D*?(?:(?P<hour>[0-9]{{1,2}})\s?(?::\s?(?P<minute>[0-5][0-9])"
    r"|(?P<half>am|pm))?(?![0-9]*点)"
    rf"|(?P<numeral>{NUMERAL})\s?点(?P<rest>半|[0-5]?[0-9])?)"
)
_EVENING: Final = frozenset({"下午", "傍晚", "晚上", "夜里", "晚"})


def switches(text: str) -> dict[str, bool]:
    """Topic (`card`, `training`, `station`) or `all` to on or off, in the order of the words.

    Empty when the message is something else.
    """
    found: dict[str, bool] = {}
    at = 0
    sure = False
    while at < len(text):
        item = _ITEM.match(text, at)
        if item is None or item.end() == at:
            return {}
        at = item.end()
        if item["all_off"] or item["all_on"]:
            found[EVERYTHING] = bool(item["all_on"])
            sure = True
            continue
        on = item["on"] is not None
        # 开卡 alone asks for a card, 开课 for a date; beside 停… or with 提醒 each is a switch.
        sure = sure or not on or item["news"] is not None or item["on"] != "开"
        found |= {code: on for code, words in _EACH.items() if words.search(item["what"])}
    return found if sure else {}


def quiet_hours(text: str, *, asked: bool = False) -> tuple[int, int] | None:
    """From and to in minutes after midnight, None where the message names none.

    `asked`: we asked for hours, so that "22-8" needs no 别发. Equal ones are the whole day.
    """
    if not (asked or _QUIET.search(text)):
        return None
    span = _SPAN.search(text)
    if span is None:
        return _part_of_day(text) if asked or _LEAVE_ME.search(text) else None
    begins, ends = _minutes(span[1]), _minutes(span[2])
    return None if begins is None or ends is None else (begins, ends)


def _part_of_day(text: str) -> tuple[int, int] | None:
    if _WHOLE_DAY.search(text):
        return 0, 0
    return next((hours for words, hours in _TIMES if words.search(text)), None)


def _minutes(text: str) -> int | None:
    read = _READ.search(text)
    if read is None:
        return None
    part, minute = read["part"], int(read["minute"] or 0)
    if read["numeral"]:
        hour = numeral(read["numeral"])
        rest = read["rest"] or ""
        minute = 30 if rest == "半" else int(rest or 0)
    else:
        hour = float(read["hour"])
    if hour != int(hour) or hour > 24:
        return None
    if read["half"]:
        hour = hour % 12 + (12 if read["half"] == "pm" else 0)
    elif (part in _EVENING and 1 <= hour < 12) or (part == "中午" and hour < 10):
        hour += 12
    elif part in _EVENING | {"半夜", "凌晨"} and hour == 12:
        hour = 24
    return (int(hour) * 60 + minute) % (24 * 60)
