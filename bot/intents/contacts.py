"""Names and mobile numbers in what somebody typed: 报名 王强 13812345678, or a team's list."""

import re
import unicodedata
from dataclasses import dataclass, field
from operator import itemgetter
from typing import Final

from bot.common.lazy_pattern import LazyPattern
from bot.intents.personal_names import is_name

_GAP: Final = r"[ \t.\-–—]{0,2}"
_PHONE: Final = LazyPattern(
    rf"(?<!\d)(?:\(?(?:\+|00)?{_GAP}86\)?{_GAP})?"
    rf"(1{_GAP}[3-9](?:{_GAP}\d){{9}})(?!\d)"
)
_LABELS: Final = LazyPattern(
    r"(?<![\u3400-\u9fff])(?:我?报名|参加)?"
    r"(?:我叫|我是|我的|姓名|名字|名|叫|报名|参加|name\b)\s*[:是为]?\s*"
    r"|(?:电话号码|手机号码|手机号|电话|手机|号码|联系方式|phone\b)\s*[:是为]?\s*",
    re.IGNORECASE,
)
# A word with one of these is about the session, and no name.
_NO_NAME: Final = LazyPattern(
    "报名|[周期拜][一二三四五六日天末]|星期|礼拜|[上下]午|晚上|早上|中午|今天|明天|后天|课|培训|讲座|讲堂|"
    "那场|这场|急救|安全|这个|那个|一个|我要|我想|帮我|可以|参加|怎么|什么|啥|哪|取消|线上|驿站|[几个]人"
)
_BETWEEN: Final = LazyPattern(r"[\s,:;/|]+")
_PIECES: Final = LazyPattern(r"[\n,;/|]")
_HAN_NAME: Final = LazyPattern(r"[\u3400-\u9fff·]{2,12}")
_FILLER: Final = LazyPattern(
    "(?:和|跟|还有|以及|与|的|号|电话|手机|姓名|名字|序号|人员|名单|队员|一共|共|人|先生|女士|师傅"
    "|[我咱][们俩仨]*|[几两三四五六七八九十]个?|报名|参加|,|:| )*"
)
_JOINED: Final = LazyPattern("还有|以及|另外|加上|和|跟|与")
_NUMBERING: Final = LazyPattern(
    r"^\s*[(]?\d{1,2}[.):、]\s*(?=\D)|^\s*\d{1,2}\s+(?=[\u3400-\u9fff])"
)
_GIVES_UP: Final = LazyPattern(
    r"(?:(?:我|那|先|咱)*(?:就|都|也|还是|暂时|真)*"
    r"(?:不(?:想|要|打算|准备)?(?:再)?(?:同意|办|报|报名|填|弄|整|登记|参加|去|来|搞|干|说|写|查|绑|输)"
    r"(?:卡|这个|培训|课|名)?了?"
    r"|算了|不用了?|不要了?|不了|拉倒|(?:要|想)?退(?:出|了|掉)?|放弃|取消|别(?:办|填|报|弄|问)了"
    r"|never ?mind|forget it|give up|quit)(?:吧|啦|哈|谢谢)*)+"
)
_EXCUSES: Final = LazyPattern(
    "(?:谢谢|多谢|谢了|不好意思|对不起|抱歉|太?麻烦了?|太?烦了?|太慢了?|没空|没时间|我|吧|thanks?|sorry)+"
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


@dataclass(slots=True)
class _Read:
    """What a list says: names by phone; what belongs to nobody, by line, and if it is a number."""

    found: dict[str, str] = field(default_factory=dict)
    unread: list[tuple[int, str, bool]] = field(default_factory=list)

    def leave(self, line: int, names: list[str]) -> None:
        """Names that no phone belongs to."""
        self.unread += [(line, one, False) for one in names if not _FILLER.fullmatch(one)]


def people(text: str) -> list[tuple[str, str]]:
    """Every (name, phone) of a list, in any separators and order; the name may be empty."""
    return [(called, number) for number, called in _read_list(text).found.items()]


def unread(text: str) -> list[tuple[str, bool]]:
    """What `people` leaves out of a list, each with whether it has a number of another length.

    A heading (名单:) and names of somebody who is found are none of it.
    """
    return [(line, wrong) for _, line, wrong in sorted(_read_list(text).unread, key=itemgetter(0))]


def _read_list(text: str) -> _Read:
    """Pairs each phone with the name beside it: on its own line, before or after it, or above."""
    read = _Read()
    above: tuple[int, list[str]] = (0, [])  # names on a line without a phone
    for at, line in enumerate(_plain(text).split("\n")):
        phones = list(_PHONE.finditer(line))
        ends = [0, *(one.end() for one in phones)]
        starts = [*(one.start() for one in phones), len(line)]
        beside = [
            _pieces(read, at, line[end:start]) for end, start in zip(ends, starts, strict=True)
        ]
        if not phones:
            read.leave(*above)
            above = at, [] if line.rstrip().endswith(":") else beside[0]
            continue
        if len(phones) == 1 and not any(beside):
            beside[0] = above[1][-1:]
            del above[1][-1:]
        if len(phones) > 1 and len(beside[0]) > 1 and not any(beside[1:]):
            if len(beside[0]) == len(phones):  # all names, then as many phones
                beside = [[one] for one in beside[0]] + [[]]
            else:  # whose phone is whose cannot be told
                read.leave(at, beside[0])
                beside[0] = []
        names_first = bool(beside[0]) or not beside[-1]
        for n, match in enumerate(phones):
            names = beside[n if names_first else n + 1]
            called = names.pop(-1 if names_first else 0) if names else ""
            number = re.sub(r"\D", "", match[1])
            known = read.found.get(number)
            if known and called not in {known, ""}:
                read.unread.append((at, f"{called} {number}", False))  # another one's already
            else:
                read.found[number] = called or known or ""
        for names in beside:
            read.leave(at, names)
    read.leave(*above)
    return read


def _pieces(read: _Read, line: int, text: str) -> list[str]:
    """The names in what stands between two phones, in order; numbers go to what is unread."""
    names: list[str] = []
    for piece in _PIECES.split(_NUMBERING.sub("", text)):
        content = _BETWEEN.sub(" ", _NUMBERING.sub("", piece)).strip(" .:()[]-–—")
        if re.search(r"\d{4}", content):
            if not any(one.isalpha() for one in content) and names:
                content = f"{names.pop()} {content}"
            read.unread.append((line, content, True))
        elif any(one.isalpha() for one in content):
            names += _names_in(content)
    return names


def _names_in(content: str) -> list[str]:
    """The names of one piece: several where blanks part them, else the whole as it is."""
    joined = _JOINED.match(content)
    if joined and is_name(content[joined.end() :]):
        content = content[joined.end() :]
    whole = name(content, asked=True)
    words = content.split(" ")
    if len(words) > 1 and all(_HAN_NAME.fullmatch(one) and is_name(one) for one in words):
        return words
    return [whole or content]


def gives_up(text: str) -> bool:
    """Whether a text declines what is being asked: 我不想办了, 算了 不办了, 我要退."""
    clauses = [one for one in re.split(r"[\s.,!?~;:]+", _plain(text).lower()) if one]
    whole = " ".join(clauses)
    if _GIVES_UP.fullmatch(whole):
        return True
    declined = [one for one in clauses if not _EXCUSES.fullmatch(one)]
    return bool(declined) and all(_GIVES_UP.fullmatch(one) for one in declined)


def _plain(text: str) -> str:
    """Half-width digits and marks; line ends stay."""
    return unicodedata.normalize("NFKC", text).replace("、", ",").replace("。", ",")
