"""Answers as a courier sees them, from recorded Bot API calls or from the web chat's frames."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.support.fakes.telegram_calls import Recorded


@dataclass(slots=True)
class Screen:
    """One answer: its text, the labels of its choices, places, links and names of files."""

    text: str = ""
    labels: list[str] = field(default_factory=list)
    venues: list[tuple[str, float, float]] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    documents: list[str] = field(default_factory=list)
    asks_location: bool = False

    def __contains__(self, words: str) -> bool:
        return words in self.text


def screen_of_calls(calls: Sequence[Recorded]) -> Screen:
    """What calls of the Bot API show."""
    screen = Screen()
    texts: list[str] = []
    for call in calls:
        params = call.params
        if call.method == "sendMessage":
            texts.append(params["text"])
            screen.links += [one["url"] for one in params.get("entities", []) if "url" in one]
        elif call.method == "sendVenue":
            screen.venues.append((params["title"], params["latitude"], params["longitude"]))
        elif call.method == "sendDocument":
            screen.documents.append(str(params["document"]))
        elif call.method == "sendPhoto":
            screen.documents.append(str(params["photo"]))
        markup = params.get("reply_markup") or {}
        for row in markup.get("inline_keyboard", []):
            screen.labels += [button["text"] for button in row]
        for row in markup.get("keyboard", []):
            screen.asks_location |= any(button.get("request_location") for button in row)
    assert not any(text.startswith("…") for text in texts), "buttons without a question"
    screen.text = "\n".join(texts)
    return screen


def screen_of_page(messages: Sequence[dict[str, Any]]) -> Screen:
    """What the messages of an answer show on the chat page."""
    screen = Screen()
    texts: list[str] = []
    for message in messages:
        if message["kind"] == "words":
            texts += [say["text"] for say in message["paragraphs"]]
            screen.links += [one["url"] for say in message["paragraphs"] for one in say["links"]]
            screen.asks_location |= bool(message["ask_location"])
        elif message["kind"] == "venue":
            screen.venues.append((message["title"], message["lat"], message["lon"]))
        else:
            screen.documents.append(message["name"])
        for row in (message.get("choices") or {}).get("rows", []):
            screen.labels += [button["label"] for button in row]
    assert not any(text.startswith("…") for text in texts), "buttons without a question"
    screen.text = "\n".join(texts)
    return screen
