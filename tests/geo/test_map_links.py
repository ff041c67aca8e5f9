"""Map links as the three vendors read them: datum, order of coordinates, separators, encoding."""

from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.geo import map_links
from bot.geo.point import Point

HOHHOT = Point(40.8424, 111.75)  # GCJ-02: 40.843847, 111.756918
NAME = "示例·工会驿站 A&B #1"


def query(link: str) -> dict[str, str]:
    return {
        key: value for key, [value] in parse_qs(urlsplit(link).query, strict_parsing=True).items()
    }


def test_tencent_reads_a_marker_latitude_first() -> None:
    link = map_links.tencent(HOHHOT, NAME, "新华东街 1 号")
    assert link.startswith(
        "https://apis.map.qq.com/uri/v1/marker?marker=coord:40.843847,111.756918%3B"
    )
    assert query(link) == {
        "marker": f"coord:40.843847,111.756918;title:{NAME};addr:新华东街 1 号",
        "coord_type": "2",
        "referer": "yizhan-bot",
    }


def test_tencent_needs_an_address_so_the_name_stands_in() -> None:
    assert query(map_links.tencent(HOHHOT, "驿站", ""))["marker"].endswith(";title:驿站;addr:驿站")


def test_amap_reads_a_marker_longitude_first_in_the_browser() -> None:
    link = map_links.amap(HOHHOT, NAME)
    assert link.startswith("https://uri.amap.com/marker?position=111.756918,40.843847&")
    assert query(link) == {
        "position": "111.756918,40.843847",
        "name": NAME,
        "src": "yizhan-bot",
        "coordinate": "gaode",
        "callnative": "0",
    }


def test_amap_opens_its_app() -> None:
    assert query(map_links.route_links(HOHHOT, NAME).amap)["callnative"] == "1"


def test_amap_shows_the_ride() -> None:
    link = map_links.without_app(map_links.route_links(HOHHOT, NAME).amap)
    assert link.startswith("https://uri.amap.com/navigation?")
    assert query(link) == {
        "to": f"111.756918,40.843847,{NAME}",
        "mode": "ride",
        "src": "yizhan-bot",
        "callnative": "0",
    }


def test_without_the_app_only_the_call_of_it_changes() -> None:
    link = map_links.route_links(HOHHOT, NAME).amap
    assert map_links.without_app(link) == link.removesuffix("1") + "0"
    other = map_links.route_links(HOHHOT, NAME).tencent
    assert map_links.without_app(other) == other


def test_tencent_shows_the_way_on_foot_latitude_first() -> None:
    assert query(map_links.route_links(HOHHOT, NAME).tencent) == {
        "type": "walk",
        "to": NAME,
        "tocoord": "40.843847,111.756918",
        "coord_type": "2",
        "referer": "yizhan-bot",
    }


def test_baidu_shows_the_way_on_foot_and_is_told_the_datum() -> None:
    assert query(map_links.route_links(HOHHOT, NAME).baidu) == {
        "origin": "我的位置",
        "destination": f"latlng:40.843847,111.756918|name:{NAME}",
        "mode": "walking",
        "coord_type": "gcj02",
        "output": "html",
        "src": "webapp.yizhan.bot",
    }


@pytest.mark.parametrize("separator", [";", ":", ",", "|"])
def test_a_separator_in_a_name_stays_part_of_the_name(separator: str) -> None:
    name = f"东街{separator}addr{separator}西街"
    marker = query(map_links.tencent(HOHHOT, name, name))["marker"]
    assert [part.split(":")[0] for part in marker.split(";")] == ["coord", "title", "addr"]
    assert len(query(map_links.route_links(HOHHOT, name).amap)["to"].split(",")) == 3


@given(
    name=st.text(st.characters(exclude_categories=["Cs"])),
    address=st.text(st.characters(exclude_categories=["Cs"])),
)
def test_any_text_gives_a_link_of_plain_characters(name: str, address: str) -> None:
    for link in (
        map_links.tencent(HOHHOT, name, address),
        map_links.route_links(HOHHOT, name).amap,
        map_links.route_links(HOHHOT, name).tencent,
        map_links.route_links(HOHHOT, name).baidu,
    ):
        assert link.isascii()
        assert link.isprintable()
        assert not set(link) & set(" \"'<>|;\\")
        assert len(urlsplit(link).query.split("&")) <= 6
