"""What channels and the bank send: any input gives a value or the parser's own refusal, in time.

A few examples each in every run; `make security` sets HYPOTHESIS_PROFILE=long, which takes more
and new ones. The inputs are what a format allows, changed at random, since random bytes alone are
refused at the first one.
"""

import json
from datetime import UTC, datetime
from typing import Any, Final

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import ValidationError

from bot.api import schemas, signing
from bot.channels.telegram import parse as telegram
from bot.channels.web import frames
from bot.channels.wechat import parse as wechat
from bot.channels.wechat.crypto import CannotDecrypt, Cipher, sign
from bot.channels.wechat.envelope import Account, Forged, open_push
from bot.conversation.events import Event
from tests.support.fuzzing import LETTERS, TEXTS, changed, in_time

NOW: Final = datetime(2026, 11, 23, 2, tzinfo=UTC)
CIPHER: Final = Cipher("abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG", "wx0123456789abcdef")
ACCOUNT: Final = Account("aToken", (CIPHER,))

CHAT = {"id": 42, "type": "private", "first_name": "强"}
SENDER = {"id": 42, "is_bot": False, "first_name": "强", "language_code": "zh-hans"}
MESSAGE = {"message_id": 1, "date": 1795399200, "chat": CHAT, "from": SENDER}
UPDATES = (
    {"update_id": 1, "message": {**MESSAGE, "text": "/start poster-7"}},
    {"update_id": 2, "message": {**MESSAGE, "location": {"latitude": 40.8, "longitude": 111.7}}},
    {"update_id": 3, "message": {**MESSAGE, "venue": {"location": {"latitude": 1}}}},
    {"update_id": 4, "message": {**MESSAGE, "voice": {"file_id": "x", "duration": 1}}},
    {"update_id": 5, "callback_query": {"id": "9", "from": SENDER, "data": "a:1",
                                        "message": MESSAGE}},
    {"update_id": 6, "my_chat_member": {"chat": CHAT, "from": SENDER, "date": 1795399200,
                                        "new_chat_member": {"status": "kicked", "user": SENDER}}},
)  # fmt: skip


@given(st.one_of(*map(changed, UPDATES)))
def test_a_telegram_update(update: Any) -> None:
    for read in (telegram.chat_of, telegram.query_of):
        in_time(read, update)
    try:
        event = in_time(telegram.parse, update, NOW)
    except ValueError:
        return
    if isinstance(event, Event):
        assert event.at <= NOW
        repr(event).encode()  # nothing that no database or client could hold


FIELDS = ("ToUserName", "FromUserName", "CreateTime", "MsgType", "Content", "MsgId", "Event",
          "EventKey", "Location_X", "Location_Y", "Scale", "Label", "SendLocationInfo", "Encrypt",
          "Recognition", "Ticket", "xml")  # fmt: skip
VALUES = (
    st.sampled_from(["text", "event", "location", "voice", "image", "CLICK", "SCAN", "subscribe",
                     "location_select", "unsubscribe", "qrscene_7", "1795399200", "40.8", "gh_1"])
    | TEXTS
)  # fmt: skip


@st.composite
def pushes(draw: st.DrawFn) -> bytes:
    """A push as it may come, fields left out, nested, escaped and not."""
    fields = draw(
        st.lists(st.tuples(st.sampled_from(FIELDS), VALUES, st.integers(0, 3)), max_size=12)
    )
    if draw(st.booleans()):
        needed = {"ToUserName": "gh_1", "FromUserName": "oA1", "CreateTime": "1795399200",
                  "MsgType": "text", "MsgId": "77"}  # fmt: skip
        fields += [(name, value, 0) for name, value in needed.items()]
    body = ""
    for name, value, how in fields:
        wrapped = (f"<![CDATA[{value}]]>", value, f"<b>{value}</b>", f"&{value};")[how]
        body += f"<{name}>{wrapped}</{name}>"
    return f"<xml>{body}</xml>".encode("utf-8", "replace")


