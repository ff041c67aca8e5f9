"""Workbooks made to use up memory or time are refused before they do, and others read in full."""

import io
import re
import tracemalloc
import unicodedata
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from pathlib import Path
from time import process_time
from typing import Any

import pytest
import xlsxwriter  # type: ignore[import-untyped]
from hypothesis import given, settings
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from bot.common.i18n import load_languages
from bot.operator_wording.import_report import refusal
from bot.services.spreadsheets.cells import clean, neutral, plain, text_of
from bot.services.spreadsheets.errors import FileRefused
from bot.services.spreadsheets.formats.xlsx_archive import open_archive
from bot.services.spreadsheets.formats.xlsx_reader import Workbook
from bot.services.spreadsheets.formats.xlsx_styles import NumberKind, kind_of
from bot.services.spreadsheets.reader import read

COLUMNS = {"code": ("编号",), "name": ("名称",)}
MOST_MEMORY = 200_000_000
MOST_SECONDS = 20.0
XML = '<?xml version="1.0" encoding="UTF-8"?>'
RELATION = '<Relationship Id="r{n}" Type="http://x/worksheet" Target="worksheets/sheet{n}.xml"/>'
HEADINGS = (
    '<row r="1"><c r="A1" t="inlineStr"><is><t>编号</t></is></c>'
    '<c r="B1" t="inlineStr"><is><t>名称</t></is></c></row>'
)


def workbook(sheets: list[str], parts: dict[str, str] | None = None) -> bytes:
    """An .xlsx file of these sheet data, and of these other parts."""
    numbers = range(1, len(sheets) + 1)
    relations = "".join(RELATION.format(n=n) for n in numbers)
    listed = "".join(f'<sheet name="s{n}" r:id="r{n}"/>' for n in numbers)
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(
            "xl/_rels/workbook.xml.rels", f"{XML}<Relationships>{relations}</Relationships>"
        )
        archive.writestr(
            "xl/workbook.xml", f'{XML}<workbook xmlns:r="r"><sheets>{listed}</sheets></workbook>'
        )
        for n, rows in zip(numbers, sheets, strict=True):
            data = f"{XML}<worksheet><sheetData>{rows}</sheetData></worksheet>"
            archive.writestr(f"xl/worksheets/sheet{n}.xml", data)
        for path, text in (parts or {}).items():
            archive.writestr(path, text)
    return file.getvalue()


def shared(*strings: str) -> dict[str, str]:
    items = "".join(f"<si><t>{one}</t></si>" for one in strings)
    return {"xl/sharedStrings.xml": f"{XML}<sst>{items}</sst>"}


def long_text_in_every_cell() -> bytes:
    rows = "".join(f'<row r="{n}"><c r="A{n}" t="s"><v>0</v></c></row>' for n in range(2, 20_000))
    return workbook([HEADINGS + rows], shared("字" * 33_000))


def no_end_of_a_tag() -> bytes:
    return workbook([HEADINGS + "<c " + 'r="A1" ' * 270_000])


def tags_without_brackets() -> bytes:
    return workbook([HEADINGS + "<c " * 600_000])


