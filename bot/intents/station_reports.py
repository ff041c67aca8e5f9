"""What couriers say of a station that is not as the list has it: 门锁着, 没人, 热水坏了, 这家没了.

Takes text as `normalise` leaves it. A question (这家没开吧?) reports nothing.
"""

import re
from enum import StrEnum
from typing import Final

from bot.common.lazy_pattern import LazyPattern
from bot.intents.vocabulary import facilities


class ReportedProblem(StrEnum):
    """What is said to be wrong; the values are those of the notes to operators."""

    CLOSED = "closed"
    BROKEN = "broken"
    REFUSED = "refused"
    MISPLACED = "misplaced"
    GONE = "gone"


_HERE: Final = (
    "(?:这家|那家|这个|那个|这里|那里|这儿|那儿|这边|这|驿站|站点|站|店|[a-z0-9第]*[家号])?"
)
_SO: Final = "(?:根本|压根|就|都|也|又|已经|现在|今天|早就|早|还|并|完全)*"
# Checked in this order: 门锁着 没人 is a closed door, 保安说不让进 is more than that.
_PROBLEMS: Final = (
    (
        ReportedProblem.BROKEN,
        LazyPattern(
            "(?:厕所|卫生间|洗手间|饮水机|微波炉|水房)(?:的?门)?(?:是|都|也|又)?(?:锁|关)着"
        ),
    ),
    (
        ReportedProblem.REFUSED,
        LazyPattern(
            "(?:不让|不给|没让|拦着?不让|不准|不许|不肯让)我?们?(?:进|歇|坐|用|待|休息|接水|充电)"
            "|(?:保安|大爷|经理|前台|工作人员|柜员)?把?我?(?:轰|赶|撵)(?:我)?(?:出来|走|出去)"
            "|(?:说|嫌)(?:我|你)们?(?:不是|一身|埋汰|脏|身上)|说.{0,12}出去$|撅出来|横得"
            r"|\b(?:not let in|would(?:n't| not) let|refused|kicked (?:me|us) out|get out"
            r"|shut the door|no takeout|not allowed in|turned (?:me|us) away)\b"
        ),
    ),
    (
        ReportedProblem.MISPLACED,
        LazyPattern(
            "(?:地址|位置|导航|地图)(?:是|都|也|给的|标的|写的)?(?:不对|错的?|错了|不准|有误|有问题)"
            "|(?:找不到|没找到|找不着|没找着)(?:这家|这个|这个站|驿站|站|门|地方|店|它)?"
            "(?:了|啊|呀|在哪)?$"
            "|地址.{0,12}(?:其实|实际|结果)|支到.{1,10}(?:里|去)"
            "|(?:饭馆|饭店|奶茶店|超市|药店|修鞋|小卖部|理发店).{0,4}(?:是$|没有?银行|哪有银行)"
            r"|\bwrong (?:address|place|location)\b|\bcan(?:no|'?)t find (?:it|the station)\b"
        ),
    ),
    (
        ReportedProblem.GONE,
        LazyPattern(
            "(?:撤|拆|搬|停办|关停|倒闭|黄)(?:走|掉)?(?:了|啦)(?:呢|啊|呀)?(?:$| )"
            "|搬(?:到|去).{1,8}(?:了|去)|好像撤|牌子都?(?:摘|没|拆)|早(?:就|都)?(?:不[弄办干开]|搬|撤|没|拆|关|黄)了|还挂着"
            "|(?:变成|改成|成了|改)(?:了|个)?.{0,6}(?:店|馆|超市|药房|网吧)"
            f"|{_HERE}{_SO}(?:没了|不在了|没有了|撤了|拆了|搬了|搬走了?|倒闭了?|黄了|关张了?|停办了?|不干了)$"
            f"|(?:这里|这儿|那里|那儿|这|那)根?本?没有?(?:这个)?驿站"
            r"|\b(?:now (?:it'?s )?an? .{0,12}(?:shop|store|cafe)|no (?:bank|station) (?:here|lol)"
            r"|its? an? .{0,12}(?:shop|店|store)|closed down|moved away|no longer (?:there|here)"
            r"|is gone|does(?:n't| not) exist)\b"
        ),
    ),
    (
        ReportedProblem.CLOSED,
        LazyPattern(
            "门(?:是|都|还|也)?(?:锁着?|关着?|锁上|关上|没开|不开|打不开|推不开|进不去)了?(?:呢|的|啊)?"
            "|锁着?门|大门紧闭|铁将军|上锁了?|锁门了?|进不去门?"
            f"|{_HERE}{_SO}(?:没开门?|没有?开|没营业|(?<!开)不开门|关了门|关门了|关着门?|黑着灯|打烊了)(?:的|啊|呀|呢|嘛)*$"
            "|^(?:里面|里头|屋里|店里|这家|这儿|这里|现在|根本|压根|都|也)*没有?人(?:在|的|啊|呀|应|开门|管)*$"
            "|没人开门|敲门没人|白跑一趟|跑空了|扑空|大铁锁|锁(?:着|头|死)(?:呢|的|了)?$"
            "|里头?黑着|灯(?:都|也)?没开|敲(?:了)?半天|(?:去|到)了.{0,6}(?:大铁)?锁|进不去"
            r"|\b(?:door (?:is )?locked|it(?:'s| is) (?:closed|locked|shut))\b"
            r"|\bnobody (?:is )?(?:here|there)\b"
        ),
    ),
    (
        ReportedProblem.BROKEN,
        LazyPattern(
            "(?:(?<![冻累饿渴急气吓乐热晒])坏了?|坏掉了?|用不了|不能用|没法用|不好使|不出水|不热|是凉的?|停用|修着?呢?|锁着|亮红灯|没有?热水|不加热|不制热|没有?暖气|不通电"
            "|充不(?:了|上|进)电?|插[座头]没电|(?:水机|里面|里头|站里|这里|这儿)(?:也|都|又)?没有?水)"
            "(?:了|啊|呀|的|呢)*$"
            r"|\b(?:broken|out of order|does(?:n't| not) work|not working)\b"
        ),
    ),
)
_ASKED: Final = LazyPattern(
    "[吗么?]|是不是|会不会|有没有|怎么办|咋办|咋整|为啥|为什么|几点|哪家|哪个|呢$|的话|要是|如果|万一"
)
_TELLS: Final = LazyPattern("帮忙?报一?下|反[映馈]|报修|牌子都?(?:摘|没)|好像撤")
"""Who says so is telling, though they ask something besides."""
_NO_STATION: Final = LazyPattern(
    "电 ?没了|编号|报的|报名|名额|车坏|电动车|电瓶|车没电|手机(?:没电|坏|用不了)"
    "|卡|课|培训|讲|通知|提醒|身份证"
    "|提名|评选|投票|申请|订单|顾客|客户|商家|外卖|账号|app"
)
_DEVICE: Final = LazyPattern(
    "水机|插座|插头|暖气|空调|灯|门|座位|椅|马桶|水龙头|微波炉|充|没有?水|水(?:是|都)?凉"
)
_SEEKS: Final = LazyPattern("哪(?:里|儿|能|有)")
"""没热水 哪里有: who looks for another place has not said that this one lacks it."""
_FACILITY_WORDS: Final = (
    ("water", LazyPattern("水机|水龙头|没有?水|(?<!厕所)水(?:是|都)?(?:凉|冷|不热)|不出水")),
    ("charge", LazyPattern("插[座头]|充不|充电")),
    ("hvac", LazyPattern("暖气|空调")),
    ("toilet", LazyPattern("马桶")),
)
"""Devices by which a facility is meant that its own words do not name."""
_BANKS: Final = (
    ("工行", "工商银行"),
    ("建行", "建设银行"),
    ("农行", "农业银行"),
    ("中行", "中国银行"),
    ("邮储", "邮政储蓄"),
    ("信用社", "农村信用"),
    ("工会", "总工会"),
)
"""What couriers call an owner, and how lists write it."""
_ANOTHER: Final = LazyPattern(
    "(?:给我|再|帮我)*(?:换一?[家个]|另找一?[家个]|下一[家个])(?:吧|呗)?[,.! ]*"
)


