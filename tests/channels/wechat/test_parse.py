"""What each push means, as a table; and what is no push at all."""

import random
from datetime import UTC, datetime
from typing import Any

import pytest
from wechatpy import parse_message  # type: ignore[import-untyped]

from bot.channels.wechat.parse import BODY_BYTES, parse, read_xml
from bot.common.push_quota import Grant
from bot.conversation.events import (
    Address,
    ChatLeft,
    ChatOpened,
    Content,
    Location,
    Other,
    Press,
    Text,
    Voice,
)
from bot.geo.datum import Datum, from_wgs84
from bot.geo.point import Point
from tests.support.fakes.wechat_messages import xml

NOW = datetime(2026, 11, 23, 2, tzinfo=UTC)
HEAD = {
    "ToUserName": "gh_0123456789ab",
    "FromUserName": "oAbc-_123",
    "CreateTime": int(NOW.timestamp()) - 3,
}
BIG = "23450000000000000000"  # MsgId is larger than a float can tell apart
MESSAGE, CLICK, NONE = Grant.MESSAGES, Grant.CLICKS, None
UNSUPPORTED = "【收到不支持的消息类型，暂无法显示】"
PLACE = {"Location_X": "40.843600", "Location_Y": "111.756200", "Scale": "15", "Label": "x"}


def message(kind: str, **fields: Any) -> bytes:
    return xml({**HEAD, "MsgType": kind, **fields, "MsgId": BIG}).encode()


def event(name: str, key: str = "", **fields: Any) -> bytes:
    return xml({**HEAD, "MsgType": "event", "Event": name, "EventKey": key, **fields}).encode()


@pytest.mark.parametrize(
    ("body", "content", "grant"),
    [
        (message("text", Content="哪有热水 /::)"), Text("哪有热水 /::)"), MESSAGE),
        (message("text", Content="]]> <b>&amp; 😀"), Text("]]> <b>&amp; 😀"), MESSAGE),
        (message("text", Content=""), Text(""), MESSAGE),
        (message("text", Content=UNSUPPORTED), Other("file"), MESSAGE),
        (
            message("text", Content="第1家怎么进", bizmsgmenuid="station.card:12"),
            Press("station.card:12"),
            CLICK,
        ),
        (message("text", Content="满意", bizmsgmenuid="101"), Text("满意"), CLICK),
        (message("text", Content="1", bizmsgmenuid="a" * 65), Text("1"), CLICK),
        (message("image", PicUrl="http://x", MediaId="m"), Other("image"), MESSAGE),
        (message("voice", MediaId="m", Format="amr", MediaId16K="n"), Voice(), MESSAGE),
        (message("video", MediaId="m", ThumbMediaId="t"), Other("file"), MESSAGE),
        (message("shortvideo", MediaId="m", ThumbMediaId="t"), Other("file"), MESSAGE),
        (message("link", Title="t", Description="d", Url="http://x"), Other("file"), MESSAGE),
        (message("hologram", Depth="3"), Other("file"), MESSAGE),
        (message("location", Location_X="91", Location_Y="0"), Other("bad_location"), MESSAGE),
        (message("location", Location_X="nan", Location_Y="0"), Other("bad_location"), MESSAGE),
        (message("location", Location_Y="0"), Other("bad_location"), MESSAGE),
        (event("subscribe"), ChatOpened(""), CLICK),
        (event("subscribe", "qrscene_poster-7", Ticket="t"), ChatOpened("poster-7"), CLICK),
        (event("subscribe", "qrscene_两 个"), ChatOpened(""), CLICK),
        (event("subscribe", "last_trade_no_4200"), ChatOpened("last_trade_no_4200"), CLICK),
        (event("SCAN", "check-in_9", Ticket="t"), ChatOpened("check-in_9"), CLICK),
        (event("unsubscribe"), ChatLeft(erase=True), NONE),
        (event("CLICK", "favourites"), Press("favourites"), CLICK),
        (event("CLICK", "near.with:4"), Press("near.with:4"), CLICK),
        (event("CLICK", "办卡进度"), Text("办卡进度"), CLICK),
        (event("CLICK", "My cards"), Text("My cards"), CLICK),
    ],
)
def test_what_a_courier_did(body: bytes, content: Content, grant: Grant | None) -> None:
    push = parse(body, NOW)
    assert push.event is not None
    assert push.event.content == content
    assert (push.event.grant, push.event.location_push) == (grant, "")
    assert push.event.sender == Address("wechat", "oAbc-_123")
    assert (push.openid, push.account) == ("oAbc-_123", "gh_0123456789ab")
    assert (NOW - push.event.at).total_seconds() == 3
    assert push.event.language is None
    if b"MsgId" in body:
        assert push.event.id.startswith(f"{BIG}-")


