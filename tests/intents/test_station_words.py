"""Messages that choose a station, find it open, or propose one; and those that only look so."""

import pytest

from bot.intents.normalise import normalise
from bot.intents.station_words import chooses_shown, found_open, proposes_station


@pytest.mark.parametrize(
    "text",
    ["去这家", "就去这家吧", "那我去那家", "就这家了", "行，就这家", "选这家", "I'll go there"],
)
def test_the_station_shown_is_chosen(text: str) -> None:
    assert chooses_shown(normalise(text))


@pytest.mark.parametrize(
    "text", ["去这家要多久", "这家", "不去这家", "去哪家", "就这样", "去第一家"]
)
def test_who_asks_or_names_a_number_has_not_chosen_the_one_shown(text: str) -> None:
    assert not chooses_shown(normalise(text))


@pytest.mark.parametrize("text", ["开着呢", "门开着", "到了，开着", "进来了", "能进", "it's open"])
def test_a_station_is_found_open(text: str) -> None:
    assert found_open(normalise(text))


@pytest.mark.parametrize("text", ["开着吗", "还开着？", "没开", "开门没", "不能进", "几点开门"])
def test_a_question_or_a_closed_door_is_not_open(text: str) -> None:
    assert not found_open(normalise(text))


@pytest.mark.parametrize(
    "text",
    [
        "这里应该有个站",
        "我们这儿该有个驿站",
        "建议在这附近建一个爱心驿站",
        "能不能在这加个站",
        "集宁站前应该有个能接热水的驿站",
        "希望这边开个休息站",
        "there should be a station here",
    ],
)
def test_a_station_is_proposed(text: str) -> None:
    assert proposes_station(normalise(text))


@pytest.mark.parametrize(
    "text",
    ["附近有个站吗", "这附近应该有个站吧", "哪里有驿站", "给我找个站", "这里有没有站", "建个群"],
)
def test_a_search_is_no_proposal(text: str) -> None:
    assert not proposes_station(normalise(text))
