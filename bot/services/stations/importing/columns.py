"""The columns of station lists: heading, database column and cell text of each field.

Headings were collected from published lists.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from bot.common.facilities import FACILITIES
from bot.common.values import value
from bot.geo.datum import Datum
from bot.services.spreadsheets.cells import clean, clean_prose
from bot.services.spreadsheets.tables import Columns
from bot.services.stations.importing.synonyms import SYNONYMS
from bot.services.stations.importing.vocabulary import NAMED_FACILITIES, STATE_NAMES, STATUS_NAMES
from bot.services.stations.statuses import FacilityStatus, StationStatus

if TYPE_CHECKING:
    from bot.services.stations.importing.reading.dated import DatedHours


@value
class Field:
    """One field of a station: `headings` it is known by, the first is the one that is written.

    `column` is where the stations table holds it, None for what has rows of its own. `to_cell`
    writes the value as a cell that reads back as the same value, None: it is text already.
    """

    name: str
    headings: tuple[str, ...]
    column: str | None
    to_cell: Callable[[Any], str] | None = None


def _optional(value: str | int | date | None) -> str:
    return "" if value is None else str(value)


def _number(value: float | None) -> str:
    return "" if value is None else repr(value)


def _datum(value: Datum) -> str:
    return value.value


def _flag(value: bool) -> str:
    return "是" if value else ""


def _status(value: StationStatus) -> str:
    return STATUS_NAMES[value]


def _facilities(value: Iterable[tuple[str, FacilityStatus]]) -> str:
    return ";".join(
        code if state is FacilityStatus.OK else f"{code}={STATE_NAMES[state]}"
        for code, state in value
    )


def _changes(value: "Iterable[DatedHours]") -> str:
    return ";".join(
        f"{one.first}..{one.last} {one.hours or 'closed'} {one.reason}".strip() for one in value
    )


FIELDS: Final = (
    Field(
        "code",
        ("编号", "code", "id", "站点编号", "驿站编号", "网点编号", "机构编号", "编码"),
        column="code",
    ),
    Field(
        "name", ("名称", "name", "站点名称", "驿站名称", "网点名称", "服务站点名称"), column="name"
    ),
    Field(
        "host_type", ("站点类型", "host_type", "类型", "建设类型", "单位类型"), column="host_type"
    ),
    Field(
        "owner",
        ("建设单位", "owner", "主办单位", "所属单位", "管理单位", "建站单位"),
        column="owner",
    ),
    Field("league", ("盟市", "league", "所属盟市", "地市", "盟", "市"), column="league"),
    Field(
        "banner",
        ("旗县", "banner", "旗县区", "所属旗县", "区县", "县区", "district"),
        column="banner",
    ),
    Field("adcode", ("区划代码", "adcode", "行政区划代码"), column="adcode"),
    Field("address", ("地址", "address", "详细地址", "站点地址", "地点", "位置"), column="address"),
    Field("lng", ("经度", "lng", "lon", "longitude"), "raw_lon", _number),
    Field("lat", ("纬度", "lat", "latitude"), "raw_lat", _number),
    Field("datum", ("坐标系", "datum", "坐标系统", "坐标类型"), column="datum", to_cell=_datum),
    Field(
        "hours",
        ("服务时间", "hours", "开放时间", "营业时间", "服务时段", "opening_hours"),
        column="hours",
        to_cell=_optional,
    ),
    Field(
        "facilities",
        ("服务设施", "facilities", "服务内容", "设施", "配套设施", "设施设备"),
        None,
        _facilities,
    ),
    Field("entry", ("进入方式", "entry", "开门方式"), column="entry"),
    Field("door", ("门口提示", "door", "入口提示"), column="door"),
    Field("parking", ("电动车停放", "parking", "停车"), column="parking"),
    Field("toilet", ("卫生间", "toilet", "厕所"), column="toilet"),
    Field(
        "phone",
        ("电话", "phone", "联系电话", "服务电话", "站点电话", "tel", "telephone"),
        column="phone",
    ),
    Field("star", ("星级", "star", "stars"), column="star", to_cell=_optional),
    Field(
        "verified_at",
        ("核实日期", "verified_at", "核实时间"),
        column="verified_at",
        to_cell=_optional,
    ),
    Field("status", ("状态", "status", "站点状态", "营业状态"), column="status", to_cell=_status),
    Field("changes", ("例外安排", "changes", "临时安排"), None, _changes),
    Field("geocoded", ("坐标待确认", "geocoded"), column="geocoded", to_cell=_flag),
    Field("is_demo", ("示例", "demo", "is_demo"), column="is_demo", to_cell=_flag),
)
"""In the order of an exported list."""

COLUMNS: Final[Columns] = MappingProxyType(
    {field.name: (*field.headings, *SYNONYMS.get(field.name, ())) for field in FIELDS}
)
"""Field → its Chinese heading, its English one, and others that were seen in lists."""

_PARTS: Final = (
    ("hours_workdays", "工作日"), ("hours_mon_fri", "周一至周五"), ("hours_weekend", "周末"),
    ("hours_saturday", "周六"), ("hours_sunday", "周日"), ("hours_holidays", "节假日"),
    ("hours_summer", "夏季"), ("hours_winter", "冬季"),
    ("hours_morning", "上午"), ("hours_afternoon", "下午"),
)  # fmt: skip
_HOURS: Final = ("营业时间", "服务时间", "开放时间", "工作时间", "营业时段", "开放时段", "服务时段")
_ALSO: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {"周末": ("双休日",), "夏季": ("夏令时", "夏令"), "冬季": ("冬令时", "冬令")}
)
"""Other words for these parts of the week or the year."""
HOURS_OF: Final = MappingProxyType(dict(_PARTS))
"""Synthetic field → the word before its cell, where hours stand in several columns."""

READ_BACK: Final = "服务时间（读作）"
"""Heading of the exported column that says the hours in words; it is never read."""

_LATIN: Final = frozenset({"wifi", "wlan", "aed", "atm"})
_HEADINGS: Final = frozenset(name for names in COLUMNS.values() for name in names)

FACILITY_COLUMNS: Final = MappingProxyType(
    {
        f"has_{code}": tuple(
            name
            for name, of in NAMED_FACILITIES.items()
            if of == code and (not name.isascii() or name in _LATIN) and name not in _HEADINGS
        )
        for code in FACILITIES
    }
)
"""Synthetic field → headings of the column that says whether a station has one facility."""

SYNTHETIC: Final[Columns] = MappingProxyType(
    {
        "lnglat": (
            "经纬度", "坐标", "经纬度坐标", "坐标(经度,纬度)", "坐标(经纬度)", "经度,纬度",
            "经度/纬度",
            "地理坐标", "位置坐标", "gps坐标", "坐标位置", "lnglat", "coordinates", "地图链接",
            "导航链接",
            "位置链接", "地图位置", "地图定位", "location", "wkt", "geometry", "geom", "空间坐标",
        ),
        "opens": (
            "开门时间", "营业开始时间", "开始营业时间", "开放开始时间", "开始时间", "开始服务时间",
            "服务开始时间", "开馆时间", "开站时间", "open_time", "start_time",
        ),
        "closes": (
            "关门时间", "营业结束时间", "结束营业时间", "开放结束时间", "结束时间", "结束服务时间",
            "close_time", "end_time", "服务结束时间", "下班时间", "打烊时间", "闭店时间",
            "闭馆时间", "闭站时间",
        ),
        "all_day": (
            "是否24小时", "是否24小时开放", "24小时开放", "是否24小时营业", "24小时营业",
            "全天开放",
            "是否全天开放", "是否24小时服务", "24小时服务", "24小时驿站", "是否24小时驿站",
        ),
        "closed_days": (
            "闭馆日", "休息日", "休馆日", "公休日", "闭站日", "休业日", "停业日", "闭馆日期",
            "不开放日",
            "休息时间", "closed_days",
        ),
        "division": ("行政区划", "所属行政区划", "所在行政区划"),
        "hours_read": (READ_BACK,),
        "services": (
            "业务", "services", "银行业务", "金融业务", "办理业务", "可办业务", "可办理业务",
            "金融服务", "业务范围", "业务种类",
        ),
    }
    | {
        field: tuple(
            dict.fromkeys(
                [f"{word}{hours}" for hours in _HOURS]
                + [f"{hours}{word}" for hours in _HOURS]
                + [f"{other}{hours}" for other in _ALSO.get(word, ()) for hours in _HOURS]
                + [f"{hours}{other}" for other in _ALSO.get(word, ()) for hours in _HOURS]
            )
        )
        for field, word in _PARTS
    }
    | FACILITY_COLUMNS
)  # fmt: skip
"""Columns that lists have instead of a field, or that together make one."""

LIST_COLUMNS: Final[Columns] = MappingProxyType({**COLUMNS, **SYNTHETIC})
"""All columns that a list may have."""

SOURCES: Final = MappingProxyType(
    {
        "lng": ("lnglat",),
        "lat": ("lnglat",),
        "hours": ("opens", "closes", "all_day", *HOURS_OF),
        "banner": ("division",),
        "adcode": ("division",),
        "facilities": ("services", *FACILITY_COLUMNS),
    }
)
"""Field → the synthetic fields that it may come from."""

PROSE: Final = frozenset({"name", "owner", "address", "entry", "door", "parking", "toilet"})
"""Fields that couriers read as sentences; in all others full-width marks are typing habits."""


def as_in_file(text: str, field: str) -> str:
    """A stored text as it is read back from a file that was written with it."""
    return clean_prose(text) if field in PROSE else clean(text)


PERSONAL: Final = (
    "负责人", "联系人", "站长", "管理员", "手机", "手机号", "联系人电话", "联系人手机",
    "负责人电话", "负责人手机", "站长电话", "身份证号", "contact", "contact person", "keeper",
    "manager",
)  # fmt: skip
"""Headings of contact persons: their names and phones are no business of couriers."""
