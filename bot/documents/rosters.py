"""The attendees of a training as rows of a Chinese list: to sign at check-in, and who attended."""

from collections.abc import Iterable
from types import MappingProxyType
from typing import Final

from bot.services.spreadsheets.cells import write_moment
from bot.services.trainings.rosters import Attendee
from bot.services.trainings.statuses import RegistrationStatus

STATUS_NAMES: Final = MappingProxyType(
    {
        RegistrationStatus.SEAT: "已报名",
        RegistrationStatus.OFFERED: "待确认",
        RegistrationStatus.WAITLIST: "候补",
    }
)
"""Of live registrations; a roster has no others."""


def check_in_sheet(attendees: Iterable[Attendee]) -> list[list[str]]:
    """A list to sign, the headings first; filled in, `trainings attend` reads it."""
    heading = ["序号", "姓名", "手机尾号", "公司", "状态", "签到", "备注", "报名编号"]
    rows = [
        [
            str(number),
            attendee.name,
            attendee.phone_end,
            attendee.firm,
            STATUS_NAMES[attendee.status],
            "",
            "",
            str(attendee.number),
        ]
        for number, attendee in enumerate(attendees, 1)
    ]
    return [heading, *rows]


def attendance_list(attendees: Iterable[Attendee]) -> list[list[str]]:
    """Who registered, confirmed and attended, their scores and comments; the headings first."""
    heading = ["姓名", "手机尾号", "公司", "状态", "确认会来", "报名时间", "签到时间"]
    heading += ["评分", "留言"]
    rows = [
        [
            attendee.name,
            attendee.phone_end,
            attendee.firm,
            STATUS_NAMES[attendee.status],
            "是" if attendee.confirmed else "",
            write_moment(attendee.registered_at),
            write_moment(attendee.attended_at) if attendee.attended_at else "",
            str(attendee.score or ""),
            attendee.comment,
        ]
        for attendee in attendees
    ]
    return [heading, *rows]
