"""Which handler answers: one function, read top to bottom."""

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.conversation.context import Handler
from bot.conversation.events import Arrival, Content, Departure, Location, Other, Press, Text, Voice
from bot.conversation.replies import Button, Json

MEMORY = timedelta(days=1)
MIDST = timedelta(minutes=30)
"""How long after an answer that waits for words a push finds the courier still at it."""
LONGEST_TEXT = 1000
TELLING = 6  # letters of a label that names something of its own, such as a place or a course


@dataclass(frozen=True, slots=True)
class Routes:
    """Who answers what. `words` maps a spoken word of any language to an action."""

    actions: Mapping[str, Handler]
    steps: Mapping[str, Handler]
    words: Mapping[str, str]
    location: Handler
    arrival: Handler
    departure: Handler
    voice: Handler
    other: Handler
    free_text: Handler
    too_long: Handler
    stale_button: Handler
    resumes: Mapping[str, Handler] = field(default_factory=dict)
    """By the step of a form: what asks its question again."""


@dataclass(frozen=True, slots=True)
class Memory:
    """What the chat waits for: the choices last shown, and the step that takes the next words.

    `pushed`: the choices of the newest notice that was sent there after that.
    """

    choices: tuple[Button, ...] = ()
    step: str | None = None
    data: Mapping[str, Json] = field(default_factory=dict)
    at: datetime | None = None
    pushed: tuple[Button, ...] = ()
    pushed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Route:
    """The handler found, with what it needs; `expired`: a pending step was too old or is gone.

    `name` is that of the action or step, empty where the kind of message chose the handler.
    """

    handler: Handler
    data: Mapping[str, Json] = field(default_factory=dict)
    args: tuple[str, ...] = ()
    expired: bool = False
    name: str = ""


def find_route(content: Content, memory: Memory, routes: Routes, now: datetime) -> Route:
    """The first that matches: choice, button, global word, pending step, kind, free text."""
    fresh = _is_fresh(memory.at, now)
    data = memory.data if fresh else {}
    match content:
        case Press(action):
            return _press(action, routes, data)
        case Text(text) if len(text) > LONGEST_TEXT:
            return Route(routes.too_long)
        case Text(text):
            word = normalise(text)
            if button := _meant(word, memory, now):
                return _press(button.action, routes, data)
            if word in routes.words:
                return _press(routes.words[word], routes, data)
            if not memory.step:
                if fresh and (button := _hinted(word, memory.choices)):
                    return _press(button.action, routes, data)
                return Route(routes.free_text, data)
            if fresh and memory.step in routes.steps:
                return Route(routes.steps[memory.step], data, name=memory.step)
            return Route(routes.free_text, expired=True)
        case Location():
            return Route(routes.location, data)
        case Arrival():
            return Route(routes.arrival)
        case Departure():
            return Route(routes.departure)
        case Voice():
            return Route(routes.voice)
        case Other():
            return Route(routes.other)


def normalise(text: str) -> str:
    """Compatible forms joined, case folded, outer blanks and end marks gone: for comparison."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    return " ".join(plain.split()).strip(" .。!！?？~,，、")


def listen(words: Iterable[str]) -> list[str]:
    """The spoken words of one catalogue entry, `cancel, stop`, each ready for comparison."""
    return [word for entry in words for part in entry.split(",") if (word := normalise(part))]


def _meant(word: str, memory: Memory, now: datetime) -> Button | None:
    """The choice that a number or a label means, be it of the last answer or of a later notice.

    The newer list goes first. Only in the midst of a flow all numbers are the flow's: it may be
    about to ask for one, and an answer to it must not accept a seat.
    """
    shown = memory.choices if _is_fresh(memory.at, now) else ()
    pushed = memory.pushed if _is_fresh(memory.pushed_at, now) else ()
    if _is_midst(memory):
        return _numbered(word, shown) or _named(word, shown) or _named(word, pushed)
    for choices in (pushed, shown):
        if button := _numbered(word, choices) or _named(word, choices):
            return button
    return None


def _is_midst(memory: Memory) -> bool:
    if not memory.step or memory.at is None or memory.pushed_at is None:
        return False
    return memory.pushed_at - memory.at <= MIDST


def _is_fresh(at: datetime | None, now: datetime) -> bool:
    return at is not None and now - at <= MEMORY


def _numbered(word: str, choices: tuple[Button, ...]) -> Button | None:
    if word.isdecimal() and len(word) <= 2 and 1 <= int(word) <= len(choices):
        return choices[int(word) - 1]
    return None


def _named(word: str, choices: tuple[Button, ...]) -> Button | None:
    return next((button for button in choices if normalise(button.label) == word), None)


def _hinted(word: str, choices: tuple[Button, ...]) -> Button | None:
    """The one choice whose label a few words were taken from."""
    if len(word) < 2:
        return None
    labels = ((normalise(button.label), button) for button in choices)
    found = [button for label, button in labels if len(label) >= TELLING and word in label]
    return found[0] if len(found) == 1 else None


def _press(action: str, routes: Routes, data: Mapping[str, Json]) -> Route:
    name, *args = action.split(":")
    handler = routes.actions.get(name, routes.stale_button)
    return Route(handler, data, tuple(args), name=name)
