"""What a message switches on and off (停培训 开办卡), and when it wants quiet (22点到8点别发).

Takes text as `normalise` leaves it. Only a message that consists of nothing else counts, and only
words about notices switch one: 取消培训 gives a seat back, 开卡 asks for a card, 继续办卡 goes on
with a form, 都关了 speaks of stations and 停课了 of a lesson (`may_mean_off`).
"""

import re
from typing import Final

from bot.common.lazy_pattern import LazyPattern
from bot.intents.numerals import NUMERAL, numeral

EVERYTHING: Final = "all"
DAY: Final = 24 * 60  # minutes
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
_PLAIN: Final = frozenset(
    {"停", "停止", "停掉", "退订", "别发", "恢复", "订阅"}
    | {"stop", "mute", "unsubscribe", "start", "resume", "unmute", "subscribe"}
)
"""Verbs that speak of notices by themselves: 停卡 can mean nothing else, 不要卡 can."""
_NAMED: Final = "|".join(f"(?:{words})" for words in _TOPICS.values())
_NEWS: Final = r"\s*的?\s*(?:提醒|通知|消息|推送|reminders?|messages?|notifications?)"
_ITEM: Final = LazyPattern(
    rf"\s*(?:(?:(?P<off>{_OFF})|(?P<on>{_ON}))\s*(?P<what>(?:{_NAMED})"
    rf"(?:\s*(?:和|跟|与|及|,|and)\s*(?:{_NAMED}))*)(?P<news>{_NEWS})?"
    r"|(?P<all_english>stop[.,! ]+all of (?:it|them)|no more (?:msgs?|messages?))"
    r"|(?:全部|全|都)(?:(?P<all_off>停(?!了|掉了)|别再?发)|(?P<all_on>恢复)))"
    r"(?:掉|了|吧|啦|一下)*[\s,;.!]*"
)
_EACH: Final = {code: LazyPattern(words) for code, words in _TOPICS.items()}

_LESSONS: Final = r"(?:每周一课|微课|每周的?课|weekly lessons?)(?:的?(?:提醒|推送|消息|通知))?"
_END_THEM: Final = (
    r"(?:不想要|不要|不想看|不看|取消|退订|停掉?|关掉?|(?:别|不用|不要)(?:再|老)?(?:给我)?(?:推|发)|不用"
    r"|stop|cancel|unsubscribe(?: from)?|no(?: more)?)"
)
_NO_LESSONS: Final = LazyPattern(
    rf"(?:我|把|那个|这个|the )*(?:{_END_THEM}\s*(?:了|掉|那个|这个|the )*{_LESSONS}"
    rf"|{_LESSONS}\s*(?:都|就|我)?{_END_THEM})(?:了|掉|吧|啦)*[\s.!]*"
)
"""Where nothing else can be meant, either order does: 每周一课不要了."""

_MAY_MEAN_OFF: Final = LazyPattern(
    r"(?:(?P<all>(?:全部|全都|全|都)(?:停|关)(?:了|掉了|掉)?)|(?P<lessons>停(?:了)?课(?:了)?))"
    r"(?:吧|啦|啊)*[\s.!]*"
)

_QUIET: Final = LazyPattern(
    r"别|不要|勿扰|免打扰|不打扰|静音|不发|安静|quiet|don'?t|do not|mute|no messages?"
)
LEAVE_ME: Final = LazyPattern(
    r"(?:(?<![特个区告分])别|不要|不许|少)(?:再|老|总)?(?:给我|来|在)?"
    r"(?:半夜|夜里|深夜|晚上|凌晨|早上|上午|中午|下午|白天|周末|双休日|周[一二三四五六日天])?"
    r"(?:再|老|总)?(?:给我)?"
    r"(?:发(?![票货烧卡现生证工位定奖单])|吵|打扰|推送|提醒|响|烦|叫|弹)|勿扰|免打扰|不打扰|静音"
    r"|(?:don'?t|do not) (?:disturb|write|bother|message)|no messages?|quiet"
)
"""Words that want no notices, wherever in a message they stand."""
_WHOLE_DAY: Final = LazyPattern(r"全天|整天|一天到晚|24小时|任何时候|all day|around the clock")
_TIMES: Final = (
    (
        LazyPattern(r"半夜|夜里|夜间|深夜|晚上|凌晨|大晚上|at night|nights?\b"),
        (21 * 60 + 30, 450),
    ),
    (LazyPattern(r"白天|大白天|日间|by day|day ?time|during the day"), (450, 17 * 60)),
    (LazyPattern(r"中午|午休|吃饭|noon|lunch"), (11 * 60, 14 * 60)),
    (LazyPattern(r"上午|morning"), (450, 12 * 60)),
    (LazyPattern(r"早上|早晨|一早|大清早"), (450, 9 * 60)),
    (LazyPattern(r"下午|afternoon"), (12 * 60, 18 * 60)),
)
"""What is meant by a part of the day, in minutes after midnight."""
_ASLEEP: Final = LazyPattern("睡觉|睡着|补觉")
"""At night, unless another part of the day is named: 白天睡觉."""

