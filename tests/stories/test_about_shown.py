"""A question that names nothing is about what is on the screen, and is answered in a line."""

import pytest

from tests.stories.card_conversation import bind
from tests.support.courier import Line
from tests.support.stations import HERE
from tests.support.training_stories import TrainingScenario

ABOUT_STATION = (
    ("远不远", "新城支行驿站：离你300米，骑车约1分钟。"),
    ("怎么走", "新城支行驿站：新城区测试路1号"),
    ("几点关门", "新城支行驿站：现在开着，12:00关门，13:30再开。"),
    ("现在还开着没", "现在开着"),
    ("电话多少", "新城支行驿站的电话：0471-0000000"),
    ("能停车吗", "新城支行驿站：门口可停"),
    ("带啥去", "什么都不用带"),
    ("太远了", "没有更近的了"),
)


@pytest.mark.parametrize("opened", [False, True])
async def test_a_question_after_a_list_or_a_station_is_about_it(
    courier: Line, opened: bool
) -> None:
    await courier.shares(*HERE)
    if opened:
        await courier.picks("第1家怎么进")
    for asked, answer in ABOUT_STATION:
        seen = await courier.says(asked)
        assert answer in seen
        assert "中山路驿站" not in seen  # no list
    assert "收藏了" in await courier.says("收藏")
    assert "新城支行驿站：现在开着" in await courier.says("几点关门")  # still about the same one
    assert "再远一点的" in await courier.says("还有别的吗")


async def test_the_station_opened_last_is_meant(courier: Line) -> None:
    await courier.shares(*HERE)
    await courier.says("第2家怎么进")
    assert "鼓楼驿站：现在开着，20:00关门。" in await courier.says("几点关门？")
    await courier.says("收藏这家")
    assert "鼓楼驿站" in await courier.says("我的收藏")


async def test_the_distance_from_a_typed_place_says_so(courier: Line) -> None:
    await courier.says("新城区")
    assert "离新城区中心" in await courier.says("远不远")


async def test_too_far_drops_the_filters(courier: Line) -> None:
    await courier.shares(*HERE)
    await courier.says("能热饭的")
    seen = await courier.says("太远了")
    assert "不挑条件" in seen
    assert "新城支行驿站" in seen


async def test_without_anything_shown_the_same_words_are_no_riddle(courier: Line) -> None:
    assert "离你" not in await courier.says("远不远")
    assert "还没收藏驿站" in await courier.says("收藏")


async def test_a_question_after_a_training_is_about_it(
    courier: Line, scenario: TrainingScenario
) -> None:
    await courier.says("大讲堂")
    several = await courier.says("几点开始")
    assert "《急救入门》：11月25日周三 14:00–16:00" in several
    assert "《冬季骑行安全》：11月28日周六 09:30–11:30" in several
    await courier.says("第3场")
    assert "《冬季骑行安全》：11月28日周六 09:30–11:30" in await courier.says("几点开始")
    assert "带上手机就行" in await courier.says("带啥去")
    assert "测试路1号" in await courier.says("怎么走")
    assert "有事问：0471-0000001" in await courier.says("电话多少")
    assert "日历" in await courier.says("加到日历")
    assert "近期培训" in await courier.says("还有别的吗")


async def test_a_question_after_a_card_is_about_it(courier: Line, bank: None) -> None:
    await bind(courier)
    assert "新城支行驿站：新城区测试路1号" in await courier.says("去哪取")
    assert "身份证" in await courier.says("带啥去")
    assert "新城支行驿站：现在开着，12:00关门，13:30再开。" in await courier.says("几点关门")
    assert "0471-0000000" in await courier.says("电话多少")
    assert "门口可停" in await courier.says("能停车吗")
