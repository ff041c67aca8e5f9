"""Pre-applications as rows of a table; in Chinese, whatever the operator reads: outlets get it."""

from typing import Final

from bot.common.clock import CHINA
from bot.services.cards.pre_application_export import ExportedPreApplication
from bot.services.cards.pre_applications import PreApplicationStatus

HEADINGS: Final = ("预约编号", "姓名", "手机号", "公司", "网点", "网点编号", "状态", "提交时间")


def row(one: ExportedPreApplication) -> tuple[str, ...]:
    """The values in the order of `HEADINGS`; the time in China's time zone."""
    return (
        one.number,
        one.name,
        one.phone,
        one.firm,
        one.outlet,
        one.outlet_code,
        _status(one.status),
        f"{one.created_at.astimezone(CHINA):%Y-%m-%d %H:%M}",
    )


def _status(status: PreApplicationStatus) -> str:
    match status:
        case PreApplicationStatus.NEW:
            return "待处理"
        case PreApplicationStatus.PASSED:
            return "已转网点"
        case PreApplicationStatus.CLOSED:
            return "已办完"