ATTACKS: dict[str, tuple[Callable[[], bytes], str]] = {
    "blanks": (lambda: workbook([HEADINGS + " " * 200_000_000]), "overpacked"),
    "empty cells": (lambda: workbook([HEADINGS + "<c/>" * 5_000_000]), "overpacked"),
    "shared strings": (lambda: workbook([HEADINGS], shared("x" * 90_000_000)), "overpacked"),
    "one long text": (long_text_in_every_cell, "too_much_text"),
    "far cell": (lambda: workbook([HEADINGS + '<row r="1000000"><c r="XFD1000000"/></row>']),
                 "too_wide"),
    "wide rows": (lambda: workbook([HEADINGS + "".join(
        f'<row r="{n}"><c r="XFD{n}"><v>1</v></c></row>' for n in range(2, 2_000))]), "too_wide"),
    "far row": (lambda: workbook([HEADINGS + '<row r="999999999"><c r="A1"><v>1</v></c></row>']),
                "too_wide"),
    "column that is no column": (
        lambda: workbook([HEADINGS + '<row r="2"><c r="ZZZZ2"><v>1</v></c></row>']),
        "not_a_table"),
    "rows that go back": (lambda: workbook([HEADINGS + HEADINGS]), "not_a_table"),
    "tag without an end": (no_end_of_a_tag, "not_a_table"),
    "tags without brackets": (tags_without_brackets, "not_a_table"),
    "depth": (lambda: workbook([HEADINGS + "<a>" * 600_000]), "not_a_table"),
    "entities": (lambda: workbook([], {"xl/styles.xml":
        f'{XML}<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]><x>&b;</x>'}),
        "not_a_table"),
    "many parts": (lambda: workbook([HEADINGS], {f"x{n}": "" for n in range(6_000)}), "overpacked"),
    "string that is not there": (
        lambda: workbook([HEADINGS + '<row r="2"><c r="A2" t="s"><v>7</v></c></row>']),
        "not_a_table"),
    "number that is none": (
        lambda: workbook([HEADINGS + '<row r="2"><c r="A2"><v>x</v></c></row>']), "not_a_table"),
}  # fmt: skip


@contextmanager
def within_bounds() -> Iterator[None]:
    begun = process_time()
    tracemalloc.start()
    try:
        yield
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert most < MOST_MEMORY
    assert process_time() - begun < MOST_SECONDS


@pytest.mark.parametrize("attack", ATTACKS)
def test_a_hostile_workbook_is_refused_within_bounds(attack: str) -> None:
    make, code = ATTACKS[attack]
    data = make()
    assert len(data) < 1_500_000
    with within_bounds(), pytest.raises(FileRefused) as refused:
        read(data, COLUMNS)
    assert refused.value.code == code
    sentence = refusal(refused.value, Path("名单.xlsx"), load_languages().of("zh_CN", None))
    assert re.fullmatch(r"名单\.xlsx[^。]+。", sentence)


def test_a_text_shared_by_many_cells_is_kept_once() -> None:
    rows = "".join(
        f'<row r="{n}"><c r="A{n}" t="s"><v>0</v></c><c r="B{n}" t="s"><v>0</v></c></row>'
        for n in range(2, 20_002)
    )
    data = workbook([HEADINGS + rows], shared("字" * 30_000))
    with within_bounds():
        table = read(data, COLUMNS)
    assert len(table.sheets[0].rows) == 20_000
    assert len({id(cell) for _, cells in table.sheets[0].rows for cell in cells}) == 1


def test_a_declared_size_is_never_exceeded() -> None:
    """The directory says 100 bytes, the part holds more: it is cut there and refused."""
    data = bytearray(workbook([HEADINGS + "<a/>" * 100_000]))
    at = data.rindex(b"PK\x01\x02", 0, data.rindex(b"xl/worksheets/sheet1.xml"))
    data[at + 24 : at + 28] = (100).to_bytes(4, "little")
    with pytest.raises(FileRefused) as refused:
        read(bytes(data), COLUMNS)
    assert refused.value.code == "not_a_table"


VALUES = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"]), max_size=8),
    st.integers(-(10**9), 10**9),
    st.floats(allow_nan=False, allow_infinity=False),
    st.booleans(),
    st.datetimes(datetime(1901, 1, 1), datetime(2100, 1, 1)).map(  # noqa: DTZ001
        lambda one: one.replace(second=0, microsecond=0)
    ),
    st.dates(date(1901, 1, 1), date(2100, 1, 1)),
    st.times().map(lambda one: one.replace(second=0, microsecond=0)),
)


