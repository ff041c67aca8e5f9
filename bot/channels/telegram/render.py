"""Renders an answer as calls of the Bot API: a pure function to plain JSON parameters.

Text is sent with entities instead of Markdown or HTML, so that nothing a courier or an operator
typed can be read as markup. https://core.telegram.org/bots/api#messageentity
"""

from collections.abc import Iterator
from dataclasses import replace
from itertools import chain

from bot.common.values import value
from bot.conversation.replies import (
    Answer,
    Article,
    Choices,
    Document,
    Json,
    Link,
    Message,
    Say,
    Venue,
    Words,
)

WEB = ("https://", "http://")
PLACEHOLDER = 64  # characters of input_field_placeholder
FILE = "sendDocument"
PHOTO = "sendPhoto"  # shown in the chat, while a file is to be opened


@value
class Call:
    """One method of the Bot API with its parameters; `upload` is the file that it sends."""

    method: str
    params: dict[str, Json]
    upload: Document | None = None


def render(answer: Answer, chat: int) -> list[Call]:
    """The calls that show an answer in a private chat, in order; an empty text makes none."""
    calls = (_call(message, chat) for message in answer.messages)
    return [call for call in calls if call is not None]


def variants(message: Message, chat: int) -> Iterator[Call]:
    """The call that shows a message, then plainer ones for when Telegram refuses the one before.

    Buttons stay buttons where they can, and end as numbered lines; an empty text makes no call.
    """
    for one in chain((message,), _plainer(message)):
        call = _call(one, chat)
        if call is not None:
            yield call
            if call.method == PHOTO:
                yield replace(call, method=FILE)


def _plainer(message: Message) -> Iterator[Words]:
    match message:
        case Words(paragraphs, choices, ask_location):
            if choices is not None or ask_location or any(say.links for say in paragraphs):
                yield _plain(message)
        case Venue(_, title, address, choices):
            words = Words((Say(f"{title}\n{address}"),), choices)
            yield words
            yield from _plainer(words)
        case Article(title, text, url):
            yield _plain(Words((Say(text, (Link(title, url),)),)))
        case Document(_, _, _, link):
            if link.url:
                yield _plain(Words((Say("", (link,)),)))


def _plain(words: Words) -> Words:
    """Text alone: link addresses are written out, and choices become lines to type."""
    paragraphs = tuple(
        Say("\n".join([say.text, *(f"{link.label} {link.url}" for link in say.links)]))
        for say in words.paragraphs
    )
    choices = words.choices
    return Words(paragraphs, replace(choices, numbered=True) if choices is not None else None)


def _call(message: Message, chat: int) -> Call | None:
    match message:
        case Words(paragraphs, choices, ask_location):
            text, entities = _text(paragraphs)
            if choices is not None and choices.numbered:
                text = "\n".join([text, *choices.lines()])
            if not text:
                return None
            params: dict[str, Json] = {
                "chat_id": chat,
                "text": text,
                "link_preview_options": {"is_disabled": True},
            }
            if entities:
                params["entities"] = entities
            if ask_location:
                params["reply_markup"] = _location_keyboard(ask_location)
            elif choices is not None and not choices.numbered:
                params["reply_markup"] = _keyboard(choices)
            return Call("sendMessage", params)
        case Venue(point, title, address, choices):
            params = {
                "chat_id": chat,
                "latitude": point.lat,
                "longitude": point.lon,
                "title": title,
                "address": address or title,  # neither may be empty
            }
            if choices is not None:
                params["reply_markup"] = _keyboard(choices)
            return Call("sendVenue", params)
        case Article(title, text, url):
            return _call(Words((Say(text, (Link(title, url),)),)), chat)
        case Document(_, media_type):
            method = PHOTO if media_type == "image/jpeg" else FILE
            return Call(method, {"chat_id": chat}, upload=message)


def _text(paragraphs: tuple[Say, ...]) -> tuple[str, list[Json]]:
    """Paragraphs with a blank line between, and where their links lie in UTF-16 units."""
    text = ""
    entities: list[Json] = []
    for say in paragraphs:
        words = say.text.strip()  # Telegram trims; offsets must count what is left
        if not words and not say.links:
            continue
        text += "\n\n" * bool(text) + words
        gap = "\n" if words else ""
        for link in say.links:
            label = link.label.strip()
            text += gap
            start, length = _units(text), _units(label)
            if link.url.startswith(WEB):  # Telegram refuses tel:, its app finds numbers itself
                entities.append(
                    {"type": "text_link", "offset": start, "length": length, "url": link.url}
                )
            text += label
            gap = "\u3000"  # one character, and wide enough to be told from a space in a label
    return text, entities


def _keyboard(choices: Choices) -> Json:
    rows: list[Json] = [
        [{"text": button.label, "callback_data": button.action} for button in row]
        for row in choices.rows
    ]
    return {"inline_keyboard": rows}


def _location_keyboard(label: str) -> Json:
    """The only kind of button that shares a location; it is hidden after use, but not removed."""
    return {
        "keyboard": [[{"text": label, "request_location": True}]],
        "resize_keyboard": True,
        "one_time_keyboard": True,
        "input_field_placeholder": label[:PLACEHOLDER],
    }


def _units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2
