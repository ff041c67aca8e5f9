"""Checks recorded calls against aiogram's model of the Bot API, written by other people than ours.

The models miss unknown fields, misspelt markups, lengths and ranges: those are checked here.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from aiogram import methods
from aiogram.types import BufferedInputFile, InlineKeyboardMarkup, ReplyKeyboardMarkup
from pydantic import BaseModel

from tests.support.fakes.telegram_calls import Recorded, Upload

MARKUPS: dict[str, type[BaseModel]] = {
    "inline_keyboard": InlineKeyboardMarkup,
    "keyboard": ReplyKeyboardMarkup,
}
LENGTHS = {"text": 4096, "caption": 1024, "description": 512, "short_description": 120}


def check_calls(calls: Iterable[Recorded]) -> int:
    """How many calls were found right. Raises `AssertionError` or pydantic's `ValidationError`."""
    checked = list(calls)
    for call in checked:
        check_call(call.method, call.params)
    return len(checked)


def check_call(method: str, params: dict[str, Any]) -> None:
    """Raises `AssertionError` or pydantic's `ValidationError` for what Telegram does not know."""
    model = getattr(methods, method[0].upper() + method[1:], None)
    assert model is not None, f"the Bot API has no method {method}"
    given: dict[str, Any] = {
        name: BufferedInputFile(value.content, value.name) if isinstance(value, Upload) else value
        for name, value in params.items()
    }
    parsed = model.model_validate(given)
    for part in _walk(parsed):
        assert not part.model_extra, f"{method}: {type(part).__name__} has no {part.model_extra}"
    markup = given.get("reply_markup")
    if markup is not None:
        kinds = [kind for key, kind in MARKUPS.items() if key in markup]
        assert len(kinds) == 1, f"{method}: unknown markup {sorted(markup)}"
        assert isinstance(getattr(parsed, "reply_markup", None), kinds[0])
        _check_markup(method, markup)
    for name, longest in LENGTHS.items():
        if name in given:
            assert 1 <= len(given[name].strip()) <= longest, f"{method}: length of {name}"
    if "latitude" in given:
        assert -90 <= given["latitude"] <= 90, f"{method}: latitude"
        assert -180 <= given["longitude"] <= 180, f"{method}: longitude"
    _check_entities(method, given)


def _check_markup(method: str, markup: dict[str, Any]) -> None:
    rows = markup.get("inline_keyboard") or markup.get("keyboard")
    assert rows, f"{method}: a keyboard without rows"
    assert all(1 <= len(row) <= 8 for row in rows), f"{method}: a row has 1 to 8 buttons"
    for button in (button for row in rows for button in row):
        assert button["text"].strip(), f"{method}: a button without a label"
        if "inline_keyboard" in markup:
            size = len(button["callback_data"].encode())
            assert 1 <= size <= 64, f"{method}: callback_data has {size} bytes"
    assert len(markup.get("input_field_placeholder", "x")) in range(1, 65)


def _check_entities(method: str, given: dict[str, Any]) -> None:
    units = given.get("text", "").encode("utf-16-le")
    for entity in given.get("entities", []):
        start, length = entity["offset"], entity["length"]
        assert 0 <= start < start + length <= len(units) // 2, f"{method}: entity outside the text"
        units[2 * start : 2 * (start + length)].decode("utf-16-le")  # cuts no character in two
        assert entity["url"].startswith(("https://", "http://")), f"{method}: entity's address"


def _walk(value: object) -> Iterator[BaseModel]:
    match value:
        case BaseModel():
            yield value
            for name in type(value).model_fields:
                yield from _walk(getattr(value, name))
        case list() | tuple():
            for one in value:
                yield from _walk(one)
        case _:
            return
