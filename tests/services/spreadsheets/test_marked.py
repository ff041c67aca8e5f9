"""The workbook that is given back: values as they were, faulty cells red, and what is wrong."""

import io
from typing import Any, Final

import pytest
import python_calamine as calamine
import xlsxwriter  # type: ignore[import-untyped]

from bot.services.spreadsheets.formats.xlsx_archive import open_archive
from bot.services.spreadsheets.headings import REASON
from bot.services.spreadsheets.marked import marked_copy
from bot.services.spreadsheets.reader import Problem, read
from tests.services.spreadsheets.test_files import LISTS

COLUMNS: Final = {"code": ("编号",), "name": ("名称",), "phone": ("电话",)}


def grid(data: bytes, sheet: int = 0) -> list[list[Any]]:
    return (
        calamine.CalamineWorkbook.from_filelike(io.BytesIO(data)).get_sheet_by_index(sheet)
    ).to_python(skip_empty_area=False)


def red_cells(data: bytes) -> list[str]:
    found: list[str] = []

    def start(tag: str, attributes: dict[str, str]) -> None:
        if tag == "c" and attributes.get("s", "0") != "0":
            found.append(attributes["r"])

    with open_archive(data) as archive:
        archive.parse("xl/worksheets/sheet1.xml", start)
    return found


PROBLEMS: Final = (
    Problem("名单.csv", 3, "电话", "看心情", "phone"),
    Problem("名单.csv", 3, "名称", "", "required"),
    Problem("名单.csv", 0, "星级", "", "missing_column"),
)


def test_a_csv_file_comes_back_as_a_workbook_with_red_cells_and_reasons() -> None:
    data = "名单,,\n编号,名称,电话\nA1,,看心情\nA2,=乙,12351\n".encode()
    back = marked_copy(data, "名单.csv", PROBLEMS, reason=lambda one: f"{one.column}:{one.code}")
    assert grid(back) == [
        ["名单", "", "", ""],
        ["编号", "名称", "电话", f"{REASON}；星级:missing_column"],
        ["A1", "", "看心情", "电话:phone；名称:required"],
        ["A2", "'=乙", "12351", ""],
    ]
    assert red_cells(back) == ["B3", "C3"]


def test_what_was_given_back_can_be_read_again_when_it_is_mended() -> None:
    data = "编号,名称,电话\nA1,甲,看心情\nA2,-乙,12351\n".encode()
    problem = Problem("csv", 2, "电话", "看心情", "phone")
    back = marked_copy(data, "csv", [problem])
    again = read(back, COLUMNS)
    assert again.sheets[0].rows == ((2, ("A1", "甲", "看心情")), (3, ("A2", "-乙", "12351")))
    assert [(one.column, one.code) for one in again.warnings] == []
    assert again.problems == ()


@pytest.mark.parametrize("name", ["merged-stations.xlsx", "office.xls"])
def test_merged_ranges_and_sheets_stay(name: str) -> None:
    data = (LISTS / name).read_bytes()
    back = marked_copy(data, name, [])
    before, after = (
        calamine.CalamineWorkbook.from_filelike(io.BytesIO(one)) for one in (data, back)
    )
    shown = [
        one.name
        for one in before.sheets_metadata
        if one.visible is calamine.SheetVisibleEnum.Visible
    ]
    assert after.sheet_names == shown
    ranges = after.get_sheet_by_index(0).merged_cell_ranges or []
    assert sorted(ranges) == sorted(before.get_sheet_by_index(0).merged_cell_ranges or [])


def test_a_problem_below_the_last_value_and_sheets_of_one_name_are_no_trouble() -> None:
    file = io.BytesIO()
    book = xlsxwriter.Workbook(file)
    book.add_worksheet("甲").write_row(0, 0, ["编号", "名称"])
    book.close()
    back = marked_copy(file.getvalue(), "x", [Problem("甲", 9, "名称", "", "formula_empty")])
    assert red_cells(back) == ["B9"]
    assert grid(back)[8][2] == "formula_empty"
    page = b"<table><tr><td>a<td>b</table>" * 2
    assert calamine.CalamineWorkbook.from_filelike(
        io.BytesIO(marked_copy(page, "x:y", []))
    ).sheet_names == ["x y", "x y 2"]
