"""The words of station lists: headings, states and the names that lists give to facilities.

Collected from published lists; what couriers type is another vocabulary (`bot.facilities`), for
"急救" in a chat asks for whatever helps, while in a list it must not become a defibrillator.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from bot.common.facilities import FACILITIES
from bot.geo.datum import Datum
from bot.services.spreadsheets.cells import clean
from bot.services.spreadsheets.reader import Columns

COLUMNS: Final[Columns] = MappingProxyType(
    {
        "code": ("编号", "code", "id", "站点编号", "驿站编号", "网点编号", "机构编号", "编码"),
        "name": ("名称", "name", "站点名称", "驿站名称", "网点名称", "服务站点名称"),
        "host_type": ("站点类型", "host_type", "类型", "建设类型", "单位类型"),
        "owner": ("建设单位", "owner", "主办单位", "所属单位", "管理单位", "建站单位"),
        "league": ("盟市", "league", "所属盟市", "地市", "盟", "市"),
        "banner": ("旗县", "banner", "旗县区", "所属旗县", "区县", "县区", "district"),
        "adcode": ("区划代码", "adcode", "行政区划代码"),
        "address": ("地址", "address", "详细地址", "站点地址", "地点", "位置"),
        "lng": ("经度", "lng", "lon", "longitude"),
        "lat": ("纬度", "lat", "latitude"),
        "datum": ("坐标系", "datum", "坐标系统", "坐标类型"),
        "hours": ("服务时间", "hours", "开放时间", "营业时间", "服务时段", "opening_hours"),
        "facilities": ("服务设施", "facilities", "服务内容", "设施", "配套设施", "设施设备"),
        "entry": ("进入方式", "entry", "开门方式"),
        "door": ("门口提示", "door", "入口提示"),
        "parking": ("电动车停放", "parking", "停车"),
        "toilet": ("卫生间", "toilet", "厕所"),
        "phone": ("电话", "phone", "联系电话", "服务电话", "站点电话", "tel", "telephone"),
        "star": ("星级", "star", "stars"),
        "verified_at": ("核实日期", "verified_at", "核实时间"),
        "status": ("状态", "status", "站点状态", "营业状态"),
        "changes": ("例外安排", "changes", "临时安排"),
        "geocoded": ("坐标待确认", "geocoded"),
        "is_demo": ("示例", "demo", "is_demo"),
    }
)
"""Field → its Chinese heading, its English one, and others that were seen in lists."""

PERSONAL: Final = (
    "负责人", "联系人", "站长", "管理员", "手机", "手机号", "联系人电话", "联系人手机",
    "负责人电话", "负责人手机", "站长电话", "身份证号", "contact", "contact person", "keeper",
    "manager",
)  # fmt: skip
"""Headings of contact persons: their names and phones are no business of couriers."""

STATE_NAMES: Final = MappingProxyType(
    {"ok": "正常", "broken": "故障", "empty": "缺货", "unconfirmed": "待核实"}
)
STATUS_NAMES: Final = MappingProxyType(
    {"open": "营业", "paused": "暂停", "moved": "搬迁", "closed": "撤销"}
)
STATES: Final[Mapping[str, str]] = MappingProxyType(
    {
        **{name: state for state, name in STATE_NAMES.items()},
        **{state: state for state in STATE_NAMES},
        "损坏": "broken",
        "坏": "broken",
        "维修": "broken",
        "空": "empty",
        "未核实": "unconfirmed",
    }
)
STATUSES: Final[Mapping[str, str]] = MappingProxyType(
    {
        **{name: status for status, name in STATUS_NAMES.items()},
        **{status: status for status in STATUS_NAMES},
        "": "open",
        "正常": "open",
        "开放": "open",
        "营业中": "open",
        "暂停开放": "paused",
        "暂停营业": "paused",
        "停业": "paused",
        "已搬迁": "moved",
        "已撤销": "closed",
        "关闭": "closed",
    }
)
YES: Final[Mapping[str, bool]] = MappingProxyType(
    dict.fromkeys(("是", "yes", "true", "1"), True)
    | dict.fromkeys(("", "否", "no", "false", "0"), False)
)
DATUMS: Final[Mapping[str, Datum]] = MappingProxyType(
    dict.fromkeys(("wgs84", "gps", "cgcs2000", "国家2000"), Datum.WGS84)
    | dict.fromkeys(("gcj02", "火星坐标", "火星坐标系", "高德", "腾讯", "国测局"), Datum.GCJ02)
    | dict.fromkeys(("bd09", "bd09ll", "百度", "百度坐标"), Datum.BD09)
)
"""CGCS2000 and WGS-84 agree to some centimetres."""

_SEEN: Final = {
    "seat": "桌椅 桌凳 座椅 休息 休息区 休息室 休息桌凳 沙发 歇脚",
    "water": "饮水机 饮水 饮用水 饮水设备 冷热饮水机 热饮 开水 热水 直饮水",
    "charge": "充电 充电插座 充电设备 充电宝 手机充电器",
    "microwave": "微波炉 餐食加热 餐饮加热 热饭 加热",
    "hvac": "空调 冷暖设备 冷暖空调 暖气 取暖 取暖设备 暖风机 纳凉",
    "medkit": "药箱 医药箱 急救箱 急救药箱 医疗救助箱 应急药品 医药包 医药用品",
    "toilet": "卫生间 厕所 洗手间 如厕 公共卫生间",
    "fridge": "冰柜",
    "wifi": "WiFi 无线网 无线上网 WLAN",
    "rain": "雨具 雨伞 雨衣 雨具租借",
    "books": "图书 报刊 报刊书籍 书籍 书报 阅读 阅读空间",
    "tools": "工具箱 打气筒 针线包 便民工具箱 维修工具",
    "ebike": "电动车充电 换电 换电柜 户外充电桩 充电桩 电池充电 电动车停放",
    "nursing": "母婴室 妈妈小屋",
    "access": "无障碍 轮椅 老花镜 无障碍设施",
    "aed": "AED 除颤器 除颤仪",
    "meal": "爱心餐 优惠餐 用餐 餐厅",
    "bath": "淋浴 更衣 更衣室 洗澡",
    "print": "打印 复印 打印机",
    "legal": "法律援助",
    "psych": "心理 心理疏导",
    "bank": "柜面 自助金融 ATM",
}


def _names() -> Mapping[str, str]:
    names = {}
    for facility in FACILITIES.values():
        seen = _SEEN.get(facility.code, "").split()
        for name in (facility.code, facility.name_zh, facility.name_en, *seen):
            names[clean(name).casefold()] = facility.code
    return MappingProxyType(names)


NAMED_FACILITIES: Final[Mapping[str, str]] = _names()
"""Code or name, in small letters → code."""
