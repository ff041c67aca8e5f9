"""What a part of the conversation brings along, so that the composition root can join the parts."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from itertools import chain
from typing import TypeVar

from bot.conversation.context import Handler
from bot.conversation.replies import Button
from bot.handlers.notices import Wording
from bot.language import Translator

T = TypeVar("T")
Offer = Callable[[Translator], Button]


@dataclass(frozen=True, slots=True)
class Feature:
    """One subject of the bot: stations, cards, trainings …

    `actions`: what its buttons do. `steps`: who takes the words that a `then` awaits. `words`: for
    each language, spoken words (`cancel, stop`) and the action they stand for. `meanings`: who
    answers a free text that surely means that intent. `offers`: the button shown for an intent
    that is only likely. `wordings`: its notices.
    """

    actions: Mapping[str, Handler] = field(default_factory=dict)
    steps: Mapping[str, Handler] = field(default_factory=dict)
    words: Callable[[Translator], Iterable[tuple[str, str]]] = lambda _t: ()
    meanings: Mapping[str, Handler] = field(default_factory=dict)
    offers: Mapping[str, Offer] = field(default_factory=dict)
    wordings: Mapping[str, Wording] = field(default_factory=dict)


def join(features: Iterable[Feature]) -> Feature:
    """All of them as one. Raises `ValueError` where two claim the same name."""
    parts = tuple(features)
    return Feature(
        actions=_merged(one.actions for one in parts),
        steps=_merged(one.steps for one in parts),
        words=lambda t: chain.from_iterable(one.words(t) for one in parts),
        meanings=_merged(one.meanings for one in parts),
        offers=_merged(one.offers for one in parts),
        wordings=_merged(one.wordings for one in parts),
    )


def _merged(maps: Iterable[Mapping[str, T]]) -> dict[str, T]:
    merged: dict[str, T] = {}
    for one in maps:
        if twice := merged.keys() & one.keys():
            raise ValueError(f"claimed twice: {sorted(twice)}")
        merged |= one
    return merged
