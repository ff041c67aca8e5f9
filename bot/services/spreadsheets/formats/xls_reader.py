"""Reads the worksheets of an .xls workbook, within the limits of one in .xlsx."""

import io
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, Final

from bot.services.spreadsheets.cells import text_of
from bot.services.spreadsheets.errors import FileRefused
from bot.services.spreadsheets.faults import FileFault
from bot.services.spreadsheets.formats.compound_file import CompoundFile
from bot.services.spreadsheets.formats.grids import MAX_CELLS, Grid
from bot.services.spreadsheets.formats.xls_records import SheetRecords, read_records

MAX_TEXT: Final = 32_000_000
"""Characters that all sheets hold together."""


def read_xls(data: bytes) -> Iterator[Grid]:
    """Each worksheet.

    Raises `FileRefused`: password, too_wide, too_much_text, or old_excel for a workbook that is
    broken or older than Excel 97.
    """
    file = CompoundFile(data)
    if file.has("EncryptedPackage"):
        raise FileRefused(FileFault.PASSWORD)
    if file.has("WordDocument"):
        raise FileRefused(FileFault.OTHER_FORMAT, format="Word")
    records = read_records(file.read("Workbook"))
    text_left = MAX_TEXT
    for (name, visible, rows), about in zip(_values(data, len(records)), records, strict=True):
        text_left -= sum(len(cell) for row in rows for cell in row)
        if text_left < 0:
            raise FileRefused(FileFault.TOO_MUCH_TEXT)
        yield _grid(name, visible, rows, about)


def _grid(name: str, visible: bool, rows: list[list[str]], about: SheetRecords) -> Grid:
    return Grid(
        name=name,
        rows=rows,
        broken=about.broken,
        merged=tuple(about.merged),
        hidden_rows=frozenset(about.hidden_rows),
        hidden_columns=frozenset(about.hidden_columns),
        visible=visible,
        total=len(rows),
    )


def _values(data: bytes, sheets: int) -> Iterator[tuple[str, bool, list[list[str]]]]:
    """Name, whether it is shown, and the cells as text, of each worksheet."""
    import python_calamine as calamine  # slow to load, and seldom needed

    try:
        book = calamine.CalamineWorkbook.from_filelike(io.BytesIO(data))
        found = [one for one in book.sheets_metadata if one.typ is calamine.SheetTypeEnum.WorkSheet]
        _expect(len(found) == sheets)
        for one in found:
            sheet = book.get_sheet_by_name(one.name)
            _expect(sheet.total_height * sheet.total_width <= MAX_CELLS)
            rows = [[_text(cell) for cell in row] for row in sheet.to_python(skip_empty_area=False)]
            yield one.name, one.visible is calamine.SheetVisibleEnum.Visible, rows
    except (calamine.CalamineError, OSError, ValueError):
        raise FileRefused(FileFault.OLD_EXCEL) from None
    except BaseException as error:
        if _is_panic(error):
            raise FileRefused(FileFault.OLD_EXCEL) from None
        raise


def _text(cell: Any) -> str:
    """As `text_of`; a second before a minute is that minute: the moment lost digits."""
    if isinstance(cell, datetime) and cell.second == 59:
        cell += timedelta(seconds=1)
    return text_of(cell)


def _expect(sound: bool) -> None:
    """The records of the workbook and its values must speak of the same sheets."""
    if not sound:
        raise FileRefused(FileFault.OLD_EXCEL)


def _is_panic(error: Any) -> bool:
    """Whether the library's compiled code gave up, which Python sees as no `Exception`."""
    return type(error).__name__ == "PanicException"
