"""Headings of real lists, with cells as they stand below them, and the field each leads to."""

from collections.abc import Mapping
from typing import Final

import pytest

from bot.services.spreadsheets import shapes
from bot.services.spreadsheets.matching import likeness
from bot.services.spreadsheets.reader import Table, read
from bot.services.stations.importing.columns import COLUMNS, PERSONAL, PROSE
from bot.services.stations.importing.shapes import SHAPES

JOINED: Final[Mapping[str, tuple[str, ...]]] = {
    "lnglat": ("经纬度", "坐标", "GPS坐标", "坐标(经度,纬度)", "经纬度坐标", "位置坐标"),
    "opens": ("开门时间", "开始营业时间", "上班"),
    "closes": ("关门时间", "结束营业时间", "下班"),
    "all_day": ("是否24小时", "24小时开放"),
    "contact_phone": ("联系人及电话", "联系人及联系方式"),
}
"""Fields of several that a list may hold in one column."""
ALL: Final = {**COLUMNS, **{name: known for name, known in JOINED.items() if name not in COLUMNS}}
LOOKS: Final = {**SHAPES, "lnglat": shapes.is_place, "opens": shapes.is_clock,
                "closes": shapes.is_clock}  # fmt: skip

ASK: Final = "?"
LEFT_OUT: Final = ""
HOURS: Final = "周一至周五 9:00-17:00"
HEADINGS: Final[tuple[tuple[str, str, str], ...]] = (
    # heading, a cell, field
    ("站点全称", "工行驿站", "name"), ("网点名称", "工行驿站", "name"), ("驿站名称", "甲", "name"),
    ("服务站点名称", "甲", "name"), ("站点名称*", "甲", "name"), ("站  名", "甲", "name"),
    ("爱心驿站名称", "甲", "name"), ("机构名称", "甲", "name"), ("网点全称（必填）", "甲", "name"),
    ("户外劳动者服务站点名称", "甲", "name"), ("門店名稱", "甲", "name"), ("Name", "甲", "name"),
    ("驿站编码", "A1", "code"), ("网点代码", "A1", "code"), ("机构号", "A1", "code"),
    ("编号", "A1", "code"), ("站点编号", "A1", "code"), ("編號", "A1", "code"),
    ("ID", "A1", "code"),
    ("经度E", "111.66", "lng"), ("经度（百度）", "111.66", "lng"), ("东经", "111.66", "lng"),
    ("GPS经度", "111.66", "lng"), ("longitude", "111.66", "lng"), ("X坐标", "111.66", "lng"),
    ("經度", "111.66", "lng"), ("经度值", "111.6612", "lng"), ("高德经度", "111.6612", "lng"),
    ("纬度N", "40.82", "lat"), ("北纬", "40.82", "lat"), ("纬度（高德）", "40.82", "lat"),
    ("坐标纬度", "40.82", "lat"), ("lat", "40.82", "lat"), ("站点纬度", "40.8212", "lat"),
    ("GPS坐标", "111.66,40.82", "lnglat"), ("坐标(经度,纬度)", "111.66,40.82", "lnglat"),
    ("经纬度", "111.66 40.82", "lnglat"), ("经纬度坐标", "111.66，40.82", "lnglat"),
    ("驿站经纬度", "111.66,40.82", "lnglat"), ("位置坐标", "111.66,40.82", "lnglat"),
    ("联系方式", "0471-1234567", "phone"), ("联系电话", "0471-1234567", "phone"),
    ("办公电话", "0471-1234567", "phone"), ("座机", "0471-1234567", "phone"),
    ("电话号码", "0471-1234567", "phone"), ("站点联系电话", "0471-1234567", "phone"),
    ("服务热线", "0471-1234567", "phone"), ("Tel", "0471-1234567", "phone"),
    ("开放时段", HOURS, "hours"), ("工作时间", HOURS, "hours"), ("对外服务时间", HOURS, "hours"),
    ("营业时间", HOURS, "hours"), ("开放时间（夏季）", HOURS, "hours"),
    ("運營時間", HOURS, "hours"),
    ("开门时段", HOURS, "hours"), ("网点营业时间", HOURS, "hours"),
    ("夏季开放时间", HOURS, "hours"),
    ("日常服务时段", HOURS, "hours"), ("本站开放时间", HOURS, "hours"),
    ("开门时间", "9:00", "opens"), ("关门时间", "17:00", "closes"), ("是否24小时", "否", "all_day"),
    ("开始营业时间", "9:00", "opens"), ("结束营业时间", "17:00", "closes"),
    ("所在区域", "新城区", "banner"), ("所在旗县区", "新城区", "banner"),
    ("区县", "新城", "banner"),
    ("旗县（市、区）", "新城区", "banner"), ("所属旗县区", "新城区", "banner"),
    ("行政区", "新城区", "banner"), ("所属区县", "新城区", "banner"),
    ("盟市", "呼和浩特市", "league"), ("所属地市", "呼和浩特", "league"),
    ("所在盟市", "呼和浩特", "league"), ("地市", "呼和浩特", "league"),
    ("具体地址", "海东路12号", "address"), ("详细地址", "海东路12号", "address"),
    ("所在位置", "海东路12号", "address"), ("网点地址", "海东路12号", "address"),
    ("站点详细地址", "海东路12号", "address"), ("具体位置", "海东路12号", "address"),
    ("地址（门牌号）", "海东路12号", "address"), ("地理位置", "海东路12号", "address"),
    ("服务项目", "饮水、充电", "facilities"), ("配备设施", "饮水、充电", "facilities"),
    ("服务内容", "饮水、充电", "facilities"), ("站内设施", "饮水、充电", "facilities"),
    ("设施设备", "饮水、充电", "facilities"), ("便民服务", "饮水、充电", "facilities"),
    ("是否正常使用", "是", "status"), ("运营状态", "正常", "status"),
    ("使用情况", "正常", "status"),
    ("站点状态", "正常", "status"), ("是否正常开放", "是", "status"),
    ("建设单位", "工会", "owner"), ("依托单位", "工行", "owner"), ("所属工会", "市总", "owner"),
    ("责任单位", "工行", "owner"), ("站点类型", "银行", "host_type"),
    ("驿站类别", "银行", "host_type"),
    ("星级评定", "三星", "star"), ("是否有卫生间", "有", "toilet"), ("停车位", "有", "parking"),
    ("核查日期", "2026-03-01", "verified_at"), ("坐标系", "gcj02", "datum"),
    ("行政区划代码", "150102", "adcode"), ("联系人及电话", "张三 13800138000", "contact_phone"),
    # personal: left out
    ("管理员姓名", "张三", LEFT_OUT), ("负责人", "张三", LEFT_OUT), ("联系人", "张三", LEFT_OUT),
    ("站长姓名", "张三", LEFT_OUT), ("负责人联系电话", "13800138000", LEFT_OUT),
    ("联系人手机号码", "13800138000", LEFT_OUT), ("站长电话", "13800138000", LEFT_OUT),
    # neither known nor alike
    ("序号", "1", LEFT_OUT), ("备注", "无", LEFT_OUT), ("面积", "35", LEFT_OUT),
    ("建成时间", "2024-05-01", LEFT_OUT), ("照片", "是", LEFT_OUT), ("服务人数", "1200", LEFT_OUT),
    ("建筑面积（㎡）", "110.5", LEFT_OUT), ("投资金额", "12000", LEFT_OUT),
    ("邮编", "010010", LEFT_OUT),
    # cells that must be answered for
    ("时间安排", HOURS, ASK), ("冬令", HOURS, ASK), ("传真", "0471-1234567", ASK),
    ("号码", "0471-1234567", "phone"), ("定位", "111.66,40.82", ASK), ("数值一", "111.661234", ASK),
    ("备注二", "24小时营业", ASK), ("导航", "https://uri.amap.com/marker?position=111.6,40.8", ASK),
)  # fmt: skip


