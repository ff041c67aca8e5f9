"""Files as offices have them: what they hold decides how they are read, not their names."""

import io
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import pytest
import xlsxwriter  # type: ignore[import-untyped]

from bot.services.spreadsheets.errors import FileRefused
from bot.services.spreadsheets.reader import Problem, Table, read
from bot.services.stations.importing.columns import COLUMNS, PERSONAL, PROSE
from bot.services.stations.importing.shapes import SHAPES
from bot.services.trainings.importing import columns as trainings

LISTS: Final = Path(__file__).parents[2] / "data" / "lists"


def read_file(name: str) -> Table:
    return read_stations((LISTS / name).read_bytes(), name)


def read_stations(data: bytes, name: str = "csv") -> Table:
    return read(data, COLUMNS, csv_name=name, personal=PERSONAL, prose=PROSE, shapes=SHAPES)


def cells(table: Table, field: str) -> list[str]:
    return [
        row[sheet.fields.index(field)]
        for sheet in table.sheets
        for _, row in sheet.rows
        if field in sheet.fields
    ]


def codes(problems: tuple[Problem, ...]) -> list[tuple[int, str]]:
    return [(one.row, one.code) for one in problems]


def workbook(fill: Callable[[Any], None]) -> bytes:
    file = io.BytesIO()
    book = xlsxwriter.Workbook(file)
    fill(book.add_worksheet("名单"))
    book.close()
    return file.getvalue()


@pytest.mark.parametrize(
    ("encoding", "bom"),
    [
        ("utf-8", b""),
        ("utf-8", b"\xef\xbb\xbf"),
        ("gb18030", b""),
        ("utf-16-le", b""),
        ("utf-16-be", b""),
        ("utf-16-le", b"\xff\xfe"),
        ("utf-16-be", b"\xfe\xff"),
    ],
)
@pytest.mark.parametrize("separator", [",", "\t", ";", "|"])
def test_csv_in_each_encoding_and_with_each_separator(
    encoding: str, bom: bytes, separator: str
) -> None:
    lines = [["编号", "名称", "地址"], ["A1", '"甲站\n（东门）"', "海东路12号"]]
    text = "\r\n".join(separator.join(line) for line in lines)
    table = read_stations(bom + text.encode(encoding))
    assert table.sheets[0].rows == ((2, ("A1", "甲站 （东门）", "海东路12号")),)
    assert table.problems == table.warnings == ()


def test_csv_in_big5_by_its_headings() -> None:
    text = "編號,名稱,經度,緯度,營業時間\nA1,鼓樓驛站,111.67,40.82,9:00-17:00\n"
    table = read_stations(text.encode("big5"))
    assert table.sheets[0].fields == ("code", "name", "lng", "lat", "hours")
    assert cells(table, "name") == ["鼓樓驛站"]


def test_an_old_workbook_with_title_merged_cells_hidden_row_and_total() -> None:
    table = read_file("office.xls")
    (sheet,) = table.sheets
    assert sheet.name == "驿站名单"
    assert [number for number, _ in sheet.rows] == [3, 4, 5]
    assert cells(table, "code") == ["B1", "B2", "B3"]
    assert cells(table, "lng") == ["111.7012", "111.6823", "111.6634"]
    assert cells(table, "hours") == ["周一至周五 9:00-17:00"] * 3
    assert cells(table, "verified_at") == ["2026-03-02", "2026-03-03", "2026-03-04"]
    assert [(one.column, one.params) for one in table.filled] == [
        ("开放时间", {"first": "3", "last": "5"})
    ]
    assert [(one.row, one.value) for one in table.notes] == [(7, "合计")]
    assert [(one.sheet, one.code, one.params) for one in table.warnings] == [
        ("驿站名单", "hidden_rows", {"count": "1", "rows": "6"}),
        ("选项", "hidden_sheet", {}),
    ]
    assert table.problems == ()


def test_formulas_without_a_value_and_errors_of_an_old_workbook_are_problems() -> None:
    table = read_file("formulas.xls")
    assert codes(table.problems) == [(2, "formula_empty"), (3, "formula_error")]


@pytest.mark.parametrize("at", [0, 30, 48, 76, 600, 1500, 3000])
def test_a_broken_old_workbook_is_refused_or_read(at: int) -> None:
    data = bytearray((LISTS / "office.xls").read_bytes())
    data[at : at + 40] = b"\xff" * 40
    try:
        read_stations(bytes(data))
    except FileRefused as refused:
        assert refused.code in {"old_excel", "no_headings", "not_a_table", "too_wide"}  # noqa: PT017


def test_an_old_workbook_with_a_password_says_so() -> None:
    data = (LISTS / "office.xls").read_bytes()
    start = data.index(b"\x09\x08\x10\x00\x00\x06\x05\x00")
    after = start + 20
    # The record after the first is turned into the one that encryption begins with.
    locked = data[:after] + b"\x2f\x00" + data[after + 2 :]
    with pytest.raises(FileRefused) as refused:
        read_stations(locked)
    assert refused.value.code == "password"


