"""How people write places in a chat: folding, and the words around a name.

Here is vocabulary and no places: what a name may follow, what may follow it, what turns it into
something else, and which filler words surround it. Used by `places` only.
"""

import re
import unicodedata
from collections.abc import Collection
from typing import Final

from bot.common.facilities import FACILITIES
from bot.common.lazy_pattern import LazyPattern
from bot.common.values import value

LONGEST: Final = 200
"""Letters that are read; a place named later than that is ignored."""

DECOYS: Final = frozenset(
    {"东胜利", "面包", "红包", "书包", "钱包", "背包", "标准旗", "五原则", "多伦多", "趵突泉"}
    | {"喀喇沁左翼"}
)
"""Longer words with a name inside them: found first, they hide it."""

_HAN = LazyPattern(r"[\u3400-\u9fff]")
_STREET = LazyPattern(r"[东西南北中]{0,2}[大小]?(?:路|街|道(?!口)|巷|胡同)")
_NO_BANNER = LazyPattern("[舰帜杆下子袍开手人]")
_LEADS = tuple("在到去从离往找查是回")
_GOES_ON = LazyPattern(
    "这|那|附近|最近|旁|周|边|的|有|哪|驿|爱心|工行|银行|火车|车站|站|客运"
    "|机场|医院|万达|广场|市场|商场|政府|吧|呢|吗"
)
# 哪有热水, 能充电吗, 24小时的: what is asked for, and no word besides; possessive, as below
_FACILITY = "|".join(
    sorted(
        {
            word[0] + "[个下点口会]?" + word[1:] if len(word) == 2 else word
            for one in FACILITIES.values()
            for word in one.words
            if not word.isascii()
        },
        key=lambda word: (-len(word), word),
    )
)
_ASKED = (
    f"(?:附近|最近|哪里|哪儿?|有没有|有|能|可以|找|想|要|个|家|的|地方|24小时|通宵|开着|还开|现在|在"
    f"|吗|呢|吧|不|么|啊|{_FACILITY})*+"
)
_ONLY_ASKED = LazyPattern(f"(?={_ASKED}$)")
_STOP = "(?:火车|汽车|客运|高铁|动车|公交|地铁|总)?站|[东西南北]站"
_KIND = (
    f"{_STOP}|路|街|大道|巷|胡同|广场|医院|机场|商场|商城|商厦|市场|超市|学校|[小中大]学|学院|小区|花园"
    "|公园|大厦|大楼|酒店|宾馆|桥|立交|村|镇|乡|苏木|嘎查|园区|工业园|物流园|万达|大集|口岸|景区"
)
_LANDMARK = LazyPattern(
    f"(?P<name>[东西南北]站|火车站|高铁站|汽车站|客运站|飞机场|机场|万达|(?:(?!{_FACILITY})[\\u3400-\\u9fff])"
    f"{{2,8}}?(?:{_KIND}))(?:附近|旁边|周边|那边|这边)?{_ASKED}"
)
_NO_LANDMARK = LazyPattern(
    "[我你您他她它们这那哪谁啥吗呢吧了着过的得是不没怎咋几多少请帮给叫让把被想要会能去来到有看上下"
    "走骑问说办领学报名讲卡课]|驿|网站|爱心|工会|小哥|加油|充电|换电|休息|服务"
)
_SOMEWHERE = LazyPattern(
    "^(?:我?(?:现在|人)?(?:在|到了?|搁|从)|刚才|就)?(?P<name>[\\u3400-\\u9fff]{2,8}?)"
    "(?:这边儿?|那边儿?|这头|那头|这块儿?|那块儿?|那溜儿?|这溜儿?|附近|跟前儿?|旁边|边上|对面|门口|路口|一带"
    "|这儿|这里|[这呢]$)"
)
_HARMLESS = LazyPattern("上海|大学|学院|学校|[小中]学|学府|上都|来福|有色")
_OUTSIDE = LazyPattern(
    "(?:北京|天津|上海|重庆|河北|山西|辽宁|吉林|黑龙江|陕西|甘肃|宁夏|山东|河南|江苏|浙江|安徽|福建|江西"
    "|湖北|湖南|广东|广西|四川|贵州|云南|西藏|青海|新疆|台湾|香港|澳门|加格达奇|大兴安岭|哈尔滨|齐齐哈尔"
    "|大庆|沈阳|大连|长春|石家庄|张家口|承德|大同|太原|西安|榆林|银川|兰州|酒泉|济南|郑州|广州|深圳|成都"
    "|武汉|南京|杭州|蒙古国|外蒙古?|乌兰巴托|俄罗斯|莫斯科|beijing|jiagedaqi|mongolia|moscow)"
    "(?!.{0,4}[路街道巷])"
)
_AT = "(?:我?(?:现在|人)?(?:在|到了?|去|来)|从)?"
_IN_OUTSIDE = LazyPattern(f"{_AT}{_OUTSIDE.pattern}[省市区县]?(?:附近|那边|这边)?{_ASKED}")
# possessive: 有 and 有不 overlap, so backtracking would be exponential
_HEAD = LazyPattern(
    "^(?:我要去|要去|一会儿?去|查一下|我在|人在|现在|在|我到|我|到|去|从|离|的|内蒙古?(?:自治区)?"
    "|这边|那边|这儿|这里|附近|最近)++"
)
_TAIL = LazyPattern(
    "(?:有没有站|有几个站|有驿站没|有站没|有几个|哪有站|有站|的站|有没有|有吗|有不|有么|有"
    "|在哪里?|哪里|哪儿|哪有?|吗|呢|吧|嘛|不|啊|呀|的"
    "|那边|这边|那块|这块|那里|这里|那儿|这儿|附近|旁边|边上|周边|周围|跟前|一带"
    "|爱心驿站|爱心站|小哥驿站|驿站|驿占|站点|最近|导航|怎么走)++$"
)
_AFTER_NAME = LazyPattern(
    f"{_ASKED}(?:那边|这边|那块儿?|这块儿?|那里|这里|那儿|这儿|附近|旁边|周边|周围|一带|跟前)?"
    f"{_ASKED}(?:站|驿站|站点)?{_ASKED}"
)
_LATIN = LazyPattern(
    "i|am|in|at|near|the|is|there|any|one|what|about|nearest|stations?|league|city|banner|county"
    "|district"
)