_PARTS: Final = r"凌晨|早上|早晨|明早|第二天|次日|上午|中午|下午|傍晚|晚上|夜里|半夜|晚|早"
_HOUR: Final = (
    rf"(?:{_PARTS}|的)*\s*(?:[0-9]{{1,2}}\s?:\s?[0-5][0-9]|[0-9]{{1,2}}\s?(?:am|pm)"
    rf"|{NUMERAL}\s?点(?:钟|半|[0-5]?[0-9]分?)?|[0-9]{{1,2}})"
)
_SPAN: Final = LazyPattern(rf"({_HOUR})\s*(?:到|至|-|~|to|until|till)\s*({_HOUR})")
_AFTER: Final = LazyPattern(rf"({_HOUR})\s*(?:以后|之后|过后|往后|后|起|开始)|\bafter\s+({_HOUR})")
_BEFORE: Final = LazyPattern(rf"({_HOUR})\s*(?:以前|之前|前)|\b(?:before|until)\s+({_HOUR})")
_NIGHT: Final = (21 * 60 + 30, 450)
_READ: Final = LazyPattern(
    rf"(?P<part>(?:{_PARTS})?)\D*?(?:(?P<hour>[0-9]{{1,2}})\s?(?::\s?(?P<minute>[0-5][0-9])"
    r"|(?P<half>am|pm))?(?![0-9]*点)"
    rf"|(?P<numeral>{NUMERAL})\s?点(?P<rest>半|[0-5]?[0-9])?)"
)
_EVENING: Final = frozenset({"下午", "傍晚", "晚上", "夜里", "晚"})


def switches(text: str) -> dict[str, bool]:
    """Topic (`card`, `training`, `station`) or `all` to on or off, in the order of the words.

    `lesson` to off by itself. Empty when the message is something else.
    """
    if _NO_LESSONS.fullmatch(text):
        return {"lesson": False}
    found: dict[str, bool] = {}
    at = 0
    sure = False
    while at < len(text):
        item = _ITEM.match(text, at)
        if item is None or item.end() == at:
            return {}
        at = item.end()
        if item["all_off"] or item["all_on"] or item["all_english"]:
            found[EVERYTHING] = bool(item["all_on"])
            sure = True
            continue
        on = item["on"] is not None
        # 开卡 asks for a card, 停课 tells of a lesson; beside 停卡 or with 提醒 each is a switch.
        verb = (item["on"] or item["off"]).split()[0]
        sure = sure or item["news"] is not None or (verb in _PLAIN and item["what"] != "课")
        found |= {code: on for code, words in _EACH.items() if words.search(item["what"])}
    return found if sure else {}


def quiet_hours(text: str, *, asked: bool = False) -> tuple[int, int] | None:
    """From and to in minutes after midnight, None where the message names none.

    `asked`: we asked for hours, so that "22-8" needs no 别发. Equal ones are the whole day.
    """
    if not (asked or _QUIET.search(text)):
        return None
    if span := _SPAN.search(text):
        return _from_to(span[1], span[2])
    if not (asked or LEAVE_ME.search(text)):
        return None
    if (found := _one_end(text)) is not None:
        return found
    return _part_of_day(text)


def may_mean_off(text: str) -> str | None:
    """The topic whose notices a message may switch off, or may not: 都关了, 停课了; None: neither.

    It is asked what is meant: after a list of stations such words speak of the stations.
    """
    match = _MAY_MEAN_OFF.fullmatch(text)
    if match is None:
        return None
    return EVERYTHING if match["all"] else "training"


def _from_to(first: str, second: str) -> tuple[int, int] | None:
    begins, ends = _minutes(first), _minutes(second)
    if begins is None or ends is None:
        return None
    named = {part for part in re.findall(_PARTS, first + second) if part}
    if ":" in first + second or re.search("[ap]m", first + second):
        return begins, ends
    if not named and begins < ends <= _NIGHT[1]:
        return begins + DAY // 2, ends + DAY // 2  # 1点到3点: the night is quiet anyway
    # 中午12点到2点: an end that names no part of the day is the first such hour after the beginning
    begun_late = begins >= DAY // 2 or re.search(_PARTS, first)
    if begun_late and not re.search(_PARTS, second) and ends <= DAY // 2:
        ends = min(ends, ends + DAY // 2, key=lambda end: (end - begins) % DAY or DAY) % DAY
    return begins, ends


def _one_end(text: str) -> tuple[int, int] | None:
    """晚上9点以后 lasts until the morning, 早上8点以前 from the evening on."""
    if match := _AFTER.search(text):
        begins = _clock(match[1] or match[2])
        if begins is not None and 7 * 60 <= begins < DAY // 2 and not _is_exact(match[0]):
            begins += DAY // 2  # 9点以后别发
        return None if begins is None else (begins, _NIGHT[1])
    if match := _BEFORE.search(text):
        ends = _clock(match[1] or match[2])
        return None if ends is None else (_NIGHT[0], ends)
    return None


def _clock(text: str) -> int | None:
    """An hour that is written as one; a bare number may be anything."""
    return _minutes(text) if re.search("[点:]|[ap]m", text) else None


def _is_exact(text: str) -> bool:
    return re.search(rf"{_PARTS}|:|[ap]m", text) is not None


def _part_of_day(text: str) -> tuple[int, int] | None:
    """The part of the day beside the words that ask for quiet: 我夜里跑单 白天别发 is the day."""
    if _WHOLE_DAY.search(text):
        return 0, 0
    asked = LEAVE_ME.search(text) or _QUIET.search(text)
    until = asked.end() if asked else len(text)
    named = [(match.start(), hours) for words, hours in _TIMES for match in words.finditer(text)]
    before = [one for one in named if one[0] < until]
    if before:
        return max(before)[1]
    if named:
        return min(named)[1]
    return _NIGHT if _ASLEEP.search(text) else None


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
    return (int(hour) * 60 + minute) % DAY
