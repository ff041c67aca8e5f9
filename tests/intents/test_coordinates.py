"""What is a pair of coordinates, and what only has numbers in it."""

import pytest

from bot.intents.slots import are_coordinates


@pytest.mark.parametrize(
    "text",
    ["40.842,111.75", "40.842，111.75", "40.8,111.7,999", "N40.8 E111.7", "北纬40.8° 东经111.7°",
     "lat: 40.842, lng: 111.75", "111.749181 40.842585", "（111.7，40.8）", "4０.8,111.7"],
)  # fmt: skip
def test_coordinates(text: str) -> None:
    assert are_coordinates(text)


@pytest.mark.parametrize(
    "text",
    ["40.8", "3.5公里内有热水吗", "8.5到17.5开门吗", "40,111", "1.2.3.4", "海拉尔 49.2 119.7", ""],
)  # fmt: skip
def test_no_coordinates(text: str) -> None:
    assert not are_coordinates(text)
