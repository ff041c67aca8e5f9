"""What couriers type for a place, which must not be taken for one, and the shipped tables."""

import csv
import json
import time
from collections import Counter
from datetime import date
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.common.facilities import FACILITIES
from bot.geo.place_text import fold, is_outside, names_landmark
from bot.geo.places import TABLE, Kind, Places
from bot.geo.point import Point
from tests.support.paths import TEST_DATA
from tools import build_demo

DATA = TABLE.parent
PLACES = Places.load()
DATA_TYPED = TEST_DATA / "places_typed.csv"


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


TYPED = [(row["text"], row["places"]) for row in rows(DATA_TYPED)]


@pytest.mark.parametrize(("text", "expected"), TYPED)
def test_a_text_names_these_places_and_no_others(text: str, expected: str) -> None:
    assert " ".join(place.name for place in PLACES.find(text)) == expected


@pytest.mark.parametrize("text", ["", " ", "\0", "\u202e", "。", "旗"])
def test_no_text_is_no_place(text: str) -> None:
    assert PLACES.find(text) == []


def test_no_training_sentence_of_another_intent_names_a_place() -> None:
    others = [row["text"] for row in rows(DATA / "intents_train.csv") if row["intent"] != "place"]
    assert len(others) > 500
    assert [text for text in others if PLACES.find(text)] == []


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        ("海拉尔火车站旁边", "火车站"),
        ("东胜天骄路那边有吗", "天骄路"),
        ("呼市新城区", ""),
        ("赤峰 红山 驿占", ""),
        ("包头昆区钢铁大街", "钢铁大街"),
        ("内蒙古自治区鄂尔多斯市东胜区天骄街道", "天骄街道"),
        ("dongsheng tianjiao lu", "tianjiao lu"),
        ("人民医院附近", "人民医院"),
    ],
)
def test_what_remains_is_the_landmark(text: str, rest: str) -> None:
    assert PLACES.read(text).rest == rest


def test_every_division_is_found_by_name_short_name_and_pinyin() -> None:
    table = rows(TABLE)
    assert Counter(row["kind"] for row in table) == {"league": 12, "banner": 103}
    for row in table:
        place = PLACES.by_adcode[row["adcode"]]
        assert PLACES.find(row["name"]) == [place]
        assert PLACES.find(f"{row['name']}附近有驿站吗") == [place]
        assert PLACES.find(row["short"])[0] == place
        spelt, *others = row["pinyin"].split("|")
        assert PLACES.find(spelt) == [place]
        for spaced in (spelt, *others):
            for text in (spaced, spaced.replace(" ", ""), spaced.upper(), spaced.title()):
                assert place in PLACES.find(text), text
        for alias in filter(None, f"{row['aliases']}|{row['weak']}".split("|")):
            assert place in PLACES.find(alias), alias


def test_every_banner_is_found_behind_its_league() -> None:
    for place in PLACES.by_adcode.values():
        league = PLACES.by_adcode[place.league]
        for text in (league.name + place.name, f"{league.short} {place.short} 驿站"):
            assert PLACES.find(text)[0] == place, text


def test_each_row_has_its_own_code_a_league_and_a_source() -> None:
    table = rows(TABLE)
    assert len({row["adcode"] for row in table}) == len({row["name"] for row in table}) == 115
    for row in table:
        assert row["league"] == row["adcode"][:4] + "00"
        assert PLACES.by_adcode[row["league"]].kind is Kind.LEAGUE
        assert row["source"]


@given(st.text(max_size=400) | st.text("有不没站那边的东胜海拉尔旗前路 abхé", max_size=300))
def test_any_text_is_read_and_the_rest_is_drawn_from_it(text: str) -> None:
    found = PLACES.read(text)
    assert len(set(found.places)) == len(found.places)
    assert set(found.rest) - {" "} <= set(fold(text).letters)


def test_the_time_grows_with_the_text_and_not_with_its_square() -> None:
    def spent(times: int) -> float:
        texts = ["有不" * times, "东胜" * times, "a" * times, "的" * times + "。", "\0" * times]
        took = []
        for _ in range(5):
            began = time.process_time()
            for text in texts:
                PLACES.read(text)
            took.append(time.process_time() - began)
        return min(took)

    assert spent(10_000) < 40 * spent(1_000)


@pytest.mark.parametrize(
    ("lat", "lon", "banner", "league"),
    [
        (39.82, 109.98, "东胜区", "鄂尔多斯市"),
        (49.21, 119.70, "海拉尔区", "呼伦贝尔市"),
        (40.77, 107.40, "临河区", "巴彦淖尔市"),
        (43.65, 111.98, "二连浩特市", "锡林郭勒盟"),
        (40.57, 110.02, "东河区", "包头市"),
    ],
)
def test_the_nearest_seat_labels_a_point(lat: float, lon: float, banner: str, league: str) -> None:
    assert PLACES.nearest_place(Point(lat, lon)).name == banner
    assert PLACES.league_of(Point(lat, lon)).name == league


def test_each_seat_is_nearest_to_itself() -> None:
    for place in PLACES.by_adcode.values():
        if place.kind is Kind.BANNER:
            assert PLACES.nearest_place(place.point).point == place.point


