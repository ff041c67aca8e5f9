"""Messages about the honour 最美快递员: 提名老王, 我要投票, 评选啥时候开始.

Takes text as `normalise` leaves it. Whole messages are read first. In longer ones a distinctive
word counts, unless another subject is named: 最美驿站在哪, 老王电话多少 and 投票站附近有厕所吗 stay
what they are.
"""

from enum import StrEnum
from typing import Final

from bot.common.lazy_pattern import LazyPattern


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
        rf"{_I}(?:把)?(?:我的?)?(?:撤回|撤销|撤掉|撤了|取消|收回|不要)(?:我的|那个)?提名{_END}"
        rf"|{_I}(?:把)?(?:我的?)?提名(?:撤回|撤销|撤掉|撤了?|取消|收回)(?:掉|了)?{_END}"
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
        r"|咱们?的?| )*+"
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
_COMPILED: Final = tuple((wish, LazyPattern(pattern)) for wish, pattern in _PATTERNS)

_SPELLINGS: Final = (
    (LazyPattern("[最醉罪][没美每妹](?=[快的骑外小送])"), "最美"),
    (LazyPattern("快[递弟地低第][员原圆]"), "快递员"),
    (LazyPattern("(?<!考)[题提][明名](?=老|小|一下|个|我)|^[题提]明$"), "提名"),
    (LazyPattern("[透头]票"), "投票"),
)
"""Words of the subject as they are misspelt, by a wrong character of the same sound."""
_ELSEWHERE: Final = LazyPattern(
    "驿站|厕所|热水|充电|热饭|附近|取暖|奋斗卡|办卡|电话|手机号|号码|课|培训|讲座|开会|停车|车票|发票|投票站"
    "|链接|https?|孩子|宝宝|职称"
    r"|\b(?:stations?|water|toilet|parcel|parking|lessons?|training)\b"
)
_ANYWHERE: Final = (
    (
        HonourWish.WITHDRAW,
        "(?:不|别)(?:想|要|愿意|打算|能)?(?:再)?(?:参评|参选|被提名)|不(?:想|要)?参加.{0,4}评选|(?:撤|取消|收回).{0,4}提名"
        "|提名.{0,8}(?:不同意|不愿意|不乐意|撤|取消)"
        r"|\b(?:withdraw|cancel|remove)\b.{0,12}\bnomination",
    ),
    (HonourWish.MINE, "被提名|谁.{0,2}提名|有人.{0,2}提名|提名.{0,2}错"),
    (
        HonourWish.NOMINATE_SELF,
        "(?:提名|推荐|nominate ?)我?自己(?!的)|(?:^|能|可以|我)提自己(?=不|吗|么|行|呢|$)|自荐"
        "|(?:我|自己|本人)(?:能|可以|想|要|也)*(?:报|评|参加|参评)(?:上|个)?最美"
        "|nominate (?:me|my ?self)",
    ),
    (
        HonourWish.NOMINATE,
        "提名(?!.{0,2}(?:额|册|单|结果|时间|条件|规则|到|截止|啥时))"
        "|(?:推荐|推举|推选|举荐|给).{1,12}(?:最美|参评|评选|评优|评先)"
        "|(?:该|应该|可以|能)评(?:他|她)(?!们)|能评(?:上)?(?:个)?最美"
        "|给(?:他|她|人家)评|(?:推荐|推举|推选|举荐)(?:一)?[个位]"
        "(?:人|年轻人|同事|小伙子?|师傅|哥们)(?=$|[,.!? ]|怎么|咋|行|参)"
        r"|\bnominat(?:e|ing)|nominate(?=[\u3400-\u9fff])",
    ),
    (
        HonourWish.VOTE,
        "投(?![诉递标]).{0,3}票|刷票|拉票|票数|得票|几票|候选|给第?[0-9一二三四五六七八九]+号.{0,2}投|投给?第?[0-9一二三四五六七八九]+号|投错了"
        rf"|^{_I}(?:在|去|上)哪[儿里]?投{_END}$"
        r"|\bvot(?:e|es|ing)\b",
    ),
    (
        HonourWish.SHOW,
        rf"{_HONOUR}|评最美|评[不得]?上最美|最美.{{0,6}}(?:评|选|活动)|(?<!职业)(?<!技能)评选"
        "|评优|评先进?(?!后)|评上了?没|谁评上|获奖|得奖|(?:看看?)?(?:他们|人家)的?(?:先进)?事迹"
        "|most beautiful courier|couriers? of the (?:year|month)|(?:courier|best).{0,16}award"
        r"|honou?rs? (?:page|list)|^who won\b",
    ),
)
_COMPILED_ANYWHERE: Final = tuple((wish, LazyPattern(pattern)) for wish, pattern in _ANYWHERE)


def honour_wish(text: str) -> HonourWish | None:
    """What the message asks for; None where it is about something else."""
    for misspelt, word in _SPELLINGS:
        text = misspelt.sub(word, text)
    for wish, pattern in _COMPILED:
        if pattern.fullmatch(text):
            return wish
    if _ELSEWHERE.search(text):
        return None
    return next((wish for wish, pattern in _COMPILED_ANYWHERE if pattern.search(text)), None)
