"""The web chat's JSON: what is taken, what is refused, and what the page gets."""

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.protocol import Conversation
from bot.channels.web.frames import (
    Acknowledgement,
    BadFrame,
    ErrorCode,
    Frame,
    Hello,
    MessageFrame,
    address_of,
    parse,
    render_answer,
    render_erased,
    render_error,
    render_notice,
    render_ready,
)
from bot.conversation.events import ChatOpened, Location, Other, Press, Text
from bot.conversation.replies import (
    Answer,
    Article,
    Button,
    Choices,
    Document,
    Link,
    Say,
    Venue,
    Words,
)
from bot.geo.point import Point

ID = "3f2b8c1e-9d40-4c57-a8e2-0123456789ab"
VISITOR = "0123456789abcdef" * 2


def frame(**fields: Any) -> str:
    return json.dumps({"v": 1, **fields}, ensure_ascii=False)


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (frame(type="hello", visitor=VISITOR, language="zh-CN"), Hello(VISITOR, "zh-CN")),
        (frame(type="arrive", id=ID, code=""), MessageFrame(ID, ChatOpened())),
        (frame(type="arrive", id=ID, code="poster_7"), MessageFrame(ID, ChatOpened("poster_7"))),
        (frame(type="text", id=ID, text="有热水吗 🔥"), MessageFrame(ID, Text("有热水吗 🔥"))),
        (frame(type="text", id=ID, text=""), MessageFrame(ID, Text(""))),
        (frame(type="text", id=ID, text="\0\u202e"), MessageFrame(ID, Text("\0\u202e"))),
        (frame(type="press", id=ID, action="s:7"), MessageFrame(ID, Press("s:7"))),
        (
            frame(type="location", id=ID, lat=40.84, lon=111),
            MessageFrame(ID, Location(Point(40.84, 111.0))),
        ),
        (
            frame(type="location", id=ID, lat=111.7, lon=40.8),
            MessageFrame(ID, Other("bad_location")),
        ),
        (frame(type="location", id=ID, lat=10**400, lon=1), None),
        (frame(type="got", id=ID), Acknowledgement(ID)),
    ],
)
def test_what_the_page_sends_is_understood(raw: str, expected: Frame | None) -> None:
    if expected is None:
        with pytest.raises(BadFrame):
            parse(raw)
    else:
        assert parse(raw) == expected


@pytest.mark.parametrize(
    ("raw", "code", "to"),
    [
        ("", "malformed", None),
        ("{", "malformed", None),
        ("[]", "malformed", None),
        ("null", "malformed", None),
        ('"hello"', "malformed", None),
        ("[" * 5000, "malformed", None),
        ('{"v":1,"type":"text","id":"' + ID + '","text":"\\ud800"}', "malformed", None),
        ('{"v":1,"type":"location","id":"' + ID + '","lat":NaN,"lon":1}', "malformed", None),
        ("{}", "version", None),
        (json.dumps({"v": 2, "type": "text", "id": ID, "text": "x"}), "version", ID),
        (json.dumps({"v": True, "type": "text", "id": ID, "text": "x"}), "version", ID),
        (frame(type="dance", id=ID), "type", ID),
        (frame(type=["text"], id=ID, text="x"), "type", ID),
        (frame(type="text", id=ID), "malformed", ID),
        (frame(type="text", id=ID, text=5), "malformed", ID),
        (frame(type="text", id=ID, text="x", more=1), "malformed", ID),
        (frame(type="text", id="1", text="x"), "malformed", None),
        (frame(type="text", id=ID.upper(), text="x"), "malformed", None),
        (frame(type="text", text="x"), "malformed", None),
        (frame(type="location", id=ID, lat="40", lon=111), "malformed", ID),
        (frame(type="location", id=ID, lat=True, lon=111), "malformed", ID),
        (frame(type="location", id=ID, lat=40), "malformed", ID),
        (frame(type="press", id=ID, action=""), "malformed", ID),
        (frame(type="press", id=ID, action="收藏"), "malformed", ID),
        (frame(type="press", id=ID, action="a" * 65), "malformed", ID),
        (frame(type="press", id=ID, action="a\n"), "malformed", ID),
        (frame(type="arrive", id=ID, code="a b"), "malformed", ID),
        (frame(type="got", id=ID, more=1), "malformed", ID),
        (frame(type="hello", visitor="me", language="zh"), "malformed", None),
        (frame(type="hello", visitor=VISITOR, language="<b>"), "malformed", None),
        (frame(type="hello", visitor=VISITOR), "malformed", None),
        (frame(type="hello", visitor=VISITOR, language="zh", id=ID), "malformed", None),
    ],
)
def test_anything_else_is_refused_with_its_reason(raw: str, code: str, to: str | None) -> None:
    with pytest.raises(BadFrame) as refused:
        parse(raw)
    assert (refused.value.code, refused.value.to) == (code, to)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=6,
)
keys = st.sampled_from(["v", "type", "id", "text", "lat", "lon", "action", "code", "visitor"])
known = st.sampled_from([1, ID, VISITOR, "text", "location", "press", "hello", "got", "arrive"])


