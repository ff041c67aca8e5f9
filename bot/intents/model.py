"""What a message is probably about: a linear model over character 1-3-grams, in plain Python.

`tools/train_intents.py` fits TF-IDF and logistic regression with scikit-learn and writes
`bot/data/intents.json`; here its arithmetic is repeated, within the rounding of that file, so
that neither scikit-learn nor numpy is needed to answer a courier. How good it is, and on what
it was measured: `docs/intents.md`.
"""

import json
import math
import string
from collections import Counter
from collections.abc import Iterable
from functools import cache
from typing import Final, NamedTuple

from bot.common.lazy_pattern import LazyPattern
from bot.common.values import value
from bot.data import DATA
from bot.intents.normalise import normalise
from bot.intents.slots import Slots, read_slots

FILE: Final = DATA / "intents.json"

LETTERS: Final = string.ascii_letters
"""Stand for the intents, in their order, in the weights of the file."""

_PART: Final = LazyPattern("[a-zA-Z]?-?[0-9]+")

_LONGEST: Final = 3
"""Characters in the longest n-gram."""


class Guess(NamedTuple):
    """An intent and its probability `p`; over all intents the probabilities sum to 1."""

    intent: str
    p: float


@value
class _Model:
    intents: tuple[str, ...]
    bias: tuple[float, ...]
    idf: dict[str, float]
    weights: dict[str, tuple[tuple[int, float], ...]]  # (index of the intent, weight times idf)


def features(text: str, slots: Slots) -> list[str]:
    """What the model counts: every 1-3-gram of the words of `text`, and a mark per kind of slot.

    The training tool counts with this very function, so the two cannot drift apart. Word ends
    count as a space; punctuation does not count. A mark starts with "#", which no gram does.
    """
    words = "".join([c if c.isalnum() else " " for c in text]).split()
    padded = f" {' '.join(words)} "
    end = len(padded) if words else 0
    found = [
        padded[start : start + size]
        for size in range(1, _LONGEST + 1)
        for start in range(end - size + 1)
        if size > 1 or padded[start] != " "
    ]
    if slots.facilities:
        found.append("#facility")
    if slots.radius_m is not None:
        found.append("#radius")
    if slots.after is not None or slots.always:
        found.append("#time")
    return found


@cache
def _model() -> _Model:
    raw = json.loads(FILE.read_text(encoding="utf-8"))
    scale, messages = raw["scale"], raw["messages"]
    columns = {letter: column for column, letter in enumerate(LETTERS)}
    idf, weights = {}, {}
    for gram, entry in raw["grams"].items():
        # "12b7d-3": in 12 messages, weight 7 for the second intent, -3 for the fourth.
        seen, *pairs = _PART.findall(entry)
        # scikit-learn's smoothed inverse document frequency.
        idf[gram] = value = math.log((1 + messages) / (1 + int(seen))) + 1
        weights[gram] = tuple((columns[p[0]], int(p[1:]) / scale * value) for p in pairs)
    return _Model(tuple(raw["intents"]), tuple(b / scale for b in raw["bias"]), idf, weights)


def weigh(found: Iterable[str]) -> list[Guess]:
    """Every intent with its probability, likeliest first; [] when none of `found` is known."""
    model = _model()
    scores = [0.0] * len(model.intents)
    square = 0.0
    for gram, count in Counter(found).items():
        idf = model.idf.get(gram)
        if idf is None:
            continue
        tf = 1.0 if count == 1 else 1.0 + math.log(count)
        square += (tf * idf) ** 2
        for column, weight in model.weights[gram]:
            scores[column] += tf * weight
    if not square:
        return []
    length = math.sqrt(square)
    odds = [math.exp(s / length + b) for s, b in zip(scores, model.bias, strict=True)]
    total = sum(odds)
    ranked = sorted(zip(odds, model.intents, strict=True), reverse=True)
    return [Guess(intent, share / total) for share, intent in ranked]


def rank(text: str) -> list[Guess]:
    """Every intent with its probability, likeliest first; [] when nothing in `text` is known.

    Takes text as typed, of any length; only the first `normalise.LENGTH` characters count.
    """
    text = normalise(text)
    return weigh(features(text, read_slots(text)))
