"""csv as spreadsheets write it, in whichever encoding and with whichever separator."""

import codecs
import contextlib
import csv
import io
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Final

from bot.services.spreadsheets.errors import FileRefused
from bot.services.spreadsheets.faults import FileFault

SEPARATORS: Final = (",", "\t", ";", "|")
_SAMPLE: Final = 65_536
"""Bytes from which an encoding without a mark is told."""


def read_csv(data: bytes, headings: Callable[[list[str]], int], within: int) -> Iterator[list[str]]:
    """The rows. The separator is the one that shows `headings` first in the first `within` rows.

    At least two in a row count; of two that show them in one row it is the one that shows more.
    Words of the records may be headings, too, but stand below.

    Raises `FileRefused` with code not_a_table or broken_row.
    """

    def shown(text: str, separator: str) -> int:
        most = 0
        with contextlib.suppress(csv.Error):
            for cells in islice(_cells(text, separator), within):
                most = max(most, headings(cells))
        return most

    def first_shown(text: str, separator: str) -> tuple[int, int]:
        with contextlib.suppress(csv.Error):
            for row, cells in enumerate(islice(_cells(text, separator), within)):
                if (found := headings(cells)) > 1:
                    return -row, found
        return -within, shown(text, separator)

    text = decoded(data, lambda text: max(shown(text, one) for one in SEPARATORS))
    separator = max(SEPARATORS, key=lambda one: first_shown(text, one))
    row = 0
    try:
        for cells in _cells(text, separator):
            row += 1
            yield cells
    except csv.Error:  # a quotation mark without its twin, or a cell of 131,072 characters
        raise FileRefused(FileFault.BROKEN_ROW, row=str(row + 1)) from None


def decoded(data: bytes, score: Callable[[str], int]) -> str:
    """The text; of GB18030 and Big5, which share most bytes, the one of the higher `score`.

    Raises `FileRefused` with code not_a_table.
    """
    for encoding in (_utf_16(data),) if _utf_16(data) else ("utf-8-sig",):
        with contextlib.suppress(UnicodeDecodeError):
            return data.decode(encoding)
    found: list[str] = []
    for encoding in ("gb18030", "big5"):
        with contextlib.suppress(UnicodeDecodeError):
            found.append(data.decode(encoding))
    if not found:
        raise FileRefused(FileFault.NOT_A_TABLE)
    return max(found, key=lambda text: score(text[:_SAMPLE]))


def _utf_16(data: bytes) -> str:
    """The name of the UTF-16 that the data is in, with a byte order mark or without, or none."""
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    sample = data[:_SAMPLE]
    if len(data) % 2 or b"\0" not in sample:
        return ""
    # Separators and line ends are ASCII: their zero bytes stand on one side.
    low, high = sample[::2].count(0), sample[1::2].count(0)
    if low == 0 < high:
        return "utf-16-le"
    return "utf-16-be" if high == 0 < low else ""


def _cells(text: str, separator: str) -> Iterator[list[str]]:
    return csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
