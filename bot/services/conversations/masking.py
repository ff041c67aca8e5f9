"""Masks what looks like a personal number in a message."""

import re
from typing import Final

from bot.common.lazy_pattern import LazyPattern

SHORTEST: Final = 7
"""Digits from which on a number may identify somebody; 12351 and a house number stay."""
_NUMBER: Final = LazyPattern(r"[0-9０-９](?:[ \-–—]?[0-9０-９]){6,}[xXＸｘ]?")
_EMAIL: Final = LazyPattern(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+", re.ASCII)


def masked(text: str) -> str:
    """The text with phones, identity and card numbers, and mail addresses made unreadable.

    Three digits in front and two behind stay, so that both sides know which number is meant.
    """
    return _EMAIL.sub("***@***", _NUMBER.sub(_masked_number, text))


def _masked_number(found: re.Match[str]) -> str:
    digits = re.sub(r"[ \-–—]", "", found[0])
    return f"{digits[:3]}****{digits[-2:]}"
