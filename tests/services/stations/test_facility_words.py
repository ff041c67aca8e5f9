"""The facilities of a cell, strung together in whatever way."""

import pytest

from bot.common.facilities import FACILITIES
from bot.services.spreadsheets.cells import clean
from bot.services.stations.importing.reading.facility_words import (
    STANDARD,
    nearest_names,
    read_facilities,
)

SEPARATORS = (
    "、", "，", ",", ";", "；", "/", "／", "|", "｜", "·", "•", " ", "\n", "\t", "+", "＋", "和",
    "及", "以及", "与", "。", "\\", "&", "、\n", "； ", "●",
)  # fmt: skip


@pytest.mark.parametrize("separator", SEPARATORS, ids=repr)
def test_separators(separator: str) -> None:
    named = read_facilities(clean(separator.join(["饮水机", "微波炉", "充电宝", "AED 除颤器"])))
    assert list(named.found) == ["water", "microwave", "charge", "aed"]
    assert not named.unknown
    assert not named.changes


@pytest.mark.parametrize(
    "text",
    [
        "1.饮水机 2.微波炉", "1、饮水机；2、微波炉", "(1)饮水机(2)微波炉", "①饮水机②微波炉",
        "1)饮水机2)微波炉",
        "一、饮水机 二、微波炉", "1饮水机2微波炉", "饮水机2台、微波炉1台", "饮水机x2,微波炉x1",
        "饮水机微波炉",
        "免费饮水、微波炉设备等", "饮水机（免费）、微波炉（二楼）",
        "饮水机(冷/热)、微波炉/餐食加热",
    ],
)  # fmt: skip
def test_numbers_counts_and_remarks(text: str) -> None:
    named = read_facilities(clean(text))
    assert named.found == {"water": "ok", "microwave": "ok"}
    assert not named.unknown


@pytest.mark.parametrize("facility", FACILITIES.values(), ids=lambda one: one.code)
def test_a_name_that_contains_a_separator_stays_whole(facility: object) -> None:
    name = facility.name_zh  # type: ignore[attr-defined]
    others = [one for one in STANDARD if one != name][:2]
    for text in (name, f"{others[0]}/{name}/{others[1]}", f"{name}、{others[0]}"):
        assert facility.code in read_facilities(clean(text)).found  # type: ignore[attr-defined]
        assert not read_facilities(clean(text)).unknown


@pytest.mark.parametrize(
    "text", ["饮水机=故障", "饮水机（故障）", "饮水机：故障", "饮水机 故障", "饮水机故障"]
)
def test_states(text: str) -> None:
    named = read_facilities(clean(f"{text}、微波炉"))
    assert named.found == {"water": "broken", "microwave": "ok"}


def test_signs_change_single_facilities() -> None:
    named = read_facilities(clean("+饮水机=故障;-微波炉"))
    assert named.changes == (("water", "broken"), ("microwave", None))
    assert not named.found


@pytest.mark.parametrize("text", ["", "无", "暂无", "-", "/"])
def test_no_facilities(text: str) -> None:
    named = read_facilities(clean(text))
    assert (named.found, named.unknown) == ({}, ())


def test_all_words_that_are_none_are_told() -> None:
    named = read_facilities("饮水机、电视机、储物柜、AED=坏掉了")
    assert named.unknown == ("电视机", "储物柜")
    assert named.states == ("坏掉了",)
    assert nearest_names("饮水器")[0] == "饮水机(冷/热)"
    assert nearest_names("微波烤炉")[0] == "微波炉/餐食加热"
    assert nearest_names("擦鞋机") == ()


def test_a_cell_that_is_far_too_long_is_not_read() -> None:
    assert read_facilities("1.饮" * 10_000).unknown == (f"{'1.饮' * 6}1.…",)
