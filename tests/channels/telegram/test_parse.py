"""Payloads as Telegram sends them, and as nobody should, and what they mean."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.telegram.parse import chat_of, parse, query_of
from bot.conversation.events import (
    Address,
    ChatLeft,
    ChatOpened,
    Content,
    Event,
    Location,
    Other,
    Press,
    Text,
    Voice,
)
from bot.geo.point import Point

NOW = datetime(2026, 11, 3, 8, 0, tzinfo=UTC)
SENT = 1_793_692_000  # 2026-11-03 07:46:40 UTC
PRIVATE = {"id": 5501, "type": "private", "first_name": "娜仁", "username": "naren"}
AUTHOR = {"id": 5501, "is_bot": False, "first_name": "娜仁", "language_code": "zh-hans"}
BOT = {"id": 4242, "is_bot": True, "first_name": "yizhan", "username": "yizhan_bot"}
PHOTO = {"file_id": "AgAC", "file_unique_id": "AQAD", "width": 90, "height": 67, "file_size": 1218}
PLACE = {"latitude": 40.842356, "longitude": 111.749121}


def message(**content: Any) -> dict[str, Any]:
    said = {"message_id": 12, "from": AUTHOR, "chat": PRIVATE, "date": SENT, **content}
    return {"update_id": 700_000_001, "message": said}


def press(**content: Any) -> dict[str, Any]:
    shown = {"message_id": 11, "from": BOT, "chat": PRIVATE, "date": SENT, "text": "最近的驿站"}
    query = {"id": "991", "from": AUTHOR, "message": shown, "chat_instance": "-37", **content}
    return {"update_id": 700_000_002, "callback_query": query}


def member(status: str, **content: Any) -> dict[str, Any]:
    change = {
        "chat": PRIVATE,
        "from": AUTHOR,
        "date": SENT,
        "old_chat_member": {"user": BOT, "status": "member"},
        "new_chat_member": {"user": BOT, "status": status, "until_date": 0},
        **content,
    }
    return {"update_id": 700_000_003, "my_chat_member": change}


UNDERSTOOD: list[tuple[str, dict[str, Any], Content]] = [
    ("words", message(text="东胜 有热水的"), Text("东胜 有热水的")),
    ("command", message(text="/help"), Text("/help")),
    ("command in the menu", message(text="/help@yizhan_bot"), Text("/help")),
    ("command with words", message(text="/near@yizhan_bot  昆区 "), Text("/near 昆区")),
    ("a slash in words", message(text="24/7 开吗"), Text("24/7 开吗")),
    (
        "edited words",
        {"update_id": 9, "edited_message": message(text="东胜")["message"]},
        Text("东胜"),
    ),
    ("a lone slash", message(text="/"), Text("/")),
    ("first start", message(text="/start"), ChatOpened()),
    ("start by a poster", message(text="/start p-Hohhot_07"), ChatOpened("p-Hohhot_07")),
    ("start by name", message(text="/start@yizhan_bot x9"), ChatOpened("x9")),
    ("start with a forged code", message(text="/start ../../etc 密码"), ChatOpened()),
    ("start with a long code", message(text="/start " + "a" * 65), ChatOpened()),
    ("NUL", message(text="a\0b"), Text("a\ufffdb")),
    ("half a surrogate pair", message(text="a\ud83d b"), Text("a\ufffd b")),
    ("both halves apart", message(text="\ud83d\ude00"), Text("😀")),
    ("10,000 characters", message(text="长" * 10_000), Text("长" * 10_000)),
    ("location", message(location=PLACE), Location(Point(40.842356, 111.749121))),
    (
        "first point of a live location",
        message(location={**PLACE, "live_period": 3600, "heading": 12}),
        Location(Point(40.842356, 111.749121)),
    ),
    (
        "venue",
        message(venue={"location": PLACE, "title": "万达", "address": "新华东街"}, location=PLACE),
        Location(Point(40.842356, 111.749121)),
    ),
    (
        "whole degrees",
        message(location={"latitude": 40, "longitude": 111}),
        Location(Point(40, 111)),
    ),
    ("latitude 95", message(location={**PLACE, "latitude": 95.5}), Other("bad_location")),
    ("swapped", message(location={"latitude": 111.7, "longitude": 40.8}), Other("bad_location")),
    ("NaN", message(location={**PLACE, "longitude": float("nan")}), Other("bad_location")),
    ("a huge number", message(location={**PLACE, "latitude": 10**400}), Other("bad_location")),
    ("a number as text", message(location={**PLACE, "latitude": "40"}), Other("bad_location")),
    ("no longitude", message(location={"latitude": 40.8}), Other("bad_location")),
    ("location that is none", message(location=None), Other("bad_location")),
    (
        "voice",
        message(voice={"file_id": "Aw", "duration": 3, "mime_type": "audio/ogg"}),
        Voice(transcribed_by_app=False),
    ),
    ("photo", message(photo=[PHOTO], caption="门口"), Text("门口")),
    ("sticker", message(sticker={"file_id": "CA", "emoji": "👍"}), Other("sticker")),
    (
        "moving picture",
        message(animation={"file_id": "Cg"}, document={"file_id": "Cg"}),
        Other("sticker"),
    ),
    ("document", message(document={"file_id": "BQ", "file_name": "卡.pdf"}), Other("file")),
    ("video note", message(video_note={"file_id": "DQ", "duration": 2}), Other("file")),
    ("contact", message(contact={"phone_number": "1380", "first_name": "b"}), Other("file")),
    ("press", press(data="station.card:17"), Press("station.card:17")),
    ("forged press", press(data="卡\0\ud800"), Press("卡\ufffd\ufffd")),
    (
        "press below a message too old to be shown",
        press(data="menu", message={"chat": PRIVATE, "message_id": 2, "date": 0}),
        Press("menu"),
    ),
    ("blocked", member("kicked"), ChatLeft()),
    ("unblocked", member("member"), ChatOpened(again=True)),
]

GROUP = {"id": -1009, "type": "supergroup", "title": "骑手群"}
IGNORED: list[tuple[str, dict[str, Any]]] = [
    ("a live location's next step", {"update_id": 1, "edited_message": message()["message"]}),
    ("a group's words", message(text="/start", chat=GROUP)),
    ("a group's location", message(location=PLACE, chat=GROUP)),
    ("a group's button", press(data="menu", message={"chat": GROUP, "message_id": 2, "date": 0})),
    ("an inline message's button", press(data="menu", message=None, inline_message_id="AA")),
    ("a game's button", press(game_short_name="x")),
    ("added to a group", member("member", chat=GROUP)),
    ("made an administrator", member("administrator")),
    ("a service message", message(pinned_message={"message_id": 3})),
    ("an empty message", message()),
    ("text that is none", message(text=None)),
    ("a chat that is none", message(text="x", chat="5501")),
    ("message that is none", {"update_id": 1, "message": None}),
    ("a channel's post", {"update_id": 1, "channel_post": message(text="x")["message"]}),
    ("a kind of tomorrow", {"update_id": 1, "brain_wave": {"chat": PRIVATE}}),
]


@pytest.mark.parametrize(
    ("update", "content"), [row[1:] for row in UNDERSTOOD], ids=[row[0] for row in UNDERSTOOD]
)
def test_what_a_courier_does_is_understood(update: dict[str, Any], content: Content) -> None:
    event = parse(update, NOW)
    assert event is not None
    assert event.content == content
    assert event.sender == Address("telegram", "5501")
    assert event.id == str(update["update_id"])
    assert event.language == "zh-hans"


@pytest.mark.parametrize("update", [row[1] for row in IGNORED], ids=[row[0] for row in IGNORED])
def test_what_is_not_for_us_is_ignored(update: dict[str, Any]) -> None:
    assert parse(update, NOW) is None


@pytest.mark.parametrize(
    "update", [None, [], "x", 7, {}, {"message": {}}, {"update_id": "7"}, {"update_id": None}]
)
def test_what_is_no_update_is_refused(update: object) -> None:
    with pytest.raises(ValueError, match="update_id"):
        parse(update, NOW)


def test_a_redelivery_is_the_same_event() -> None:
    update = message(text="你好")
    assert parse(update, NOW) == parse(update, NOW.replace(hour=20))


@pytest.mark.parametrize(
    ("stamp", "at"),
    [
        (SENT, datetime(2026, 11, 3, 7, 46, 40, tzinfo=UTC)),
        (SENT + 86_400, NOW),  # a clock that is ahead of ours
        (0, NOW),
        (-5, NOW),
        (10**18, NOW),
        ("1793692000", NOW),
        (None, NOW),
    ],
)
def test_the_time_is_telegrams_but_never_in_the_future(stamp: object, at: datetime) -> None:
    event = parse(message(text="x", date=stamp), NOW)
    assert event is not None
    assert event.at == at


@pytest.mark.parametrize(
    ("author", "language"),
    [
        ({"id": 1, "language_code": "en"}, "en"),
        ({"id": 1, "language_code": "pt-br"}, "pt-br"),
        ({"id": 1}, None),
        ({"id": 1, "language_code": "x" * 99}, None),
        ({"id": 1, "language_code": "<b>"}, None),
        ({"id": 1, "language_code": 7}, None),
        ("nobody", None),
    ],
)
def test_a_language_is_kept_if_it_can_be_one(author: object, language: str | None) -> None:
    event = parse({**message(text="x", **{"from": author})}, NOW)
    assert event is not None
    assert event.language == language


def test_order_is_kept_within_a_chat_and_a_press_wants_an_answer() -> None:
    updates = [message(text="x"), press(data="menu"), member("kicked")]
    assert [chat_of(one) for one in updates] == [5501, 5501, 5501]
    assert chat_of({"update_id": 1, "poll": {}}) is None
    assert [query_of(one) for one in updates] == [None, "991", None]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
FIELDS = st.sampled_from(["text", "location", "venue", "voice", "date", "from", "photo"])


@given(st.dictionaries(FIELDS, JSON))
def test_no_shape_of_a_message_breaks_it(content: dict[str, Any]) -> None:
    event = parse(message(**content), NOW)
    assert event is None or isinstance(event, Event)


@given(st.sampled_from(["message", "callback_query", "my_chat_member", "poll"]), JSON)
def test_no_shape_of_an_update_breaks_it(kind: str, body: object) -> None:
    assert parse({"update_id": 1, kind: body}, NOW) is None
