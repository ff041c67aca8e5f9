"""Which cells of a workbook are dates: they are stored as numbers, and only the format tells."""

import re
from datetime import datetime, time, timedelta
from enum import Enum
from typing import Final

from bot.common.lazy_pattern import LazyPattern
from bot.services.spreadsheets.cells import text_of
from bot.services.spreadsheets.formats.xlsx_archive import Archive, Attributes

EPOCH: Final = datetime(1899, 12, 30)  # noqa: DTZ001 - a date in a sheet has no time zone
EPOCH_1904: Final = datetime(1904, 1, 1)  # noqa: DTZ001
STYLES: Final = "xl/styles.xml"
MAX_STYLES: Final = 70_000
"""Formats that are looked at; Excel allows 65,490."""


class NumberKind(Enum):
    """What a number of a format stands for."""

    NUMBER = "number"
    DATE = "date"
    DURATION = "duration"


_BUILT_IN: Final = {
    **dict.fromkeys([*range(14, 23), *range(27, 37), 45, 47, *range(50, 59)], NumberKind.DATE),
    46: NumberKind.DURATION,
}
_LITERAL: Final = LazyPattern(r'"[^"]*"|\\.|[_*].')
_BRACKETS: Final = LazyPattern(r"\[[^\]]*\]")
_DURATION: Final = LazyPattern(r"\[(?:h+|m+|s+)\]", re.IGNORECASE)


def kind_of(format_code: str) -> NumberKind:
    """What a custom format shows, such as `yyyy"年"m"月"`, `[h]:mm` or `0.00`."""
    code = _LITERAL.sub("", format_code[:255])
    if _DURATION.search(code):
        return NumberKind.DURATION
    shown = _BRACKETS.sub("", code).casefold()
    if "general" not in shown and any(letter in shown for letter in "dmyhs"):
        return NumberKind.DATE
    return NumberKind.NUMBER


def read_styles(archive: Archive) -> list[NumberKind]:
    """What the numbers of each cell style stand for, in the order that cells refer to."""
    custom: dict[str, NumberKind] = {}
    styles: list[NumberKind] = []
    inside = ""

    def start(tag: str, attributes: Attributes) -> None:
        nonlocal inside
        if tag in {"cellXfs", "cellStyleXfs", "dxfs"}:
            inside = tag
        elif tag == "numFmt" and len(custom) < MAX_STYLES:
            custom[attributes["numFmtId"]] = kind_of(attributes.get("formatCode", ""))
        elif tag == "xf" and inside == "cellXfs" and len(styles) < MAX_STYLES:
            number = attributes.get("numFmtId", "0")
            styles.append(custom.get(number) or _BUILT_IN.get(int(number), NumberKind.NUMBER))

    if archive.has(STYLES):
        archive.parse(STYLES, start)
    return styles


def as_date(number: float, kind: NumberKind, epoch: datetime) -> str:
    """The number as the date, time or duration that it stands for."""
    if number < 0 and kind is NumberKind.DATE:
        return text_of(number)
    try:
        seconds = round(number * 86_400)
        # What is a second short of a minute lost digits: 46365.41666 is ten o'clock.
        span = timedelta(seconds=seconds + 1 if seconds % 60 == 59 else seconds)
        if kind is NumberKind.DURATION:
            return text_of(span)
        moment = epoch + span
    except OverflowError:
        return text_of(number)
    if number < 1:
        return text_of(moment.time())
    return text_of(moment.date() if moment.time() == time() else moment)
