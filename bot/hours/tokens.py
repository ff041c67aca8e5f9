"""Written hours as plain text, cut into the words that `vocabulary` knows."""

import unicodedata
from enum import Enum
from typing import Final

from bot.common.lazy_pattern import LazyPattern
from bot.common.values import value
from bot.hours.errors import Fault, HoursError
from bot.hours.vocabulary import TOKEN, WITHOUT


class Kind(Enum):
    """What a word says; the value is its group in `vocabulary.TOKEN`."""

    OPEN = "open"
    CLOSE = "close"
    DATES = "dates"
    CLOSED_TIMES = "closed_times"
    SEASON = "season"
    REST_OF_YEAR = "rest_of_year"
    ALIKE = "alike"
    ALL_DAY = "allday"
    INCLUDED = "included"
    BREAK = "break"
    EXCEPT = "except"
    OFF = "off"
    REST_DAYS = "restdays"
    WORKDAYS = "workdays"
    WEEKEND = "weekend"
    EVERY_DAY = "everyday"
    HOLIDAYS = "holidays"
    WEEKDAYS = "weekdays"
    SPAN = "span"
    MEAL = "meal"
    PART = "part"
    AS_USUAL = "as_usual"
    REMARK = "remark"

    __hash__ = object.__hash__  # that of Enum is slow


DAY_KINDS: Final = frozenset(
    {
        Kind.REST_DAYS,
        Kind.WORKDAYS,
        Kind.WEEKEND,
        Kind.EVERY_DAY,
        Kind.HOLIDAYS,
        Kind.WEEKDAYS,
    }
)

NONE: Final = 0
SPACE: Final = 1
COMMA: Final = 2
SEMICOLON: Final = 3
"""How strongly two words are kept apart."""


@value
class Token:
    """A word, the mark between it and the word before, and whether 和 or 、 joins them."""

    kind: Kind
    text: str
    gap: int
    is_joined: bool


def plain(text: str) -> str:
    """The text in one width and case, with one kind of dash, bracket, comma and space."""
    folded = unicodedata.normalize("NFKC", text).translate(_MARKS)
    spaced = " ".join(_LINES.sub(";", _DASHES.sub("-", folded)).lower().split())
    if spaced.endswith(".") and not spaced.endswith(".."):
        spaced = spaced[:-1]
    return _AROUND_UNTIL.sub(r"\1", spaced.rstrip(",; "))


def tokens(text: str) -> list[Token]:
    """The words of a plain text. Raises `HoursError` quoting what is not understood."""
    if "除" in text or "不" in text:
        text = WITHOUT.sub(lambda found: f"{found[1] or found[2]}除外", text)
    found: list[Token] = []
    position, gap, joined = 0, NONE, False
    while position < len(text):
        match = TOKEN.match(text, position)
        if match is None or match.end() == position:
            raise HoursError(Fault.UNREADABLE, text[position : position + 12])
        position = match.end()
        match match.lastgroup:
            case "gap":
                gap = max(gap, _strength(match[0]))
            case "join":
                joined, gap = True, max(gap, SPACE)
            case "filler":
                pass
            case None:
                pass
            case kind:
                found.append(Token(_KINDS[kind], match[0], gap, joined))
                gap, joined = NONE, False
    return found


_KINDS: Final = {kind.value: kind for kind in Kind}


def _strength(marks: str) -> int:
    if ";" in marks:
        return SEMICOLON
    if "," in marks:
        return COMMA
    return SPACE if marks.strip(":") or " " in marks else NONE


_MARKS: Final = str.maketrans(
    {"∶": ":", "：": ":", "週": "周", "。": ",", "兩": "两", "點": "点", "﹕": ":"}
    | dict.fromkeys("[{【〔「『〈《", "(")
    | dict.fromkeys("]}】〕」』〉》", ")")
)
_DASHES: Final = LazyPattern(r"(?<=\S)(?:\s*[-‐‑‒–—―−~〜∼─━]\s*)+(?=\S)")
"""Between two things only, so that a lone dash stays what it is: nothing known."""
_LINES: Final = LazyPattern(r"[\r\n]+")
_AROUND_UNTIL: Final = LazyPattern(r" ([至到]) ?|(?<=[至到])() ")
