"""The protocol of the web chat: pure functions from and to JSON frames.

In, each a JSON object with `"v": 1`, and with no keys beside those named:

    {"type": "hello", "visitor": "<32 hex digits>", "language": "zh-CN"}     first, once
    {"type": "arrive", "id": "<uuid>", "code": ""}                           the chat was opened
    {"type": "text", "id": "<uuid>", "text": "…"}
    {"type": "location", "id": "<uuid>", "lat": 40.8, "lon": 111.7}          WGS-84
    {"type": "press", "id": "<uuid>", "action": "station.card:17"}
    {"type": "got", "id": "<uuid>"}                                          a notice was shown

Out: `ready` (`conversation`: what is stored of it, as in `Conversation`, where that is known);
`answer` (`to`: the id that it answers; `erased`: true, where all data of the visitor were deleted
and the page empties itself); `erased` (`conversation`: the page empties itself, and stays the same
visitor where it is `cleared`); `notice` (`id`: to be acknowledged by `got`);
`error` (`code`, one sentence in `says`, `to`, and `retry_after` in seconds where trying the same
frame again may help). The page makes the ids and repeats an unanswered message with the same one.
"""

import hashlib
from base64 import b64encode
from enum import StrEnum
from typing import Any, Final

import orjson

from bot.channels.protocol import Conversation
from bot.common.lazy_pattern import LazyPattern
from bot.common.values import value
from bot.conversation.events import ChatOpened, Content, Location, Other, Press, Text
from bot.conversation.replies import (
    ACTION_BYTES,
    Answer,
    Article,
    Button,
    Choices,
    Document,
    Message,
    Venue,
    Words,
)
from bot.geo.point import Point

VERSION: Final = 1


class ErrorCode(StrEnum):
    """Why a frame is not answered, for the page's script."""

    MALFORMED = "malformed"
    VERSION = "version"
    TYPE = "type"
    HELLO = "hello"
    TOO_FAST = "too_fast"
    UNAVAILABLE = "unavailable"


SENTENCES: Final[dict[ErrorCode, str]] = {
    ErrorCode.MALFORMED: "This message does not have the form that the protocol asks for.",
    ErrorCode.VERSION: "This page is older or newer than the service; please reload it.",
    ErrorCode.TYPE: "The service does not know this type of message.",
    ErrorCode.HELLO: "A connection begins with one hello and has no second one.",
    ErrorCode.TOO_FAST: "Too many messages at once; please wait a moment.",
    ErrorCode.UNAVAILABLE: "The service cannot take this message now; it may be sent again.",
}

_UUID = LazyPattern(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}")
_VISITOR = LazyPattern(r"[0-9a-f]{32}")
_LANGUAGE = LazyPattern(r"[A-Za-z0-9-]{2,35}")
_CODE = LazyPattern(r"[A-Za-z0-9_-]{0,64}")  # what Telegram's ?start= allows: one poster fits both
_ACTION = LazyPattern(rf"[\x20-\x7e]{{1,{ACTION_BYTES}}}")


class BadFrame(Exception):
    """A frame that breaks the protocol. `to` is its id, where it has a valid one."""

    def __init__(self, code: ErrorCode, to: str | None = None) -> None:
        super().__init__(SENTENCES[code])
        self.code = code
        self.to = to


@value
class Hello:
    """The visitor: a secret of that browser, and the language it prefers."""

    visitor: str
    language: str


@value
class MessageFrame:
    """A message of the courier, under an id made by the page."""

    id: str
    content: Content


@value
class Acknowledgement:
    """The page has shown the notice of this id."""

    id: str


Frame = Hello | MessageFrame | Acknowledgement


def address_of(visitor: str) -> str:
    """The address of a visitor: a digest, so that neither database nor log holds the secret."""
    return hashlib.sha256(f"yizhan web visitor {visitor}".encode()).hexdigest()[:32]


def parse(raw: str) -> Frame:
    """The frame in a text message. Raises `BadFrame` for anything but exactly the forms above.

    Coordinates outside of their range are an event nonetheless (`bad_location`), so that the
    courier is answered.
    """
    try:
        frame = orjson.loads(raw)
    except ValueError as error:  # includes lone surrogates, NaN and too deep nesting
        raise BadFrame(ErrorCode.MALFORMED) from error
    if not isinstance(frame, dict):
        raise BadFrame(ErrorCode.MALFORMED)
    to = frame.get("id")
    to = to if _is(_UUID, to) else None
    if frame.get("v") != VERSION or isinstance(frame["v"], bool):
        raise BadFrame(ErrorCode.VERSION, to)
    kind = frame.get("type")
    fields = {key: value for key, value in frame.items() if key not in {"v", "type", "id"}}
    if kind == "hello":
        return _hello(frame, fields)
    if not isinstance(kind, str) or kind not in {"arrive", "text", "location", "press", "got"}:
        raise BadFrame(ErrorCode.TYPE, to)
    if to is None:
        raise BadFrame(ErrorCode.MALFORMED)
    if kind == "got":
        if fields:
            raise BadFrame(ErrorCode.MALFORMED, to)
        return Acknowledgement(to)
    return MessageFrame(to, _content(kind, fields, to))


