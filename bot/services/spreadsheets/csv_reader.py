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

SEPARATORS: Final = (",", "\t", ";")


def read_csv(data: bytes, headings: Callable[[list[str]], int], within: int) -> Iterator[list[str]]:
    """The rows. The separator is the one that shows most `headings` in the first `within` rows.

    Raises `FileRefused` with code not_a_table or broken_row.
    """
    text = _decoded(data)

    def shown(separator: str) -> int:
        most = 0
        with contextlib.suppress(csv.Error):
            for cells in islice(_cells(text, separator), within):
                most = max(most, headings(cells))
        return most

    row = 0
    try:
        for cells in _cells(text, max(SEPARATORS, key=shown)):
            row += 1
            yield cells
    except csv.Error:  # a quotation mark without its twin, or a cell of 131,072 characters
        raise FileRefused(FileFault.BROKEN_ROW, row=str(row + 1)) from None


def _decoded(data: bytes) -> str:
    marked = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    for encoding in ("utf-16",) if marked else ("utf-8-sig", "gb18030"):
        with contextlib.suppress(UnicodeDecodeError):
            return data.decode(encoding)
    raise FileRefused(FileFault.NOT_A_TABLE)


def _cells(text: str, separator: str) -> Iterator[list[str]]:
    return csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