@settings(max_examples=50)
@given(st.lists(st.lists(VALUES, max_size=4), max_size=4))
def test_values_read_as_another_reader_reads_them(cells: list[list[Any]]) -> None:
    file = io.BytesIO()
    book = xlsxwriter.Workbook(file, {"strings_to_formulas": False, "strings_to_urls": False})
    page = book.add_worksheet("名单")
    formats = {
        datetime: book.add_format({"num_format": 'yyyy"年"m"月"d"日" hh:mm'}),
        date: book.add_format({"num_format": "yyyy/m/d"}),
        time: book.add_format({"num_format": "hh:mm"}),
    }
    page.write_string(0, 0, "x")  # the other reader leaves empty columns before the first out
    for row, line in enumerate(cells, 1):
        for column, value in enumerate(line):
            page.write(row, column, value, formats.get(type(value)))
    book.close()
    with open_archive(file.getvalue()) as archive:
        opened = Workbook(archive)
        ours = opened.read(opened.sheets[0]).rows
    file.seek(0)
    with CalamineWorkbook.from_filelike(file) as other:
        theirs = [[*map(text_of, row)] for row in other.get_sheet_by_name("名单").iter_rows()]
    assert list(map(_trimmed, ours)) == _without_empty_end(list(map(_trimmed, theirs)))


def _trimmed(row: list[str]) -> list[str]:
    while row and not row[-1]:
        row = row[:-1]
    return row


def _without_empty_end(rows: list[list[str]]) -> list[list[str]]:
    while rows and not rows[-1]:
        rows = rows[:-1]
    return rows


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("General", NumberKind.NUMBER),
        ("0.00", NumberKind.NUMBER),
        ("0.00E+00", NumberKind.NUMBER),
        ('0.0"days"', NumberKind.NUMBER),
        ("[Red]0", NumberKind.NUMBER),
        ("yyyy/m/d", NumberKind.DATE),
        ('[$-804]yyyy"年"m"月"d"日"', NumberKind.DATE),
        ("上午/下午h:mm", NumberKind.DATE),
        ("[h]:mm", NumberKind.DURATION),
        ("[mm]:ss", NumberKind.DURATION),
    ],
)
def test_the_format_says_what_a_number_stands_for(code: str, kind: NumberKind) -> None:
    assert kind_of(code) is kind


def test_durations_and_the_epoch_of_1904() -> None:
    file = io.BytesIO()
    book = xlsxwriter.Workbook(file, {"date_1904": True})
    page = book.add_worksheet()
    page.write_datetime(0, 0, date(2026, 3, 1), book.add_format({"num_format": "yyyy-mm-dd"}))
    page.write_datetime(
        0, 1, timedelta(hours=26, minutes=5), book.add_format({"num_format": "[h]:mm"})
    )
    book.close()
    with open_archive(file.getvalue()) as archive:
        opened = Workbook(archive)
        assert opened.read(opened.sheets[0]).rows == [["2026-03-01", "26:05"]]


def test_phonetic_hints_and_rich_text() -> None:
    item = "<si><r><t>东</t></r><r><t>胜</t></r><rPh><t>dong</t></rPh></si>"
    rows = '<row r="1"><c r="A1" t="s"><v>0</v></c></row>'
    data = workbook([rows], {"xl/sharedStrings.xml": f"<sst>{item}</sst>"})
    with open_archive(data) as archive:
        opened = Workbook(archive)
        assert opened.read(opened.sheets[0]).rows == [["东胜"]]


SIGNS = [
    one for one in map(chr, range(0x110000)) if unicodedata.normalize("NFKC", one)[:1] in {*"=+-@"}
]
DROPPED = ["\t", "\r", "\n", " ", "\u00a0", "\u3000", "\u200b", "\ufeff", "\u2060", "\x00", "\x1f"]


@pytest.mark.parametrize("before", ["", *DROPPED, "\r\n", "\u00a0\t", " '", "'"], ids=ascii)
def test_no_disguise_of_a_formula_is_exported(before: str) -> None:
    for sign in SIGNS:
        cell = f"{before}{sign}HYPERLINK(1)"
        assert neutral(cell) == f"'{cell}"
        assert plain(neutral(cell)) == cell


@given(st.text())
def test_nothing_that_is_exported_cleans_to_a_formula(text: str) -> None:
    assert clean(neutral(text))[:1] not in {*"=+-@"}
