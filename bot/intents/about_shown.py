"""Questions about what is on the screen (远不远, 几点关门, 带啥去): which one a message asks.

Such a message names no subject; it is the station, card or training that was shown last.
"""

from enum import StrEnum
from typing import Final

from bot.common.lazy_pattern import LazyPattern
from bot.intents.normalise import normalise


class Question(StrEnum):
    """What is asked about the thing shown."""

    DISTANCE = "distance"
    WAY = "way"
    """Where it is, how to get there."""
    HOURS = "hours"
    """Until when, from when, or whether it is open."""
    PHONE = "phone"
    PARKING = "parking"
    KEEP = "keep"
    BRING = "bring"
    CALENDAR = "calendar"
    BEGINS = "begins"
    """When it begins and ends."""
    CONTENT = "content"
    """What is taught."""
    PRICE = "price"
    SEATS = "seats"
    MORE = "more"
    TOO_FAR = "too_far"


_HEAD: Final = (
    r"(?:等会儿|等会|等一?下|我?先?想?问一?下|我先问|这课|那课|这个课|不好意思|那|那么|请问|问下|问一下|这家|那家|这个|那个|它|这里|那里|这儿|那儿|这边|那边|这场|那场|驿站|网点"
    r"|这|帮我|给我|我|就|人家|他们|到底|先|把它|把这个|把这场|把这家|今天|现在|,| )*"
)
_TAIL: Final = r"(?:啊|呢|吗|呀|吧|么|嘛|哦|了|的|这家|那家|这个|那个|这场|它|那|去|一下|[,?!.~ ])*"
_ASKED: Final = {
    Question.DISTANCE: (
        "远不远|远吗|远么|多远|有多远|离我?(?:有)?多远|要多久(?:能到)?|多久能到|骑(?:车|过去)?(?:要)?多久"
        "|多少公里|几公里|多长时间(?:能到)?"
        "|(?:is it |that )?far|how far(?: is it| away)?(?: is it)?"
    ),
    Question.WAY: (
        "怎么走|咋走|怎么去|咋去|怎么过去|咋过去|导航|开导航|导个航|导航过去|路线|怎么骑|在哪里?|在哪儿|在哪块"
        "|地址(?:是)?(?:在哪里?|多少|哪里)?|具体(?:位置|地址)|位置在哪|什么位置|(?:要|该)?(?:去|到|上)哪里?儿?"
        "(?:取|领|拿|办|交)(?:卡)?|(?:在|从|是在)?(?:哪里?儿?|什么地方|啥地方)(?:取|领|拿|上课|开课|上|讲|办|培训|举办)(?:卡)?"
        "|how (?:do|can) i get there|directions?|navigate|where is it|what is the address|address"
        "|where (?:do|can) i (?:collect|get|pick up) (?:it|the card|my card)"
    ),
    Question.HOURS: (
        "(?:几点|什么时候|多会儿?|啥时候)(?:关门?|下班|打烊|开门|上班|营业)|(?:开|营业)到(?:几点|什么时候|多会儿?)"
        "|(?:还)?(?:开着|开门|营业)(?:没有?|没呢|不)?|还开(?:着)?(?:没有?|没|不)?|开没开|开着没开|开门没开?"
        "|(?:关门|关|下班)了?(?:没有?|没)|(?:营业|服务|上班|开放)时间(?:是)?(?:多少|几点)?|有人没有?"
        "|(?:when|what time) does it (?:close|open)|is it (?:still )?open(?: now)?|opening hours"
        "|still open"
    ),
    Question.PHONE: (
        "(?:联系)?电话(?:号码?)?(?:是)?(?:多少|几号|有没有|呢)?|有(?:没有)?(?:联系)?电话|(?:有)?联系方式"
        "|(?:打|留)?(?:个)?电话(?:给谁|多少)|怎么联系|(?:what is (?:the|their) )?phone(?: number)?"
        "|can i call(?: them)?"
    ),
    Question.PARKING: (
        "能?(?:停|放)(?:得下)?(?:电动|电瓶|摩托)?车(?:不|位)?|(?:有)?停车(?:位|的地方|场)?(?:没有?)?|好停车不?"
        "|(?:电动|电瓶|摩托)?车(?:能)?(?:停|放)(?:在)?(?:哪里?|门口|哪儿)|哪里?能?停车"
        "|能不能停(?:电动|电瓶|摩托)?车"
        "|(?:where )?can i park(?: there| here)?|parking|where (?:do|can) i park"
    ),
    Question.KEEP: (
        "收藏|收藏起来|加(?:个)?收藏|收藏它|存(?:起来|着)?|存上|记住它"
        "|(?:keep|save)(?: it| this| this one)?"
    ),
    Question.BRING: (
        "(?:要|需要|都要|得|还要)?(?:带|拿|准备)(?:点)?(?:啥|什么|些什么|啥东西|什么东西|哪些|哪些东西|什么材料|啥材料"
        "|什么证件|啥证件)(?:去)?|(?:要|用)(?:不要|不用)?带(?:身份证|证件)|需要(?:什么|啥)材料?"
        "|what (?:do|should|must) i bring|do i need to bring anything"
    ),
    Question.CALENDAR: (
        "(?:加|添加|存|写|放|记)(?:到|进|入|在)?(?:我的)?(?:手机)?日历(?:里|上)?|日历(?:文件)?"
        "|add (?:it )?to (?:my )?calendar|calendar(?: file)?"
    ),
    Question.BEGINS: (
        "(?:几点|什么时候|啥时候|多会儿?|哪天|几号|什么时间)(?:开始|开课|上课|开讲|开)?|(?:几点|啥时候)到"
        "|开始时间|上课时间|(?:几点|什么时候|啥时候|多会儿?)(?:结束|下课|讲完|完)|几个?(?:小时|钟头)"
        "|(?:上|讲|学|培训)(?:多久|多长时间|几个?(?:小时|钟头))|when does it end|how long is it"
        "|(?:when|what time) does it (?:start|begin)|when is it"
    ),
    Question.CONTENT: (
        "(?:主要|具体|都|是)*(?:讲|学|教|培训|上)(?:的)?(?:的是)?(?:啥|什么|些什么|哪些|点啥)(?:内容|东西|课)?"
        "|(?:课程|培训)?内容(?:是)?(?:啥|什么)?|(?:啥|什么)(?:内容|主题)"
        "|what is it about|what do i learn"
    ),
    Question.PRICE: (
        "(?:要|用|需要|得)?(?:交|花|出)?(?:不要|不用)?(?:钱|费用|学费)|要不要(?:交)?钱|(?:是)?(?:免费|收费)(?:的)?"
        "|收不收(?:钱|费)|多少钱|(?:is it|does it cost)(?: free| anything)?"
    ),
    Question.SEATS: (
        "(?:还)?(?:有|剩)(?:多少|几个|没有)?(?:名额|位置|位子|座位|空位|座)(?:没有?)?|(?:还)?(?:报|坐)得上"
        "|(?:名额)?(?:满|报满)了?没有?|几个名额|多少(?:人|名额)|any seats left|is it full"
    ),
    Question.MORE: (
        "(?:还)?有(?:没有)?(?:别的|其他的?|其它的?|别家)(?:驿站|地方|站)?|还有(?:没有)?|(?:换|再来)(?:一)?(?:个|家)(?:别的)?"
        "|别的(?:驿站)?|anything else|any others?|another one|others"
    ),
    Question.TOO_FAR: (
        "(?:太|好|有点|真|也太|这么)远|(?:有没有|有|来个|找个|换个)?(?:更|再)?近(?:一)?(?:点|些)(?:的|儿的)?(?:有没有|没有|没了)?"
        "|(?:it is |it's |that's |that is )?too far(?: away)?|(?:anything )?(?:closer|nearer)"
    ),
}  # fmt: skip
_PATTERNS: Final = {
    asked: LazyPattern(f"{_HEAD}(?:{words}){_TAIL}") for asked, words in _ASKED.items()
}


def question(text: str) -> Question | None:
    """The question that `text`, as typed, is as a whole; None where it says more or another."""
    words = normalise(text)
    if not words or len(words) > 40:
        return None
    return next((one for one, pattern in _PATTERNS.items() if pattern.fullmatch(words)), None)
