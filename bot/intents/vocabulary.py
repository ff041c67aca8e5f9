"""Which facilities a message names: the words of `bot/data/facilities.csv`, longest first.

Negation is left alone: "没热水" names water whether it is requested or complained about; the
intent tells which.
"""

import re
from collections.abc import Iterator
from functools import cache
from typing import Final

from bot.common.facilities import FACILITIES
from bot.common.lazy_pattern import LazyPattern

# Longer than a facility's word at the same place, these say that no facility is meant.
_OTHER_WORDS: Final = frozenset(
    "网点 网上 网址 网页 网店 网购 网约 网站 网银 官网 互联网 联网 药店 买药 吃药 农药 "  # noqa: SIM905
    "休息日 休息不 休息吗 休息么 休息没 午休 不休息 周末休息 周日休息 中午休息 节假日休息 "
    "急救课 急救培训 急救知识 急救的课 学急救 教急救 心理课 心理培训 法律课 法律培训 "
    "方便面 没电话 心情 停车场 有水果 饿了么 交通工具".split()
)
_OTHER_LATIN: Final = frozenset({"change", "changing", "eating", "beating", "theater"})

# 充个电, 热一下饭, 接点水, 上个厕所: a verb and its object let these between them.
_FILLER: Final = "(?:一下|一会儿?|会儿|点儿|[个下点口会把些杯次])?"

_FUZZY: Final = 6
"""Letters from which on a Latin word may have one slip (toliet); shorter words lie too close."""

# "电瓶车没电了,哪能充电" asks for the vehicle, unless the phone is named as well.
_VEHICLE: Final = LazyPattern("电瓶|电动车|电车|电驴|摩托|车子?没电|给车|车能充|车充|充车")
_PHONE: Final = LazyPattern("手机|电话|充电宝|充电线|充电器|数据线")

_AND: Final = LazyPattern("还有|以及|[和跟与加及、,， ]")

_LATIN: Final = LazyPattern("[a-z]+")


@cache
def _chinese() -> tuple[re.Pattern[str], dict[str, str]]:
    """One pattern, longest word first, and the code for each word without its filler."""
    codes = {
        word: facility.code
        for facility in FACILITIES.values()
        for word in facility.words
        if not word.isascii()
    }
    words = sorted({*codes, *_OTHER_WORDS}, key=lambda word: (-len(word), word))
    alternatives = (w[0] + _FILLER + w[1:] if len(w) == 2 else w for w in words)
    return re.compile("|".join(alternatives)), codes


@cache
def _latin() -> dict[str, str]:
    return {w: f.code for f in FACILITIES.values() for w in f.words if w.isascii()}


def _slips(word: str) -> Iterator[str]:
    """The word, and the word with each of its letters left out.

    Two words that share one of these differ by a wrong, missing, extra or moved letter.
    """
    yield word
    for place in range(len(word)):
        yield word[:place] + word[place + 1 :]


@cache
def _latin_slips() -> dict[str, str]:
    return {
        slip: code
        for word, code in _latin().items()
        if len(word) >= _FUZZY
        for slip in _slips(word)
    }


def lists_facilities(text: str) -> bool:
    """Whether a text names two facilities or more in Chinese, and nothing else: 厕所和热水."""
    pattern, codes = _chinese()
    named = pattern.findall(text)
    between = pattern.sub("", text)
    return len(named) > 1 and all(one in codes for one in named) and not _AND.sub("", between)


def _latin_codes(text: str) -> Iterator[str]:
    """Codes of English and pinyin words, written together or apart ("re shui")."""
    words, slips = _latin(), _latin_slips()
    tokens = _LATIN.findall(text)
    for start in range(len(tokens)):
        for end in range(start + 1, min(start + 3, len(tokens)) + 1):
            typed = "".join(tokens[start:end])
            if code := words.get(typed):
                yield code
            elif len(typed) >= _FUZZY and typed not in _OTHER_LATIN:
                yield from (slips[slip] for slip in _slips(typed) if slip in slips)


_JOINTS: Final = "[的个和跟与及还有,、 ]"


def names_only(text: str) -> bool:
    """Whether a text is nothing but names of facilities (充电和热水); 钱的热水 is more."""
    pattern, _ = _chinese()
    bare = re.sub(_JOINTS, "", pattern.sub("", text)) if facilities(text) else text
    return not bare or (bare.isascii() and bool(facilities(bare)))


def facilities(text: str) -> frozenset[str]:
    """Codes of `bot.common.facilities` that are named, with common typos, pinyin and English."""
    pattern, codes = _chinese()
    found = set()
    for match in pattern.finditer(text):
        word = match.group()
        # With a filler inside, the word is its first and its last character.
        if code := codes.get(word) or codes.get(word[0] + word[-1]):
            found.add(code)
    found.update(_latin_codes(text))
    if "charge" in found and _VEHICLE.search(text):
        found.add("ebike")
        if not _PHONE.search(text):
            found.discard("charge")
    return frozenset(found)
