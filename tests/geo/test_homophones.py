"""Place names that are spelt by their sound, and landmarks whose district is known."""

import pytest

from bot.geo.homophones import known_landmark, sounds_like
from bot.geo.places import Places

PLACES = Places.load()


@pytest.mark.parametrize(
    ("typed", "name", "certain"),
    [
        ("海拉儿", "海拉尔区", True),
        ("我在海拉儿", "海拉尔区", True),
        ("康巴石", "康巴什区", True),
        ("赛汉区", "赛罕区", True),
        ("乌兰查布", "乌兰察布市", True),
        ("海勃弯那边有站吗", "海勃湾区", True),
        ("东盛", "东胜区", False),
        ("东盛有热水吗", "东胜区", False),
        ("包投", "包头市", False),
    ],
)
def test_a_name_spelt_by_its_sound_is_found(typed: str, name: str, certain: bool) -> None:
    heard = sounds_like(typed, PLACES)
    assert heard is not None
    assert [place.name for place in heard.places] == [name]
    assert heard.certain is certain


@pytest.mark.parametrize(
    "typed",
    ["王强", "你好", "有点饿", "附近有热水吗", "心成", "回名", "东合", "", "dongsheng", "在"],
)
def test_other_words_sound_like_no_place(typed: str) -> None:
    assert sounds_like(typed, PLACES) is None


@pytest.mark.parametrize(
    ("typed", "name", "district"),
    [
        ("内蒙古大学", "内蒙古大学", "赛罕区"),
        ("我在内大附近", "内大", "赛罕区"),
        ("新城宾馆那块", "新城宾馆", "新城区"),
        ("去大召寺", "大召寺", "玉泉区"),
    ],
)
def test_a_landmark_leads_to_its_district(typed: str, name: str, district: str) -> None:
    found = known_landmark(typed, PLACES)
    assert found is not None
    assert (found[0], found[1].name) == (name, district)


@pytest.mark.parametrize("typed", ["东门内大街", "大召唤", "海拉尔", ""])
def test_a_name_inside_a_longer_word_is_no_landmark(typed: str) -> None:
    assert known_landmark(typed, PLACES) is None
