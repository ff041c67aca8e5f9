"""Names and mobile numbers in what somebody typed: 报名 王强 13812345678, or a team's list."""

import re
import unicodedata
from typing import Final

from bot.intents.personal_names import is_name

_GAP: Final = r"[ \t.\-–—]{0,2}"
_PHONE: Final = re.compile(
    rf"(?<!\d)(?:\(?(?:\+|00)?{_GAP}86\)?{_GAP})?"
    rf"(1{_GAP}[3-9](?:{_GAP}\d){{9}})(?!\d)"
)
_LABELS: Final = re.compile(
    r"(?<![\u3400-\u9fff])(?:我?报名|参加)?"
    r"(?:我叫|我是|我的|姓名|名字|名|叫|报名|参加|name\b)\s*[:是为]?\s*"
    r"|(?:电话号码|手机号码|手机号|电话|手机|号码|联系方式|phone\b)\s*[:是为]?\s*",
    re.IGNORECASE,
)
# A word with one of these is about the session, and no name.
_NO_NAME: Final = re.compile(
    "报名|[周期拜][一二三四五六日天末]|星期|礼拜|[上下]午|晚上|早上|中午|今天|明天|后天|课|培训|讲座|讲堂|"
    "那场|这场|急救|安全|这个|那个|一个|我要|我想|帮我|可以|参加|怎么|什么|啥|哪|取消|线上|驿站|[几个]人"
)
_BETWEEN: Final = re.compile(r"[\s,:;/|]+")
_PIECES: Final = re.compile(r"[\n,;/|]")
_NUMBERING: Final = re.compile(r"^\s*[(]?\d{1,2}[.):、]\s*(?=\D)|^\s*\d{1,2}\s+(?=[\u3400-\u9fff])")
_GIVES_UP: Final = re.compile(
    r"(?:我|那|先)*(?:就|都|也|还是|暂时)*"
    r"(?:不(?:想|要|打算|准备)?(?:再)?(?:同意|办|报|报名|填|弄|登记|参加|去|来|搞|说|写)(?:卡|这个|培训|课)?了?"
    r"|算了|不用了?|不要了?|不了|拉倒|退出|放弃|取消|never ?mind|forget it)(?:吧|啦|哈|谢谢)*"
)


def phone(text: str) -> str | None:
    """The first mobile number of the mainland in a text, eleven digits."""
    found = _PHONE.search(_plain(text))
    return re.sub(r"\D", "", found[1]) if found else None


def name(text: str, *, asked: bool = False) -> str | None:
    """A personal name within a longer text; `asked`: the text answers that question."""
    plain = _PHONE.sub(" ", _plain(text).replace("•", "·").replace("・", "·"))
    words = [word for word in _BETWEEN.split(_LABELS.sub(" ", plain)) if word]
    if asked:
        whole = " ".join(words)
        return next((one for one in (whole, *words) if is_name(one)), None)
    for word in words:
        if not word.isascii() and is_name(word) and not _NO_NAME.search(word):
            return word
    return None


def people(text: str) -> list[tuple[str, str]]:
    """Every (name, phone) of a list, one or many to a line; the name may be empty."""
    plain = _plain(text)
    found: dict[str, str] = {}
    before = 0
    for match in _PHONE.finditer(plain):
        line = plain[before : match.start()].split("\n")[-1].rstrip(" ,;:/|")
        near = _NUMBERING.sub("", _PIECES.split(line)[-1])
        found.setdefault(re.sub(r"\D", "", match[1]), name(near, asked=True) or "")
        before = match.end()
    return [(called, number) for number, called in found.items()]


def unread(text: str) -> list[tuple[str, bool]]:
    """What `people` leaves out of a list, each with whether it has a number of another length.

    A heading (名单:) and names of somebody who is found are none of it.
    """
    left = []
    for line in _plain(text).split("\n"):
        alone = _PHONE.search(line) is None
        for piece in [line] if alone else _PIECES.split(_PHONE.sub(";", line)):
            content = _BETWEEN.sub(" ", piece).strip()
            wrong = re.search(r"\d{4}", content) is not None
            named = alone and any(one.isalpha() for one in content)
            if wrong or (named and not piece.rstrip().endswith(":")):
                left.append((content, wrong))
    return left


def gives_up(text: str) -> bool:
    """Whether a text declines what is being asked: 我不想办了, 算了."""
    plain = _plain(text).lower().strip(" .,!?~")
    return _GIVES_UP.fullmatch(plain) is not None


def _plain(text: str) -> str:
    """Half-width digits and marks; line ends stay."""
    return unicodedata.normalize("NFKC", text).replace("、", ",").replace("。", ",")