def test_a_formula_without_a_value_never_clears_a_cell() -> None:
    table = read_file("05_formula_no_value.xlsx")
    assert codes(table.problems) == [(2, "formula_empty")]


def test_headings_in_two_rows_of_merged_cells() -> None:
    table = read_file("12_two_header_rows.xlsx")
    assert table.sheets[0].rows == ((3, ("A1", "甲", "111.7", "40.85", "9:00-17:00")),)
    assert table.problems == table.warnings == table.filled == ()


def test_headings_in_two_rows_of_csv() -> None:
    text = "编号,名称,坐标,,联系人,\n,,经度,纬度,姓名,电话\nA1,甲,111.7,40.85,张三,13800138000\n"
    table = read_stations(text.encode())
    assert table.sheets[0].fields == ("code", "name", "lng", "lat")
    assert table.sheets[0].rows == ((3, ("A1", "甲", "111.7", "40.85")),)
    assert [one.code for one in table.warnings] == ["personal_column"] * 2


def test_headings_in_two_rows_that_differ_in_season() -> None:
    def fill(page: Any) -> None:
        page.merge_range(0, 0, 1, 0, "编号")
        page.merge_range(0, 1, 1, 1, "名称")
        page.merge_range(0, 2, 0, 3, "开放时间")
        page.write_row(1, 2, ["夏季", "冬季"])
        page.write_row(2, 0, ["A1", "甲", "8:00-20:00", "9:00-17:00"])

    table = read_stations(workbook(fill))
    assert cells(table, "hours") == ["8:00-20:00"]
    assert table.sheets[0].qualifiers == {"hours": "夏季"}
    assert [one.code for one in table.problems] == ["duplicate_column"]


def test_headings_of_csv_that_divide_a_group_in_other_words() -> None:
    text = "编号,名称,开放时间,,地址\n,,平日,周末,\nA1,甲,9:00-17:00,10:00-16:00,x\n"
    table = read_stations(text.encode())
    assert table.sheets[0].rows == ((3, ("A1", "甲", "9:00-17:00", "x")),)
    assert table.sheets[0].qualifiers == {"hours": "平日"}
    assert [one.code for one in table.problems] == ["duplicate_column"]


def test_a_first_record_with_blanks_is_no_heading() -> None:
    table = read_stations("编号,名称,地址,\nA1,甲,,\n,,,\nA2,乙,x,\n".encode())
    assert cells(table, "code") == ["A1", "A2"]


def test_headings_in_two_languages_are_one_heading() -> None:
    table = read_stations("编号,名称\ncode,name\nA1,甲\n".encode())
    assert table.sheets[0].rows == ((3, ("A1", "甲")),)


def test_headings_that_each_page_repeats_are_no_rows() -> None:
    table = read_stations("编号,名称\nA1,甲\n编号,名称\nA2,乙\n".encode())
    assert cells(table, "code") == ["A1", "A2"]
    assert table.notes == table.problems == ()


def test_rows_below_the_table_are_notes() -> None:
    table = read_file("13_tail_notes.xlsx")
    assert cells(table, "code") == ["A1"]
    assert [(one.row, one.value, one.code) for one in table.notes] == [
        (3, "合计", "note"),
        (4, "备注:免费开放", "note"),
        (5, "填表人:张三", "note"),
    ]
    assert table.problems == ()


@pytest.mark.parametrize(
    "row",
    [
        "总计,3",
        "共12家,",
        "说明：以上站点免费开放,",
        "注：标*的为试点,",
        ",以上站点均为免费开放、请爱护设施、谢谢配合",
        "制表人：张三,审核：李四",
        "小 计,2",
        "2.服务时间按实际填写。,",
        ",请爱护设施。",
    ],
)
def test_what_is_said_below_a_table(row: str) -> None:
    table = read_stations(f"编号,名称,地址,电话\nA1,甲,x,\n{row}\n".encode())
    assert cells(table, "code") == ["A1"]
    assert len(table.notes) == 1


@pytest.mark.parametrize("row", ["A2,合计大厦驿站,x,", "A2,乙,,", "A2,,,", "A2,备注路驿站,y,"])
def test_what_is_a_row_all_the_same(row: str) -> None:
    table = read_stations(f"编号,名称,地址,电话\nA1,甲,x,\n{row}\n".encode())
    assert cells(table, "code") == ["A1", "A2"]
    assert table.notes == ()


def test_a_formula_in_a_total_is_no_problem() -> None:
    def fill(page: Any) -> None:
        page.write_row(0, 0, ["编号", "名称", "电话"])
        page.write_row(1, 0, ["A1", "甲", "12351"])
        page.write_string(2, 0, "合计")
        page.write_formula(2, 1, "=COUNTA(B2:B2)", value="")

    table = read_stations(workbook(fill))
    assert table.problems == ()
    assert len(table.notes) == 1


