"""Coordinates as people write them."""

import pytest

from bot.geo.datum import Datum
from bot.services.spreadsheets.cells import clean
from bot.services.stations.importing.reading.coordinates import Pair, read_degrees, read_pair


@pytest.mark.parametrize(
    ("text", "degrees"),
    [
        ("111.6659", 111.6659),
        ("111,6659", 111.6659),
        ("E111.67", 111.67),
        ("111.75°E", 111.75),
        ("东经111°39′57″", 111 + 39 / 60 + 57 / 3600),
        ("111°39′57″", 111 + 39 / 60 + 57 / 3600),
        ("111度39分57秒", 111 + 39 / 60 + 57 / 3600),
        ("111°39'57\"E", 111 + 39 / 60 + 57 / 3600),
        ("111:39:57", 111 + 39 / 60 + 57 / 3600),
        ("111°39.95′", 111 + 39.95 / 60),
        ("-12.5", -12.5),
        ("东经111度", None),
        ("111°75′", None),
        ("111.6.5", None),
        ("NaN", None),
    ],
)
def test_degrees(text: str, degrees: float | None) -> None:
    assert read_degrees(clean(text)) == (degrees and pytest.approx(degrees, abs=1e-9))


@pytest.mark.parametrize(
    "text",
    [
        "111.70,40.85", "40.85 111.70", "111.70，40.85", "111,70;40,85", "经度:111.7 纬度:40.85",
        "E111.70 N40.85", "N40.85 E111.70", "(111.7, 40.85)", "111.70/40.85", "111.70、40.85",
        "北纬40.85东经111.7", "lat:40.85,lng:111.7", "东经111°42′，北纬40°51′", "111°42′E40°51′N",
        "N40°51′00″ E111°42′00″", "111度42分 40度51分",
    ],
)  # fmt: skip
def test_both_in_one_cell(text: str) -> None:
    pair = read_pair(clean(text))
    assert pair is not None
    assert (pair.lng, pair.lat) == pytest.approx((111.7, 40.85), abs=1e-9)
    assert pair.datum is None


@pytest.mark.parametrize(
    ("url", "datum"),
    [
        ("https://uri.amap.com/marker?position=111.7012,40.8501&name=x", Datum.GCJ02),
        ("https://www.amap.com/regeo?lng=111.7012&lat=40.8501", Datum.GCJ02),
        ("https://api.map.baidu.com/marker?location=40.8501,111.7012&title=x", Datum.BD09),
        (
            "https://api.map.baidu.com/marker?location=40.8501,111.7012&coord_type=gcj02",
            Datum.GCJ02,
        ),
        ("https://apis.map.qq.com/uri/v1/marker?marker=coord%3A40.8501,111.7012", Datum.GCJ02),
        ("https://www.google.com/maps/@40.8501,111.7012,17z", Datum.GCJ02),
        (
            "https://www.google.com/maps/place/x/@40.1,111.2,17z/data=!3d40.8501!4d111.7012",
            Datum.GCJ02,
        ),
        ("https://www.openstreetmap.org/?mlat=40.8501&lat=40.8501&lon=111.7012", Datum.WGS84),
    ],
)
def test_a_link_to_a_map_has_the_datum_of_its_map(url: str, datum: Datum) -> None:
    assert read_pair(clean(url)) == Pair(111.7012, 40.8501, datum)


@pytest.mark.parametrize(
    "text",
    [
        "111.7", "海东路12号", "111.7,40.85,12", "https://surl.amap.com/abc", "111.7 到 40.85",
        "https://map.baidu.com/@12429340.25,4960331.7,15z", "https://example.org/?q=40.8501,111.7012",
    ],
)  # fmt: skip
def test_what_is_no_place_is_refused(text: str) -> None:
    assert read_pair(clean(text)) is None
