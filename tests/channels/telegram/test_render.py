"""What an answer becomes, each call checked against a model of the Bot API by other people."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from bot.channels.telegram.abilities import ABILITIES
from bot.channels.telegram.render import Call, render, variants
from bot.conversation.degrade import degrade
from bot.conversation.replies import (
    Answer,
    Article,
    AskLocation,
    Button,
    Buttons,
    Choices,
    Document,
    Link,
    Message,
    Part,
    Pin,
    Reply,
    Say,
    Venue,
    Words,
)
from bot.geo.point import Point
from tests.conversation.small_channel import PHRASES
from tests.support.fakes.bot_api_oracle import check_call
from tests.support.fakes.telegram_calls import Upload

CHAT = 5501
DATA = "callback_data"
BUTTON = {"text": "a", DATA: "b"}
LINK = {"type": "text_link", "offset": 0, "length": 1, "url": "https://x.example"}
PLACE = {"chat_id": 1, "latitude": 40.8, "longitude": 111.7, "title": "a", "address": "b"}
MENU = Choices(
    ((Button("有热水", "f:water"), Button("充电", "f:power")), (Button("更多", "more"),)), False
)


def one(message: Message) -> Call:
    (call,) = render(Answer((message,)), CHAT)
    check(call)
    return call


def check(call: Call) -> None:
    params = dict(call.params)
    if call.upload is not None:
        file = call.upload
        params["document"] = Upload(file.name, file.media_type, file.content)  # type: ignore[assignment]
    check_call(call.method, params)


def linked(call: Call) -> list[tuple[str, str]]:
    """Each link's words, cut out of the text as Telegram counts, and its address."""
    text = call.params["text"]
    assert isinstance(text, str)
    units = text.encode("utf-16-le")
    entities = call.params["entities"]
    assert isinstance(entities, list)
    found = []
    for entity in entities:
        assert isinstance(entity, dict)
        start, length, url = entity["offset"], entity["length"], entity["url"]
        assert isinstance(start, int)
        assert isinstance(length, int)
        found.append((units[2 * start : 2 * (start + length)].decode("utf-16-le"), str(url)))
    return found


def test_words_are_plain_and_show_no_preview() -> None:
    call = one(Words((Say("骑车约 8 分钟 <b>_*"), Say("17:00 关门"))))
    assert call == Call(
        "sendMessage",
        {
            "chat_id": CHAT,
            "text": "骑车约 8 分钟 <b>_*\n\n17:00 关门",
            "link_preview_options": {"is_disabled": True},
        },
    )


def test_links_lie_where_telegram_counts_them() -> None:
    maps = (Link("腾讯地图", "https://a.example/?q=1"), Link("🗺 Amap", "https://b.example/"))
    call = one(
        Words(
            (Say(" 😀 驿站\n"), Say("去这里", maps), Say("", (Link("帮助", "https://c.example"),)))
        )
    )
    assert call.params["text"] == "😀 驿站\n\n去这里\n腾讯地图\u3000🗺 Amap\n\n帮助"
    assert linked(call) == [
        ("腾讯地图", "https://a.example/?q=1"),
        ("🗺 Amap", "https://b.example/"),
        ("帮助", "https://c.example"),
    ]


def test_choices_are_buttons_in_the_rows_they_came_in() -> None:
    assert one(Words((Say("还要什么?"),), MENU)).params["reply_markup"] == {
        "inline_keyboard": [
            [
                {"text": "有热水", "callback_data": "f:water"},
                {"text": "充电", "callback_data": "f:power"},
            ],
            [{"text": "更多", "callback_data": "more"}],
        ]
    }


def test_too_many_choices_are_lines_to_type() -> None:
    numbered = Choices(MENU.rows, numbered=True, first=4)
    call = one(Words((Say("请选择"),), numbered))
    assert call.params["text"] == "请选择\n4. 有热水\n5. 充电\n6. 更多"
    assert "reply_markup" not in call.params


def test_a_location_is_asked_for_by_the_only_button_that_shares_one() -> None:
    call = one(Words((Say("你在哪里?"),), ask_location="发送我的位置" * 20))
    assert call.params["reply_markup"] == {
        "keyboard": [[{"text": "发送我的位置" * 20, "request_location": True}]],
        "resize_keyboard": True,
        "one_time_keyboard": True,
        "input_field_placeholder": ("发送我的位置" * 20)[:64],
    }


def test_a_place_is_a_venue() -> None:
    call = one(Venue(Point(40.842356, 111.749121), "示例驿站", "新城区 1 号", MENU))
    assert call.method == "sendVenue"
    assert (call.params["latitude"], call.params["longitude"]) == (40.842356, 111.749121)
    assert (call.params["title"], call.params["address"]) == ("示例驿站", "新城区 1 号")
    assert "inline_keyboard" in str(call.params["reply_markup"])


