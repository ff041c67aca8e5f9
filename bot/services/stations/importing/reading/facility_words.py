"""The facilities that a cell names, in whatever way their names are strung together.

`饮水机、微波炉`, `1.饮水机 2.微波炉`, `饮水机和微波炉`, `饮水机（故障）`, `饮水机=故障`. A name
that contains a separator (微波炉/餐食加热) stays whole. In a cell that begins with a sign,
`+water=故障` changes one facility and `-water` takes one away; what else the station has stays.
"""

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from functools import lru_cache
from types import MappingProxyType
from typing import Final

from bot.common.facilities import FACILITIES
from bot.common.lazy_pattern import LazyPattern
from bot.common.values import value
from bot.services.spreadsheets.cells import clean
from bot.services.stations.importing.vocabulary import NAMED_FACILITIES, STATES
from bot.services.stations.statuses import FacilityStatus

Changes = tuple[tuple[str, FacilityStatus | None], ...]
"""(code, state) of single facilities; None: there is none any more."""

LONGEST: Final = 1000
STANDARD: Final = tuple(one.name_zh for one in FACILITIES.values())
"""The names that always work, in the order of the table."""


@value
class Named:
    """What a cell says: `found` with their states, and the words that are none or say two things.

    `changes` are those written with + or -; a cell has either these or `found`.
    """

    found: Mapping[str, FacilityStatus]
    changes: Changes
    unknown: tuple[str, ...]
    states: tuple[str, ...]
    twice: tuple[str, ...]


@lru_cache(maxsize=1 << 14)
def read_facilities(text: str) -> Named:
    """All that the cell names, and all that is not understood of it.

    A cell of more than `LONGEST` characters is not understood.
    """
    if len(text) > LONGEST:
        return Named(MappingProxyType({}), (), (f"{text[:20]}…",), (), ())
    found: dict[str, FacilityStatus] = {}
    changes: dict[str, FacilityStatus | None] = {}
    unknown: list[str] = []
    states: list[str] = []
    twice: list[str] = []
    for sign, name, word in _items(text):
        code = facility_code(name)
        state = STATES.get(word.casefold()) if word else FacilityStatus.OK
        if code is None:
            unknown.append(name)
        elif state is None:
            states.append(word)
        elif sign == "-":
            changes[code] = None
        elif sign == "+":
            changes[code] = state
        elif found.setdefault(code, state) != state:
            twice.append(name)
    return Named(
        MappingProxyType(found),
        tuple(changes.items()),
        tuple(dict.fromkeys(unknown)),
        tuple(dict.fromkeys(states)),
        tuple(dict.fromkeys(twice)),
    )


@lru_cache(maxsize=1 << 12)
def facility_code(word: str) -> str | None:
    """The facility of this name, also with 免费 before or 服务 behind it; None if there is none."""
    folded = word.casefold()
    for name in (folded, _BEFORE.sub("", folded), _BEHIND.sub("", _BEFORE.sub("", folded))):
        if name in NAMED_FACILITIES:
            return NAMED_FACILITIES[name]
    return None


@lru_cache(maxsize=1 << 10)
def nearest_names(word: str) -> tuple[str, ...]:
    """At most two standard names of facilities with a name like the word, the nearest first."""
    close = get_close_matches(word.casefold(), _CHINESE, n=3, cutoff=0.5)
    inside = [name for name in _CHINESE if len(name) > 1 and (name in word or word in name)]
    codes = dict.fromkeys(NAMED_FACILITIES[name] for name in (*close, *inside))
    return tuple(FACILITIES[code].name_zh for code in codes)[:2]


def _items(text: str) -> Iterator[tuple[str, str, str]]:
    """(sign, name, state) of each piece; the state is empty if none is said."""
    rest = _COUNT.sub("", text.strip().rstrip("。.等"))
    if rest.casefold() in _NOTHING:
        return
    signed = _SIGN.match(rest) is not None
    marks = _MARKS.translate({ord("-"): None, ord("+"): None}) if signed else _MARKS
    while rest := _AND.sub("", rest.lstrip(marks)):
        if numbered := _NUMBER.match(rest):
            rest = rest[numbered.end() :]
            continue
        sign = ""
        if signed and (found := _SIGN.match(rest)):
            sign, rest = found[1], rest[found.end() :]
        name, rest = _name(rest)
        state, rest = _state(rest)
        if not name and not state:
            rest = rest[1:]
            continue
        for part, own in _parts(name):
            yield sign, part, own or state


