"""例外安排 as lists write them."""

from datetime import date

import pytest

from bot.services.spreadsheets.cells import clean
from bot.services.stations.importing.faults import CellRefused
from bot.services.stations.importing.reading.dated import DatedHours, read_changes

FIRST, LAST = date(2026, 12, 1), date(2026, 12, 7)


@pytest.mark.parametrize(
    "text",
    [
        "2026-12-01至2026-12-07 停业 装修", "2026-12-01..2026-12-07 closed 装修",
        "2026年12月1日至12月7日停业（装修）", "2026/12/1~12/7 装修停业",
        "2026.12.1-2026.12.7 停业 装修",
        "2026年12月1日-7日 休息 装修", "2026-12-01至2026-12-07：停业，装修",
    ],
)  # fmt: skip
def test_a_closure(text: str) -> None:
    assert read_changes(clean(text)) == (DatedHours(FIRST, LAST, None, "装修"),)


@pytest.mark.parametrize("between", [";", "；", "。", " ", "\n"])
def test_several_stand_behind_each_other(between: str) -> None:
    text = f"2026-12-01至2026-12-07 停业{between}2027-01-01 10:00-16:00 元旦"
    assert read_changes(clean(text)) == (
        DatedHours(FIRST, LAST, None, ""),
        DatedHours(date(2027, 1, 1), date(2027, 1, 1), "Mo-Su 10:00-16:00", "元旦"),
    )


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("国庆不开", "changes"),
        ("12月1日至7日停业", "changes"),
        ("2026-12-01 随缘", "changes"),
        ("2026-12-07至2026-12-01 停业", "changes_order"),
        ("2026-02-30 停业", "changes"),
    ],
)
def test_what_is_not_understood_is_refused(text: str, code: str) -> None:
    with pytest.raises(CellRefused) as refused:
        read_changes(clean(text))
    assert refused.value.code == code
