"""What the records of an .xls workbook say about its cells, beside their values.

A reader of values gives a formula without a result as a blank cell; here such cells, hidden rows
and columns, and how far the cells of a sheet reach are found, in one pass that keeps no values.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from bot.services.spreadsheets.errors import FileRefused
from bot.services.spreadsheets.faults import FileFault, TableFault
from bot.services.spreadsheets.formats.grids import MAX_CELLS, Merged

_BIFF8: Final = 0x0600
_WORKSHEET: Final = 0x0010
MAX_RECORDS: Final = 8_000_000
_CELLS: Final = frozenset({0x0006, 0x00FD, 0x0203, 0x027E, 0x0205, 0x0204, 0x00D6, 0x0201})
_MANY_CELLS: Final = frozenset({0x00BD, 0x00BE})


@dataclass(slots=True)
class SheetRecords:
    """One worksheet; rows count from 1, columns from 0."""

    start: int
    broken: dict[tuple[int, int], TableFault] = field(default_factory=dict)
    merged: list[Merged] = field(default_factory=list)
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)


def read_records(stream: bytes) -> list[SheetRecords]:
    """The worksheets in the order of the workbook.

    Raises `FileRefused`: password, too_wide, or old_excel for a broken or older workbook.
    """
    try:
        return [
            _sheet(stream, start)
            for kind, start in _places(stream)
            if kind == 0  # not a chart
        ]
    except (struct.error, IndexError):
        raise FileRefused(FileFault.OLD_EXCEL) from None


def _records(stream: bytes, at: int) -> Iterator[tuple[int, bytes]]:
    left = MAX_RECORDS
    while at + 4 <= len(stream):
        left -= 1
        if left < 0:
            raise FileRefused(FileFault.TOO_WIDE, most=str(MAX_CELLS))
        kind, length = struct.unpack_from("<HH", stream, at)
        yield kind, stream[at + 4 : at + 4 + length]
        at += 4 + length


def _places(stream: bytes) -> Iterator[tuple[int, int]]:
    first = True
    for kind, body in _records(stream, 0):
        if first and (kind != 0x0809 or struct.unpack_from("<H", body)[0] != _BIFF8):
            raise FileRefused(FileFault.OLD_EXCEL)
        first = False
        match kind:
            case 0x002F:
                raise FileRefused(FileFault.PASSWORD)
            case 0x0085:
                start, _state, what = struct.unpack_from("<IBB", body)
                yield what, start
            case 0x000A:
                return
            case _:
                pass


def _sheet(stream: bytes, start: int) -> SheetRecords:
    sheet = SheetRecords(start)
    depth = widest = longest = 0
    waits: tuple[int, int] | None = None  # for the text that a formula gave
    for kind, body in _records(stream, start):
        if kind == 0x0809:
            depth += 1
        elif kind == 0x000A:
            depth -= 1
            if depth <= 0:
                break
        if depth != 1:
            continue
        if waits is not None and kind == 0x0207:
            if struct.unpack_from("<H", body)[0] > 0:
                del sheet.broken[waits]
            waits = None
        if kind in _CELLS or kind in _MANY_CELLS:
            row, column = struct.unpack_from("<HH", body)
            last = (
                struct.unpack_from("<H", body, len(body) - 2)[0] if kind in _MANY_CELLS else column
            )
            widest, longest = max(widest, last + 1), max(longest, row + 1)
            if widest * longest > MAX_CELLS:
                raise FileRefused(FileFault.TOO_WIDE, most=str(MAX_CELLS))
            if (fault := _fault(kind, body)) is not None:
                sheet.broken[row + 1, column] = fault
                waits = (row + 1, column) if fault is TableFault.FORMULA_EMPTY else None
        elif kind == 0x0208 and struct.unpack_from("<H", body, 12)[0] & 0x20:
            sheet.hidden_rows.add(struct.unpack_from("<H", body)[0] + 1)
        elif kind == 0x007D and struct.unpack_from("<H", body, 8)[0] & 1:
            first, last = struct.unpack_from("<HH", body)
            sheet.hidden_columns.update(range(first, min(last, 255) + 1))
        elif kind == 0x00E5:
            count = struct.unpack_from("<H", body)[0]
            for top, bottom, left, right in struct.iter_unpack("<4H", body[2 : 2 + count * 8]):
                sheet.merged.append(Merged(top + 1, bottom + 1, left, right))
    return sheet


def _fault(kind: int, body: bytes) -> TableFault | None:
    """What is wrong with a cell that holds a formula or an error."""
    if kind == 0x0205:
        return TableFault.FORMULA_ERROR if body[7] else None
    if kind != 0x0006 or body[12:14] != b"\xff\xff":
        return None
    # 0: a text, which follows in a record of its own; 3: the empty text.
    kinds = {0: TableFault.FORMULA_EMPTY, 2: TableFault.FORMULA_ERROR, 3: TableFault.FORMULA_EMPTY}
    return kinds.get(body[6])
