"""Appointments as rows of a table; in Chinese, whatever the operator reads: outlets get it."""

from typing import Final

from bot.common.clock import CHINA
from bot.common.facilities import FACILITIES
from bot.services.appointments.operations import ListedAppointment
from bot.services.appointments.statuses import AppointmentStatus
from bot.services.appointments.wishes import CallWish, Part, TypedWish, VisitWish, Wish

HEADINGS: Final = (
    "预约编号", "事项", "姓名", "手机号", "公司", "网点", "网点编号", "时间", "状态", "提交时间",
)  # fmt: skip
_PARTS: Final = {Part.ANY: "随时", Part.MORNING: "上午", Part.AFTERNOON: "下午"}


def row(one: ListedAppointment) -> tuple[str, ...]:
    """The values in the order of `HEADINGS`; the time in China's time zone."""
    service = FACILITIES.get(one.topic)
    return (
        one.number,
        service.name_zh if service else one.topic,
        one.name,
        one.phone,
        one.firm,
        one.outlet,
        one.outlet_code,
        _wish(one.wanted),
        state(one.status),
        f"{one.created_at.astimezone(CHINA):%Y-%m-%d %H:%M}",
    )


def state(status: AppointmentStatus) -> str:
    """A state as operators call it."""
    match status:
        case AppointmentStatus.NEW:
            return "新"
        case AppointmentStatus.CONTACTED:
            return "已联系"
        case AppointmentStatus.DONE:
            return "完成"
        case AppointmentStatus.UNREACHED:
            return "未联系上"


def _wish(wish: Wish) -> str:
    match wish:
        case CallWish(part):
            return f"回电·{_PARTS[part]}"
        case VisitWish(day, part):
            return f"到网点·{day:%Y-%m-%d} {_PARTS[part]}"
        case TypedWish(words):
            return words
