"""One spelling for what people type: width, case, punctuation and spaces unified, emoji gone.

Everything else in this package reads normalised text only, so "５００Ｍ　内！" and "500m 内!" are
the same message. Pure; never raises.
"""

import unicodedata
from typing import Final

from bot.common.lazy_pattern import LazyPattern

LENGTH: Final = 200
"""Longest text read, in characters: a request fits in 200, a pasted chat log costs no more."""

# NFKC leaves these alone, and a phone keyboard types them for the ASCII mark.
_MARKS: Final = str.maketrans("。、「」『』《》〈〉“”‘’…—～·᠂᠃᠁", '.,""""""""""\'\'.-~ ,..')

# Cc, Cf, Cs, Co, Cn: controls, direction marks, lone surrogates; So, Sk: emoji and their skin
# tones; Mn, Me: variation selectors, key caps and stacked accents left over by NFKC.
_DROPPED: Final = frozenset({"Cf", "Cs", "Co", "Cn", "So", "Sk", "Mn", "Me"})

_SPELLINGS: Final = (
    (LazyPattern("[奋分份粪愤纷][斗头豆抖]\\s?[卡咔]|fen ?dou ?(?:ka|card)"), "奋斗卡"),
    (LazyPattern("他妈的?|特么|尼玛|卧槽|我[操艹草]|(?<= )[操草艹]$|(?<![a-z])tmd?(?![a-z])"), ""),
    (LazyPattern("(?<=[别再])[叮滴震嗡]"), "吵"),
    (LazyPattern("大讲[唐糖坛]|大将堂"), "大讲堂"),
    (LazyPattern("[驿译易役益]战|[译易役益]站|驿占|爱心[一意亿]站"), "驿站"),
)
"""Our own words as they are misspelt: by a wrong character of the same sound, or in pinyin; and
swear words, which mean nothing."""


def normalise(text: str) -> str:
    """NFKC, lower case, ASCII punctuation, single spaces, no emoji, our words spelt right."""
    # Capped before NFKC, which can make 18 characters of one, and again after it.
    folded = unicodedata.normalize("NFKC", text[: 2 * LENGTH]).lower().translate(_MARKS)
    if not folded.isascii():
        folded = "".join(c for c in folded if unicodedata.category(c) not in _DROPPED)
    # Other controls (tab, newline, NUL) separate words.
    spaced = "".join(c if c.isprintable() else " " for c in folded)
    for misspelt, word in _SPELLINGS:
        spaced = misspelt.sub(word, spaced)
    return " ".join(spaced.split())[:LENGTH].rstrip()
