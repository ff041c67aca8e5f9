"""What one subject of the bot contributes; `join` makes one whole of all subjects.

`bot.app.features` joins them: the router gets `actions`, `steps` and `words`, free text is answered
from `code_patterns`, `references`, `intent_handlers` and `intent_buttons`, and the delivery worker
renders with `renderers`.
"""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import field
from itertools import chain
from typing import TypeVar

from bot.common.i18n import Translator
from bot.common.lazy_pattern import LazyPattern
from bot.common.values import value
from bot.conversation.context import Context, Handler
from bot.conversation.notifications import Renderer
from bot.conversation.replies import Button, Reply
from bot.intents import Intent

K = TypeVar("K")
T = TypeVar("T")
Offer = Callable[[Translator], Button]
Reference = Callable[[Context], Awaitable[Reply | None]]


@value
class Feature:
    """What stations, cards, trainings … each register. A subject gives only what it has.

    Names are unique over all subjects. An action or step is ASCII with the subject in front
    (`training.register`); stored buttons and notices refer to it, so it is never renamed.
    """

    actions: Mapping[str, Handler] = field(default_factory=dict)
    """By the action of a button: what pressing it does; what follows its colon is in `args`."""
    steps: Mapping[str, Handler] = field(default_factory=dict)
    """By the step name of a `Then`: who answers the next message of that conversation."""
    resumes: Mapping[str, Handler] = field(default_factory=dict)
    """By the step of a form: what asks its question again, from the data that the step kept. A
    question in its midst is answered and then this follows; 继续 takes it up within a day."""
    words: Callable[[Translator], Iterable[tuple[str, str]]] = lambda _t: ()
    """For a language: comma-separated whole messages (`cancel, stop`) and the action they mean."""
    intent_handlers: Mapping[Intent, Handler] = field(default_factory=dict)
    """Who answers a free text that surely means it."""
    intent_buttons: Mapping[Intent, Offer] = field(default_factory=dict)
    """The button shown when a free text only may mean it."""
    renderers: Mapping[str, Renderer] = field(default_factory=dict)
    """By the kind of a notice: what turns its row in the outbox into a reply."""
    repeats: frozenset[str] = frozenset()
    """Kinds of notices that are sent again when it is unknown whether they arrived."""
    code_patterns: Mapping[LazyPattern, Handler] = field(default_factory=dict)
    """Patterns of whole messages that are plainly a code (of a team, a certificate); the groups
    become `args`."""
    arrivals: Mapping[str, Handler] = field(default_factory=dict)
    """By the word before the hyphen in a deep link's code; what follows it is in `args`."""
    references: tuple[Reference, ...] = ()
    """Asked before a free text is classified, whether it points at what was shown last (第二家);
    None: it does not."""
    menu: tuple[Offer, ...] = ()
    """Buttons of the main menu."""
    help_menu: tuple[Offer, ...] = ()
    """Buttons of the help, besides those of the main menu."""
    narratives: frozenset[str] = frozenset()
    """Steps that ask what happened: a long text there is an answer and no call for help."""


def join(features: Iterable[Feature]) -> Feature:
    """All features as one. Raises `ValueError` where two register the same name."""
    parts = tuple(features)
    return Feature(
        actions=_merged(one.actions for one in parts),
        steps=_merged(one.steps for one in parts),
        resumes=_merged(one.resumes for one in parts),
        words=lambda t: chain.from_iterable(one.words(t) for one in parts),
        intent_handlers=_merged(one.intent_handlers for one in parts),
        intent_buttons=_merged(one.intent_buttons for one in parts),
        renderers=_merged(one.renderers for one in parts),
        repeats=frozenset[str]().union(*(one.repeats for one in parts)),
        code_patterns=_merged(one.code_patterns for one in parts),
        arrivals=_merged(one.arrivals for one in parts),
        references=tuple(chain.from_iterable(one.references for one in parts)),
        menu=tuple(chain.from_iterable(one.menu for one in parts)),
        help_menu=tuple(chain.from_iterable(one.help_menu for one in parts)),
        narratives=frozenset[str]().union(*(one.narratives for one in parts)),
    )


def _merged(maps: Iterable[Mapping[K, T]]) -> dict[K, T]:
    merged: dict[K, T] = {}
    for one in maps:
        if twice := merged.keys() & one.keys():
            raise ValueError(f"registered twice: {sorted(map(str, twice))}")
        merged |= one
    return merged
