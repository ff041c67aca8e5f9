"""The words of station lists: states, and the names that lists give to facilities and datums.

Collected from published lists; what couriers type is another vocabulary
(`bot.common.facilities`): "急救" in a chat asks for whatever helps, in a list it must not become a
defibrillator.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, TypeVar

from bot.common.facilities import FACILITIES
from bot.geo.datum import Datum
from bot.services.spreadsheets.cells import clean
from bot.services.stations.statuses import FacilityStatus, StationStatus

_V = TypeVar("_V")


def _each(value: _V, words: str) -> dict[str, _V]:
    """Every one of the words, which stand between blanks, with this value."""
    return dict.fromkeys(words.split(), value)


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
        **_each(
            FacilityStatus.BROKEN,
            "损坏 坏 坏了 坏的 维修 维修中 检修 报修 停用 不可用 不能用 无法使用 有故障",
        ),
        **_each(FacilityStatus.EMPTY, "空 缺水 断水 没水 用完 待补充 已用完"),
        **_each(FacilityStatus.UNCONFIRMED, "未核实 待确认 不确定 不详"),
        **_each(FacilityStatus.OK, "可用 良好 完好 能用 正常使用 在用"),
    }
)
STATUSES: Final[Mapping[str, StationStatus]] = MappingProxyType(
    {
        **{name: status for status, name in STATUS_NAMES.items()},
        **{status.value: status for status in StationStatus},
        "": StationStatus.OPEN,
        **_each(
            StationStatus.OPEN,
            "正常 开放 营业中 正常开放 正常营业 正常运行 正常使用 正常运营 "
            "开放中 开业 已开业 已开放 在营 在用 使用中 运行 运行中 运营 "
            "运营中 启用 已启用 已投用 已投入使用 投入使用 已建成投用 完好 良好 试运行 试运营 "
            "对外开放 已使用 有效 可用 true yes 是 1 √ normal",
        ),
        **_each(
            StationStatus.PAUSED,
            "暂停开放 暂停营业 暂停使用 暂停服务 暂不开放 停业 停用 未开放 "
            "不开放 临时关闭 临时停业 歇业 装修 装修中 维修 维修中 改造中 "
            "升级改造 筹建 筹建中 筹备 筹备中 在建 建设中 待建 已建成 "
            "即将开业 即将开放 待开放 待开业 待启用 未启用 未开业 未建成 "
            "正在建设 正在施工 施工中 建设 未建 正在装修 正在维修 检修中 维护中 正在维护 "
            "已停用 停止使用 停止服务 "
            "停止开放 停止营业 停运 已停运 已停业 暂停供水 停水 故障 损坏 待维修 待修 "
            "未正常开放 暂未开放 未投用 "
            "未投入使用 试运行前 false no 否 0 ×",
        ),
        **_each(StationStatus.MOVED, "已搬迁 迁址 已迁址 迁移 已迁移"),
        **_each(
            StationStatus.CLOSED,
            "已撤销 关闭 已关闭 永久关闭 关停 已关停 撤站 撤点 已撤点 撤并 "
            "注销 已注销 取消 已取消 拆除 已拆除",
        ),
    }
)
MARKS: Final[Mapping[str, FacilityStatus | None]] = MappingProxyType(
    _each(FacilityStatus.OK, "有 是 √ ✓ ✔ ☑ v y yes true 1 具备 已配备 配备 提供")
    | _each(None, "无 否 × x ✗ ✘ n no false 0 没有 不具备 未配备 暂无 - — /")
    | {word: state for word, state in STATES.items() if word != "空"}
)
"""What the cell of a column for one facility says; None: there is none."""
YES: Final[Mapping[str, bool]] = MappingProxyType(
    dict.fromkeys(("是", "yes", "true", "1", "√", "有"), True)
    | dict.fromkeys(("", "否", "no", "false", "0", "×", "无"), False)
)
DATUMS: Final[Mapping[str, Datum]] = MappingProxyType(
    dict.fromkeys(
        ("wgs84", "gps", "cgcs2000", "国家2000", "天地图", "2000国家大地坐标系"), Datum.WGS84
    )
    | dict.fromkeys(
        (
            "gcj02",
            "火星坐标",
            "火星坐标系",
            "火星",
            "高德",
            "高德地图",
            "腾讯",
            "腾讯地图",
            "国测局",
        ),
        Datum.GCJ02,
    )
    | dict.fromkeys(("bd09", "bd09ll", "百度", "百度坐标", "百度地图"), Datum.BD09)
)
"""CGCS2000 and WGS-84 agree to some centimetres."""

_SEEN: Final = {
    "seat": (
        "桌椅板凳 休息桌椅 座凳 长椅 躺椅 休息座椅 歇息 小憩 桌椅 桌凳 座椅 休息 休息区 "
        "休息室 休息桌凳 沙发 歇脚"
    ),
    "water": (
        "热水壶 烧水壶 保温桶 热水器具 开水机 热水供应 提供热水 免费饮水 饮水点 茶水 "
        "饮水机 饮水 饮用水 饮水设备 冷热饮水机 热饮 开水 热水 直饮水"
    ),
    "charge": (
        "多功能充电 多功能充电器 充电器 充电设施 充电线 手机充电线 充电插排 手机充电站 "
        "应急充电 充电 充电插座 充电设备 充电宝 手机充电器"
    ),
    "microwave": "热饭服务 饭菜加热 食品加热 微波炉加热 微波炉 餐食加热 餐饮加热 热饭 加热",
    "hvac": (
        "避暑 避暑取暖 避暑纳凉 避寒 御寒 纳凉取暖 夏季纳凉 冬季取暖 取暖器 "
        "空调 冷暖设备 冷暖空调 暖气 取暖 取暖设备 暖风机 纳凉"
    ),
    "medkit": (
        "便民药箱 小药箱 常用药品 急救药品 急救用品 应急药 药品箱 常用药箱 应急医药箱 "
        "应急医疗箱 医疗箱 防暑药品 药箱 医药箱 急救箱 急救药箱 医疗救助箱 应急药品 "
        "医药包 医药用品"
    ),
    "toilet": "卫生间 厕所 洗手间 如厕 公共卫生间",
    "fridge": "小冰箱 冷藏柜 冰柜",
    "wifi": "免费WiFi 无线WiFi 免费无线网络 免费上网 WiFi 无线网 无线上网 WLAN",
    "rain": "爱心雨伞 便民雨伞 雨伞借用 雨具 雨伞 雨衣 雨具租借",
    "books": (
        "图书角 书报架 报刊杂志 书刊 杂志 图书报刊 报纸 学习书籍 图书 报刊 报刊书籍 "
        "书籍 书报 阅读 阅读空间"
    ),
    "tools": (
        "针线 针线盒 缝补工具 修理工具 维修箱 便民工具 工具箱 打气筒 针线包 便民工具箱 维修工具"
    ),
    "ebike": "电动车充电 换电 换电柜 户外充电桩 充电桩 电池充电 电动车停放",
    "nursing": "母婴室 妈妈小屋",
    "access": "无障碍卫生间 无障碍通道 放大镜 无障碍 轮椅 老花镜 无障碍设施",
    "aed": "AED 除颤器 除颤仪",
    "meal": "爱心餐 优惠餐 用餐 餐厅",
    "bath": "淋浴 更衣 更衣室 洗澡",
    "print": "打印 复印 打印机",
    "legal": "法律援助",
    "psych": "心理 心理疏导",
    "bank": "柜面 自助金融 ATM",
    "payroll": "工资卡 代发工资 代发 发薪 薪酬 薪酬管理 工资代发",
    "saving": "存款 理财 储蓄 投资理财 存款理财 定期存款",
    "loan": "贷款 个人贷款 个贷 消费贷款 消费贷 小额贷款",
    "instalment": "信用卡 分期 信用卡分期 分期付款 信用卡业务",
    "insurance": "保险 保险业务 保险和工伤 工伤保险",
    "financing": "企业融资 融资 企业贷款 对公贷款 普惠贷款 小微企业贷款",
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
