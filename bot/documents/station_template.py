"""The workbook that clerks fill in with their stations: headings, lists to choose from, notes.

Everything in it is Chinese, whatever language the command line speaks. It imports back: its example
row is no record for the import, and its other sheets are no tables.
"""

from io import BytesIO
from typing import Any, Final

import xlsxwriter  # type: ignore[import-untyped]

from bot.common.facilities import FACILITIES
from bot.common.values import value
from bot.geo.datum import Datum
from bot.geo.places import Kind, Places
from bot.services.stations.importing.columns import COLUMNS
from bot.services.stations.importing.vocabulary import NAMED_FACILITIES, STATE_NAMES, STATUS_NAMES

ROWS: Final = 3000
"""Rows below the headings that have lists to choose from."""
SHEET: Final = "驿站名单"
EXAMPLE: Final = "示例（这一行不会导入）"
ENTRIES: Final = ("直接进入", "扫码进入", "密码锁", "会员码", "先打电话", "先登记")
HAS: Final = ("有", *[name for name in STATE_NAMES.values() if name != "正常"], "无")
_WIDTHS: Final = {"code": 26, "name": 26, "address": 34, "hours": 34, "door": 24}


@value
class _Column:
    """A column: its heading, what the example says, the choices, and what 说明 says of it."""

    heading: str
    example: str
    note: str
    choices: tuple[str, ...] = ()
    field: str = ""


def station_template() -> bytes:
    """The workbook (.xlsx)."""
    file = BytesIO()
    book = xlsxwriter.Workbook(file)
    columns = _columns()
    _list_sheet(book, columns)
    _facility_sheet(book)
    _note_sheet(book, columns)
    book.close()
    return file.getvalue()


def _columns() -> list[_Column]:
    leagues = tuple(one.name for one in Places.load().by_adcode.values() if one.kind is Kind.LEAGUE)
    plain = [
        _column("code", EXAMPLE, "每个驿站一个，定了就不再改。都没有编号就整列空着，程序会拟好"),
        _column("name", "示例（示范路爱心驿站）", "必填。骑手看到的名字"),
        _column("league", "呼和浩特市", "从下拉列表里选", leagues),
        _column("banner", "新城区", "旗、县、区"),
        _column("address", "呼和浩特市新城区示范路1号", "写到门牌号"),
        _column("lng", "111.6700", "必填。大的那个数，97 到 126 之间，如 111.6700"),
        _column("lat", "40.8200", "必填。小的那个数，37 到 54 之间，如 40.8200"),
        _column(
            "datum",
            "gcj02",
            "坐标是哪种地图上查的：高德、腾讯 gcj02，百度 bd09，手机定位 wgs84",
            tuple(one.value for one in Datum),
        ),
        _column("hours", "周一至周五 8:30-17:30，节假日休息", "照门上的写；不知道就空着，不要猜"),
        _column("phone", "0471-1234567", "驿站的座机或公开电话，不要写个人手机号"),
        _column("entry", "直接进入", "骑手怎么进门；列表里没有的可以自己写", ENTRIES),
        _column("door", "正门右手边", "到了门口怎么找"),
        _column(
            "status", "营业", "营业、暂停、搬迁或撤销；空着就是营业", tuple(STATUS_NAMES.values())
        ),
        _column("verified_at", "2026-11-20", "哪一天有人去现场核实过；没有就空着"),
    ]
    return plain + [
        _Column(one.name_zh, "有" if one.bit < _SHOWN else "", "", HAS, code)
        for code, one in FACILITIES.items()
    ]


_SHOWN: Final = 3
"""Facilities that the example has."""


def _column(field: str, example: str, note: str, choices: tuple[str, ...] = ()) -> _Column:
    return _Column(COLUMNS[field][0], example, note, choices, field)


def _list_sheet(book: Any, columns: list[_Column]) -> None:
    page = book.add_worksheet(SHEET)
    head = book.add_format({"bold": True, "bg_color": "#DDEBF7", "text_wrap": True, "border": 1})
    grey = book.add_format({"italic": True, "font_color": "#808080", "num_format": "@"})
    text = book.add_format({"num_format": "@"})  # or 0471… loses its zero, and a date its form
    page.freeze_panes(1, 2)
    for at, one in enumerate(columns):
        page.set_column(at, at, _WIDTHS.get(one.field, 12), text)
        page.write_string(0, at, one.heading, head)
        page.write_string(1, at, one.example, grey)
        if one.choices:
            page.data_validation(2, at, ROWS, at, _choice(one))


def _choice(column: _Column) -> dict[str, Any]:
    """A list to choose from. Another word is told, and only where none is possible refused."""
    return {
        "validate": "list",
        "source": list(column.choices),
        "error_type": "warning" if column.field == "entry" else "stop",
        "error_title": "请从列表里选",
        "error_message": "、".join(column.choices)[:200],
        "input_title": column.heading[:30],
        "input_message": (column.note or "有没有、能不能用；不知道就空着")[:250],
    }


def _facility_sheet(book: Any) -> None:
    """The names of facilities that lists may use, with what each is called elsewhere."""
    page = book.add_worksheet("设施名称")
    bold = book.add_format({"bold": True})
    page.set_column(0, 0, 24)
    page.set_column(1, 1, 80)
    page.write_string(0, 0, "标准的写法", bold)
    page.write_string(0, 1, "也认得的写法", bold)
    for row, (code, one) in enumerate(FACILITIES.items(), 1):
        others = [name for name, of in NAMED_FACILITIES.items() if of == code and name != code]
        page.write_string(row, 0, one.name_zh)
        page.write_string(row, 1, "、".join(name for name in others if not name.isascii()))


def _note_sheet(book: Any, columns: list[_Column]) -> None:
    page = book.add_worksheet("说明")
    wrap = book.add_format({"text_wrap": True, "valign": "top"})
    bold = book.add_format({"bold": True, "valign": "top"})
    page.set_column(0, 0, 18, bold)
    page.set_column(1, 1, 90, wrap)
    row = 0
    for line in _HOW:
        page.write_string(row, 1, line)
        row += 1
    for one in columns:
        if one.note:
            page.write_string(row, 0, f"〔{one.heading}〕")
            page.write_string(row, 1, one.note)
            row += 1
    page.write_string(row, 0, "〔设施各列〕")
    page.write_string(row, 1, _FACILITIES)


_HOW: Final = (
    f"一个驿站一行，写在“{SHEET}”里。灰色的示例行留着也没关系，导入时会跳过。",
    "不知道的格子就空着。空着的意思是“不知道”，比猜一个好：骑手白跑一趟，下次就不信了。",
    "表头不要改名；不用的列可以整列删掉，删掉的列原来是什么就还是什么。",
    "填好后交给管电脑的同事先试导入，程序会一行一行说哪里不清楚，改好了再正式导入。",
)
_FACILITIES: Final = (
    "“有”是能用；“故障”是坏了，“缺货”是空了，“待核实”是不确定；“无”是没有；不知道就空着。"
)
