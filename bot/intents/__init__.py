"""What a free text means: an intent, how sure, the three likeliest, and the slots it carries.

Pure and quick (about 0.1 ms for an ordinary message): needs the standard library and
`bot.common.facilities` only. Order: safety words, then the model. Exact labels, numbers and
commands are the router's, before this. A slot never chooses an intent alone; it counts as one
feature of the model.
"""

from datetime import time
from enum import StrEnum
from typing import Final

from bot.common.lazy_pattern import LazyPattern
from bot.common.values import value
from bot.intents.languages import wanted_language, wants_mongolian
from bot.intents.model import features, weigh
from bot.intents.normalise import normalise
from bot.intents.quiet_wishes import quiet_wish
from bot.intents.reminders import switches
from bot.intents.slots import change, read_slots
from bot.intents.talk import talk
from bot.intents.vocabulary import lists_facilities


class Intent(StrEnum):
    """What a message asks for; the values are the labels of the training data."""

    NEAREST = "nearest"
    """A station near here, directions, another one."""
    FACILITY = "facility"
    """A station that has something."""
    OPEN_NOW = "open_now"
    """Opening hours; open now, later, on a day."""
    PLACE = "place"
    """Stations at a named place."""
    FAVOURITES = "favourites"
    """Save, list, remove saved stations."""
    CARD_STATUS = "card_status"
    """Where the card or its application is, collecting and activating it."""
    CARD_APPLY = "card_apply"
    """How to get one, documents, benefits, lost cards."""
    MY_DATA = "my_data"
    """What is stored about me."""
    DELETE_DATA = "delete_data"
    """Delete it, unbind."""
    TRAINING_LIST = "training_list"
    TRAINING_REGISTER = "training_register"
    TRAINING_CANCEL = "training_cancel"
    MY_TRAININGS = "my_trainings"
    """What I registered for, when and where, stamps."""
    WAITLIST_POSITION = "waitlist_position"
    CHECKIN = "checkin"
    CERTIFICATE = "certificate"
    REMINDERS_OFF = "reminders_off"
    REMINDERS_SETTINGS = "reminders_settings"
    """Turn on, change the hour, what is on."""
    REPORT_PROBLEM = "report_problem"
    """Locked door, broken device, wrong entry."""
    HUMAN = "human"
    GREETING = "greeting"
    THANKS = "thanks"
    SMALLTALK = "smalltalk"
    LANGUAGE = "language"
    HELP = "help"
    PARCEL = "parcel"
    """Parcels and 菜鸟驿站: we handle none."""
    OTHER = "other"
    """Nothing that the bot does."""


SURE: Final = 0.5
"""The probability from which the first guess is acted upon.

One half means that the guess outweighs all others together. On messages written after those
of the training, half pass it and about one in seven of those is wrong, which costs the courier
one more message, as what cannot be undone is confirmed first. At 0.3 it is one in four.
"""

SURE_CLAUSE: Final = 0.6
"""The same for one clause of a message, where less is known."""
SHORTEST_CLAUSE: Final = 3  # characters
_CLAUSE: Final = LazyPattern("[,.!?;:~]+ *|(?<=[\u3400-\u9fff]) +| +(?=[\u3400-\u9fff])")

_NO_OFFER: Final = frozenset({Intent.GREETING, Intent.THANKS, Intent.SMALLTALK, Intent.OTHER})
"""Intents that no button could usefully offer."""

_DEFAULT_OFFERS: Final = (Intent.NEAREST, Intent.CARD_STATUS, Intent.TRAINING_LIST)
"""Offered when nothing in a message is known."""

# The safety words always win. They are few, because each also wins where it is not meant:
# 人工呼吸 is a lesson, 人工智能 small talk, 人工湖 a place.
_HUMAN: Final = LazyPattern(
    r"转人|人工(?!智能|呼吸|湖|费)|投诉|客服|活人|\b(?:rengong|kefu|agent|operator)\b"
)
_STOP: Final = LazyPattern(
    r"(?:全停|停(?:卡|培训|驿站|提醒|消息|通知|推送)|退订|td|stop|unsubscribe)[\s.!]*"
)
_CANCEL: Final = LazyPattern(
    r"(?<![别没不未])(?<!不要)(?<!不用)(?<!没有)(?:取消|撤销)(?!了?[吗没么嘛])"
)
# Who says no more than this is asking for a place to rest, though not in so many words.
_COLD: Final = LazyPattern(
    "(?:外面|外头|今天|今儿|我|手|脚|人|都|快|要|真的?|实在|这天|天|有点)*"
    "(?:(?:好|太|真|很|老|贼|可|挺|怪|这么)+冷|冻(?:死|坏|透|麻|僵|得不行|得够呛)|冷(?:死|得不行|得要命)|[累困热]死"
    "|累(?:坏|得不行|成狗|屁|瘫|趴|惨)|救急|跑(?:木|废|瘫))"
    "(?:我|人|个?人|了|啊|呀|啦|的|哦|呢)*[.!~ ]*"
)
# What is cancelled, first match first; None leaves it to the model: not ours to cancel.
_CANCELLED: Final = (
    (LazyPattern("提醒|通知|消息|推送|订阅"), Intent.REMINDERS_OFF),
    (LazyPattern("收藏"), Intent.FAVOURITES),
    (LazyPattern("绑"), Intent.DELETE_DATA),
    (LazyPattern("单|快递|包裹|寄件|外卖|会员|贷款"), None),
    (LazyPattern("课|培训|讲座|讲堂|候补|排队"), Intent.TRAINING_CANCEL),
    (LazyPattern("卡"), Intent.HUMAN),
)


