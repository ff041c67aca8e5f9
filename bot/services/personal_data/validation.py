"""Checks and normalises what couriers type about themselves; detects what they must not type."""

import unicodedata
from datetime import date
from typing import Final

from bot.common.lazy_pattern import LazyPattern

_NUMBER = LazyPattern(r"(?=.*\d)[0-9A-Z]{6,32}")
_APPLICATION = LazyPattern(r"[A-Z]{2,8}\d{6,10}")  # the numbers on parcels are longer
_DIGITS = LazyPattern(r"\d{3}[\dX]")
_PHONE = LazyPattern(r"1[3-9]\d{9}")
_NAME = LazyPattern(r"[^\W\d_](?:[^\W\d_]|[ .·'-]){1,29}")
_ID = LazyPattern(r"(?<!\d)[1-8]\d{5}((?:19|20)\d{2})(\d{2})(\d{2})\d{3}[\dX](?![\dX])")
_OLD_ID = LazyPattern(r"(?<!\d)[1-8]\d{5}(\d{2})(\d{2})(\d{2})\d{3}(?!\d)")
_CARD = LazyPattern(r"(?<!\d)(?:62|9558|4|5)\d{11,17}(?!\d)")
_JOINTS = LazyPattern(r"[\s\-–—_·.]+")


def plain(text: str) -> str:
    """NFKC, capitals, without the blanks and dashes that people put between groups of digits."""
    return _JOINTS.sub("", unicodedata.normalize("NFKC", text)).upper()


def application_number(text: str) -> str | None:
    """6 to 32 letters and digits, at least 8 where all are digits; None for anything else.

    Shorter rows of digits are likelier a one-time code of a bank, which must not be asked for.
    """
    number = plain(text)
    if not _NUMBER.fullmatch(number) or (number.isdecimal() and len(number) < 8):
        return None
    return number


def looks_like_application(text: str) -> bool:
    """Whether a text is an application number, letters first, rather than a parcel's."""
    return _APPLICATION.fullmatch(plain(text)) is not None


def last_four(text: str) -> str | None:
    """The last four of a phone or ID, as typed: four digits, or three and an X."""
    digits = plain(text)
    return digits if _DIGITS.fullmatch(digits) else None


def without_decimals(text: str) -> str:
    """Phones as they were typed: a program that took them for quantities wrote 13812345678.0."""
    return _DECIMALS.sub("", text)


_DECIMALS: Final = LazyPattern(r"(?<=[0-9]{7})\.0+(?![0-9])")


def mobile_phone(text: str) -> str | None:
    """An eleven-digit mobile number of mainland China, with or without +86."""
    digits = plain(text).removeprefix("+").removeprefix("0086")
    if len(digits) == 13:
        digits = digits.removeprefix("86")
    return digits if _PHONE.fullmatch(digits) else None


def is_digits(text: str) -> bool:
    """Whether a text is nothing but digits, in groups or full-width, as no name of a firm is."""
    return plain(text).removeprefix("+").isdecimal()


def person_name(text: str) -> str | None:
    """2 to 30 letters of any script with the marks that names have; None for anything else."""
    name = " ".join(unicodedata.normalize("NFKC", text).split())
    return name if _NAME.fullmatch(name) else None


def contains_full_id_or_card(text: str) -> bool:
    """Whether a text holds what looks like a whole ID number or a whole card number."""
    found = plain(text)
    for pattern, century in ((_ID, 0), (_OLD_ID, 1900)):
        for match in pattern.finditer(found):
            if _is_day(century + int(match[1]), int(match[2]), int(match[3])):
                return True
    return any(len(match[0]) >= 15 and _luhn(match[0]) for match in _CARD.finditer(found))


def _is_day(year: int, month: int, day: int) -> bool:
    # Birth years of people of working age: a region's code followed by today's date is no ID.
    try:
        return 1930 <= date(year, month, day).year <= 2015
    except ValueError:
        return False


def _luhn(digits: str) -> bool:
    doubled = [int(one) * (2 if at % 2 else 1) for at, one in enumerate(reversed(digits))]
    return sum(one - 9 if one > 9 else one for one in doubled) % 10 == 0
