"""Numbers as people type them in a message: 3, 1.5, 三, 两百, 二十二, 半, 一点五."""

from typing import Final

DIGITS: Final = {c: n for n, c in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2, "俩": 2}
TENS: Final = {"十": 10, "百": 100, "千": 1000}

NUMERAL: Final = (
    r"(?:[0-9]+(?:\.[0-9]+)?"
    r"|[零〇一二两俩三四五六七八九十百千]+(?:点[零〇一二三四五六七八九]+)?"
    r"|半)"
)
"""A regular expression, without groups of its own, for what `numeral` reads."""


def numeral(text: str) -> float:
    """The value of one match of NUMERAL. Two digits in a row (两三) mean the larger."""
    if text == "半":
        return 0.5
    if text.isascii():
        return float(text[:12])
    whole, _, decimals = text.partition("点")
    total = digit = 0
    for character in whole:
        if character in TENS:
            # 十五 has no digit before its ten.
            total += (digit or 1) * TENS[character]
            digit = 0
        else:
            digit = DIGITS[character]
    fraction = "".join(str(DIGITS[c]) for c in decimals[:6])
    return total + digit + (float(f"0.{fraction}") if fraction else 0.0)
