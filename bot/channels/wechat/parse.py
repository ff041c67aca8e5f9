"""One push as an `Event`: pure functions from bytes.

https://developers.weixin.qq.com/doc/service/guide/product/message/Receiving_standard_messages.html
"""

import hashlib
import re
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from xml.etree import ElementTree as ET

from bot.channels.wechat.abilities import NAME
from bot.common.push_quota import Grant
from bot.common.values import value
from bot.conversation.events import (
    NOT_PRINTABLE,
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
from bot.conversation.replies import ACTION_BYTES
from bot.geo.datum import Datum, received

BODY_BYTES = 64 << 10
# A DOCTYPE may stand before the root element only: what begins with the root has none, and with
# no DOCTYPE there are no entities to expand or to fetch.
BEGINNING = re.compile(r"\ufeff?\s*(?:<\?xml[^<>]*\?>\s*)?<xml>")
WHO = re.compile(r"[A-Za-z0-9_@.-]{1,64}")
CODE = re.compile(r"[A-Za-z0-9_-]{1,64}")
ACTION = re.compile(r"[a-z][a-z_.]*(?::[A-Za-z0-9_.-]+)*")
DIGITS = re.compile(r"\d{1,20}", re.ASCII)
SCENE = "qrscene_"
NOT_SUPPORTED = "【收到不支持的消息类型，暂无法显示】"  # what stands for a type that has no push
CDATA_OR_REFERENCE = re.compile(r"<!\[CDATA\[.*?\]\]>|&#(?:x([0-9A-Fa-f]+)|(\d+));", re.DOTALL)
IDENTITY = (
    "FromUserName",
    "CreateTime",
    "MsgType",
    "Event",
    "EventKey",
    "Content",
    "SendLocationInfo/Location_X",
    "SendLocationInfo/Location_Y",
)
KINDS = {"image": "image", "video": "file", "shortvideo": "file", "link": "file", "file": "file"}


@value
class Push:
    """The contents of one push. `event` None: there is nothing to answer.

    `account` is the id of our account, the sender of the reply. An event's `location_push` is
    `location` or `location_select`: the menu sends a location by both at once, in any order.
    """

    openid: str
    account: str
    created: datetime
    event: Event | None


def read_xml(body: bytes) -> Mapping[str, str]:
    """The fields of a flat `<xml>`, those of a nested element as `Outer/Inner`.

    Couriers paste what XML does not allow, and WeChat sends it on: control characters, and bytes
    that are no UTF-8. They are dropped. Raises `ValueError` for more than 64 KiB, and any XML that
    begins otherwise.
    """
    if len(body) > BODY_BYTES:
        raise ValueError("a push is at most 64 KiB")
    text = NOT_PRINTABLE.sub("", body.decode("utf-8", "ignore"))
    if "&#" in text:
        text = CDATA_OR_REFERENCE.sub(_allowed, text)
    begins = BEGINNING.match(text)
    if begins is None:
        raise ValueError("a push begins with <xml>")
    try:
        root = ET.fromstring("<xml>" + text[begins.end() :])  # noqa: S314 - no DOCTYPE, see above
    except ET.ParseError:
        raise ValueError("a push is well-formed XML") from None
    fields: dict[str, str] = {}
    for child in root:
        fields.setdefault(child.tag, child.text or "")
        for inner in child:
            fields.setdefault(f"{child.tag}/{inner.tag}", inner.text or "")
    return fields


def _allowed(match: re.Match[str]) -> str:
    """A CDATA section or character reference as it is, "" for one that XML does not allow."""
    hexadecimal, decimal = match.groups()
    if hexadecimal is None and decimal is None:
        return match[0]
    digits = (hexadecimal or decimal).lstrip("0") or "0"
    code = int(digits, 16 if hexadecimal else 10) if len(digits) <= 7 else sys.maxunicode + 1
    is_allowed = code <= sys.maxunicode and not NOT_PRINTABLE.match(chr(code))
    return match[0] if is_allowed else ""


def parse(message: bytes, now: datetime) -> Push:
    """The push. Raises `ValueError` for what no platform sends."""
    fields = read_xml(message)
    openid, account = fields.get("FromUserName", ""), fields.get("ToUserName", "")
    stamp = fields.get("CreateTime", "")
    if not (WHO.fullmatch(openid) and WHO.fullmatch(account) and DIGITS.fullmatch(stamp)):
        raise ValueError("a push names both sides and its time")
    created = _time(int(stamp), now)
    kind = fields.get("MsgType", "")
    if kind == "event":
        content, grant = _event(fields)
    else:
        content, grant = _message(kind, fields)
    if content is None:
        return Push(openid, account, created, None)
    location_push = ""
    if isinstance(content, Location):  # an unreadable half must not stand for the other one
        location_push = "location" if kind == "location" else "location_select"
    event = Event(
        _id(fields),
        Address(NAME, openid),
        min(created, now),
        content,
        grant=grant,
        location_push=location_push,
    )
    return Push(openid, account, created, event)


def _message(kind: str, fields: Mapping[str, str]) -> tuple[Content | None, Grant | None]:
    match kind:
        case "text":
            return _text(fields)
        case "voice":
            return Voice(), Grant.MESSAGES
        case "location":
            return _place(fields, ""), Grant.MESSAGES
        case "":
            raise ValueError("a push has a type")
        case _:  # a type that is newer than this program too
            return Other(KINDS.get(kind, "file")), Grant.MESSAGES


def _text(fields: Mapping[str, str]) -> tuple[Content, Grant]:
    """Typed words, or a tapped line: that carries its action, where the account may have ids."""
    words, tapped = fields.get("Content", ""), fields.get("bizmsgmenuid", "")
    if tapped:
        is_ours = len(tapped) <= ACTION_BYTES and ACTION.fullmatch(tapped)
        return Press(tapped) if is_ours else Text(words), Grant.CLICKS
    if words == NOT_SUPPORTED:
        return Other("file"), Grant.MESSAGES
    return Text(words), Grant.MESSAGES


def _event(fields: Mapping[str, str]) -> tuple[Content | None, Grant | None]:
    key = fields.get("EventKey", "")
    match fields.get("Event", "").lower():
        case "subscribe":
            return ChatOpened(_code(key.removeprefix(SCENE))), Grant.CLICKS
        case "scan":
            return ChatOpened(_code(key)), Grant.CLICKS
        case "unsubscribe":
            return ChatLeft(erase=True), None
        case "click":
            is_action = len(key) <= ACTION_BYTES and ACTION.fullmatch(key)
            return Press(key) if is_action else Text(key), Grant.CLICKS
        case "location_select":
            return _place(fields, "SendLocationInfo/"), None
        case _:  # VIEW; LOCATION, sent without a tap; delivery results of our messages; newer ones
            return None, None


def _place(fields: Mapping[str, str], outer: str) -> Content:
    """X is the latitude. GCJ-02 inside of China, as all that Tencent's map gives."""
    try:
        lat, lon = (float(fields[f"{outer}Location_{axis}"]) for axis in "XY")
        return Location(received(lat, lon, Datum.GCJ02))
    except (KeyError, ValueError):
        return Other("bad_location")


def _id(fields: Mapping[str, str]) -> str:
    """MsgId and sender, equal in every repetition; events have no MsgId and are told apart by all
    they have.

    WeChat has given the same MsgId to messages of two couriers who wrote at once. Two events within
    one second differ in `Event` and `EventKey`. The digest keeps the openid out of logs, and
    differs with each message, so that logs do not show who wrote twice.
    """
    number = fields.get("MsgId", "")
    if DIGITS.fullmatch(number):
        sender = hashlib.sha256(f"{fields['FromUserName']}\n{number}".encode())
        return f"{number}-{sender.hexdigest()[:20]}"
    identity = "\n".join(fields.get(name, "") for name in IDENTITY)
    return "e" + hashlib.sha256(identity.encode()).hexdigest()[:40]


def _code(scene: str) -> str:
    return scene if CODE.fullmatch(scene) else ""


def _time(stamp: int, now: datetime) -> datetime:
    try:
        return datetime.fromtimestamp(stamp, UTC)
    except (ValueError, OverflowError, OSError):
        return now
