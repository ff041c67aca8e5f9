"""The published vectors, the inverses to 1e-9°, and where a raw pair counts as shifted."""

import csv
from math import inf, nan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.geo.datum import Datum, from_wgs84, is_shifted, received, to_wgs84
from bot.geo.ellipsoid import geodesic
from bot.geo.point import Point
from tests.support.paths import TEST_DATA

VECTORS = TEST_DATA / "coord_vectors.csv"
SHIFTING = [Datum.GCJ02, Datum.BD09]
Pair = tuple[float, float]

in_china = st.tuples(st.floats(3.0, 54.0), st.floats(73.0, 136.0))


def vectors(kind: str) -> list[tuple[Pair, Pair]]:
    with VECTORS.open(encoding="utf-8", newline="") as file:
        return [
            (
                (float(row["in_lat"]), float(row["in_lng"])),
                (float(row["out_lat"]), float(row["out_lng"])),
            )
            for row in csv.DictReader(file)
            if row["kind"] == kind
        ]


def degrees_apart(a: Point | Pair, b: Point | Pair) -> float:
    (lat, lon), (to_lat, to_lon) = (
        (place.lat, place.lon) if isinstance(place, Point) else place for place in (a, b)
    )
    return max(abs(lat - to_lat), abs(lon - to_lon))


def test_all_vectors_are_there() -> None:
    assert (len(vectors("wgs2gcj")), len(vectors("gcj2bd"))) == (7, 4)


@pytest.mark.parametrize(("wgs84", "gcj02"), vectors("wgs2gcj"))
def test_gcj02_vector(wgs84: Pair, gcj02: Pair) -> None:
    assert degrees_apart(from_wgs84(Point(*wgs84), Datum.GCJ02), gcj02) < 1e-12
    assert degrees_apart(to_wgs84(*gcj02, Datum.GCJ02), wgs84) < 1e-12


@pytest.mark.parametrize(("gcj02", "bd09"), vectors("gcj2bd"))
def test_bd09_vector(gcj02: Pair, bd09: Pair) -> None:
    wgs84 = to_wgs84(*gcj02, Datum.GCJ02)
    assert degrees_apart(from_wgs84(wgs84, Datum.BD09), bd09) < 1e-12
    assert degrees_apart(to_wgs84(*bd09, Datum.BD09), wgs84) < 1e-12


@pytest.mark.parametrize("datum", SHIFTING)
@given(pair=in_china)
def test_there_and_back(datum: Datum, pair: Pair) -> None:
    assert degrees_apart(to_wgs84(*from_wgs84(Point(*pair), datum), datum), pair) <= 1e-9


@pytest.mark.parametrize("datum", SHIFTING)
@given(pair=in_china)
def test_back_and_there(datum: Datum, pair: Pair) -> None:
    assert degrees_apart(from_wgs84(to_wgs84(*pair, datum), datum), pair) <= 1e-9


@pytest.mark.parametrize("datum", SHIFTING)
@given(
    lat=st.floats(-1e-3, 1e-3).map(lambda offset: 35.0 + offset),
    lon=st.floats(-1e-9, 1e-9).map(lambda offset: 105.0 + offset),
)
def test_there_and_back_where_the_formula_has_a_kink(datum: Datum, lat: float, lon: float) -> None:
    assert degrees_apart(to_wgs84(*from_wgs84(Point(lat, lon), datum), datum), (lat, lon)) <= 1e-9
    assert degrees_apart(from_wgs84(to_wgs84(lat, lon, datum), datum), (lat, lon)) <= 1e-9


@given(pair=in_china)
def test_wgs84_is_left_alone(pair: Pair) -> None:
    assert from_wgs84(Point(*pair), Datum.WGS84) == pair
    assert to_wgs84(*pair, Datum.WGS84) == Point(*pair) == received(*pair, Datum.WGS84)


@given(lat=st.floats(-90.0, 90.0), lon=st.floats(-180.0, 180.0), datum=st.sampled_from(SHIFTING))
def test_anywhere_on_earth_the_inverse_is_right_or_refused(
    lat: float, lon: float, datum: Datum
) -> None:
    try:
        place = to_wgs84(lat, lon, datum)
    except ValueError:
        return
    assert degrees_apart(from_wgs84(place, datum), (lat, lon)) <= 3e-9