@pytest.mark.parametrize("name", ["merged-stations.xlsx", "merged-2-then.xlsx"])
def test_merged_cells_hold_their_value_in_every_row_and_it_is_told(name: str) -> None:
    table = read_file(name)
    assert len(set(cells(table, "hours"))) == len(set(cells(table, "league"))) == 1
    assert "" not in cells(table, "hours")
    told = [(one.row, one.column, dict(one.params)) for one in table.filled]
    span = {"first": "2", "last": "4"}
    assert told == [(2, "服务时间", span), (2, "盟市", span)]


def test_cells_merged_across_columns_are_filled() -> None:
    def fill(page: Any) -> None:
        page.write_row(0, 0, ["编号", "名称", "盟市", "旗县", "地址", "电话"])
        page.write_row(1, 0, ["A1", "甲", "", "", "x", "12351"])
        page.merge_range(1, 2, 1, 3, "新城区")
        page.merge_range(2, 0, 2, 5, "二、赤峰市")
        page.write_row(3, 0, ["A2", "乙", "赤峰市", "红山区", "y", "12351"])

    table = read_stations(workbook(fill))
    assert cells(table, "banner") == ["新城区", "红山区"]
    assert [(one.row, one.value) for one in table.notes] == [(3, "二、赤峰市")]


def test_hidden_rows_are_left_out_and_hidden_columns_read_and_both_told() -> None:
    def fill(page: Any) -> None:
        page.write_row(0, 0, ["编号", "名称", "电话"])
        for row in range(1, 5):
            page.write_row(row, 0, [f"A{row}", "甲", "12351"])
        page.set_row(2, None, None, {"hidden": True})
        page.set_row(3, None, None, {"hidden": True})
        page.set_column(0, 0, None, None, {"hidden": True})

    table = read_stations(workbook(fill))
    assert cells(table, "code") == ["A1", "A4"]
    assert [(one.column, one.code, dict(one.params)) for one in table.warnings] == [
        ("编号", "hidden_column", {}),
        ("", "hidden_rows", {"count": "2", "rows": "3-4"}),
    ]


def test_a_web_page_saved_as_xls() -> None:
    table = read_file("html-table.xls")
    assert table.sheets[0].rows == ((2, ("A1", "测试站1", "111.67", "40.82")),)


def test_spans_of_a_web_page_are_merged_cells() -> None:
    page = (
        "<!DOCTYPE html><html><meta charset=utf-8><table><tr><th colspan=4>名单</th></tr>"
        "<tr><th>编号<th>名称<th>服务时间<th>盟市</tr>"
        "<tr><td>A1<td>甲<td rowspan=2>9:00-17:00<td rowspan='2'>赤峰市</tr>"
        "<tr><td>A2<td>乙</tr><tr style='display:none'><td>A3<td>丙<td>x<td>y</tr></table>"
    )
    table = read_stations(page.encode(), "a.xls")
    assert table.sheets[0].rows == (
        (3, ("A1", "甲", "9:00-17:00", "赤峰市")),
        (4, ("A2", "乙", "9:00-17:00", "赤峰市")),
    )
    assert [one.column for one in table.filled] == ["服务时间", "盟市"]


def test_times_that_lost_digits_are_whole_minutes() -> None:
    data = (LISTS / "short-decimals.xlsx").read_bytes()
    starts = cells(read(data, trainings.COLUMNS), "starts_at")
    assert [one[-5:] for one in starts] == ["10:00"] * 4 + ["09:50"] * 2


def archive(*names: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as made:
        for name in names:
            made.writestr(name, "<x/>")
    return file.getvalue()


@pytest.mark.parametrize(
    ("data", "code", "format_"),
    [
        (archive("xl/workbook.xml", "xl/vbaProject.bin"), "macros", None),
        (archive("xl/workbook.bin"), "other_format", "xlsb"),
        (archive("word/document.xml"), "other_format", "Word"),
        (archive("content.xml", "mimetype"), "other_format", "OpenDocument"),
        (archive("a.txt"), "not_a_table", None),
        (b"%PDF-1.7\n", "other_format", "PDF"),
        (b"\xff\xd8\xff\xe0", "other_format", "JPEG"),
        (b"Rar!\x1a\x07", "other_format", "RAR"),
        (b'<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?><Workbook/>',
         "other_format", "XML 2003"),
        (b"<html><body>no table</body></html>", "no_headings", None),
    ],
)  # fmt: skip
def test_other_formats_are_refused_by_name(data: bytes, code: str, format_: str | None) -> None:
    with pytest.raises(FileRefused) as refused:
        read_stations(data)
    assert refused.value.code == code
    assert format_ is None or refused.value.params == {"format": format_}


def test_progress_is_told_while_rows_are_read() -> None:
    text = "编号,名称\n" + "".join(f"A{one},甲{one}\n" for one in range(5_000))
    seen: list[tuple[int, int | None]] = []
    read(text.encode(), COLUMNS, progress=lambda done, total: seen.append((done, total)))
    assert seen == [(2000, None), (4000, None), (5001, None)]