@given(pushes() | st.binary(max_size=200) | st.binary(max_size=60).map(lambda end: b"<xml>" + end))
@example(b"<xml>" + b"<a>" * 15_000)
@example(b"<xml>" + b"<a " + b'b="" ' * 13_000)
def test_a_push_of_wechat(body: bytes) -> None:
    try:
        push = in_time(wechat.parse, body, NOW)
    except ValueError:
        return
    assert isinstance(push, wechat.Push)
    assert push.created <= NOW
    repr(push).encode()


@given(st.text(LETTERS, max_size=80), pushes(), st.booleans(), st.integers(0, 400), TEXTS)
def test_an_envelope_of_wechat(
    encrypted: str, body: bytes, sealed: bool, cut: int, nonce: str
) -> None:
    """Whatever is forged is refused, whatever is signed and broken is a `ValueError`."""
    secret = CIPHER.encrypt(body) if sealed else encrypted
    altered = secret[:cut] + secret[cut + 1 :]
    query = {"encrypt_type": "aes", "timestamp": "1", "nonce": nonce}
    outer = f"<xml><Encrypt><![CDATA[{altered}]]></Encrypt></xml>".encode("utf-8", "replace")
    with pytest.raises((Forged, ValueError)):
        in_time(open_push, ACCOUNT, {**query, "msg_signature": sign("1", nonce, altered)}, outer)
    signed = {**query, "msg_signature": sign("aToken", "1", nonce, altered)}
    try:
        opened = in_time(open_push, ACCOUNT, signed, outer)
    except (Forged, ValueError):
        return
    assert sealed
    assert altered == secret
    assert opened == open_push(ACCOUNT, signed, outer)


@given(st.text(LETTERS, max_size=200))
def test_a_cipher_text(encrypted: str) -> None:
    with pytest.raises(CannotDecrypt):
        in_time(CIPHER.decrypt, encrypted)


UUID = "00000000-0000-4000-8000-000000000001"
FRAMES = (
    {"v": 1, "type": "hello", "visitor": "0" * 32, "language": "zh-CN"},
    {"v": 1, "type": "arrive", "id": UUID, "code": "poster-7"},
    {"v": 1, "type": "text", "id": UUID, "text": "热水"},
    {"v": 1, "type": "location", "id": UUID, "lat": 40.8, "lon": 111.7},
    {"v": 1, "type": "press", "id": UUID, "action": "station.card:17"},
    {"v": 1, "type": "got", "id": UUID},
)


@given(st.one_of(*map(changed, FRAMES)).map(json.dumps) | TEXTS)
@example("[" * 100_000)
@example('{"v":1,"type":"text","id":"' + UUID + '","text":"\\ud800"}')
@example('{"v":1e999}')
def test_a_frame_of_the_web_chat(raw: str) -> None:
    try:
        in_time(frames.parse, raw)
    except frames.BadFrame as refused:
        frames.render_error(refused.code, refused.to).encode()


BATCH = {
    "as_of": "2026-11-22T18:00:00+08:00",
    "items": [
        {"number": "NM20260001", "status": "审核中", "status_at": "2026-11-20T14:00:00+08:00",
         "name": "王小强", "phone": "13812345678", "id_last4": "123X", "seal_by": "2026-12-01",
         "allow_backwards": False}
    ],
}  # fmt: skip


@given(changed(BATCH).map(json.dumps) | st.binary(max_size=100))
@example("[" * 100_000)
def test_a_body_of_the_bank(body: str | bytes) -> None:
    """A refusal repeats nothing of the body."""
    said = ""
    try:
        in_time(schemas.Batch.model_validate_json, body)
    except ValidationError as refused:
        said = str(refused)
    assert "王小强" not in said
    assert "13812345678" not in said


@given(TEXTS, TEXTS, st.binary(max_size=60))
@example("٣" * 10, "a" * 64, b"")
@example("1795399200\n", "A" * 64, b"")
def test_headers_of_the_bank(timestamp: str, signature: str, body: bytes) -> None:
    assert in_time(signing.header_error, timestamp, signature, NOW) is not None
    if timestamp.isascii() and signature.isascii():
        assert not signing.is_signed(b"secret", timestamp, signature, body)
