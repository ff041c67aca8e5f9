"""Cells of station lists as people write them: hours, facilities, flags, phones."""

from datetime import date

import pytest

from bot.geo.datum import Datum
from bot.services.stations.importing.reading.dated import DatedHours
from bot.services.stations.importing.rows import StationEntry, read_entry


# As published, dirty: pub010, pub018-pub020, pub024 and others of the news extracts of 2021-2026.
@pytest.mark.parametrize(
    ("text", "stored"),
    [
        ("8:30-11:00 13:30-17:00", "Mo-Su 08:30-11:00,13:30-17:00"),
        ("星期一到星期五 9:30-17:00", "Mo-Fr 09:30-17:00"),
        ("6:00-18:00", "Mo-Su 06:00-18:00"),
        ("", None),
    ],
)
def test_published_hours(text: str, stored: str | None) -> None:
    entry = read_entry({"code": "1", "name": "x", "datum": "gcj02", "hours": text})
    assert isinstance(entry, StationEntry)
    assert entry.hours == stored


def test_hours_that_are_only_a_guess_are_refused() -> None:
    faults = read_entry({"code": "1", "name": "x", "datum": "bd09", "hours": "24小时（仅据站名）"})
    assert isinstance(faults, list)
    assert [(one.field, one.code) for one in faults] == [("hours", "hours")]


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("桌椅|饮水设备|应急药箱|充电插座|微波炉", "seat water charge microwave medkit"),
        ("微波炉|空调|饮水机|充电宝|医药箱", "water charge microwave hvac medkit"),
        ("冰箱、微波炉、饮水机、桌椅、报刊书籍、雨伞、急救箱、针线包",
         "seat water microwave medkit fridge rain books tools"),
        ("室内场所|桌凳", None),
        ("饮水机(冷/热);AED 除颤器;WiFi", "water wifi aed"),
        ("AED=坏掉了", None),
    ],
)  # fmt: skip
def test_published_facilities(text: str, codes: str | None) -> None:
    entry = read_entry({"code": "1", "name": "x", "datum": "wgs84", "facilities": text})
    if codes is None:
        assert isinstance(entry, list)
        return
    assert isinstance(entry, StationEntry)
    assert [code for code, _ in entry.facilities] == codes.split()


@pytest.mark.parametrize(
    ("field", "text", "value"),
    [
        ("phone", "13800138000.0", "13800138000"),
        ("phone", "0471-123 转 8", "0471-123 转 8"),
        ("code", "1001.0", "1001"),
        ("star", "4.0", 4),
        ("star", "三星级", 3),
        ("verified_at", "2026年3月1日", date(2026, 3, 1)),
        ("verified_at", "2026/3/1", date(2026, 3, 1)),
        ("lng", "111.75°E", 111.75),
        ("datum", "GCJ-02", Datum.GCJ02),
        ("datum", "百度", Datum.BD09),
        ("status", "暂停开放", "paused"),
        (
            "changes",
            "2026-10-01 停业",
            (DatedHours(date(2026, 10, 1), date(2026, 10, 1), None, ""),),
        ),
    ],
)
def test_cells_as_people_write_them(field: str, text: str, value: object) -> None:
    entry = read_entry({"code": "1", "name": "x", "datum": "wgs84", field: text})
    assert isinstance(entry, StationEntry)
    assert getattr(entry, field) == value
