"""The courier firms that a form offers; any other may be typed."""

import csv
import unicodedata
from collections.abc import Mapping
from functools import lru_cache
from typing import Final

from bot.common.lazy_pattern import LazyPattern
from bot.data import DATA

FILE: Final = DATA / "courier_companies.csv"
_KIND: Final = LazyPattern(
    "(?:公司|快递|速递|物流|速运|外卖|配送|专送|众包|同城|跑腿|骑手|小哥|员|的|秒送|到家|包裹|集团)+$"
)
_OTHER_NAMES: Final = {
    "饿了吗": "饿了么",
    "饿了嘛": "饿了么",
    "蜂鸟": "饿了么",
    "淘宝闪购": "饿了么",
    "极兔": "极兔速递",
    "邮局": "邮政",
    "中国邮政": "邮政",
    "邮政快递包裹": "邮政",
    "京东物流": "京东",
    "优速": "优速快递",
    "安能": "安能快运",
    "达达快送": "达达",
}
"""What firms are called besides; the name in the file."""


@lru_cache(maxsize=1)
def firms() -> Mapping[str, str]:
    """Names by code, those with most couriers first, as in the file."""
    with FILE.open(encoding="utf-8", newline="") as file:
        return {row["code"]: row["name"] for row in csv.DictReader(file)}


def firm_of(typed: str) -> str:
    """The code of a listed firm as typed (中通, 中通快递, 美团外卖骑手); empty for another."""
    plain = unicodedata.normalize("NFKC", typed).casefold().replace(" ", "")
    plain = _OTHER_NAMES.get(plain, plain)
    short = _KIND.sub("", plain)
    short = _OTHER_NAMES.get(short, short)
    for code, name in firms().items():
        if name.casefold() in (plain, short) or code == plain:
            return code
    return ""


def is_same_firm(one: str, other: str) -> bool:
    """Whether two names mean one firm: 中通 and 中通快递."""
    return one == other or (bool(code := firm_of(one)) and code == firm_of(other))