def reported_problem(text: str) -> ReportedProblem | None:
    """What a message reports to be wrong with a station; None where it reports nothing.

    门锁着 is told by the words alone, 坏了 only where a facility or a device of a station is named.
    """
    said = _ANOTHER.sub("", text).strip(" ,.!~")
    asks = _ASKED.search(said) and not _TELLS.search(said)
    if not said or asks or is_about_something_else(said):
        return None
    for problem, pattern in _PROBLEMS:
        if any(pattern.search(part) for part in (said, *re.split("[ ,.;!]+", said))):
            is_broken = problem is ReportedProblem.BROKEN
            if is_broken and (_SEEKS.search(said) or not _names_device(said)):
                return None
            return problem
    return None


def broken_facilities(text: str) -> frozenset[str]:
    """The codes of what a message says does not work: 水机坏了, 充不了."""
    named = {code for code, words in _FACILITY_WORDS if words.search(text)}
    return facilities(text) | named


def calls_owner(text: str, name: str) -> bool:
    """Whether a message names the owner that is part of a station's name: 工行那个站."""
    return any(
        any(one in text for one in called) and any(one in name for one in called)
        for called in _BANKS
    )


def is_about_something_else(text: str) -> bool:
    """Whether it is the vehicle, a phone, a card, a course or an order that is wrong."""
    return _NO_STATION.search(text) is not None


def _names_device(text: str) -> bool:
    return bool(facilities(text)) or _DEVICE.search(text) is not None
