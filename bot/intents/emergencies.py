"""Whether a message tells of an emergency: an injury, a crash, a fire, despair.

The phrases are `bot/data/emergencies.csv`, in both languages, reviewed line by line; `…` in one
stands for at most four characters, `……` for twelve, and `=` before one says that nothing else is
said (撞了). A phrase of kind `not` is taken out of the message first, so
that 急救课 or 差点出车祸 is none. The first kind in the order of `Emergency` wins: what someone in
despair needs is another number than what a crash needs.
"""

import csv
import re
from collections.abc import Mapping
from enum import StrEnum
from functools import cache
from typing import Final

from bot.common.lazy_pattern import LazyPattern
from bot.data import DATA
from bot.intents.normalise import normalise

TABLE: Final = DATA / "emergencies.csv"

_NONE: Final = "not"
_GAP: Final = "[^,.!?;]{0,4}"
_WIDE_GAP: Final = "[^.!?;]{0,12}"
_WHOLE: Final = "="
_ENDS: Final = "[了啊呀,.!~]*"
_PART: Final = (
    "(?:腿|脚|脚踝|脚脖子|手|手腕|手指|指头|胳膊|胳膊肘|膀子|肩膀|腰|后背|脖子|膝盖|波棱盖|脑袋"
    "|(?<![车机镜码木石插笼龙街桥里外前后])头|脸|眼睛|胯|锁骨|小臂)"
)
_HARM: Final = (
    "(?:动不了|动弹不得|不敢动|不能动|抬不起|抬不动|使不上劲|没知觉"
    "|(?:摔|撞|砸|压|轧|磕|拧|夹)(?:断|折|掉|烂|破|穿)|骨?折了|断了(?!货|电|网)|脱臼|错位|变形了?"
    "|流血|淌血|出血|冒血|都是血|全是血|扎了|砸了|夹了|肿(?:老高|起来|得|成|了))"
)
_HURT: Final = LazyPattern(f"{_PART}(?![机套表刹续盔像])[^,.!?;冻累困酸跑忙]{{0,6}}{_HARM}")
"""A part of the body, and what nobody says of one that merely is tired or cold."""


class Emergency(StrEnum):
    """What kind of help is needed; the values are the kinds in the table."""

    DESPAIR = "despair"
    GAS = "gas"
    FIRE = "fire"
    CRASH = "crash"
    CRIME = "crime"
    ILLNESS = "illness"
    INJURY = "injury"
    HELP = "help"
    """A cry for help that does not say what happened."""


def emergency(text: str) -> Emergency | None:
    """The emergency that `text`, as typed, tells of, or None. Reads `normalise.LENGTH` characters.

    Blanks between Chinese characters do not count.
    """
    words = re.sub(r"(?<![a-z']) | (?![a-z'])", "", normalise(text))
    patterns = _patterns()
    told = patterns[_NONE].sub(",", words)
    found = next((kind for kind in Emergency if patterns[kind].search(told)), None)
    if found in {None, Emergency.HELP} and _HURT.search(told):
        return Emergency.INJURY
    return found


@cache
def _patterns() -> Mapping[str, re.Pattern[str]]:
    phrases: dict[str, list[str]] = {kind: [] for kind in (_NONE, *Emergency)}
    with TABLE.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            phrases[row["kind"]].append(_pattern(row["phrase"]))
    return {kind: re.compile("|".join(found)) for kind, found in phrases.items()}


def _pattern(phrase: str) -> str:
    said = phrase.removeprefix(_WHOLE)
    escaped = _WIDE_GAP.join(
        _GAP.join(map(re.escape, part.split("…"))) for part in said.split("……")
    )
    if said != phrase:
        return f"^{escaped}{_ENDS}$"
    return rf"(?<![a-z]){escaped}(?![a-z])" if phrase.isascii() else escaped
