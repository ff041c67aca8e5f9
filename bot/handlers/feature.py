"""What a part of the conversation brings along, so that the composition root can join the parts."""

import re
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from itertools import chain
from typing import TypeVar

from bot.common.i18n import Translator
from bot.conversation.context import Context, Handler
from bot.conversation.notifications import Renderer
from bot.conversation.replies import Button, Reply

K = TypeVar("K")
T = TypeVar("T")
Offer = Callable[[Translator], Button]
Pick = Callable[[Context], Awaitable[Reply | None]]


@dataclass(frozen=True, slots=True)
class Feature:
    """One subject of the bot: stations, cards, trainings …

    `actions`: what its buttons do. `steps`: who takes the words that a `then` awaits. `words`: for
    each language, spoken words (`cancel, stop`) and the action they stand for. `meanings`: who
    answers a free text that surely means that intent. `offers`: the button shown for an intent
    that is only likely. `renderers`: its notices. `repeats`: the kinds of them that are sent again
    when nobody knows whether they arrived. `signs`: whole texts that are plainly a code of its own;
    the groups become the handler's `args`. `arrivals`: the word before the hyphen in a link's code;
    what follows becomes `args`. `picks`: asked before any free text is read, whether it points at
    what was shown last (第二家); None: it does not. `menu`: its places in the main menu.
    """

    actions: Mapping[str, Handler] = field(default_factory=dict)
    steps: Mapping[str, Handler] = field(default_factory=dict)
    words: Callable[[Translator], Iterable[tuple[str, str]]] = lambda _t: ()
    meanings: Mapping[str, Handler] = field(default_factory=dict)
    offers: Mapping[str, Offer] = field(default_factory=dict)
    renderers: Mapping[str, Renderer] = field(default_factory=dict)
    repeats: frozenset[str] = frozenset()
    signs: Mapping[re.Pattern[str], Handler] = field(default_factory=dict)
    arrivals: Mapping[str, Handler] = field(default_factory=dict)
    picks: tuple[Pick, ...] = ()
    menu: tuple[Offer, ...] = ()


def join(features: Iterable[Feature]) -> Feature:
    """All of them as one. Raises `ValueError` where two claim the same name."""
    parts = tuple(features)
    return Feature(
        actions=_merged(one.actions for one in parts),
        steps=_merged(one.steps for one in parts),
        words=lambda t: chain.from_iterable(one.words(t) for one in parts),
        meanings=_merged(one.meanings for one in parts),
        offers=_merged(one.offers for one in parts),
        renderers=_merged(one.renderers for one in parts),
        repeats=frozenset[str]().union(*(one.repeats for one in parts)),
        signs=_merged(one.signs for one in parts),
        arrivals=_merged(one.arrivals for one in parts),
        picks=tuple(chain.from_iterable(one.picks for one in parts)),
        menu=tuple(chain.from_iterable(one.menu for one in parts)),
    )


def _merged(maps: Iterable[Mapping[K, T]]) -> dict[K, T]:
    merged: dict[K, T] = {}
    for one in maps:
        if twice := merged.keys() & one.keys():
            raise ValueError(f"claimed twice: {sorted(map(str, twice))}")
        merged |= one
    return merged