def read_one(heading: str, cell: str) -> Table:
    """A list with two known columns, whichever the heading is not, and one with that heading."""
    others = [("星级", "3"), ("行政区划代码", "150102"), ("门口提示", "东门"), ("进入方式", "自由")]
    lines = [[f"{one}" for one, _ in others] + [heading], [one for _, one in others] + [cell]]
    text = "\n".join("\t".join(line) for line in lines)
    return read(text.encode(), ALL, personal=PERSONAL, prose=PROSE, shapes=LOOKS)


def outcome(table: Table, heading: str) -> str:
    if table.questions:
        return ASK
    taken = [one for one in table.sheets[0].fields if one not in {"door", "entry"}]
    taken = [one for one in taken if one not in {"star", "adcode"}]
    return taken[0] if taken else LEFT_OUT


@pytest.mark.parametrize(("heading", "cell", "field"), HEADINGS, ids=[one[0] for one in HEADINGS])
def test_a_heading_leads_to_its_field_a_question_or_nothing(
    heading: str, cell: str, field: str
) -> None:
    table = read_one(heading, cell)
    if field in {"star", "adcode"}:
        assert [one.code for one in table.problems] == ["duplicate_column"]
        return
    assert table.problems == ()
    assert outcome(table, heading) == field


def test_there_are_many_headings() -> None:
    assert len({heading for heading, _, _ in HEADINGS}) >= 107