@value
class Understanding:
    """What one message means.

    `intent` is the likeliest, None when nothing in the message is known; act on it
    when `sure`, otherwise offer `likeliest`: always three intents, likeliest first, none of them
    small talk. `facilities` are codes of `bot.common.facilities`, `radius_m` metres, `after` the
    local time of day for which an open station is sought; `always`: one that never closes.
    `dropped` are facilities that are no longer wanted.
    """

    intent: Intent | None
    sure: bool
    likeliest: tuple[Intent, ...]
    facilities: frozenset[str]
    radius_m: int | None
    after: time | None
    always: bool = False
    dropped: frozenset[str] = frozenset()


_NEWCOMER: Final = LazyPattern(
    "(?:[啥什]么?)(?:是|叫)(?:个)?(?:爱心)?驿站|(?:爱心)?驿站(?:是|到底是)个?(?:啥|什么|干)"
    r"|你是(?:干|做)(?:啥|什么|嘛)的|\bwhat(?:'s| is) this\b|\bwhat do you do\b"
)
_OF_SOMEBODY_ELSE: Final = LazyPattern(
    "(?:他|她|同事|离职|徒弟|师傅|小[一-龥])(?:的|在|了|那|这|你|吧| ){0,8}.{0,8}"
    "(?:资料|信息|数据|电话).{0,8}[删清]"
)
"""Data that only their owner may have deleted."""
_SOME_TOPICS: Final = LazyPattern(
    "(?:卡|课|培训|驿站|讲堂) ?的?(?:这个|那个|提醒|通知|消息| )*(?:就|都)?"
    "不(?:要|用|收)(?:发|推|了| )*.{0,12}(?:可以|留|照常|照发|还要)"
)
_CARD_PAPERS: Final = LazyPattern(
    "卡[,. ]*(?:都|得|要|需要|用|去| )*(?:带|准备|拿)(?:点|些)?(?:啥|什么|哪些)"
    "|办卡?.{0,4}(?:材料|手续|证件)"
    "|卡.{0,4}(?:啥|什么|哪些)(?:材料|手续|证件)|卡.{0,8}什么.{0,3}带"
)
_FETCH: Final = LazyPattern("[领取](?!暖|消|钱|现|款|餐|件|快递|导)")


def understand(text: str) -> Understanding:
    """The meaning of `text` as typed. Never raises; reads `normalise.LENGTH` characters at most."""
    text = normalise(text)
    slots = read_slots(text)
    guesses = weigh(features(text, slots))
    changed = change(text)
    is_facility = changed or _COLD.fullmatch(text) or lists_facilities(text)
    safe = Intent.FACILITY if is_facility else _safety(text)
    if safe is None and not (guesses and guesses[0].p >= SURE):
        safe = _sure_clause(text)
        if safe is None and not slots.facilities and talk(text) is not None:
            safe = Intent.SMALLTALK
    ranked = [Intent(guess.intent) for guess in guesses]
    intent = safe or (ranked[0] if ranked else None)
    # 别取消, 取消了吗: a cancel that no rule takes is never acted upon without asking.
    sure = safe is not None or (bool(guesses) and guesses[0].p >= SURE and "取消" not in text)
    first = [intent] if intent else []
    offers = dict.fromkeys(i for i in (*first, *ranked, *_DEFAULT_OFFERS) if i not in _NO_OFFER)
    return Understanding(
        intent=intent,
        sure=sure,
        likeliest=tuple(offers)[:3],
        facilities=changed.wanted if changed else slots.facilities,
        radius_m=slots.radius_m,
        after=slots.after,
        always=slots.always,
        dropped=changed.dropped if changed else frozenset(),
    )


def _sure_clause(text: str) -> Intent | None:
    """The intent of the clause that is surest, of a message that is not clear as a whole.

    Talk does not count: who says thanks and asks for something is asking for it.
    """
    if "取消" in text:
        return None
    clauses = [one for one in _CLAUSE.split(text) if len(one) >= SHORTEST_CLAUSE]
    if len(clauses) < 2:
        return None
    found = [
        guesses[0]
        for one in clauses
        if (guesses := weigh(features(one, read_slots(one))))
        and guesses[0].p >= SURE_CLAUSE
        and Intent(guesses[0].intent) not in _NO_OFFER
    ]
    return Intent(max(found, key=lambda guess: guess.p).intent) if found else None


def _safety(text: str) -> Intent | None:
    """The intent of a safety word, which no probability may overrule."""
    if _HUMAN.search(text):
        return Intent.HUMAN
    if _STOP.fullmatch(text) or switches(text):
        return Intent.REMINDERS_OFF
    if quiet_wish(text):
        return Intent.REMINDERS_SETTINGS
    if _NEWCOMER.search(text):
        return Intent.GREETING
    if _OF_SOMEBODY_ELSE.search(text):
        return Intent.HUMAN
    if _SOME_TOPICS.search(text):
        return Intent.REMINDERS_OFF
    if _CARD_PAPERS.search(text) and not _FETCH.search(text):
        return Intent.CARD_APPLY
    if "卡" in text and _FETCH.search(text):
        return Intent.CARD_STATUS
    if wanted_language(text) or wants_mongolian(text):
        return Intent.LANGUAGE
    if _CANCEL.search(text):
        for what, intent in _CANCELLED:
            if what.search(text):
                return intent
        return Intent.TRAINING_CANCEL
    return None