@value
class Folded:
    """Letters and digits only, at most `LONGEST`; the flags have one entry more than letters.

    `edges[i]`: a word may begin or end before letter i. `spaces[i]`: something was left out there.
    """

    letters: str
    edges: tuple[bool, ...]
    spaces: tuple[bool, ...]


def fold(text: str) -> Folded:
    """NFKC, lower case, no tones, no spaces or punctuation, and where these were."""
    plain = unicodedata.normalize("NFKC", text[: 4 * LONGEST]).casefold()
    if not plain.isascii():
        bare = (c for c in unicodedata.normalize("NFD", plain) if not unicodedata.combining(c))
        plain = unicodedata.normalize("NFC", "".join(bare))
    letters: list[str] = []
    edges = [True]
    spaces = [False]
    for letter in plain:
        if len(letters) == LONGEST:
            break
        if letter.isalnum():
            if letters and letter.isascii() != letters[-1].isascii():
                edges[-1] = True
            letters.append(letter)
            edges.append(False)
            spaces.append(False)
        else:
            edges[-1] = True
            spaces[-1] = bool(letters)
    edges[-1] = True
    return Folded("".join(letters), tuple(edges), tuple(spaces))


def name_candidates(text: str) -> list[str]:
    """What a text may name, the longest first: 2 to 8 characters with nothing but filler around."""
    letters = _HEAD.sub("", fold(text).letters)
    ends = range(min(len(letters), 8), 1, -1)
    return [
        letters[:end]
        for end in ends
        if _HAN.match(letters[end - 1]) and _AFTER_NAME.fullmatch(letters, end)
    ]


def is_other_word(letters: str, end: int) -> bool:
    """Whether a name that ends at `end` is a street's (海拉尔大街) or no name (旗 of 旗舰店)."""
    last = letters[end - 1]
    if last == "旗":
        return _NO_BANNER.match(letters, end) is not None
    return last not in "市盟区县" and _STREET.match(letters, end) is not None


def stands_alone(folded: Folded, start: int, end: int) -> bool:
    """Whether a word begins at `start`, and ends at `end` or goes on like a place (东河那边)."""
    begins = folded.edges[start] or folded.letters[:start].endswith(_LEADS)
    after = _GOES_ON.match(folded.letters, end) or _ONLY_ASKED.match(folded.letters, end)
    return begins and (folded.edges[end] or after is not None)


def names_landmark(rest: str) -> str:
    """The street, station or building that is all a rest names (中山路, 东站), or ""."""
    match = _LANDMARK.fullmatch(rest)
    if match is None or _NO_LANDMARK.search(_HARMLESS.sub("", match["name"])):
        return ""
    return match["name"]


def names_somewhere(text: str) -> str:
    """The name that a message calls a place by (维多力这边, 我在蜜雪门口), or "".

    It is known nowhere here; all that is certain is that a place is meant.
    """
    for clause in re.split(r"[\s,.!?;:，。！？；：、]+", text):
        match = _SOMEWHERE.search(clause)
        if match and not _NO_LANDMARK.search(_HARMLESS.sub("", match["name"])):
            return match["name"]
    return ""


def is_outside(text: str) -> bool:
    """Whether a text names a place beyond Inner Mongolia and nothing else that is known here."""
    return _IN_OUTSIDE.fullmatch(fold(text).letters) is not None


def landmark(folded: Folded, taken: Collection[int]) -> str:
    """The letters whose index is not taken, in words, without the filler words around them."""
    kept: list[str] = []
    for at, letter in enumerate(folded.letters):
        if folded.spaces[at] or at - 1 in taken:
            kept.append(" ")
        if at not in taken:
            kept.append(letter)
    words = (
        _TAIL.sub("", _HEAD.sub("", word)) if _HAN.search(word) else word
        for word in "".join(kept).split()
    )
    return " ".join(word for word in words if word and not _LATIN.fullmatch(word))
