"""Reads what a courier types to find their application, in any order and wording.

`申请编号DEMO2026001，后四位1234`, `1234 NM 2026 0815`, `尾号一二三四，编号DEMO2O26001`.
"""

import re
import unicodedata
from typing import Final

from bot.common.lazy_pattern import LazyPattern
from bot.common.values import value
from bot.conversation.context import Context
from bot.conversation.replies import Json, Then
from bot.services.personal_data import validation

_MOBILE: Final = LazyPattern(
    r"(?<![0-9A-Z])(?:(?:\+|00)?86[ -]?)?(1[3-9]\d(?:[ -]?\d{4}){2})(?![0-9A-Z])"
)
_LABEL: Final = r"(?:尾号|[后末][4四]位?(?:数字?)?|LAST\s*(?:4|FOUR)(?:\s*DIGITS?)?)"
_FOUR: Final = r"(\d[ ]?\d[ ]?\d[ ]?[\dX])(?![0-9A-Z])"
_LABELLED: Final = LazyPattern(
    rf"{_LABEL}(?:[^0-9A-Z]|\b(?:IS|ARE|OF|ID|CARD|PHONE)\b){{0,12}}{_FOUR}"
)
_LABELLED_AFTER: Final = LazyPattern(rf"(?<![0-9A-Z]){_FOUR}[^0-9A-Z,\n]{{0,8}}{_LABEL}")
_SPELLED: Final = LazyPattern("[零〇一二三四五六七八九幺]{4}")
_VALUES: Final = str.maketrans("零〇一二三四五六七八九幺", "001234567891")
_OTHER_WORDS: Final = LazyPattern(
    r"\b(?:MY|THE|APPLICATION|NUMBER|NO|IS|ARE|AND|LAST|FOUR|DIGITS?|OF|ON|IN|FORM|PHONE|ID|CARD"
    r"|CODE|ITS?|FOR|WITH|PLEASE|CHECK)\b"
)
_RUN: Final = LazyPattern(r"[0-9A-Z](?:[0-9A-Z \t\-–—_·.]*[0-9A-Z])?")
_LETTER_SLIPS: Final = str.maketrans("OIL", "011")
_LETTERS_FIRST: Final = LazyPattern(r"([A-Z]{2,8})(\d[0-9OIL]{5,9})")
_HAN: Final = LazyPattern("[\u3400-\u9fff]")
_NUMBER_LABEL: Final = LazyPattern("编号|单号|号码|申请号|申请码")


@value
class CardFacts:
    """What a text says; each empty where it does not.

    `number`: an application number in its normal form. `digits`: the last four of a phone or of an
    ID card. `by_phone`: they were read off a whole mobile number, which is no application number.
    """

    number: str = ""
    digits: str = ""
    by_phone: bool = False


def read_facts(text: str) -> CardFacts:
    """Both facts, one of them, or none. A text with a whole ID or card number has none."""
    if validation.contains_full_id_or_card(text):
        return CardFacts()
    left = unicodedata.normalize("NFKC", text).upper().replace("，", ",").replace("、", ",")
    left = _SPELLED.sub(lambda found: found[0].translate(_VALUES), left)
    digits, by_phone = "", False
    if mobile := _MOBILE.search(left):
        digits, by_phone = validation.plain(mobile[1])[-4:], True
        left = _MOBILE.sub(",", left)
    for pattern in (_LABELLED, _LABELLED_AFTER):
        if found := pattern.search(left):
            digits, by_phone = validation.plain(found[1]), False
            left = f"{left[: found.start()]},{left[found.end() :]}"
            break
    number = ""
    for run in _RUN.findall(_OTHER_WORDS.sub(",", left)):
        one, four = _of_run(run)
        if one and not number and _is_meant(one, text):
            number = one
        digits = digits or four
    return CardFacts(number, digits, by_phone)


def known_facts(ctx: Context) -> CardFacts:
    """What the conversation has been told so far."""
    number, digits = ctx.data.get("number"), ctx.data.get("digits")
    return CardFacts(
        number if isinstance(number, str) else "", digits if isinstance(digits, str) else ""
    )


def remember(step: str, facts: CardFacts) -> Then:
    """The step that waits for what is missing of these facts."""
    said: dict[str, Json] = {"number": facts.number, "digits": facts.digits}
    return Then(step, {name: value for name, value in said.items() if value})


def _is_meant(number: str, text: str) -> bool:
    """Whether letters and digits within a sentence are an application number: iphone15 is not."""
    if validation.looks_like_application(number) or _NUMBER_LABEL.search(text):
        return True
    return not _HAN.search(text) or (number.isdecimal() and not number.startswith("0"))


def _of_run(run: str) -> tuple[str, str]:
    """The number and the four digits in letters and digits with nothing but gaps between them."""
    if (four := validation.last_four(run)) is not None:
        return "", four
    groups = re.split(r"[\s\-–—]+", run)
    for four, others in ((groups[-1], groups[:-1]), (groups[0], groups[1:])):
        if validation.last_four(four) == four and _is_whole(others):
            return _number(" ".join(others)), four
    return _number(run), ""


def _is_whole(groups: list[str]) -> bool:
    """Whether groups are a number by themselves, so that four more digits are no part of it."""
    number = _number(" ".join(groups))
    long_enough = len(groups) == 1 and number.isdecimal()
    return bool(number) and (long_enough or validation.looks_like_application(number))


def _number(text: str) -> str:
    """The application number that a text is; letters typed for digits are mended. Or empty."""
    plain = validation.plain(text)
    if slip := _LETTERS_FIRST.fullmatch(plain):
        return f"{slip[1]}{slip[2].translate(_LETTER_SLIPS)}"
    return validation.application_number(plain) or ""
