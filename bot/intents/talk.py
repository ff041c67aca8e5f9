"""Talk that asks for nothing but deserves more than “I am a program”: cross, weary, to a group."""

from enum import StrEnum
from typing import Final

from bot.common.lazy_pattern import LazyPattern
from bot.intents.normalise import normalise


class Talk(StrEnum):
    """What kind of talk it is."""

    WHO = "who"
    """Whether a person answers."""
    CROSS = "cross"
    GROUP = "group"
    """Meant for a group of colleagues."""
    WEARY = "weary"
    BYE = "bye"


_WORDS: Final = {
    Talk.WHO: LazyPattern(r"真人|机器人|是人|\b(?:are you|r u) (?:a )?(?:bot|human|real)\b"),
    Talk.CROSS: LazyPattern(
        "破(?:玩意|软件|东西|程序|玩艺)|垃圾|[啥什]么?玩意|没用|废物|智障|傻[逼叉子]|有病|滚[吧蛋]|坑人"
        r"|\b(?:useless|stupid|you suck|garbage)\b"
    ),
    Talk.GROUP: LazyPattern(
        "@所有人|@全体|扣1|扣一|接龙|(?:大家|各位|弟兄们|兄弟们).{0,20}(?:都|注意|收到)"
    ),
    Talk.WEARY: LazyPattern(
        "累|跑(?:木|废|断)|没(?:个)?人说|一天天的|不容易|委屈|难受|乏了"
        r"|\b(?:tired|exhausted|worn out|rough day)\b"
    ),
    Talk.BYE: LazyPattern(r"再见|拜拜|回见|回聊|下线了|晚安|\b(?:bye|see you|good night)\b"),
}


def talk(text: str) -> Talk | None:
    """The kind of talk that a message as typed is, the first in the order of `Talk`."""
    words = normalise(text)
    return next((kind for kind in Talk if _WORDS[kind].search(words)), None)
