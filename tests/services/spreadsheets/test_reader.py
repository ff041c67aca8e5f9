"""Tables as they arrive: encodings, workbooks, headings, and cells that would run as formulas."""

import io
import zipfile
from collections.abc import Callable
from datetime import date, time
from typing import Any

import pytest
import xlsxwriter  # type: ignore[import-untyped]
from hypothesis import given
from hypothesis import strategies as st

from bot.services.spreadsheets.cells import clean, clean_prose, neutral, plain
from bot.services.spreadsheets.errors import FileRefused
from bot.services.spreadsheets.reader import Problem, Table, read
from bot.services.spreadsheets.writer import csv_bytes, xlsx_bytes

COLUMNS = {
    "code": ("编号", "code"),
    "name": ("名称", "name", "站点名称"),
    "phone": ("电话", "phone", "联系电话"),
}


def rows(table: Table) -> list[tuple[int, tuple[str, ...]]]:
    return [row for sheet in table.sheets for row in sheet.rows]


def codes(problems: tuple[Problem, ...]) -> list[tuple[int, str, str]]:
    return [(one.row, one.column, one.code) for one in problems]


def workbook(fill: Callable[[Any, Any], None]) -> bytes:
    file = io.BytesIO()
    book = xlsxwriter.Workbook(file)
    fill(book, book.add_worksheet("名单"))
    book.close()
    return file.getvalue()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_csv_in_each_encoding_that_spreadsheets_write(encoding: str) -> None:
    text = (
        "编号,名称,电话\r\n１２３,ＡＢＣ驿站　,０４７１-１２３\r\n\r\n,,\r\n4,东胜\u200b驿站,\r\n"
    )
    table = read(text.encode(encoding), COLUMNS, csv_name="a.csv")
    assert table.sheets[0].name == "a.csv"
    assert rows(table) == [(2, ("123", "ABC驿站", "0471-123")), (5, ("4", "东胜驿站", ""))]
    assert table.problems == table.warnings == ()


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_csv_with_each_separator_that_spreadsheets_write(separator: str) -> None:
    lines = [["驿站,名单;2026"], ["编号", "名称", "电话"], ["1", '"甲,乙;丙"', "3"]]
    text = "".join(separator.join(line) + "\n" for line in lines)
    table = read(text.encode(), COLUMNS)
    assert rows(table) == [(3, ("1", "甲,乙;丙", "3"))]


@pytest.mark.parametrize(
    ("text", "row"),
    [
        ('编号,名称\n1,甲\n2,"乙\n3,丙\n', "3"),
        ('编号,名称\n1,"甲\n2,"乙"\n', "2"),
        ("编号,名称\n1,甲\n2," + "乙" * 1_000_000 + "\n", "3"),
    ],
)
def test_a_row_that_cannot_be_read_is_named(text: str, row: str) -> None:
    with pytest.raises(FileRefused) as refused:
        read(text.encode(), COLUMNS)
    assert (refused.value.code, refused.value.params) == ("broken_row", {"row": row})


def test_headings_stand_below_a_title_and_in_any_order_and_spelling() -> None:
    text = "2026年驿站名单,,,\n\n*联系电话（办公）,备注, 站点 名称 ,Code,负责人\n1,x,甲,A1,某某\n"
    table = read(text.encode(), COLUMNS, personal=["负责人"])
    assert table.sheets[0].fields == ("phone", "name", "code")
    assert table.sheets[0].headings["phone"] == "*联系电话(办公)"
    assert rows(table) == [(4, ("1", "甲", "A1"))]
    assert codes(table.warnings) == [
        (3, "备注", "unknown_column"),
        (3, "负责人", "personal_column"),
    ]


def test_two_columns_of_one_meaning_are_a_problem() -> None:
    table = read("编号,名称,站点名称\n1,甲,乙\n".encode(), COLUMNS)
    assert codes(table.problems) == [(1, "站点名称", "duplicate_column")]
    assert table.problems[0].params == {"other": "名称"}


def test_values_without_a_heading_show_that_cells_have_slipped() -> None:
    table = read("编号,名称,\n1,甲,乙\n2,丙,,丁\n3,戊,,\n".encode(), COLUMNS)
    assert [(one.row, one.value) for one in table.problems] == [(2, "乙"), (3, "丁")]


def test_a_workbook_gives_numbers_dates_and_times_as_people_write_them() -> None:
    def fill(book: Any, page: Any) -> None:
        page.write_row(2, 1, ["编号", "名称", "电话"])
        page.write_row(3, 1, [1001, "甲", 13800138000])
        page.write_number(5, 1, 40.84384711109879)
        page.write_datetime(5, 2, date(2026, 3, 1), book.add_format({"num_format": "yyyy/m/d"}))
        page.write_datetime(5, 3, time(17, 30), book.add_format({"num_format": "hh:mm"}))
        page.write_boolean(6, 1, True)
        stamp = book.add_format({"num_format": "yyyy/m/d hh:mm"})
        page.write_number(6, 2, 46082 + 8.5 / 24, stamp)
        page.write_number(6, 3, 1.38001380e18)

    table = read(workbook(fill), COLUMNS)
    assert table.sheets[0].name == "名单"
    assert rows(table) == [
        (4, ("1001", "甲", "13800138000")),
        (6, ("40.84384711109879", "2026-03-01", "17:30")),
        (7, ("true", "2026-03-01 08:30", "1.3800138e+18")),
    ]


