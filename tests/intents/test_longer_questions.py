"""Longer questions about what is shown, talk that asks for nothing, and the language wanted."""

import pytest

from bot.intents.languages import is_english, spoken_to, wanted_language, wants_mongolian
from bot.intents.longer_questions import (
    Asked,
    AskedOfTraining,
    asked_of_station,
    asked_of_training,
    means_all,
    numbers,
)
from bot.intents.talk import Talk, talk


@pytest.mark.parametrize(
    ("typed", "asked"),
    [
        ("有电话没 我先问问有没有人", (Asked.PHONE,)),
        ("进门要不要登记，小电驴停哪", (Asked.PARKING, Asked.ENTRY)),
        ("这地方多老远啊", (Asked.DISTANCE,)),
        ("挺好 帮我记着", (Asked.KEEP,)),
        ("how do i get there, is there parking", (Asked.WAY, Asked.PARKING)),
        ("今天真冷", ()),
    ],
)
def test_all_that_is_asked_about_a_station_is_found(typed: str, asked: tuple[Asked, ...]) -> None:
    assert asked_of_station(typed) == asked


@pytest.mark.parametrize(
    ("typed", "asked"),
    [
        ("几楼啊 要不要带笔", (AskedOfTraining.PLACE, AskedOfTraining.BRING)),
        ("能带孩子去吗", (AskedOfTraining.RULES,)),
        ("我去不了 换小董去", (AskedOfTraining.SWAP,)),
        ("what time, and put it in my calendar", (AskedOfTraining.TIME, AskedOfTraining.CALENDAR)),
        ("好的", ()),
    ],
)
def test_all_that_is_asked_about_a_training_is_found(
    typed: str, asked: tuple[AskedOfTraining, ...]
) -> None:
    assert asked_of_training(typed) == asked


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("第一家和第三家哪个关得晚", (1, 3)),
        ("2 咋走", (2,)),
        ("头一个吧", (1,)),
        ("third one please", (3,)),
        ("三个小时", ()),
        ("等一个月了", ()),
        ("2分", ()),
        ("5点关门吗", ()),
    ],
)
def test_the_things_that_are_pointed_at_are_found(typed: str, meant: tuple[int, ...]) -> None:
    assert numbers(typed) == meant


def test_all_that_are_listed_may_be_meant() -> None:
    assert means_all("这仨的地址给我")
    assert means_all("哪个能停车")
    assert not means_all("这家能停车吗")


@pytest.mark.parametrize(
    ("typed", "english"),
    [
        ("is there hot water near 新华广场", True),
        ("where can i charge", True),
        ("fujin you yizhan ma", False),
        ("wo zai hailaer", False),
        ("ok 谢谢", False),
        ("Wanda", False),
        ("附近有 wifi 吗", False),
        ("A2I3-4567", False),  # a code to link chats, of random letters
        ("U8A2-I3ME", False),
    ],
)
def test_english_is_told_from_pinyin_and_from_chinese(typed: str, *, english: bool) -> None:
    assert is_english(typed) is english


def test_who_writes_english_is_answered_in_it_until_they_write_chinese() -> None:
    assert spoken_to("where is the nearest one", "zh-CN", None) == "en"
    assert spoken_to(None, "zh-CN", "en") == "en"
    assert spoken_to("2", "zh-CN", "en") == "en"
    assert spoken_to("有热水吗", "zh-CN", "en") == "zh-CN"
    assert spoken_to("2", "zh-CN", "zh_CN") == "zh-CN"


@pytest.mark.parametrize(
    ("typed", "locale"),
    [
        ("换回汉语", "zh_CN"),
        ("switch to english pls, my chinese is bad", "en"),
        ("咋是英文了 给我换回中文", "zh_CN"),
        ("怎么变成英语了", None),
        ("我要报英语课", None),
        ("你好", None),
    ],
)
def test_the_language_that_is_wanted_is_not_the_one_complained_of(
    typed: str, locale: str | None
) -> None:
    assert wanted_language(typed) == locale


def test_mongolian_is_asked_for_in_any_script() -> None:
    for typed in ("会蒙语吗", "ᠮᠣᠩᠭᠣᠯ", "монгол хэл", "mongol heleer boloh uu"):
        assert wants_mongolian(typed)
    assert not wants_mongolian("课是用蒙语讲吗")


@pytest.mark.parametrize(
    ("typed", "kind"),
    [
        ("你是真人吗", Talk.WHO),
        ("什么破玩意", Talk.CROSS),
        ("@所有人 慢点骑 收到扣1", Talk.GROUP),
        ("跑了一天 累瘫了", Talk.WEARY),
        ("有热水吗", None),
    ],
)
def test_talk_that_asks_for_nothing_is_told_apart(typed: str, kind: Talk | None) -> None:
    assert talk(typed) is kind
