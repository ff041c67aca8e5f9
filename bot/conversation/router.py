"""Which handler answers: one function, read top to bottom."""

import unicodedata
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import field
from datetime import datetime, timedelta
from functools import lru_cache

from bot.common.values import value
from bot.conversation.context import Context, Handler
from bot.conversation.events import (
    ChatLeft,
    ChatOpened,
    Content,
    Location,
    Other,
    Press,
    Text,
    Voice,
)
from bot.conversation.replies import Button, Json, Part
from bot.intents.emergencies import Emergency, emergency

MEMORY = timedelta(days=1)
STEP_IN_PROGRESS = timedelta(minutes=30)
"""How long after a question a step counts as in progress when a notice is pushed."""
LONGEST_TEXT = 1000
EMERGENCY = "emergency"
"""The name of the route to the answer to an emergency."""
NARRATIVE = 40
"""Characters from which on the answer to a step that asks what happened is no call for help."""
DISTINCTIVE_LABEL = 6
"""Characters from which on a label names something of its own, such as a place or a course."""


@value
class Routes:
    """Who answers what. `words` maps a spoken word of any language to an action."""

    actions: Mapping[str, Handler]
    steps: Mapping[str, Handler]
    words: Mapping[str, str]
    location: Handler
    chat_opened: Handler
    chat_left: Handler
    voice: Handler
    other: Handler
    free_text: Handler
    too_long: Handler
    stale_button: Handler
    emergency: Handler
    resumes: Mapping[str, Handler] = field(default_factory=dict)
    """By the step of a form: what asks its question again."""
    narratives: frozenset[str] = frozenset()
    """Steps that ask what happened: a text of `NARRATIVE` characters there is an answer."""
    attend: "Attend" = field(default_factory=lambda: nobody)


@value
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


@value
class Route:
    """The handler found, with what it needs; `expired`: an awaited step was too old or is gone.

    `name` is that of the action or step, `EMERGENCY` for an emergency, and empty where the kind of
    message chose the handler.
    """

    handler: Handler
    data: Mapping[str, Json] = field(default_factory=dict)
    args: tuple[str, ...] = ()
    expired: bool = False
    name: str = ""


@value
class Attendance:
    """What a conversation with a person makes of a message: `parts` go before the bot's answer, or
    are all that is said where the bot is `silent`."""

    parts: tuple[Part, ...] = ()
    silent: bool = False


Attend = Callable[[Context, Route, Memory], Awaitable[Attendance]]
"""Called for couriers who have a conversation with a person open, before their message is answered.
"""


async def nobody(_context: Context, _route: Route, _memory: Memory) -> Attendance:
    """Where no conversation with a person can be opened."""
    return Attendance()


def find_route(content: Content, memory: Memory, routes: Routes, now: datetime) -> Route:
    """The first that matches: emergency, choice, button, word, awaited step, kind, free text.

    The handler of an emergency gets its kind and the awaited step as arguments.
    """
    fresh = _is_fresh(memory.at, now)
    data = memory.data if fresh else {}
    match content:
        case Press(action):
            return _press(action, routes, data)
        case Text(text) if (kind := _emergency(text, routes)) is not None and not (
            fresh and memory.step in routes.narratives and len(text) >= NARRATIVE
        ):
            step = memory.step if fresh and memory.step in routes.steps else ""
            return Route(routes.emergency, data, (kind, step or ""), name=EMERGENCY)
        case Text(text) if len(text) > LONGEST_TEXT:
            return Route(routes.too_long)
        case Text(text):
            word = comparable(text)
            if word.startswith("/") and word in routes.words:  # no label begins so
                return _press(routes.words[word], routes, data)
            if button := _chosen_button(word, memory, now):
                return _press(button.action, routes, data)
            if word in routes.words:
                return _press(routes.words[word], routes, data)
            if not memory.step:
                if fresh and (button := _button_with_words(word, memory.choices)):
                    return _press(button.action, routes, data)
                return Route(routes.free_text, data)
            if fresh and memory.step in routes.steps:
                return Route(routes.steps[memory.step], data, name=memory.step)
            return Route(routes.free_text, expired=True)
        case Location():
            return Route(routes.location, data)
        case ChatOpened():
            return Route(routes.chat_opened)
        case ChatLeft():
            return Route(routes.chat_left)
        case Voice():
            return Route(routes.voice)
        case Other():
            return Route(routes.other)


def _emergency(text: str, routes: Routes) -> Emergency | None:
    """The emergency that a text tells of; our own words, such as `/help`, are looked at once."""
    return _emergency_in_word(text) if text in routes.words else emergency(text)


@lru_cache(maxsize=1024)
def _emergency_in_word(word: str) -> Emergency | None:
    return emergency(word)


def comparable(text: str) -> str:
    """A text as words and labels are compared: NFKC, case folded, single blanks, no end marks.

    Unlike `bot.intents.normalise`, it cuts nothing and keeps emoji and all marks inside the text:
    it must leave no two labels of one list equal.
    """
    plain = unicodedata.normalize("NFKC", text).casefold()
    return " ".join(plain.split()).strip(" .。!！?？~,，、")


def spoken_words(words: Iterable[str]) -> list[str]:
    """The spoken words of one catalogue entry, `cancel, stop`, each ready for comparison."""
    return [word for entry in words for part in entry.split(",") if (word := comparable(part))]


def _chosen_button(word: str, memory: Memory, now: datetime) -> Button | None:
    """The choice that a number or a label means, be it of the last answer or of a later notice.

    The newer list goes first. Only while a step is in progress all numbers are that step's: it may
    be about to ask for one, and an answer to it must not accept a seat.
    """
    shown = memory.choices if _is_fresh(memory.at, now) else ()
    pushed = memory.pushed if _is_fresh(memory.pushed_at, now) else ()
    if _is_step_in_progress(memory):
        return _numbered(word, shown) or _named(word, shown) or _named(word, pushed)
    for choices in (pushed, shown):
        if button := _numbered(word, choices) or _named(word, choices):
            return button
    return None


def _is_step_in_progress(memory: Memory) -> bool:
    if not memory.step or memory.at is None or memory.pushed_at is None:
        return False
    return memory.pushed_at - memory.at <= STEP_IN_PROGRESS


def _is_fresh(at: datetime | None, now: datetime) -> bool:
    return at is not None and now - at <= MEMORY


def _numbered(word: str, choices: tuple[Button, ...]) -> Button | None:
    if not (word.isdecimal() and len(word) <= 2):
        return None
    numbered = ((button.number or place, button) for place, button in enumerate(choices, 1))
    return next((button for number, button in numbered if number == int(word)), None)


def _named(word: str, choices: tuple[Button, ...]) -> Button | None:
    return next((button for button in choices if comparable(button.label) == word), None)


def _button_with_words(word: str, choices: tuple[Button, ...]) -> Button | None:
    """The one choice whose label a few words were taken from."""
    if len(word) < 2:
        return None
    labels = ((comparable(button.label), button) for button in choices)
    found = [
        button for label, button in labels if len(label) >= DISTINCTIVE_LABEL and word in label
    ]
    return found[0] if len(found) == 1 else None


def _press(action: str, routes: Routes, data: Mapping[str, Json]) -> Route:
    name, *args = action.split(":")
    handler = routes.actions.get(name, routes.stale_button)
    return Route(handler, data, tuple(args), name=name)
