"""Questions about the hours of another day."""

from datetime import datetime

import pytest

from bot.common.clock import CHINA
from tests.conftest import ManualClock
from tests.support.courier import Line
from tests.support.stations import HERE


async def test_a_holiday_is_answered_for_the_station_shown(
    courier: Line, clock: ManualClock
) -> None:
    clock.set(datetime(2026, 9, 20, 10, tzinfo=CHINA))
    await courier.shares(*HERE)
    await courier.says("第1家")
    seen = await courier.says("国庆开吗")
    assert "（国庆节）" in seen
    assert "节假日开不开没登记" in seen
    assert "0471-0000000" in seen


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("明年元旦开吗", "2027年1月1日周五（元旦）"),
        ("10月10号开门吗", "2027年10月10日周日"),
        ("周日呢", "11月29日周日"),
    ],
)
async def test_the_day_itself_is_named(courier: Line, words: str, said: str) -> None:
    await courier.shares(*HERE)
    seen = await courier.says(words)
    assert said in seen
    assert ("2027年的放假安排还没公布" in seen) == ("2027" in said)


async def test_where_it_is_shut_that_day_another_is_named(courier: Line) -> None:
    await courier.shares(*HERE)
    seen = await courier.says("周日呢")
    assert "新城支行驿站，11月29日周日：休息" in seen
    assert "那天开的：鼓楼驿站，08:00–20:00" in seen


async def test_a_moving_holiday_that_is_not_published_is_not_guessed(courier: Line) -> None:
    await courier.shares(*HERE)
    assert "2028年春节怎么放假还没公布" in await courier.says("2028年春节开门吗")


async def test_without_a_place_the_place_is_asked_for(courier: Line) -> None:
    assert "把位置发给我" in await courier.says("国庆开吗")