def test_a_place_without_an_address_has_words_all_the_same() -> None:
    assert one(Venue(Point(0, 0), "示例驿站", "")).params["address"] == "示例驿站"


def test_a_file_is_uploaded() -> None:
    file = Document("课程.ics", "text/calendar", b"BEGIN:VCALENDAR", Link("x", "https://x.example"))
    call = one(file)
    assert (call.method, call.upload) == ("sendDocument", file)


def test_a_photo_is_shown_and_where_it_is_refused_sent_as_a_file_then_linked() -> None:
    photo = Document(
        "门口照片1.jpg", "image/jpeg", b"\xff\xd8", Link("照片1", "https://x.example/1")
    )
    shown, file, words = variants(photo, CHAT)
    assert (shown.method, shown.upload) == ("sendPhoto", photo)
    assert (file.method, file.upload) == ("sendDocument", photo)
    assert (words.method, words.upload) == ("sendMessage", None)
    assert "https://x.example/1" in str(words.params["text"])


def test_a_card_that_reaches_us_is_a_paragraph() -> None:
    call = one(Article("政策", "三分钟看懂", "https://x.example/p"))
    assert call.params["text"] == "三分钟看懂\n政策"
    assert linked(call) == [("政策", "https://x.example/p")]


def test_an_empty_message_is_not_sent() -> None:
    assert render(Answer((Words((Say(" \n"),)), Words((Say("好"),)))), CHAT) == render(
        Answer((Words((Say("好"),)),)), CHAT
    )


WORDS = st.text(alphabet=st.sampled_from("驿a😀\n \u202e\u200d<*_[`1"), max_size=6000)
LABEL = st.text(alphabet=st.sampled_from("站b🔥 "), min_size=1, max_size=20).filter(str.strip)
LINKS = st.lists(st.builds(Link, LABEL, st.just("https://x.example/?a=1&b=二")), max_size=3).map(
    tuple
)
PINS = st.builds(
    Pin,
    st.builds(Point, st.floats(-90, 90), st.floats(-180, 180)),
    LABEL,
    LABEL | st.just(""),
    WORDS,
    LINKS,
)
ROWS = st.lists(
    st.lists(st.builds(Button, LABEL, st.just("a:1")), min_size=1, max_size=2).map(tuple),
    min_size=1,
    max_size=14,
).map(tuple)
PARTS = st.one_of(
    st.builds(Say, WORDS, LINKS),
    PINS,
    st.builds(Buttons, ROWS, st.just("选一个")),
    st.just(AskLocation("发送位置", {"typed": "打字告诉我"})),
)


@given(st.lists(PARTS, max_size=6))
def test_any_reply_becomes_calls_that_telegram_takes(parts: list[Part]) -> None:
    answer = degrade(Reply(tuple(parts)), ABILITIES, PHRASES)
    calls = render(answer, CHAT)
    assert len(calls) <= ABILITIES.messages
    for call in calls:
        check(call)


def say(**changes: object) -> dict[str, object]:
    return {"chat_id": 1, "text": "x", **changes}


@pytest.mark.parametrize(
    ("method", "params"),
    [
        ("sendMassage", say()),
        ("sendMessage", {"chat_id": 1}),
        ("sendMessage", say(text="")),
        ("sendMessage", say(text="x" * 4097)),
        ("sendMessage", say(parse_mod="HTML")),
        ("sendMessage", say(reply_markup={"inline_keybord": []})),
        ("sendMessage", say(reply_markup={"inline_keyboard": [[]]})),
        ("sendMessage", say(reply_markup={"inline_keyboard": [[BUTTON | {"colour": "red"}]]})),
        ("sendMessage", say(reply_markup={"inline_keyboard": [[BUTTON | {"text": " "}]]})),
        ("sendMessage", say(reply_markup={"inline_keyboard": [[BUTTON | {DATA: "汉" * 22}]]})),
        ("sendMessage", say(text="😀", entities=[LINK | {"length": 3}])),
        ("sendMessage", say(text="😀", entities=[LINK | {"length": 2, "url": "javascript:0"}])),
        ("sendVenue", PLACE | {"latitude": 95.5}),
        ("sendVenue", {name: value for name, value in PLACE.items() if name != "address"}),
    ],
)
def test_the_oracle_sees_what_is_wrong(method: str, params: dict[str, object]) -> None:
    with pytest.raises((AssertionError, ValidationError)):
        check_call(method, params)


def test_the_oracle_lets_pass_what_is_right() -> None:
    check_call("sendMessage", say(reply_markup={"inline_keyboard": [[BUTTON]]}, entities=[LINK]))
    check_call("sendVenue", PLACE)
