"""The vocabulary of training lists: headings and statuses."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from bot.geo.datum import Datum
from bot.services.spreadsheets.tables import Columns
from bot.services.trainings.statuses import TrainingStatus

COLUMNS: Final[Columns] = MappingProxyType(
    {
        "code": ("编号", "code", "id", "场次编号", "课程编号", "培训编号"),
        "title": ("主题", "title", "名称", "课程", "课程名称", "培训名称", "培训主题"),
        "topic": ("类别", "topic", "专题", "课程类别", "类型"),
        "about": ("简介", "about", "内容", "培训内容", "课程内容", "说明"),
        "contact": ("咨询方式", "contact", "咨询电话", "联系方式"),
        "league": ("盟市", "league", "举办盟市", "地市"),
        "is_online": ("线上", "online", "is_online", "是否线上"),
        "link": ("直播链接", "link", "链接", "网址", "会议链接", "url"),
        "place": ("地点", "place", "培训地点", "场地", "会场"),
        "address": ("地址", "address", "详细地址"),
        "lng": ("经度", "lng", "lon", "longitude"),
        "lat": ("纬度", "lat", "latitude"),
        "datum": ("坐标系", "datum", "坐标系统", "坐标类型"),
        "starts_at": ("开始时间", "starts_at", "start", "开课时间", "培训时间"),
        "ends_at": ("结束时间", "ends_at", "end", "下课时间"),
        "deadline": ("报名截止", "deadline", "截止时间", "报名截止时间"),
        "capacity": ("名额", "capacity", "seats", "人数上限", "容量"),
        "min_attendance": ("最少人数", "min_attendance", "最低人数", "开课人数"),
        "only_firm": ("限公司", "only_firm", "面向公司", "限企业"),
        "only_league": ("限盟市", "only_league", "面向盟市"),
        "status": ("状态", "status"),
        "taken": ("已占名额", "taken", "已报人数"),
        "waiting": ("候补人数", "waiting"),
    }
)
"""Field → its Chinese heading, its English one, and others; the last three are only written."""

PROSE: Final = frozenset({"title", "about"})
"""What people read as a text: it keeps its Chinese punctuation."""
WRITTEN_ONLY: Final = ("status", "taken", "waiting")
STATUS_NAMES: Final = MappingProxyType(
    {
        TrainingStatus.PLANNED: "报名中",
        TrainingStatus.CANCELLED: "已取消",
        TrainingStatus.DONE: "已结束",
    }
)
YES: Final = frozenset({"是", "有", "线上", "yes", "y", "true", "1", "√", "✓"})
NO: Final = frozenset({"", "否", "无", "线下", "no", "n", "false", "0"})
LENGTHS: Final[Mapping[str, int]] = MappingProxyType(
    {
        "code": 64,
        "title": 120,
        "topic": 40,
        "about": 400,
        "contact": 80,
        "link": 300,
        "place": 120,
        "address": 200,
        "only_firm": 40,
    }
)
"""Characters of the database's columns."""
DATUMS: Final[Mapping[str, Datum]] = MappingProxyType(
    {datum.value: datum for datum in Datum}
    | dict.fromkeys(("gps", "cgcs2000", "国家2000"), Datum.WGS84)
    | dict.fromkeys(("火星坐标", "高德", "腾讯"), Datum.GCJ02)
    | dict.fromkeys(("百度", "百度坐标"), Datum.BD09)
)
"""Cell of 坐标系, or what stands in brackets behind 经度 → datum."""
UNITS: Final = frozenset({"东经", "北纬", "度", "°", "e", "n", "小数", "十进制"})
"""What may stand there, too, and says nothing of the datum."""
