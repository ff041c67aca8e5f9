"""The particulars in a message: facilities, a radius, an hour, a choice from a list.

Only what is plainly said is found. `read_slots` takes text as `normalise` leaves it; `ordinal`,
which is used on its own, takes it as typed.
"""

import re
from dataclasses import dataclass
from datetime import time
from typing import Final

from bot.intents.clock import after
from bot.intents.normal import normalise
from bot.intents.numerals import NUMERAL, numeral
from bot.intents.vocabulary import facilities


@dataclass(frozen=True, slots=True)
class Slots:
    """What a request for a station may carry: facility codes, metres, the local time of day."""

    facilities: frozenset[str]
    radius_m: int | None
    after: time | None


def read_slots(text: str) -> Slots:
    """All three at once, for the model and for the answer."""
    return Slots(facilities(text), radius_m(text), after(text))


_RADIUS: Final = re.compile(
    rf"({NUMERAL})\s*(公里|千米|km(?![a-z])|里(?=地|路|内|以内|之内)|米(?![宽高长])|m(?![a-z]))(半)?"
)
_UNITS: Final = {"公里": 1000, "千米": 1000, "km": 1000, "里": 500, "米": 1, "m": 1}

_FARTHEST: Final = 100_000
"""Metres; who names more than this is telling of a journey, not asking for a circle."""


def radius_m(text: str) -> int | None:
    """The distance named, in metres ("离我1公里", "500米内", "两里地"), or None."""
    match = _RADIUS.search(text)
    if match is None:
        return None
    amount, unit, half = match.groups()
    metres = round((numeral(amount) + (0.5 if half else 0.0)) * _UNITS[unit])
    return metres if 0 < metres <= _FARTHEST else None


_COUNTED: Final = "个|家|条|场|门|节|项|处|间|号|堂|期"
_ORDINAL: Final = re.compile(
    rf"第({NUMERAL})(?:{_COUNTED})|\b(first|second|third|1st|2nd|3rd)\b"
    r"|(?:选项?|no\.?|#)\s?([0-9]{1,2})\b"
)
_BARE_ORDINAL: Final = re.compile(
    r"(?:我?要|就?选|就|看|去)?第?([一二三四五六七八九十]+|[0-9]{1,2})[.,!吧呗\s]*"
)
_ENGLISH: Final = {"first": 1, "1st": 1, "second": 2, "2nd": 2, "third": 3, "3rd": 3}


def ordinal(text: str) -> int | None:
    """Which of the things just listed is meant, from 1 ("第二个", "2", "②", "第3家"), or None."""
    text = normalise(text)
    if match := _ORDINAL.search(text):
        counted, english, chosen = match.groups()
        if english:
            return _ENGLISH[english]
        value = numeral(counted or chosen)
    elif match := _BARE_ORDINAL.fullmatch(text):
        value = numeral(match.group(1))
    else:
        return None
    return int(value) if value == int(value) and 1 <= value <= 99 else None
