"""Answers and choices as JSON text, so that a redelivery repeats what was said, word for word."""

import base64
import json
from typing import Any

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


def dump_answer(answer: Answer) -> str:
    """One line of JSON; `load_answer` gives back an equal value."""
    messages = [_message(one) for one in answer.messages]
    raw = {"messages": messages, "forgotten": True} if answer.forgotten else messages
    return json.dumps(raw, ensure_ascii=False)


def load_answer(text: str) -> Answer:
    """The answer that `dump_answer` wrote. Raises `ValueError` or `KeyError` for other text."""
    raw = json.loads(text)
    forgotten = isinstance(raw, dict)
    messages = raw["messages"] if forgotten else raw
    return Answer(tuple(_to_message(one) for one in messages), forgotten)


def dump_buttons(buttons: tuple[Button, ...]) -> list[list[str]]:
    """`[label, action]` pairs in order."""
    return [[button.label, button.action] for button in buttons]


def load_buttons(pairs: list[list[str]]) -> tuple[Button, ...]:
    """The buttons that `dump_buttons` wrote."""
    return tuple(Button(label, action) for label, action in pairs)


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
