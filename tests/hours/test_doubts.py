"""Readings that had better be confirmed, and those that need not."""

import pytest

from bot.hours.doubts import Doubt, doubts


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("周一至周五9:00-17:00", ()),
        ("24小时", ()),
        ("24/7", ()),
        ("00:00-23:59", ()),
        ("周一至周五 全天", ()),
        ("6:00-22:00", ()),
        ("6:00-22:01", (Doubt.LONG_DAY,)),
        ("04:00~03:00", (Doubt.LONG_DAY,)),
        ("9:00-14:00 17:00-次日8:30", (Doubt.LONG_DAY,)),
        ("周六、周日 9:00-17:00", (Doubt.CLOSED_ON_WORKDAYS,)),
        ("Sa-Su 08:30-17:30; PH off", (Doubt.CLOSED_ON_WORKDAYS,)),
        ("Mo-Su off; PH 09:00-17:00", (Doubt.CLOSED_ON_WORKDAYS,)),
        ("周五 9:00-17:00", ()),
        ("off", ()),
        ("2:30-5:30", (Doubt.SMALL_HOURS,)),
        ("9:00-17:00（以门店公告为准）", (Doubt.PARTLY_UNDERSTOOD,)),
        ("9:00-17:00，需预约", (Doubt.PARTLY_UNDERSTOOD,)),
        ("5月1日-9月30日 9:00-17:00", (Doubt.PART_OF_YEAR,)),
        ("夏季（5月-9月）9:00-17:00，冬季（10月-4月）10:00-16:00", ()),
        ("夏季（5月-9月）9:00-17:00，冬季（10月-4月）周六10:00-16:00", ()),  # refused
        ("5月-9月 6:00-23:00，其余时间9:00-17:00", (Doubt.LONG_DAY,)),
        ("9:00-17:00，12月-2月闭馆", ()),
        ("周六6:00-23:00（需预约）", (
            Doubt.CLOSED_ON_WORKDAYS, Doubt.LONG_DAY, Doubt.PARTLY_UNDERSTOOD)),
        ("即将开业", (Doubt.NOT_OPEN_YET,)),
        ("不详", ()),
        ("看门大爷在就开", ()),
        ("9:00-17:00" * 1000, ()),
    ],
)  # fmt: skip
def test_doubts(text: str, expected: tuple[Doubt, ...]) -> None:
    assert doubts(text) == expected