@pytest.mark.parametrize(
    ("heading", "qualifier"),
    [
        ("经度（百度）", "百度"),
        ("百度经度", "百度"),
        ("开放时间（夏季）", "夏季"),
        ("夏季开放时间", "夏季"),
        ("工作日营业时间", "工作日"),
        ("联系电话（办公）", "办公"),
        ("开放时间", ""),
        ("坐标(经度,纬度)", ""),
    ],
)
def test_what_restricts_a_column_is_kept(heading: str, qualifier: str) -> None:
    cell = {"经": "111.66123", "百": "111.66123", "坐": "111.6,40.8", "联": "0471-1234567"}
    table = read_one(heading, cell.get(heading[0], HOURS))
    assert "".join(table.sheets[0].qualifiers.values()) == qualifier


def test_cells_tell_a_column_whose_heading_is_only_alike_and_it_is_told() -> None:
    table = read_one("日常服务时段", HOURS)
    assert table.sheets[0].headings["hours"] == "日常服务时段"
    (told,) = table.warnings
    assert (told.column, told.code, told.params) == (
        "日常服务时段",
        "read_as",
        {"field": "服务时间"},
    )


def test_the_same_heading_over_other_cells_is_asked_about() -> None:
    table = read_one("日常服务时段", "见门口告示")
    (question,) = table.questions
    assert question.proposal == "hours"
    assert question.samples == ("见门口告示",)


def test_an_answer_wins_over_everything_and_leaves_out() -> None:
    text = '编号,名称,服务时间,定位\nA1,甲,9:00-17:00,"111.66,40.82"\n'
    answers = {"服务时间": None, "定位": "lnglat"}
    table = read(text.encode(), ALL, shapes=LOOKS, mapping=answers)
    assert table.questions == ()
    assert table.sheets[0].fields == ("code", "name", "lnglat")
    assert table.sheets[0].answers == answers


def test_answers_are_used_again_for_the_same_headings_only_and_told() -> None:
    text = '编号,名称,定位\nA1,甲,"111.66,40.82"\n'
    first = read(text.encode(), ALL, shapes=LOOKS, mapping={"定位": "lnglat"}).sheets[0]
    before = {first.fingerprint: first.answers}
    again = read(text.encode(), ALL, shapes=LOOKS, remembered=before)
    assert again.questions == ()
    assert again.sheets[0].fields == first.fields
    assert [(one.column, one.code) for one in again.warnings] == [("定位", "as_last_time")]
    other = text.replace("名称", "名称,星级").replace("甲", "甲,3")
    assert len(read(other.encode(), ALL, shapes=LOOKS, remembered=before).questions) == 1


@pytest.mark.parametrize(
    "pair", [("日常服务时段", "节日服务时段"), ("对公营业时间", "对私营业时间")]
)
def test_two_columns_as_alike_to_one_field_are_both_asked_about(pair: tuple[str, str]) -> None:
    text = f"编号,名称,{pair[0]},{pair[1]}\nA1,甲,{HOURS},{HOURS}\n"
    table = read(text.encode(), ALL, shapes=LOOKS)
    assert "hours" not in table.sheets[0].fields
    assert [(one.heading, one.candidates) for one in table.questions] == [
        (heading, ("hours",)) for heading in pair
    ]


def test_the_columns_of_other_places_than_stations_are_known_by_what_follows() -> None:
    text = (
        "公厕名称,男厕位数,公厕地址,惠民点电话,location.lng,location.lat\n"
        "甲,3,中山路1号,0755-83334444,114.0512,22.5431\n"
    )
    table = read(text.encode(), ALL, shapes=LOOKS)
    assert table.questions == ()
    assert table.sheets[0].fields == ("name", "address", "phone", "lng", "lat")


def test_a_heading_that_ends_as_a_known_one_is_asked_about() -> None:
    table = read(f"编号,惠民之窗名称,服务时间\nA1,甲,{HOURS}\n".encode(), ALL, shapes=LOOKS)
    assert [(one.heading, one.candidates) for one in table.questions] == [
        ("惠民之窗名称", ("name",))
    ]


@pytest.mark.parametrize(
    ("one", "other", "least", "most"),
    [
        ("开放时间", "开放时间", 1.0, 1.0),
        ("站点详细地址", "地址", 0.95, 0.95),
        ("日常服务时段", "服务时段", 0.6, 0.94),
        ("建成时间", "服务时间", 0.0, 0.59),
        ("站点面积", "站点名称", 0.0, 0.59),
        ("", "名称", 0.0, 0.0),
    ],
)
def test_likeness(one: str, other: str, least: float, most: float) -> None:
    assert least <= likeness(one, other) <= most