@lru_cache(maxsize=1 << 12)
def _parts(name: str) -> tuple[tuple[str, str], ...]:
    """(name, state) of each of several names that are written as one word; else the word itself."""
    if facility_code(name) is not None:
        return ((name, ""),)
    for size in (3, 2, 4):
        if name[-size:] in STATES and facility_code(name[:-size].strip()) is not None:
            return ((name[:-size].strip(), name[-size:]),)
    parts = _JOINT.split(name)
    if len(parts) > 1 and all(map(facility_code, parts)):
        return tuple((part, "") for part in parts)
    rest, found = name.casefold(), []
    while rest:
        known = next((one for one in _BY_LENGTH if len(one) > 1 and rest.startswith(one)), None)
        if known is None:
            return ((name, ""),)
        found.append((known, ""))
        rest = _AND.sub("", rest[len(known) :])
    return tuple(found)


def _name(text: str) -> tuple[str, str]:
    """The longest known name at the beginning of `text`, else all before the next separator."""
    folded = text.casefold()
    for name in _BY_LENGTH:
        if folded.startswith(name) and (len(name) == len(text) or _ENDS.match(text, len(name))):
            return text[: len(name)], text[len(name) :]
    end = _PIECE_END.search(text)
    cut = len(text) if end is None else max(end.start(), 1)
    return text[:cut].strip(), text[cut:]


def _state(text: str) -> tuple[str, str]:
    """The state behind a name: `=故障`, `（故障）`; other remarks in brackets are dropped."""
    if found := _EQUALS.match(text):
        return found[1].strip(), text[found.end() :]
    if (found := _BEHIND_BLANK.match(text)) and found[1].casefold() in STATES:
        return found[1], text[found.end() :]
    if found := _BRACKETS.match(text):
        word = found[1].strip()
        return (word if word.casefold() in STATES else ""), text[found.end() :]
    return "", text


_MARKS: Final = " \t\n、,;/|·•・‧●▪■◆○\\&。!?_—–~-+"
_NUMBER: Final = LazyPattern(
    r"(?:\(?\d{1,2}\)[.、:]?|\d{1,2}[.、:)](?!\d)|\d{1,2}(?=[^\d\s.:%])|"
    r"\(?[一二三四五六七八九十]{1,2}[)、.])\s*"
)
_AND: Final = LazyPattern("^(?:以及|和|及|与|并)(?=[\u4e00-\u9fffA-Za-z])")
_BEHIND_BLANK: Final = LazyPattern(r"\s+([^\s、,;/|·•()+=]+)(?=$|[\s、,;/|·•])")
_SIGN: Final = LazyPattern(r"([+-])\s*(?=\S)")
_COUNT: Final = LazyPattern(
    r"(?<=[^\d\s、,;/|.:])\s*[x×*]?\s*(?:\d{1,3}|[一二两三四五六七八九十])\s*"
    r"[台个张把套组部盏箱件份只间处](?![\u4e00-\u9fff])|(?<=[^\d\s、,;/|.:])\s*[x×*]\s*\d{1,3}"
)
_JOINT: Final = LazyPattern("以及|和|及|与|并|加")
_SEPARATOR: Final = r"[、,;/|·•・‧●▪■◆○\\&+=(\n\s:。]"
_PIECE_END: Final = LazyPattern(
    _SEPARATOR + r"|(?<=[\u4e00-\u9fff])\d{1,2}(?:[.、)]|(?=[\u4e00-\u9fff]))"
)
_ENDS: Final = LazyPattern(_SEPARATOR + r"|\d|以及|和|及|与|-")
_EQUALS: Final = LazyPattern(r"\s*[=:]\s*([^\s、,;/|·•・+()]+)")
_BRACKETS: Final = LazyPattern(r"\s*\(([^()]*)\)")
_BEFORE: Final = LazyPattern(
    "^(?:免费|提供|配备|设有|配有|备有|可|有|热水、|便民|公共|应急(?!药|物))+"
)
_BEHIND: Final = LazyPattern("(?:等|服务|设施|设备|功能|区域|区|一?台|一?个)+$")
_NOTHING: Final = frozenset({"", "无", "暂无", "没有", "-", "--", "—", "/", "none"})
_CHINESE: Final = tuple(name for name in NAMED_FACILITIES if not name.isascii())
_BY_LENGTH: Final = tuple(
    sorted({*NAMED_FACILITIES, *(clean(one).casefold() for one in STANDARD)}, key=len, reverse=True)
)
