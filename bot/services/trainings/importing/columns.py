"""The vocabulary of training lists: headings, how a time is written, statuses."""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Final

from bot.common.clock import CHINA
from bot.services.spreadsheets.reader import Columns
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

_MOMENT: Final = re.compile(
    r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?[T\s]*"
    r"(?:(\d{1,2})\s*[::点时]\s*(\d{1,2})?\s*分?(?::\d{2})?)?"
)
_CLOCK: Final = re.compile(r"(\d{1,2})\s*[::点时]\s*(\d{1,2})?\s*分?(?::\d{2})?")


def read_moment(text: str, day_of: datetime | None = None) -> datetime | None:
    """`2026-11-28 9:00`, or `11:30` on the day of `day_of`; None if it is neither.

    A date without a time is its last minute. Times are those of Inner Mongolia.
    """
    text = text.strip()
    if found := _MOMENT.fullmatch(text):
        year, month, day, hour, minute = found.groups()
        return _moment(int(year), int(month), int(day), hour, minute)
    found = _CLOCK.fullmatch(text)
    if found is None or day_of is None:
        return None
    day = day_of.astimezone(CHINA)
    return _moment(day.year, day.month, day.day, found[1], found[2])


def write_moment(moment: datetime) -> str:
    """`2026-11-28 09:00`, as it is read."""
    return f"{moment.astimezone(CHINA):%Y-%m-%d %H:%M}"


def _moment(
    year: int, month: int, day: int, hour: str | None, minute: str | None
) -> datetime | None:
    try:
        midnight = datetime(year, month, day, tzinfo=CHINA)
        if hour is None:
            return midnight + timedelta(hours=23, minutes=59)
        if hour == "24" and int(minute or 0) == 0:
            return midnight + timedelta(days=1)
        return midnight.replace(hour=int(hour), minute=int(minute or 0))
    except ValueError:
        return None
