"""The numbers of certificates: drawn at random, read from what people type, checked for typos.

A number has ten random characters, so that nobody guesses one, and two check characters, which show
every single wrong character and every two neighbours that changed places. The alphabet has no I, L,
O and U, so that a number survives being read out. Numbers of six random characters were issued
before, and stay valid.
"""

import re
import secrets
import unicodedata
from typing import Final

from bot.common.lazy_pattern import LazyPattern

PREFIX: Final = "DJT"
ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
RANDOM: Final = 10
"""Characters: 10¹⁵ numbers in each year."""
GROUP: Final = 6
"""Characters between two dashes; a number of the older form has one group, and no check."""
_MODULUS: Final = 1021
"""The largest prime that two characters can hold."""
_PART: Final = f"[{ALPHABET}]{{{GROUP}}}"
_NUMBER: Final = LazyPattern(rf"{PREFIX}-?(\d{{4}})-?({_PART})-?({_PART})?")
_OLDER: Final = LazyPattern(rf"{PREFIX}[- ]?(\d{{4}})[- ]?({_PART})(?= )")
_MISREAD: Final = str.maketrans("OIL", "011")


def new_number(year: int) -> str:
    """`DJT-2026-7K3M9P-Q4RS72`, the last two of which are check characters."""
    drawn = "".join(secrets.choice(ALPHABET) for _ in range(RANDOM))
    return _written(year, drawn + check_characters(year, drawn))


def check_characters(year: int, drawn: str) -> str:
    """The two characters that belong to a year and ten random characters."""
    value = year
    for one in drawn:
        value = (value * len(ALPHABET) + ALPHABET.index(one)) % _MODULUS
    high, low = divmod(value, len(ALPHABET))
    return ALPHABET[high] + ALPHABET[low]


def read_number(text: str) -> str | None:
    """The number in what was typed or scanned, in whatever case, width and spacing.

    None without one, or where its check characters tell that it was mistyped.
    """
    plain = unicodedata.normalize("NFKC", text).upper()
    plain = re.sub(r"[_‐-―－]", "-", re.sub(r"\s+", " ", plain))
    start = plain.find(PREFIX)
    if start < 0:
        return None
    spaced = PREFIX + plain[start + len(PREFIX) :].translate(_MISREAD)
    found = _NUMBER.match(spaced.replace(" ", ""))
    if found is None:
        return None
    year, first, second = found.groups()
    if second is None:
        return f"{PREFIX}-{year}-{first}"
    characters = first + second
    if characters[RANDOM:] == check_characters(int(year), characters[:RANDOM]):
        return _written(int(year), characters)
    older = _OLDER.match(spaced)  # of the older form, and a word after it
    return f"{PREFIX}-{older[1]}-{older[2]}" if older else None


def _written(year: int, characters: str) -> str:
    return f"{PREFIX}-{year:04}-{characters[:GROUP]}-{characters[GROUP:]}"