@given(st.text() | st.dictionaries(keys, known | json_values).map(json.dumps))
def test_no_text_at_all_breaks_the_parser(raw: str) -> None:
    with suppress(BadFrame):
        assert isinstance(parse(raw), Hello | MessageFrame | Acknowledgement)


def test_the_address_does_not_tell_the_secret() -> None:
    address = address_of(VISITOR)
    assert address == address_of(VISITOR)
    assert address != address_of(VISITOR[::-1])
    assert VISITOR not in address
    assert len(address) == 32


def test_an_answer_reaches_the_page_whole() -> None:
    rows = ((Button("收藏", "fav:1"), Button("更多", "more")),)
    answer = Answer(
        (
            Words(
                (Say("最近的一家", (Link("导航", "https://example.org/a?b=1&c=2"),)),),
                Choices(rows, False),
                "发送我的位置",
            ),
            Venue(
                Point(40.8, 111.7),
                "示例·站",
                "某路 1 号",
                Choices(rows, True, 3),
                "4",
                Button("第4家怎么进", "station.card:7"),
            ),
            Document("课程.ics", "text/calendar", b"\x00\xff", Link("课程", "https://e.org/1")),
            Article("海报", "请看", "https://e.org/2"),
        )
    )

    def choices(one: int, other: int) -> list[list[dict[str, Any]]]:
        """The rows, with the number that is typed for each."""
        favourite = {"label": "收藏", "action": "fav:1", "number": one}
        return [[favourite, {"label": "更多", "action": "more", "number": other}]]

    expected = [
        {
            "kind": "words",
            "paragraphs": [
                {
                    "text": "最近的一家",
                    "links": [{"label": "导航", "url": "https://example.org/a?b=1&c=2"}],
                }
            ],
            "choices": {"rows": choices(1, 2), "numbered": False},
            "ask_location": "发送我的位置",
        },
        {
            "kind": "venue",
            "lat": 40.8,
            "lon": 111.7,
            "title": "示例·站",
            "address": "某路 1 号",
            "mark": "4",
            "more": {"label": "第4家怎么进", "action": "station.card:7"},
            "choices": {"rows": choices(3, 4), "numbered": True},
        },
        {
            "kind": "document",
            "name": "课程.ics",
            "media_type": "text/calendar",
            "data": "AP8=",
            "link": {"label": "课程", "url": "https://e.org/1"},
        },
        {
            "kind": "words",
            "paragraphs": [
                {"text": "请看", "links": [{"label": "海报", "url": "https://e.org/2"}]}
            ],
            "choices": None,
            "ask_location": "",
        },
    ]
    head = {"v": 1, "type": "answer", "to": ID}
    assert json.loads(render_answer(answer, ID)) == {**head, "messages": expected}
    head = {"v": 1, "type": "notice", "id": ID}
    assert json.loads(render_notice(answer, ID)) == {**head, "messages": expected}


def test_an_erasure_is_told_with_its_answer() -> None:
    answer = Answer((Words((Say("已删除"),)),), erased=True)
    assert json.loads(render_answer(answer, ID))["erased"] is True


def test_an_error_is_one_sentence_and_says_when_to_try_again() -> None:
    error = json.loads(render_error(ErrorCode.TOO_FAST, ID, 1.5))
    assert error.pop("says").endswith(".")
    assert error == {"v": 1, "type": "error", "code": "too_fast", "to": ID, "retry_after": 1.5}
    assert "retry_after" not in json.loads(render_error(ErrorCode.MALFORMED))


def test_a_page_is_told_what_is_stored_of_its_conversation() -> None:
    assert json.loads(render_ready(None)) == {"v": 1, "type": "ready"}
    ready = json.loads(render_ready(Conversation.ANSWERED))
    assert ready == {"v": 1, "type": "ready", "conversation": "answered"}
    erased = json.loads(render_erased(Conversation.CLEARED))
    assert erased == {"v": 1, "type": "erased", "conversation": "cleared"}


@pytest.mark.parametrize("character", ["\\u0000", "\\b", "\\u001d", "\\ufffe"])
def test_control_characters_of_a_text_are_dropped(character: str) -> None:
    raw = f'{{"v":1,"type":"text","id":"{ID}","text":"热{character}水\\n"}}'
    frame = parse(raw)
    assert isinstance(frame, MessageFrame)
    assert frame.content == Text("热水\n")


def test_only_an_answer_that_erased_a_courier_says_so() -> None:
    assert "erased" not in json.loads(render_answer(Answer(()), ID))
    assert json.loads(render_answer(Answer((), erased=True), ID))["erased"] is True