def test_each_seat_lies_within_the_outline_of_its_league() -> None:
    path = DATA / "leagues.geojson"
    assert path.stat().st_size <= 40_000
    rings = {
        feature["properties"]["adcode"]: feature["geometry"]["coordinates"][0]
        for feature in json.loads(path.read_text(encoding="utf-8"))["features"]
    }
    assert set(rings) == {p.adcode for p in PLACES.by_adcode.values() if p.kind is Kind.LEAGUE}
    for place in PLACES.by_adcode.values():
        lat, lon = place.point.lat, place.point.lon
        crossings = sum(
            (y1 > lat) != (y2 > lat) and lon < (x2 - x1) * (lat - y1) / (y2 - y1) + x1
            for (x1, y1), (x2, y2) in pairwise(rings[place.league])
        )
        assert crossings % 2 == 1, place.name


def test_demo_stations_are_marked_spread_and_varied() -> None:
    stations = rows(DATA / "demo_stations.csv")
    assert tuple(stations[0]) == build_demo.COLUMNS
    assert 340 <= len(stations) <= 380
    assert all("示例" in row["名称"] for row in stations)
    assert len({row["编号"] for row in stations}) == len(stations)
    assert len({row["名称"] for row in stations}) == len(stations)
    assert len({row["盟市"] for row in stations}) == 12
    assert len({row["区划代码"] for row in stations}) == 103
    status = Counter(row["状态"] for row in stations)
    assert status["搬迁"] + status["撤销"] == 2
    assert 3 <= status["暂停"] <= 10
    assert status.total() - status["营业"] == 2 + status["暂停"]
    hours = Counter(row["服务时间"] for row in stations)
    assert hours["24/7"] > 20
    assert 1 <= hours[""] <= 15
    assert any("," in text for text in hours)


def test_each_demo_station_stands_near_its_banner_and_is_well_formed() -> None:
    towns = {(code, lat, lon) for code, _, lat, lon in build_demo.TOWNS}
    for row in rows(DATA / "demo_stations.csv"):
        place = PLACES.by_adcode[row["区划代码"]]
        assert (row["旗县"], row["盟市"]) == (place.name, PLACES.by_adcode[place.league].name)
        centres = [(place.point.lat, place.point.lon)]
        centres += [(lat, lon) for code, lat, lon in towns if code == place.adcode]
        lat, lon = float(row["纬度"]), float(row["经度"])
        assert any(abs(lat - a) < 0.03 and abs(lon - b) < 0.04 for a, b in centres), row["编号"]
        assert row["坐标系"] == "wgs84"
        assert row["电话"].startswith("0000-") or row["电话"] == ""
        assert date(2026, 1, 1) <= date.fromisoformat(row["核实日期"]) <= date(2026, 11, 22)
        assert {word.partition("=")[0] for word in row["服务设施"].split(";")} <= set(FACILITIES)


def test_the_demo_file_is_what_its_tool_writes() -> None:
    assert rows(DATA / "demo_stations.csv") == build_demo.rows()


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("红山热水", "红山区"),
        ("临河厕所", "临河区"),
        ("青山热饭", "青山区"),
        ("回民充电", "回民区"),
        ("九原充电", "九原区"),
        ("松山热水", "松山区"),
        ("新城充电", "新城区"),
        ("青山哪有厕所", "青山区"),
        ("红山文化", ""),
        ("青山绿水有没有", ""),
        ("我在青山热水", "青山区"),
    ],
)
def test_a_weak_name_before_a_bare_wish_stands_alone(text: str, place: str) -> None:
    assert " ".join(one.name for one in PLACES.find(text)) == place


@pytest.mark.parametrize(
    ("rest", "landmark"),
    [
        ("中山路", "中山路"),
        ("中山路哪有厕所", "中山路"),
        ("东站", "东站"),
        ("大学东路", "大学东路"),
        ("上海路", "上海路"),
        ("人民医院附近", "人民医院"),
        ("怎么上路", ""),
        ("换电站", ""),
        ("下一站", ""),
        ("网站", ""),
        ("爱心驿站", ""),
        ("有换电", ""),
        ("热水", ""),
        ("", ""),
    ],
)
def test_a_street_or_building_is_told_from_a_wish(rest: str, landmark: str) -> None:
    assert names_landmark(rest) == landmark


@pytest.mark.parametrize("text", ["北京", "我在哈尔滨", "加格达奇有吗", "蒙古国", "Mongolia"])
def test_other_provinces_and_countries_lie_outside(text: str) -> None:
    assert is_outside(text)


@pytest.mark.parametrize("text", ["北京路", "内蒙古", "海南", "呼和浩特", "上海大街附近", "你好"])
def test_streets_named_after_other_places_do_not(text: str) -> None:
    assert not is_outside(text)


def test_landmarks_are_told_in_time_that_does_not_explode() -> None:
    for text in ("有哪" * 100, "在附近的" * 50 + "x", "中山" * 100, "热水个" * 66 + "路x"):
        began = time.process_time()
        names_landmark(text)
        is_outside(text)
        PLACES.read("青山" + text)
        assert time.process_time() - began < 5  # a runaway pattern takes minutes