@pytest.mark.parametrize("datum", list(Datum))
@pytest.mark.parametrize(
    "pair", [(nan, 111.0), (40.0, nan), (inf, 111.0), (91.0, 0.0), (0.0, 181.0)]
)
def test_what_is_no_place_is_refused(pair: Pair, datum: Datum) -> None:
    with pytest.raises(ValueError, match="latitude"):
        to_wgs84(*pair, datum)
    with pytest.raises(ValueError, match="latitude"):
        received(*pair, datum)


BORDER_TOWNS = {
    "二连浩特": (43.65, 111.98),
    "满洲里": (49.6, 117.38),
    "室韦": (51.33, 119.9),
    "黑山头": (50.25, 119.5),
    "阿日哈沙特": (48.2, 115.85),
    "额布都格": (47.85, 118.2),
    "伊尔施": (47.3, 119.8),
    "珠恩嘎达布其": (45.7, 116.9),
    "满都拉": (42.54, 110.13),
    "甘其毛都": (42.42, 107.6),
    "策克": (42.37, 101.3),
    "漠河": (53.48, 122.37),
    "黑河": (50.25, 127.49),
    "抚远": (48.36, 134.3),
    "绥芬河": (44.4, 131.15),
    "珲春": (42.86, 130.36),
    "丹东": (40.12, 124.39),
    "霍尔果斯": (44.2, 80.4),
    "塔什库尔干": (37.77, 75.23),
    "樟木": (27.98, 85.97),
    "亚东": (27.48, 88.9),
    "瑞丽": (24.01, 97.85),
    "东兴": (21.54, 107.97),
    "平潭": (25.5, 119.79),
    "香港": (22.3, 114.17),
    "澳门": (22.19, 113.54),
    "三沙": (16.83, 112.34),
}
ABROAD = {
    "Ulaanbaatar": (47.9, 106.9),
    "Choibalsan": (48.07, 114.5),
    "Chita": (52.03, 113.5),
    "Sainshand": (44.9, 110.1),
    "Dalanzadgad": (43.57, 104.42),
    "Krasnokamensk": (50.1, 118.03),
    "Vladivostok": (43.12, 131.9),
    "Birobidzhan": (48.79, 132.92),
    "Pyongyang": (39.03, 125.75),
    "Seoul": (37.57, 126.98),
    "Fukuoka": (33.6, 130.4),
    "Hanoi": (21.03, 105.85),
    "Mandalay": (21.97, 96.08),
    "Kathmandu": (27.7, 85.3),
    "Delhi": (28.6, 77.2),
    "Almaty": (43.25, 76.9),
    "London": (51.5, -0.13),
}
TAIWAN = {
    "台北": (25.033, 121.565),
    "高雄": (22.63, 120.3),
    "花莲": (23.98, 121.6),
    "马公": (23.57, 119.58),
}


@pytest.mark.parametrize("datum", SHIFTING)
@pytest.mark.parametrize("raw", BORDER_TOWNS.values(), ids=BORDER_TOWNS)
def test_a_border_town_is_shifted(raw: Pair, datum: Datum) -> None:
    assert is_shifted(*raw, datum)
    assert received(*raw, datum) == to_wgs84(*raw, datum)
    assert 50.0 < geodesic(received(*raw, datum), Point(*raw)) < 1800.0


@pytest.mark.parametrize("datum", SHIFTING)
@pytest.mark.parametrize("raw", ABROAD.values(), ids=ABROAD)
def test_a_place_abroad_is_not_shifted(raw: Pair, datum: Datum) -> None:
    assert not is_shifted(*raw, datum)
    assert received(*raw, datum) == Point(*raw)


@pytest.mark.parametrize("raw", TAIWAN.values(), ids=TAIWAN)
def test_taiwan_is_shifted_by_baidu_only(raw: Pair) -> None:
    assert received(*raw, Datum.GCJ02) == Point(*raw)
    assert received(*raw, Datum.BD09) == to_wgs84(*raw, Datum.BD09) != Point(*raw)
