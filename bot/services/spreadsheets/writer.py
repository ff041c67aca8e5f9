"""Writes tables as csv and xlsx."""

import csv
import io
from collections.abc import Iterable, Sequence

from bot.services.spreadsheets.cells import neutral


def csv_bytes(rows: Iterable[Sequence[str]]) -> bytes:
    """A csv file that spreadsheets open as UTF-8, the first row being the headings."""
    text = io.StringIO(newline="")
    csv.writer(text).writerows(map(neutral, row) for row in rows)
    return text.getvalue().encode("utf-8-sig")


def xlsx_bytes(sheet: str, rows: Iterable[Sequence[str | int | float]]) -> bytes:
    """A workbook of one sheet. Texts stay texts, so that no code of digits is rounded."""
    import xlsxwriter  # type: ignore[import-untyped]  # slow to load, and seldom needed

    file = io.BytesIO()
    book = xlsxwriter.Workbook(file, {"constant_memory": True})
    page = book.add_worksheet(sheet)
    bold = book.add_format({"bold": True})
    page.freeze_panes(1, 0)
    for number, row in enumerate(rows):
        for column, value in enumerate(row):
            if not isinstance(value, str):
                page.write_number(number, column, value)
            elif value:
                page.write_string(number, column, neutral(value), bold if number == 0 else None)
    book.close()
    return file.getvalue()
