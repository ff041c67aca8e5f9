"""The firm that a courier names as their own."""

from collections.abc import Callable
from typing import Final

from bot.common.lazy_pattern import LazyPattern
from bot.intents.normalise import normalise
from bot.intents.personal_names import is_phrase

_MINE: Final = LazyPattern(
    "(?:我们?(?:是|在|给)|是|在|给)(?P<firm>[a-z一-鿿]{2,8}?)"
    "(?P<work>(?:的|跑单|跑腿|送外卖|送餐|送快递|送货|骑手|员工|小哥)*)"
)
_KIND: Final = LazyPattern(
    "(?:公司|平台|快递|速递|物流|速运|外卖|配送|专送|众包|同城|跑腿|骑手|小哥|员工)+$"
)
_NO_FIRM: Final = frozenset(
    {
        *("本地", "外地", "全职", "兼职", "专职", "自由", "个人", "一个", "一名", "老板", "学生"),
        *("自己", "家里", "站点", "站里", "路上", "街上", "外面", "外头", "附近", "这边", "那边"),
        *("早上", "中午", "下午", "晚上", "夜里", "白天", "雪天", "冬天", "夏天"),
    }
)
"""Words that stand where a firm may stand: 我是本地骑手, 我在外面送餐."""


def own_firm(typed: str, listed: Callable[[str], str]) -> str:
    """The firm that a message says its writer works for (中通, 我是中通的, 在美团跑单), or "".

    `listed` gives the usual name of a firm that is known, else "". One that is not known needs a
    word that tells it from a state: 蒙马配送, 在蒙马跑单, but not 在加班, 我是新来的. It may be a
    place nonetheless (在东胜送外卖).
    """
    text = normalise(typed)
    said = _MINE.fullmatch(text)
    named = said["firm"] if said else text
    if known := listed(named):
        return known
    name = _KIND.sub("", named)
    if said is None or (name == named and said["work"] in {"", "的"}):
        return ""
    return "" if name in _NO_FIRM or len(name) < 2 or is_phrase(name) else named
