"""What a message takes back, exchanges, or points at in the list shown last."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.common.facilities import FACILITIES
from bot.intents.normalise import normalise
from bot.intents.slots import Change, change, ordinal, pointed


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("第二个", 2),
        ("2", 2),
        ("２", 2),
        ("②", 2),
        ("2️⃣", 2),
        ("第3家", 3),
        ("二", 2),
        ("十", 10),
        ("第十二家怎么走", 12),
        ("就第三家吧", 3),
        ("选2", 2),
        ("2.", 2),
        ("second one", 2),
        ("No.3", 3),
        ("第二天", None),
        ("第一中学", None),
        ("一个", None),
        ("两公里", None),
        ("100", None),
        ("0", None),
        ("第零个", None),
        ("٣", None),
        ("", None),
    ],
)
def test_a_choice_from_a_list_is_read(text: str, number: int | None) -> None:
    assert ordinal(text) == number


@given(st.integers(1, 99))
def test_every_ordinal_is_read_back(number: int) -> None:
    assert ordinal(f"第{number}个") == number
    assert ordinal(str(number)) == number


@pytest.mark.parametrize(
    ("text", "dropped", "wanted"),
    [
        ("不要热水", "water", ""),
        ("不要热水了", "water", ""),
        ("去掉充电和热水", "charge water", ""),
        ("取消充电", "charge", ""),
        ("不要热水,要充电", "water", "charge"),
        ("充电的换成厕所", "charge", "toilet"),
    ],
)
def test_a_wish_is_taken_back_or_exchanged(text: str, dropped: str, wanted: str) -> None:
    assert change(normalise(text)) == Change(frozenset(dropped.split()), frozenset(wanted.split()))


def test_what_is_exchanged_without_being_named_is_all() -> None:
    assert change("换成厕所") == Change(frozenset(FACILITIES), frozenset({"toilet"}))


@pytest.mark.parametrize(
    "text", ["不要钱的热水", "取消充电提醒", "不要取消", "有热水", "换成明天", "不要"]
)
def test_nothing_is_taken_back(text: str) -> None:
    assert change(normalise(text)) is None


@pytest.mark.parametrize(
    ("text", "number"),
    [("第2场", 2), ("第二家", 2), ("2号怎么进", 2), ("第1家电话", 1), ("收藏第二家", 2), ("3", 3)],
)
def test_a_message_that_only_points_is_told(text: str, number: int) -> None:
    assert pointed(text) == number


@pytest.mark.parametrize(
    "text", ["报第2场", "28号下午有课吗", "第二家锁门了", "三个人", "第一中学"]
)
def test_a_message_that_says_more_is_not(text: str) -> None:
    assert pointed(text) is None