@pytest.mark.parametrize(
    "body",
    [
        event("VIEW", "https://example.org/"),
        event("LOCATION", Latitude="40.8", Longitude="111.7", Precision="65"),
        event("TEMPLATESENDJOBFINISH", MsgID="1", Status="success"),
        event("scancode_push", "k", ScanCodeInfo={"ScanType": "qrcode", "ScanResult": "1"}),
        event("pic_sysphoto", "k", SendPicsInfo={"Count": "1"}),
        event(
            "subscribe_msg_popup_event",
            SubscribeMsgPopupEvent={"List": {"TemplateId": "t", "SubscribeStatusString": "accept"}},
        ),
        event("something_new"),
    ],
)
def test_what_wants_no_answer(body: bytes) -> None:
    assert parse(body, NOW).event is None


def test_both_halves_of_a_chosen_place() -> None:
    """X is the latitude; the map speaks GCJ-02 in China and the core WGS-84."""
    chosen = parse(
        event("location_select", "place", SendLocationInfo={**PLACE, "Poiname": ""}), NOW
    )
    shared = parse(message("location", **PLACE), NOW)
    assert chosen.event is not None
    assert shared.event is not None
    assert chosen.event.location_push == "location_select"
    assert shared.event.location_push == "location"
    assert chosen.event.content == shared.event.content
    assert isinstance(chosen.event.content, Location)
    back = from_wgs84(chosen.event.content.point, Datum.GCJ02)
    assert back == pytest.approx((40.8436, 111.7562), abs=1e-9)
    assert chosen.event.content.point.lat != pytest.approx(40.8436, abs=1e-4)
    assert (chosen.event.grant, shared.event.grant) == (NONE, MESSAGE)


@pytest.mark.parametrize(
    ("lat", "lon"), [(47.92, 106.92), (25.03, 121.56), (0.0, 0.0), (35.68, 139.69)]
)
def test_abroad_and_in_taiwan_nothing_is_shifted(lat: float, lon: float) -> None:
    push = parse(message("location", Location_X=str(lat), Location_Y=str(lon)), NOW)
    assert push.event is not None
    assert push.event.content == Location(Point(lat, lon))


def test_events_are_told_apart_by_all_they_have() -> None:
    """They have no MsgId, and two may come within one second."""
    bodies = [
        event("CLICK", "favourites"),
        event("CLICK", "help"),
        event("SCAN", "favourites"),
        event("CLICK", "favourites").replace(b"oAbc", b"oAbd"),
        event("CLICK", "favourites").replace(b"<CreateTime>1", b"<CreateTime>2"),
    ]
    ids = [one.event.id for body in bodies if (one := parse(body, NOW)).event]
    assert len(set(ids)) == len(bodies)
    again = parse(bodies[0], NOW).event
    assert again is not None
    assert again.id == ids[0]
    assert not any("oAbc" in one for one in ids)  # ids are logged, openids are not
    assert all(len(one) <= 64 for one in ids)


def test_one_msgid_of_two_couriers_is_two_events() -> None:
    """WeChat was seen to repeat a MsgId when many wrote at once."""
    mine = message("text", Content="我的卡")
    theirs = mine.replace(b"oAbc", b"oAbd")
    ids = [one.event.id for body in (mine, theirs, mine) if (one := parse(body, NOW)).event]
    assert ids[0] == ids[2] != ids[1]
    assert not any("oAb" in one for one in ids)
    assert len({one.partition("-")[2] for one in ids}) == 2
    assert all(len(one) <= 64 for one in ids)


@pytest.mark.parametrize("character", ["\x00", "\x08", "\x0b", "\x1d", "\ufffe", "\uffff"])
def test_control_characters_are_dropped_and_the_rest_is_read(character: str) -> None:
    typed = parse(message("text", Content=f"{character}热{character}水\t\n"), NOW)
    assert typed.event is not None
    assert typed.event.content == Text("热水\t\n")
    labelled = parse(message("location", **{**PLACE, "Label": f"呼{character}市"}), NOW)
    picked = parse(
        event("location_select", SendLocationInfo={**PLACE, "Poiname": f"{character}馆"}), NOW
    )
    for push in (labelled, picked):
        assert push.event is not None
        assert isinstance(push.event.content, Location)


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (b"<![CDATA[\xff\xfe\xe6\xb0\xb4]]>", "水"),
        (b"<![CDATA[\xed\xa0\x80a]]>", "a"),
        (b"a&#8;&#x1D;&#xFFFE;&#xD800;&#0;&#99999999999;b&#65;&#x6C34;&#0000000065;", "abA水A"),
        (b"<![CDATA[&#8; &#65;]]>&#8;", "&#8; &#65;"),
    ],
)
def test_bytes_and_references_that_are_no_character_are_dropped(content: bytes, text: str) -> None:
    body = message("text", Content="CONTENT").replace(b"<![CDATA[CONTENT]]>", content)
    push = parse(body, NOW)
    assert push.event is not None
    assert push.event.content == Text(text)


