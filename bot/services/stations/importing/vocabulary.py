"""The words of station lists: states, and the names that lists give to facilities and datums.

Collected from published lists; what couriers type is another vocabulary
(`bot.common.facilities`): "急救" in a chat asks for whatever helps, in a list it must not become a
defibrillator.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from bot.common.facilities import FACILITIES
from bot.geo.datum import Datum
from bot.services.spreadsheets.cells import clean
from bot.services.stations.statuses import FacilityStatus, StationStatus

STATE_NAMES: Final = MappingProxyType(
    {
        FacilityStatus.OK: "正常",
        FacilityStatus.BROKEN: "故障",
        FacilityStatus.EMPTY: "缺货",
        FacilityStatus.UNCONFIRMED: "待核实",
    }
)
STATUS_NAMES: Final = MappingProxyType(
    {
        StationStatus.OPEN: "营业",
        StationStatus.PAUSED: "暂停",
        StationStatus.MOVED: "搬迁",
        StationStatus.CLOSED: "撤销",
    }
)
STATES: Final[Mapping[str, FacilityStatus]] = MappingProxyType(
    {
        **{name: state for state, name in STATE_NAMES.items()},
        **{state.value: state for state in FacilityStatus},
        "损坏": FacilityStatus.BROKEN,
        "坏": FacilityStatus.BROKEN,
        "维修": FacilityStatus.BROKEN,
        "空": FacilityStatus.EMPTY,
        "未核实": FacilityStatus.UNCONFIRMED,
    }
)
STATUSES: Final[Mapping[str, StationStatus]] = MappingProxyType(
    {
        **{name: status for status, name in STATUS_NAMES.items()},
        **{status.value: status for status in StationStatus},
        "": StationStatus.OPEN,
        "正常": StationStatus.OPEN,
        "开放": StationStatus.OPEN,
        "营业中": StationStatus.OPEN,
        "暂停开放": StationStatus.PAUSED,
        "暂停营业": StationStatus.PAUSED,
        "停业": StationStatus.PAUSED,
        "已搬迁": StationStatus.MOVED,
        "已撤销": StationStatus.CLOSED,
        "关闭": StationStatus.CLOSED,
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
