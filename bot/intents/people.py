"""Names and mobile numbers in what somebody typed: 报名 王强 13812345678, or a team's list."""

import re
import unicodedata
from typing import Final

_PHONE: Final = re.compile(r"(?<!\d)(?:\+?86[- ]?)?(1[3-9]\d)[- ]?(\d{4})[- ]?(\d{4})(?!\d)")
_LABELS: Final = re.compile(
    r"(?:我叫|我是|我的|姓名|名字|名|叫|电话号码|手机号码|手机号|电话|手机|号码|联系方式|报名|参加|name|phone)"
    r"\s*[::是为]?\s*"
)
_NAME: Final = re.compile(r"[\u3400-\u9fff]{2,4}|[\u3400-\u9fff]{1,8}(?:·[\u3400-\u9fff]{1,8})+")
_LONG_NAME: Final = re.compile(
    r"[\u3400-\u9fff·]{2,12}|[a-z][a-z'.-]*(?: [a-z][a-z'.-]*){0,3}", re.IGNORECASE
)
# A word with one of these is about the session, and no name.
_NO_NAME: Final = re.compile(
    "报名|[周期拜][一二三四五六日天末]|星期|礼拜|[上下]午|晚上|早上|中午|今天|明天|后天|课|培训|讲座|讲堂|"
    "那场|这场|急救|安全|这个|那个|一个|我要|我想|帮我|可以|参加|怎么|什么|啥|哪|取消|线上|驿站|[几个]人"
)
_BETWEEN: Final = re.compile(r"[\s,:;、/|]+")


def phone(text: str) -> str | None:
    """The first mobile number of the mainland in a text, eleven digits."""
    found = _PHONE.search(_plain(text))
    return "".join(found.groups()) if found else None


def name(text: str, *, asked: bool = False) -> str | None:
    """A personal name beside whatever else is said; `asked`: the text answers that question."""
    plain = text.replace("•", "·").replace("・", "·").strip()
    plain = _PHONE.sub(" ", plain)
    plain = _LABELS.sub(" ", plain)
    words = [word for word in _BETWEEN.split(plain.replace("，", " ").replace("。", " ")) if word]
    for word in words:
        if _NAME.fullmatch(word) and (asked or not _NO_NAME.search(word)):
            return word
    if asked:
        whole = " ".join(words)
        for one in (whole, *words):
            if _LONG_NAME.fullmatch(one):
                return one[:30]
    return None


def people(text: str) -> list[tuple[str, str]]:
    """Every (name, phone) of a list, one or many to a line; the name may be empty."""
    plain = _plain(text)
    found: dict[str, str] = {}
    before = 0
    for match in _PHONE.finditer(plain):
        near = re.split(r"[\n,;、/|]", plain[before : match.start()])[-1]
        found.setdefault("".join(match.groups()), name(near, asked=True) or "")
        before = match.end()
    return [(called, number) for number, called in found.items()]


def _plain(text: str) -> str:
    """Half-width digits and marks; line ends stay."""
    return unicodedata.normalize("NFKC", text).replace("、", ",").replace("。", ",")
