"""The particulars in a message, as tables of what people type."""

from datetime import datetime, time

import pytest

from bot.common.clock import CHINA
from bot.common.facilities import FACILITIES
from bot.intents.normalise import normalise
from bot.intents.numerals import numeral
from bot.intents.slots import radius_m, read_slots
from bot.intents.time_of_day import after, moment
from bot.intents.vocabulary import facilities


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("哪能冲电", "charge"),
        ("没电了", "charge"),
        ("充个电", "charge"),
        ("换电", "ebike"),
        ("能换电也能充电", "charge ebike"),
        ("电瓶车没电了哪能充电", "ebike"),
        ("给电动车和手机充电", "charge ebike"),
        ("充电瓶", "ebike"),
        ("热饭", "microwave"),
        ("热个饭", "microwave"),
        ("饭凉了想热一下", "microwave"),
        ("暖和", "hvac"),
        ("取暖", "hvac"),
        ("冻死了 暖气", "hvac"),
        ("上个厕所", "toilet"),
        ("方便一下", "toilet"),
        ("侧所", "toilet"),
        ("WC", "toilet"),
        ("接点开水", "water"),
        ("热水 充电", "water charge"),
        ("冰水", "fridge"),
        ("有网吗", "wifi"),
        ("ＷｉＦｉ", "wifi"),
        ("借把伞", "rain"),
        ("坐会儿", "seat"),
        ("看会儿书", "books"),
        ("车胎没气 要打气", "tools"),
        ("创可贴", "medkit"),
        ("喂奶", "nursing"),
        ("轮椅进得去不", "access"),
        ("AED", "aed"),
        ("便宜饭", "meal"),
        ("洗个澡", "bath"),
        ("复印", "print"),
        ("法律咨询", "legal"),
        ("心理", "psych"),
        ("理发", "haircut"),
        ("取点钱", "bank"),
        ("ATM", "bank"),
        ("where is the toliet", "toilet"),
        ("hot water please", "water"),
        ("re shui", "water"),
        ("chong dian", "charge"),
        ("microwav", "microwave"),
        ("没热水", "water"),
    ],
)
def test_the_words_people_type_name_a_facility(text: str, codes: str) -> None:
    assert facilities(normalise(text)) == set(codes.split())


@pytest.mark.parametrize(
    "text",
    [
        "网点在哪",
        "网上能办吗",
        "附近药店",
        "周末休息吗",
        "急救课啥时候",
        "方便面",
        "change language",
        "你好",
        "打没打电话",
        "饿了么",
        "",
    ],
)
def test_a_word_that_only_looks_like_a_facility_names_none(text: str) -> None:
    assert facilities(normalise(text)) == frozenset()


def test_every_word_of_the_table_finds_its_own_facility() -> None:
    wrong = [
        (word, facility.code)
        for facility in FACILITIES.values()
        for word in facility.words
        if facility.code not in facilities(word)
    ]
    assert wrong == []


@pytest.mark.parametrize(
    ("text", "metres"),
    [
        ("离我1公里的", 1000),
        ("500米内", 500),
        ("５００Ｍ", 500),
        ("两公里以内", 2000),
        ("1.5km", 1500),
        ("一点五公里", 1500),
        ("半公里", 500),
        ("一公里半", 1500),
        ("两三公里", 3000),
        ("二里地", 1000),
        ("方圆五里地", 2500),
        ("方圆五里有啥", 2500),
        ("半里地", 250),
        ("一里半地", 750),
        ("十来里地", 5000),
        ("两里多地", 1000),
        ("五里坨", None),
        ("五百米", 500),
        ("一百二十米", 120),
        ("这里", None),
        ("哪里有", None),
        ("5min", None),
        ("三米宽的门", None),
        ("0米", None),
        ("9999公里", None),
        ("1" * 199 + "m", None),
        ("٣km", None),
    ],
)
def test_a_distance_is_read_in_metres(text: str, metres: int | None) -> None:
    assert radius_m(normalise(text)) == metres


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("晚上十点以后", time(22)),
        ("十点以后还有开的吗", time(22)),
        ("22:30还开吗", time(22, 30)),
        ("22：30", time(22, 30)),
        ("晚上8:30", time(20, 30)),
        ("凌晨两点", time(2)),
        ("夜里两点", time(2)),
        ("下午3点半", time(15, 30)),
        ("八点一刻", time(8, 15)),
        ("八点二十分", time(8, 20)),
        ("夜里十二点", time(0)),
        ("凌晨12点", time(0)),
        ("中午12点", time(12)),
        ("中午一点", time(13)),
        ("中午十一点", time(11)),
        ("早上7点", time(7)),
        ("五点关门吗", time(17)),
        ("8点还开吗", time(20)),
        ("10点", time(10)),
        ("一点以后", time(13)),
        ("0点", time(0)),
        ("24点", time(0)),
        ("9pm", time(21)),
        ("12 am", time(0)),
        ("半夜还开吗", time(0)),
        ("有24小时的吗", None),
        ("晚上还开吗", time(20)),
        ("晚上好", None),
        ("近一点的", None),
        ("快一点到", None),
        ("我说两点", None),
        ("一点五公里", None),
        ("第三家", None),
        ("25点", None),
        ("8:75", None),
        ("13pm", time(13)),
    ],
)
def test_a_time_of_day_is_read(text: str, expected: time | None) -> None:
    assert after(normalise(text)) == expected


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("3", 3),
        ("1.5", 1.5),
        ("半", 0.5),
        ("两百", 200),
        ("二十二", 22),
        ("十五", 15),
        ("一点五", 1.5),
    ],
)
def test_numbers_are_read_as_typed(text: str, value: float) -> None:
    assert numeral(text) == value


@pytest.mark.parametrize(
    ("text", "always"),
    [
        ("24小时", True),
        ("有没有通宵的", True),
        ("海拉尔24小时", True),
        ("二十四小时开的", True),
        ("open 24 hours", True),
        ("124小时", False),
        ("2小时", False),
        ("晚上10点", False),
    ],
)
def test_round_the_clock_is_no_hour(text: str, always: bool) -> None:
    slots = read_slots(normalise(text))
    assert slots.always == always
    assert not always or slots.after is None


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("晚上10点还有开的吗", "23 22:00"),
        ("凌晨3点", "24 03:00"),
        ("晚上8点", "24 20:00"),
        ("今晚", None),
        ("晚上", None),
        ("下午", "24 15:00"),
        ("夜里", "23 22:00"),
        ("明天早上8点", "24 08:00"),
        ("明晚", "24 20:00"),
        ("哪有热水", None),
    ],
)
def test_an_hour_is_read_as_seen_from_half_past_eight_in_the_evening(
    text: str, meant: str | None
) -> None:
    now = datetime(2026, 11, 23, 20, 30, tzinfo=CHINA)
    found = moment(normalise(text), now)
    assert (None if found is None else f"{found:%d %H:%M}") == meant
