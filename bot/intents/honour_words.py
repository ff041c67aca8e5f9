"""Short messages about the honour 最美快递员: 提名老王, 我要投票, 评选啥时候开始.

Takes text as `normalise` leaves it. Only whole messages are read, so that 最美驿站在哪,
老王电话多少 and 投票站附近有厕所吗 stay what they are.
"""

import re
from enum import StrEnum
from typing import Final


class HonourWish(StrEnum):
    """What a message asks for."""

    NOMINATE = "nominate"
    NOMINATE_SELF = "self"
    VOTE = "vote"
    WITHDRAW = "withdraw"
    MINE = "mine"
    SHOW = "show"


_HONOUR: Final = (
    r"(?:最美(?:的)?(?:快递|外卖)?(?:小哥|员|骑手|快递|师傅|哥)|最美快递(?:小哥|员|人)|最美小哥)"
)
_I: Final = r"(?:我们?|咱们?|俺|,| )*(?:也|就|还)?(?:想|要|来|能|可以|打算|准备|得|该|去)*"
_END: Final = r"(?:吧|呗|呢|吗|嘛|不|没|么|呀|啊|了|,|\.|。|!|\?|~| )*"
_SOMEBODY: Final = (
    r"(?:(?!电话|手机|号码|多少|哪|截止|驿站|厕所|热水|几点|结果|条件|时间|投票|怎么|咋|评选|最美)"
    r"[\u3400-\u9fff·]){1,8}"
)
_SELF: Final = r"(?:我?自己|本人|俺自己|我)"
_PATTERNS: Final = (
    (
        HonourWish.WITHDRAW,
        rf"{_I}(?:把)?(?:我的)?(?:撤回|撤销|撤掉|撤了|取消|收回|不要)(?:我的|那个)?提名{_END}"
        rf"|{_I}(?:把)?(?:我的)?提名(?:撤回|撤销|撤掉|撤了|取消|收回)(?:掉|了)?{_END}"
        rf"|{_I}(?:退出|不参加|不参与|不想参加)(?:这个|了)?(?:{_HONOUR})?(?:评选|提名){_END}"
        r"|(?:withdraw|cancel|take back) (?:my|the) nomination[.! ]*",
    ),
    (
        HonourWish.MINE,
        rf"(?:查|看|看看|查查)?我的提名(?:呢|在哪|怎么样了?|咋样了?|过了|到哪了?|进度)?{_END}"
        r"|my nominations?[.? ]*",
    ),
    (
        HonourWish.NOMINATE_SELF,
        rf"{_I}(?:提名|推荐|自荐){_SELF}(?:当|参加|参选|评|评选)?(?:{_HONOUR})?{_END}"
        rf"|{_I}(?:自荐|毛遂自荐|报名参选|参选|参评)(?:{_HONOUR})?{_END}"
        rf"|{_I}(?:参加|报名|报)(?:{_HONOUR})(?:的)?(?:评选)?{_END}"
        r"|(?:i want to |i'd like to )?nominate my ?self[.! ]*",
    ),
    (
        HonourWish.NOMINATE,
        rf"{_I}(?:怎么|咋|咋样|如何|在哪儿?|哪里)?提名(?:{_HONOUR}|{_SOMEBODY})?"
        rf"(?:当|为|参加|评|评选)?(?:{_HONOUR})?{_END}"
        rf"|{_I}(?:推荐|选|推选|推举|举荐){_SOMEBODY}(?:当|为|评|参加|参选|评选)(?:{_HONOUR}){_END}"
        rf"|{_HONOUR}(?:怎么|咋|如何|在哪)?提名{_END}"
        r"|(?:i want to |i'd like to |how do i |can i )?nominate"
        r"(?: (?:somebody|someone|a courier|a colleague|a friend))?[.!? ]*",
    ),
    (
        HonourWish.VOTE,
        rf"{_I}(?:给)?(?:{_HONOUR}|{_SOMEBODY})?(?:怎么|咋|如何|在哪儿?|哪里|去哪)?"
        rf"(?:投个?票|投一票|投他一票|投她一票)(?:在哪儿?|给谁|怎么投|咋投|开始)?{_END}"
        rf"|{_HONOUR}(?:评选)?(?:怎么|咋|如何|在哪儿?)?投票?{_END}"
        rf"|{_I}投(?:给)?(?:{_HONOUR}){_END}"
        rf"|(?:看看?|有没有|有)?(?:{_HONOUR}(?:的)?)?候选(?:人|名单|人名单)"
        rf"(?:有谁|是谁|都有谁|有哪些|呢)?{_END}"
        r"|(?:i want to |i'd like to |how do i |where do i |can i )?(?:cast my )?vote[.!? ]*",
    ),
    (
        HonourWish.SHOW,
        r"(?:看看?|查查?|啥是|什么是|有没有|今年的?|去年的?|上届的?|往届的?|历届的?|这个|那个"
        r"|咱们?的?| )*"
        rf"{_HONOUR}"
        r"(?:的|评选|活动|名单|故事|结果|获奖|榜)*"
        r"(?:是啥|是什么|是谁|有谁|都有谁|都是谁|在哪看|怎么评|咋评|怎么选|咋选|怎么参加|啥时候|什么时候|开始|截止"
        rf"|出来|公布|有啥条件|条件|规则|在哪)*{_END}"
        rf"|(?:这个|那个|有没有|啥|什么|有啥)*评选(?:活动|结果|规则|名单)?(?:是啥|是什么|啥时候|什么时候|开始|截止|出来|公布|怎么参加)*{_END}"
        r"|(?:投票|提名)(?:结果|名单|时间|规则|条件)?(?:是啥|啥时候|什么时候|到哪天|到几号|几号)?(?:开始|截止|结束|出来|公布)?"
        rf"{_END}"
        r"|(?:the )?(?:most beautiful courier|courier of the year|honou?rs?)(?: winners?)?[.!? ]*",
    ),
)
_COMPILED: Final = tuple((wish, re.compile(pattern)) for wish, pattern in _PATTERNS)


def honour_wish(text: str) -> HonourWish | None:
    """What the whole message asks for; None where it is about something else."""
    return next((wish for wish, pattern in _COMPILED if pattern.fullmatch(text)), None)
