"""Moments as people type them into a cell."""

from datetime import datetime

import pytest

from bot.common.clock import CHINA
from bot.services.spreadsheets.cells import read_moment, write_moment


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-12-05 09:00", "2026-12-05 09:00"),
        ("2026/12/5 9:00:00", "2026-12-05 09:00"),
        ("2026年12月5日星期六 9时30分", "2026-12-05 09:30"),
        ("2026年12月5日 上午9点", "2026-12-05 09:00"),
        ("2026-12-05(周六)下午2点半", "2026-12-05 14:30"),
        ("2026-12-05 下午12点", "2026-12-05 12:00"),
        ("2026-12-05 下午14:00", "2026-12-05 14:00"),
        ("2026-12-05 晚上7:30", "2026-12-05 19:30"),
        ("2026-12-05 24:00", "2026-12-06 00:00"),
        ("2026-12-05", "2026-12-05 23:59"),
        ("下午3点", "2026-11-23 15:00"),
    ],
)
def test_a_moment_is_read_as_it_was_meant(text: str, moment: str) -> None:
    found = read_moment(text, datetime(2026, 11, 23, tzinfo=CHINA))
    assert found is not None
    assert write_moment(found) == moment


@pytest.mark.parametrize(
    "text", ["2026-12-05 上午14:00", "2026-12-05 晚上12点", "2026-12-05 晚上25点", "下周六上午", ""]
)
def test_what_may_be_meant_otherwise_is_no_moment(text: str) -> None:
    assert read_moment(text, datetime(2026, 11, 23, tzinfo=CHINA)) is None
