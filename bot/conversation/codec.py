"""Answers and choices as JSON text, so that a redelivery repeats what was said, word for word."""

import base64
import json
from typing import Any, Final

import orjson

from bot.conversation.replies import (
    Answer,
    Article,
    Button,
    Choices,
    Document,
    Link,
    Message,
    Say,
    Venue,
    Words,
)
from bot.geo.point import Point

_JSON_ONLY: Final = orjson.OPT_PASSTHROUGH_DATACLASS | orjson.OPT_PASSTHROUGH_DATETIME
ERASED: Final = "erased"
"""The entry after the messages of an answer that is `erased`."""


def dump_answer(answer: Answer) -> str:
    """One line of JSON; `load_answer` gives back an equal value."""
    messages: list[dict[str, Any]] = [_message(one) for one in answer.messages]
    if answer.erased:
        messages.append({"is": ERASED})
    return dump_json(messages)


def load_answer(text: str) -> Answer:
    """The answer that `dump_answer` wrote. Raises `ValueError` or `KeyError` for other text."""
    entries = load_json(text)
    messages = tuple(_to_message(one) for one in entries if one["is"] != ERASED)
    return Answer(messages, erased=len(messages) < len(entries))


def dump_json(value: Any) -> str:
    """One line of JSON. Raises `TypeError` for what is no JSON."""
    try:
        return orjson.dumps(value, option=_JSON_ONLY).decode()
    except TypeError:  # half a surrogate pair, a number above 64 bits, or no JSON at all
        return json.dumps(value)


def load_json(text: str) -> Any:
    """What `dump_json` wrote. Raises `ValueError` for other text."""
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:  # what only `json` writes, and reads again
        return json.loads(text)


def dump_buttons(buttons: tuple[Button, ...]) -> list[list[Any]]:
    """`[label, action]` for each, in order; `[label, action, number]` where it has a number."""
    return [
        [button.label, button.action, *([] if button.number is None else [button.number])]
        for button in buttons
    ]


def load_buttons(stored: list[list[Any]]) -> tuple[Button, ...]:
    """The buttons that `dump_buttons` wrote."""
    return tuple(Button(*fields) for fields in stored)


def _message(message: Message) -> dict[str, Any]:
    match message:
        case Words(paragraphs, hung, ask):
            says = [
                [say.text, [[link.label, link.url] for link in say.links]] for say in paragraphs
            ]
            return {"is": "words", "says": says, "choices": _choices(hung), "ask": ask}
        case Venue(point, title, address, hung, mark, more):
            place = [point.lat, point.lon, title, address]
            pressed = dump_buttons((more,)) if more is not None else []
            drawn = {"mark": mark, "more": pressed}
            return {"is": "venue", "place": place, "choices": _choices(hung), **drawn}
        case Article(title, text, url):
            return {"is": "card", "card": [title, text, url]}
        case Document(name, media_type, content, link):
            data = base64.b64encode(content).decode()
            return {"is": "document", "file": [name, media_type, data, link.label, link.url]}


def _to_message(raw: dict[str, Any]) -> Message:
    match raw["is"]:
        case "words":
            says = tuple(
                Say(text, tuple(Link(label, url) for label, url in links))
                for text, links in raw["says"]
            )
            return Words(says, _to_choices(raw["choices"]), raw["ask"])
        case "venue":
            lat, lon, title, address = raw["place"]
            more = next(iter(load_buttons(raw.get("more", []))), None)  # older rows have none
            hung = _to_choices(raw["choices"])
            return Venue(Point(lat, lon), title, address, hung, raw.get("mark", ""), more)
        case "card":
            return Article(*raw["card"])
        case "document":
            name, media_type, data, label, url = raw["file"]
            return Document(name, media_type, base64.b64decode(data), Link(label, url))
        case other:
            raise ValueError(f"an answer has no message of kind {other!r}")


def _choices(choices: Choices | None) -> dict[str, Any] | None:
    if choices is None:
        return None
    rows = [dump_buttons(row) for row in choices.rows]
    return {"rows": rows, "numbered": choices.numbered, "first": choices.first}


def _to_choices(raw: dict[str, Any] | None) -> Choices | None:
    if raw is None:
        return None
    return Choices(tuple(load_buttons(row) for row in raw["rows"]), raw["numbered"], raw["first"])
