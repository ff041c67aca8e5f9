"""Short messages about stations: 去这家 chooses, 开着呢 finds open, 这里应该有个站 proposes one.

Take text as `normalise` leaves it.
"""

from typing import Final

from bot.common.lazy_pattern import LazyPattern

_END: Final = "(?:了|吧|啊|呗|呢|哈|[,.!~ ])*"
_CHOSEN: Final = LazyPattern(
    "(?:那|好的?|行|嗯|可以|ok|,| )*(?:我|咱|咱们)?(?:就|现在|这就|马上|先|还是)*"
    "(?:去|选)(?:最近的?)?[这那](?:[家个]|里|儿|边|个站|家站|个驿站|家驿站|站)"
    f"{_END}"
    f"|(?:那|行|好的?|,| )*(?:就|还是)[这那]家(?:驿站|站)?{_END}"
    r"|(?:ok,? )?(?:i'?ll |let me |i'?m )?(?:go|going) (?:to )?(?:there|this one|that one)[.! ]*"
)
_OPEN: Final = LazyPattern(
    "(?:到了|我到了|刚到|门|店|人家|这家|这里|,| )*"
    "(?:开着门?|门开着|开门了|能进|进来了|进去了|进得去|进得来|有人)"
    "(?:呢|的|啊|呀|了|,|可以|挺好|很好|[.!~ ])*"
    r"|(?:it'?s |it is |yes,? )?(?:open|i(?:'m| am) in)[.! ]*"
)
_HERE: Final = (
    "(?:我?们?(?:这里|这儿|这边|这块|这一带|这一片|那里|那儿|那边|附近|旁边|周围|跟前)|[这那])"
)
_STATION: Final = "(?:爱心)?(?:驿站|站点|休息站|站|休息点|歇脚点|歇脚的地方)"
_PROPOSED: Final = LazyPattern(
    f".{{0,12}}{_HERE}?.{{0,4}}"
    "(?:应该|该|(?:建议|希望|能不能|可不可以|要是|最好|盼着?|想让你们)[^,.]{0,8}?)"
    f"(?:有|建|设|加|开|弄|搞|安排|多)(?:一?[个家座处])?[^,.]{{0,10}}?{_STATION}(?:就好)?"
    "(?:了|啊|呀|的|[,.!~ ])*"
    rf"|.{{0,30}}\b(?:there should be|please (?:build|open)|we need) an? .{{0,20}}station.{{0,20}}"
)
_ASKS: Final = LazyPattern("[?吗么]|[吧呢]$|没有|哪")


def chooses_shown(text: str) -> bool:
    """Whether it says to go to the station just shown, without a number: 去这家, 就这家吧."""
    return _CHOSEN.fullmatch(text) is not None


def found_open(text: str) -> bool:
    """Whether it says no more than that one came in: 开着呢, 进来了."""
    return _OPEN.fullmatch(text) is not None


def proposes_station(text: str) -> bool:
    """Whether it proposes a station where there is none: 这里应该有个站, 建议集宁站前加个驿站."""
    asks = _ASKS.search(text.replace("能不能", "").replace("可不可以", ""))
    return asks is None and _PROPOSED.fullmatch(text) is not None
