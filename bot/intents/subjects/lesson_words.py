"""Short messages that ask for something to learn: 我想学点啥, 有没有微课.

Takes text as `normalise` leaves it.
"""

import re
from typing import Final

_WISH: Final = re.compile(
    r"(?:我|咱|咱们|俺|这会儿?|现在|闲着|没事|没单|有空|趁空|空了|歇着|,| )*"
    r"(?:也|就)?(?:想|要|想要|能|可以|打算|该)*(?:在这|在线|在手机上)?(?:儿|里)?"
    r"(?:"
    r"学(?:习)?(?:点儿?|些|一点儿?)?(?:啥|什么|东西|技能|知识|本事|新东西|新的|一课|一下|一会儿?)"
    r"|(?:有|有没有)(?:啥|什么|没有?|点)?(?:东西)?(?:好|可以|能|可|现在)*学(?:的|习的|一学的)"
    r"|学习|(?:有|有没有|看|看看|学|上|打开|进|来一?个?|来一?节|来点儿?|搜)?(?:啥|什么|没有?|个|节|点)?"
    r"微课|微课(?:堂|程)"
    r")"
    r"(?:学)?(?:在哪|列表|有哪些|有啥|有什么|都有啥)?(?:儿|里)?(?:学|看)?"
    r"(?:好|呢|吗|嘛|不|没|么|吧|呀|啊|呗|了|,|。|!|\?|~|\.| )*"
    r"|(?:can i |i want to |i'?d like to |i wanna |let me )?"
    r"learn (?:something|anything)(?: new| now)?[.!? ]*"
    r"|(?:any |the |show |show me )*(?:micro|short|quick)[- ]?lessons?[.!? ]*"
)
_ONWARD: Final = re.compile(
    r"(?:我|咱|来|,| )*(?:接着|继续|往下)(?:学|看|答)(?:习|题|课|微课)?(?:吧|呗|了|,|!|。|~|\.| )*"
    r"|下一?[张题页](?:吧|呗|,|!|。|~|\.| )*"
    r"|(?:go on|keep|continue) (?:learning|with (?:the|my) lesson)[.! ]*"
)


def wants_lesson(text: str) -> bool:
    """Whether the whole message asks for something to learn, without saying what."""
    return _WISH.fullmatch(text) is not None


def goes_on(text: str) -> bool:
    """Whether the whole message asks to go on with a lesson."""
    return _ONWARD.fullmatch(text) is not None
