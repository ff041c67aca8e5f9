"""Hours of duty: Chinese or OSM, with public holidays."""

from datetime import datetime

import pytest

from bot.common.clock import CHINA
from bot.config.settings import SettingsError, read_settings
from bot.hours.calendar import Holidays
from bot.services.conversations.duty import DutyHours


@pytest.mark.parametrize(
    ("hours", "moment", "expected"),
    [
        ("24/7", datetime(2026, 11, 23, 3, tzinfo=CHINA), True),
        ("off", datetime(2026, 11, 23, 10, tzinfo=CHINA), False),
        ("周一至周五 9:00-17:30", datetime(2026, 11, 23, 10, tzinfo=CHINA), True),
        ("周一至周五 9:00-17:30", datetime(2026, 11, 23, 18, tzinfo=CHINA), False),
        ("周一至周五 9:00-17:30", datetime(2026, 11, 22, 10, tzinfo=CHINA), False),
        ("工作日 9:00-17:30", datetime(2026, 10, 1, 10, tzinfo=CHINA), False),
    ],
)
def test_somebody_is_on_duty(hours: str, moment: datetime, *, expected: bool) -> None:
    assert DutyHours(hours, Holidays.from_csv()).is_on(moment) is expected


def test_hours_that_cannot_be_read_stop_the_start() -> None:
    with pytest.raises(SettingsError, match="YIZHAN_DUTY_HOURS"):
        read_settings({"YIZHAN_DUTY_HOURS": "看心情"})