def _hello(frame: dict[str, Any], fields: dict[str, Any]) -> Hello:
    match fields:
        case {"visitor": visitor, "language": language} if len(fields) == 2 and "id" not in frame:
            if _is(_VISITOR, visitor) and _is(_LANGUAGE, language):
                return Hello(visitor, language)
    raise BadFrame(ErrorCode.MALFORMED)


def _content(kind: str, fields: dict[str, Any], to: str) -> Content:
    match kind, fields:
        case "arrive", {"code": code, **rest} if not rest and _is(_CODE, code):
            return ChatOpened(code)
        case "text", {"text": str(text), **rest} if not rest:
            return Text(text)
        case "press", {"action": action, **rest} if not rest and _is(_ACTION, action):
            return Press(action)
        case "location", {"lat": lat, "lon": lon, **rest} if not rest:
            if type(lat) in {int, float} and type(lon) in {int, float}:
                try:
                    return Location(Point(float(lat), float(lon)))
                except (ValueError, OverflowError):
                    return Other("bad_location")
    raise BadFrame(ErrorCode.MALFORMED, to)


def _is(pattern: LazyPattern, value: object) -> bool:
    return isinstance(value, str) and pattern.fullmatch(value) is not None


def render_ready(conversation: Conversation | None) -> str:
    """The hello was accepted: messages may follow. A page that shows answers compares."""
    frame = {"type": "ready"}
    if conversation is not None:
        frame["conversation"] = conversation.value
    return _dump(frame)


def render_erased(conversation: Conversation) -> str:
    """What the page shows was deleted, and not at its own request."""
    return _dump({"type": "erased", "conversation": conversation.value})


def render_answer(answer: Answer, to: str) -> str:
    """The answer to the page's message `to`."""
    frame: dict[str, Any] = {"type": "answer", "to": to, "messages": _messages(answer)}
    if answer.erased:
        frame["erased"] = True
    return _dump(frame)


def render_notice(answer: Answer, notice: str) -> str:
    """A notice, which the page acknowledges by its id `notice`."""
    return _dump({"type": "notice", "id": notice, "messages": _messages(answer)})


def rendered_texts(answer: Answer) -> list[str]:
    """The words of each message as the page shows them, without links and choices."""
    return [
        "\n\n".join(str(one["text"]) for one in message.get("paragraphs", ()))
        for message in _messages(answer)
    ]


def render_error(code: ErrorCode, to: str | None = None, retry_after: float | None = None) -> str:
    """An error; `retry_after` in seconds only where the same frame may succeed later."""
    frame: dict[str, Any] = {"type": "error", "code": code, "says": SENTENCES[code], "to": to}
    if retry_after is not None:
        frame["retry_after"] = retry_after
    return _dump(frame)


def _messages(answer: Answer) -> list[dict[str, Any]]:
    return [_message(message) for message in answer.messages]


def _message(message: Message) -> dict[str, Any]:
    match message:
        case Words(paragraphs, choices, ask_location):
            return {
                "kind": "words",
                "paragraphs": [
                    {"text": say.text, "links": [_link(link.label, link.url) for link in say.links]}
                    for say in paragraphs
                ],
                "choices": _choices(choices),
                "ask_location": ask_location,
            }
        case Venue(point, title, address, choices, mark, more):
            return {
                "kind": "venue",
                "lat": point.lat,
                "lon": point.lon,
                "title": title,
                "address": address,
                "mark": mark,
                "more": _button(more) if more is not None else None,
                "choices": _choices(choices),
            }
        case Document(name, media_type, content, link):
            return {
                "kind": "document",
                "name": name,
                "media_type": media_type,
                "data": b64encode(content).decode(),
                "link": _link(link.label, link.url),
            }
        case Article(title, text, url):
            return {
                "kind": "words",
                "paragraphs": [{"text": text, "links": [_link(title, url)]}],
                "choices": None,
                "ask_location": "",
            }


def _link(label: str, url: str) -> dict[str, str]:
    return {"label": label, "url": url}


def _button(button: Button) -> dict[str, Any]:
    return {"label": button.label, "action": button.action}


def _choices(choices: Choices | None) -> dict[str, Any] | None:
    if choices is None:
        return None
    rows = [
        [_button(one) | {"number": number} for number, one in row]
        for row in choices.numbered_rows()
    ]
    return {"rows": rows, "numbered": choices.numbered}


def _dump(frame: dict[str, Any]) -> str:
    return orjson.dumps({"v": VERSION, **frame}).decode()