def test_an_unreadable_half_does_not_stand_for_the_other_one() -> None:
    unreadable = {"Location_X": "", "Location_Y": ""}
    for body in (
        event("location_select", SendLocationInfo=unreadable),
        event("location_select"),
        message("location", **unreadable),
    ):
        push = parse(body, NOW)
        assert push.event is not None
        assert push.event.content == Other("bad_location")
        assert push.event.location_push == ""


def test_a_time_ahead_of_ours_is_not_believed() -> None:
    body = message("text", Content="x").replace(
        str(HEAD["CreateTime"]).encode(), str(int(NOW.timestamp()) + 50).encode()
    )
    push = parse(body, NOW)
    assert push.event is not None
    assert push.event.at == NOW


LEVELS = "".join(f'<!ENTITY l{n + 1} "{f"&l{n};" * 10}">' for n in range(9))
BOMB = f'<!DOCTYPE x [<!ENTITY l0 "lol">{LEVELS}]><xml><Content>&l9;</Content></xml>'


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"success",
        b'{"ToUserName": "x"}',
        b"<xml>",
        b"<xml></xml><xml></xml>",
        b"<xml><Content>&lol;</Content></xml>",
        b"<html></html>",
        BOMB.encode(),
        BOMB.replace("<!DOCTYPE", "<!doctype").encode(),
        ("<?xml version='1.0'?>\n" + BOMB).encode(),
        b'<?xml version="1.0"?><!DOCTYPE x SYSTEM "file:///etc/passwd"><xml>&x;</xml>',
        b'<!-- <xml> --><!DOCTYPE x [<!ENTITY a SYSTEM "http://127.0.0.1/">]><xml>&a;</xml>',
        b'<xml><!DOCTYPE x [<!ENTITY a "b">]><Content>&a;</Content></xml>',
        BOMB.encode("utf-16"),
        BOMB.encode("utf-7"),
        b"<xml><Content><![CDATA[open</Content></xml>",
        b"<xml>" + b"<a>" * 20000,
        b"<xml>" + b"x" * BODY_BYTES + b"</xml>",
    ],
)
def test_what_no_platform_sends_is_refused(body: bytes) -> None:
    with pytest.raises(ValueError, match=r"a push|codec"):
        read_xml(body)


@pytest.mark.parametrize(
    "changed",
    [
        {"FromUserName": ""},
        {"FromUserName": "a b"},
        {"FromUserName": "x" * 65},
        {"ToUserName": "]]>"},
        {"CreateTime": "soon"},
        {"CreateTime": "٣"},
        {"CreateTime": "-1"},
        {"MsgType": ""},
    ],
)
def test_a_push_names_both_sides_time_and_type(changed: dict[str, str]) -> None:
    fields = {**HEAD, "MsgType": "text", "Content": "x", "MsgId": BIG, **changed}
    with pytest.raises(ValueError, match="a push"):
        parse(xml(fields).encode(), NOW)


def test_an_endless_time_is_taken_for_now() -> None:
    fields = {**HEAD, "MsgType": "text", "Content": "x", "MsgId": BIG, "CreateTime": "9" * 20}
    assert parse(xml(fields).encode(), NOW).created == NOW


def test_a_typed_doctype_is_only_words() -> None:
    typed = '<!DOCTYPE x [<!ENTITY a "b">]> &a;'
    push = parse(message("text", Content=typed), NOW)
    assert push.event is not None
    assert push.event.content == Text(typed)


def test_a_deep_nest_is_read_without_falling_over() -> None:
    body = b"<xml>" + b"<a>" * 9000 + b"</a>" * 9000 + b"</xml>"
    assert len(read_xml(body)) == 2


def test_another_library_reads_the_same_in_a_thousand_messages() -> None:
    dice = random.Random(5)
    pieces = ("你好", "😀", "]]>", "<a>", "&", "x", "\n", "驿站", "𠮷", "[CDATA[")
    for _ in range(1000):
        words = "".join(dice.choices(pieces, k=dice.randrange(1, 30)))
        body = message("text", Content=words)
        push, theirs = parse(body, NOW), parse_message(body.decode())
        assert push.event is not None
        assert push.event.content == Text(words)
        # xmltodict joins CDATA sections and strips blanks at both ends
        assert (theirs.content or "").strip() == words.strip()
        assert str(theirs.id) == push.event.id.partition("-")[0]
        assert (theirs.source, theirs.target) == (push.openid, push.account)


def test_noise_is_refused_or_read_but_never_breaks() -> None:
    dice = random.Random(6)
    bodies = (
        message("text", Content="你好 ]]> 😀"),
        event("location_select", SendLocationInfo=PLACE),
    )
    read = 0
    for _ in range(3000):
        body = bytearray(dice.choice(bodies))
        for _ in range(dice.randrange(1, 6)):
            body[dice.randrange(len(body))] = dice.randrange(256)
        try:
            parse(bytes(body), NOW)
            read += 1
        except ValueError:
            pass
    assert 0 < read < 3000