def test_formulas_without_a_value_and_errors_are_named_and_never_taken_for_blanks() -> None:
    def fill(_book: Any, page: Any) -> None:
        page.write_row(0, 0, ["编号", "名称", "电话", "备注"])
        page.write_formula(1, 0, "=A9", value="A1")
        page.write_formula(1, 1, "=VLOOKUP(A1,Z1:Z9,1)", value="")
        page.write_formula(2, 1, "=NA()", value="#N/A")
        page.write_formula(2, 3, "=NA()", value="#N/A")
        page.write_string(3, 0, "=1+1")

    table = read(workbook(fill), COLUMNS)
    assert codes(table.problems) == [
        (2, "名称", "formula_empty"),
        (3, "名称", "formula_error"),
        (4, "编号", "formula"),
    ]


def test_every_visible_sheet_with_headings_counts() -> None:
    def fill(book: Any, page: Any) -> None:
        page.write_row(0, 0, ["编号", "名称"])
        page.write_row(1, 0, ["1", "甲"])
        more = book.add_worksheet("赤峰")
        more.write_row(3, 0, ["名称", "编号"])
        more.write_row(4, 0, ["乙", "2"])
        book.add_worksheet("说明").write(0, 0, "请勿改动")
        book.add_worksheet("选项").write_row(0, 0, ["编号", "名称"])
        book.get_worksheet_by_name("选项").hide()

    table = read(workbook(fill), COLUMNS)
    assert [(sheet.name, sheet.fields, sheet.rows) for sheet in table.sheets] == [
        ("名单", ("code", "name"), ((2, ("1", "甲")),)),
        ("赤峰", ("name", "code"), ((5, ("乙", "2")),)),
    ]
    assert [(one.sheet, one.code) for one in table.warnings] == [
        ("说明", "no_headings"),
        ("选项", "hidden_sheet"),
    ]


def _far_cell(_book: Any, page: Any) -> None:
    page.write_row(0, 0, ["编号", "名称"])
    page.write(1_048_575, 700, "x")


def _bomb() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for number in range(7):
            archive.writestr(f"xl/worksheets/sheet{number}.xml", bytes(90_000_000))
    return file.getvalue()


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"x" * 4_000_001, "too_big"),
        ("编号,名称\n".encode() + b"1,x\n" * 11, "too_many_rows"),
        (workbook(_far_cell), "too_wide"),
        (_bomb(), "overpacked"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "old_excel"),
        (b"PK\x03\x04 and then nothing", "not_a_table"),
        (b"\x89PNG\r\n\x1a\n\x00\xff\xff", "not_a_table"),
        (b'a,"' + b"x" * 200_000, "broken_row"),
        (b"", "no_headings"),
        ("甲,乙\n1,2\n".encode(), "no_headings"),
        ("甲,乙\n".encode() * 10 + "编号,名称\n".encode(), "no_headings"),
        (workbook(lambda _book, _page: None), "no_headings"),
    ],
)
def test_what_is_no_table_is_refused_with_a_reason(data: bytes, code: str) -> None:
    with pytest.raises(FileRefused) as refused:
        read(data, COLUMNS, max_bytes=4_000_000, max_rows=10)
    assert refused.value.code == code


@given(st.binary(max_size=300) | st.binary(max_size=300).map(lambda tail: b"PK\x03\x04" + tail))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    try:
        read(data, COLUMNS)
    except FileRefused:
        return


TEXTS = st.text(st.sampled_from("=+-@'\"a,;\n\t1中＝ ") | st.characters(exclude_categories=["Cs"]))


@given(TEXTS)
def test_a_neutral_cell_runs_nowhere_and_comes_back(text: str) -> None:
    assert neutral(text)[:1] not in {"=", "+", "-", "@"}
    assert plain(neutral(text)) == text


@given(st.lists(st.tuples(TEXTS, TEXTS), max_size=4))
def test_what_was_written_reads_back_clean(cells: list[tuple[str, str]]) -> None:
    wanted = [pair for pair in ((clean(a), clean(b)) for a, b in cells) if any(pair)]
    table = [("编号", "名称"), *wanted]
    for data in (csv_bytes(table), xlsx_bytes("名单", table)):
        back = read(data, COLUMNS)
        assert [row for _, row in rows(back)] == wanted
        assert back.problems == ()


@given(st.text())
def test_clean_text_stays_as_it_is(text: str) -> None:
    assert clean(clean(text)) == clean(text)


def test_prose_keeps_its_punctuation_and_codes_do_not() -> None:
    text = "编号,名称\n（Ａ１）：２，隔壁（绿色牌子）；１号！\n".replace("２，", "２,")
    (sheet,) = read(text.encode(), COLUMNS, prose=["name"]).sheets
    assert sheet.rows == ((2, ("(A1):2", "隔壁（绿色牌子）；1号！")),)
    (sheet,) = read(text.encode(), COLUMNS).sheets
    assert sheet.rows == ((2, ("(A1):2", "隔壁(绿色牌子);1号!")),)


@given(st.text())
def test_clean_prose_differs_in_marks_only(text: str) -> None:
    assert clean_prose(clean_prose(text)) == clean_prose(text)
    assert clean(clean_prose(text)) == clean(text)
