"""Messages that ask for something to learn in the chat: 我想学点啥, 有没有微课, 学学咋防骗.

Takes text as `normalise` leaves it. A training in a classroom is another subject: 课 alone is no
lesson of the chat, 手机上学的课 is.
"""

from collections.abc import Sequence
from typing import Final

from bot.common.lazy_pattern import LazyPattern
from bot.intents.normalise import normalise

_WISH: Final = LazyPattern(
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
_ONWARD: Final = LazyPattern(
    r"(?:我|咱|来|,| )*(?:接着|继续|往下)(?:学|看|答)(?:习|题|课|微课)?(?:吧|呗|了|,|!|。|~|\.| )*"
    r"|下一?[张题页](?:吧|呗|,|!|。|~|\.| )*"
    r"|(?:go on|keep|continue) (?:learning|with (?:the|my) lesson)[.! ]*"
)

_SPELLINGS: Final = (
    (LazyPattern("[微徽威薇][课刻客科可](?!服|户|信)"), "微课"),
    (LazyPattern("(?<=[上线])学西(?!方)"), "学习"),
    (LazyPattern("[血雪](?=点(?:东西|啥|什么))"), "学"),
    (LazyPattern("可程|课成(?!绩)"), "课程"),
)
_ELSEWHERE: Final = LazyPattern(
    "报名|名额|培训|讲座|讲堂|签到|打分|[给打][0-9一二三四五]分|第[0-9一二三四五六]场|那场|这场|场地|去听|改期|退课|(?<!不爱去)(?<!不想去)(?<!不去)教室"
    "|(?:周|星期|礼拜)[一二三四五六日天末]|今天|明天|后天|几点|几号|驿站|厕所|奋斗卡|办卡"
    "|学(?:车|开车|驾照|校|院|生|费|历|会了)|(?<!机)(?<!网)(?<!线)(?<!场)上学(?!习)|[放开大小中同医科]学(?!习)|谁教|[代课]代表|下课|课代表"
    r"|\b(?:sign up|register|charge my|training|saturday|tomorrow|tonight)\b"
)
_HERE: Final = (
    "手机|在线|线上|网上|在家|家里|自学|online|小课|短点|[0-9一二三四五六七八九十]+来?分钟|等(?:餐|单|着|货|红灯|客人)|没单"
    "|闲着|没事|(?:去不了|不想去|不去|不用去)现场|随时"
)
_LEARN: Final = "(?:学(?!校|生)|课(?!桌)|lesson|course)"
_ANYWHERE: Final = LazyPattern(
    rf"(?:{_HERE}).*{_LEARN}|{_LEARN}.*(?:{_HERE})|微课|lesson(?=[\u3400-\u9fff])"
    "|(?:想|学|能|来|去)学学|^学学|学学$|想学(?!分)|学个|学一下|有教(?!练).{0,3}的|教教(?:我|俺)(?!.{0,4}[用弄整找走查])"
    "|(?:^|[,. 你])(?:给|来|整|找|弄)(?:我)?(?:个|节|点)(?!.{0,4}班).{0,4}课|\\bteach me\\b"
    "|现在(?:能|可以)学|学点(?:好|有用)"
    "|学了(?:几|多少)(?:节|课|门)|学习(?:进度|记录)|课(?:都|程都)?(?:藏|搁)哪|(?<!的)课呢"
    "|(?:每周|一周|每礼拜|每星期).{0,6}课"
    r"|\b(?:micro|short|quick|show me the|any|online|aid|see the)[- ]"
    r"(?:micro[- ])?(?:lessons?|courses?)\b"
    r"|\ba? ?lessons? (?:about|on)\b|is there a lesson|what can i learn|learn something"
)
_ONWARD_ANYWHERE: Final = LazyPattern(
    "(?:接着|继续|往下)(?:上[次回]|昨天|刚才|没学完|那个|的){0,3}(?:学|课|微课)"
    "|(?:没学完|没看完|学到?了?一半|课.{0,4}一半).{0,14}(?:接着|继续)|(?:接着|继续).{0,6}(?:没学完|学到?一半)|课(?:看|学|刷)了?一半"
    r"|\b(?:continue|resume|finish)\b.{0,12}\b(?:lessons?|course|learning)\b"
)
_QUESTION: Final = LazyPattern(
    "(?:我|俺|想|要|能|可以|看看?|学学?|习|一下|了解|有没有|有|那|这|节|个|门|的|讲|微?课程?|是|啥|什么|都|哪些|在哪|里|儿"
    "|怎么|咋|考|评|呢|吗|嘛|不|没|么|呀|啊|吧|呗|lessons?|the|about|on|[,.!?~ ])*+"
)
_WHETHER: Final = LazyPattern("有没有.*课|有课|课(?:有没有|有吗|有没|有不)|(?:多少|几)[节门]课")
"""Whether there is a class: both kinds are shown, by the list of trainings."""
_NOT_DAYS: Final = LazyPattern("昨天|今天|刚才")
_COMMON: Final = frozenset({"怎么", "么看", "么考"})
_LATIN: Final = LazyPattern("[a-z]+")
_LONG: Final = 5  # letters; shorter words are in many titles
_MAY_NAME: Final = LazyPattern("课|学|考|教|哪些|是啥|是什么|讲讲|lesson|learn|course")
_TOPIC: Final = LazyPattern(
    "学(?!校|生|费)|教教|有教|那(?:一?节)?课|lesson|(?:证|级|工)(?:咋|怎么|如何)考|微课"
)


def wants_lesson(text: str) -> bool:
    """Whether the message asks for something to learn in the chat."""
    text = _spelt(text)
    if _WISH.fullmatch(text):
        return True
    return _ELSEWHERE.search(text) is None and _ANYWHERE.search(text) is not None


def goes_on(text: str) -> bool:
    """Whether the message asks to go on with a lesson."""
    if _ONWARD.fullmatch(text):
        return True
    return _ELSEWHERE.search(_NOT_DAYS.sub("", text)) is None and (
        _ONWARD_ANYWHERE.search(text) is not None
    )


def may_name_lesson(text: str) -> bool:
    """Whether it is worth looking for a lesson that the message names."""
    return _MAY_NAME.search(_spelt(text)) is not None


def named_lesson(text: str, names: Sequence[Sequence[str]]) -> int | None:
    """The place of the lesson that is asked for by a name (急救四步是啥) or a part of one.

    `names`: for each lesson, its title and its tags. A part counts only beside a word of learning:
    想学急救, 社保那节课. None where no lesson or several fit.
    """
    text = _plain(_spelt(text))
    if _ELSEWHERE.search(text) or _WHETHER.search(text):
        return None
    plain = [tuple(_plain(normalise(name)) for name in of_one) for of_one in names]
    for place, of_one in enumerate(plain):
        if any(one in text and _QUESTION.fullmatch(text.replace(one, "", 1)) for one in of_one):
            return place
    if not _TOPIC.search(text):
        return None
    shared = [sum(_shared(text, name) for name in of_one) for of_one in plain]
    most = max(shared, default=0)
    return shared.index(most) if most and shared.count(most) == 1 else None


def _spelt(text: str) -> str:
    for misspelt, word in _SPELLINGS:
        text = misspelt.sub(word, text)
    return text


def _plain(text: str) -> str:
    return text.replace("咋", "怎么")


def _shared(text: str, name: str) -> int:
    """How many pairs of Chinese characters, or longer Latin words, of a name are in a text."""
    pairs = {name[at : at + 2] for at in range(len(name) - 1)} - _COMMON
    words = {word for word in _LATIN.findall(name) if len(word) >= _LONG}
    return sum(p in text for p in pairs if not p.isascii()) + sum(w in text for w in words)
