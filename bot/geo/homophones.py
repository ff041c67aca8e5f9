"""Which place a name that is spelt by its sound means: 海拉儿 is 海拉尔, 东盛 perhaps 东胜.

Chinese input methods offer many characters for one sound. The characters of a name are read
without tones by `bot/data/syllables.csv` (written by `tools/build_syllables.py`) and compared with
the pinyin of the gazetteer. Pure.
"""

import csv
import re
from collections.abc import Mapping
from functools import cache
from typing import Final

from bot.common.values import value
from bot.data import DATA
from bot.geo.place_text import fold, name_candidates
from bot.geo.places import Place, Places

TABLE: Final = DATA / "syllables.csv"
LANDMARKS: Final = DATA / "landmarks.csv"
_CERTAIN: Final = 3
"""Syllables from which on a sound is no coincidence; two may be any word."""

_LEADS: Final = frozenset("在到去离从是市区搁往就")


@value
class Homophones:
    """The places that sound like what was typed; not `certain`: ask whether one is meant."""

    places: tuple[Place, ...]
    certain: bool


def sounds_like(text: str, places: Places) -> Homophones | None:
    """The places that sound like all that `text` names, or None."""
    sounds = _sounds()
    for name in name_candidates(text):
        if any(letter not in sounds for letter in name):
            continue
        found = tuple(
            place
            for place in places.called("".join(sounds[letter] for letter in name))
            if len(name) > len(place.short) or not places.is_weak(place.short)
        )
        if found:
            return Homophones(found, len(name) >= _CERTAIN and len(found) == 1)
    return None


def known_landmark(text: str, places: Places) -> tuple[str, Place] | None:
    """A landmark that a text names, and the division it lies in: 内蒙古大学, 赛罕区.

    A short one counts only as a word of its own: 东门内大街 names no 内大.
    """
    landmarks, pattern = _landmarks()
    folded = fold(text)
    for match in pattern.finditer(folded.letters):
        begins, name = match.start(), match[0]
        before = folded.letters[begins - 1] if begins else ""
        if folded.edges[begins] or before in _LEADS or len(name) >= _CERTAIN:
            return name, places.by_adcode[landmarks[name]]
    return None


@cache
def _sounds() -> Mapping[str, str]:
    with TABLE.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return {letter: row["syllable"] for row in rows for letter in row["characters"]}


@cache
def _landmarks() -> tuple[Mapping[str, str], re.Pattern[str]]:
    """Adcodes by landmark, and what finds one, the longest first."""
    with LANDMARKS.open(encoding="utf-8", newline="") as file:
        rows = sorted(csv.DictReader(file), key=lambda row: -len(row["name"]))
    names = "|".join(row["name"] for row in rows)
    pattern = re.compile(f"(?:{names})(?![街厦楼桥唤])")
    return {row["name"]: row["adcode"] for row in rows}, pattern
