"""What a free text means: an intent, how sure, the three likeliest, and the slots it carries.

Pure and quick (below 0.1 ms for an ordinary message): standard library and `bot.facilities` only.
Order: safety words, then the model. Exact labels, numbers and commands are the router's, before
this. A slot never chooses an intent alone; it counts as one feature of the model.
"""

import re
from dataclasses import dataclass
from datetime import time
from typing import Final

from bot.intents.model import features, weigh
from bot.intents.normalise import normalise
from bot.intents.reminders import quiet_hours, switches
from bot.intents.slots import change, read_slots

INTENTS: Final = (
    "nearest",  # a station near here, directions, another one
    "facility",  # a station that has something
    "open_now",  # hours; open now, later, on a day
    "place",  # stations at a named place
    "favourites",  # save, list, remove saved stations
    "card_status",  # where the card or its application is, collecting and activating it
    "card_apply",  # how to get one, documents, benefits, lost cards
    "my_data",  # what is stored about me
    "delete_data",  # delete it, unbind
    "training_list",
    "training_register",
    "training_cancel",
    "my_trainings",  # what I registered for, when and where, stamps
    "waitlist_position",
    "checkin",
    "certificate",
    "reminders_off",
    "reminders_settings",  # turn on, change the hour, what is on
    "report_problem",  # locked door, broken device, wrong entry
    "human",
    "greeting",
    "thanks",
    "smalltalk",
    "language",
    "help",
    "parcel",  # parcels and 菜鸟驿站: we handle none
    "other",  # understood as nothing that we do
)

SURE: Final = 0.5
"""The probability from which the first guess is acted upon.

One half means that the guess outweighs all others together. On messages written after those
of the training, half pass it and about one in seven of those is wrong, which costs the courier
one more message, as what cannot be undone is confirmed first. At 0.3 it is one in four.
"""

_TALK: Final = frozenset({"greeting", "thanks", "smalltalk", "other"})
"""Intents that no button could usefully offer."""

_USUAL: Final = ("nearest", "card_status", "training_list")
"""Offered when nothing in a message is known."""

# The safety words always win. They are few, because each also wins where it is not meant:
# 人工呼吸 is a lesson, 人工智能 small talk, 人工湖 a place.
_HUMAN: Final = re.compile(
    r"转人|人工(?!智能|呼吸|湖|费)|投诉|客服|活人|\b(?:rengong|kefu|agent|operator)\b"
)
_STOP: Final = re.compile(
    r"(?:全停|停(?:卡|培训|课|驿站|提醒|消息|通知|推送)|退订|td|stop|unsubscribe)[\s.!]*"
)
_CANCEL: Final = re.compile(
    r"(?<![别没不未])(?<!不要)(?<!不用)(?<!没有)(?:取消|撤销)(?!了?[吗没么嘛])"
)
# Who says no more than this is asking for a warm room, though not in so many words.
_COLD: Final = re.compile(
    "(?:外面|外头|今天|今儿|我|手|脚|人|都|快|要|真的?|实在|这天|天|有点)*"
    "(?:(?:好|太|真|很|老|贼|可|挺|怪|这么)+冷|冻(?:死|坏|透|麻|僵|得不行|得够呛)|冷(?:死|得不行|得要命))"
    "(?:我|人|个?人|了|啊|呀|啦|的|哦|呢)*[.!~ ]*"
)
# What is cancelled, first match first; None leaves it to the model: not ours to cancel.
_CANCELLED: Final = (
    (re.compile("提醒|通知|消息|推送|订阅"), "reminders_off"),
    (re.compile("收藏"), "favourites"),
    (re.compile("绑"), "delete_data"),
    (re.compile("单|快递|包裹|寄件|外卖|会员|贷款"), None),
    (re.compile("课|培训|讲座|讲堂|候补|排队"), "training_cancel"),
    (re.compile("卡"), "human"),
)


@dataclass(frozen=True, slots=True)
class Understanding:
    """What one message means.

    `intent` is the likeliest of INTENTS, None when nothing in the message is known; act on it
    when `sure`, otherwise offer `likeliest`: always three intents, likeliest first, none of them
    mere talk. `facilities` are codes of `bot.facilities`, `radius_m` metres, `after` the local
    time of day for which an open station is sought; `always`: one that never closes. `dropped`
    are facilities that are wished for no longer.
    """

    intent: str | None
    sure: bool
    likeliest: tuple[str, ...]
    facilities: frozenset[str]
    radius_m: int | None
    after: time | None
    always: bool = False
    dropped: frozenset[str] = frozenset()


def understand(text: str) -> Understanding:
    """The meaning of `text` as typed. Never raises; reads `normal.LENGTH` characters at most."""
    text = normalise(text)
    slots = read_slots(text)
    guesses = weigh(features(text, slots))
    changed = change(text)
    safe = "facility" if changed or _COLD.fullmatch(text) else _safety(text)
    intent = safe or (guesses[0].intent if guesses else None)
    # 别取消, 取消了吗: a cancel that no rule takes is never acted upon without asking.
    sure = safe is not None or (bool(guesses) and guesses[0].p >= SURE and "取消" not in text)
    first = [intent] if intent else []
    offers = dict.fromkeys(
        i for i in (*first, *(g.intent for g in guesses), *_USUAL) if i not in _TALK
    )
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


def _safety(text: str) -> str | None:
    """The intent of a safety word, which no probability may overrule."""
    if _HUMAN.search(text):
        return "human"
    if _STOP.fullmatch(text) or switches(text):
        return "reminders_off"
    if quiet_hours(text):
        return "reminders_settings"
    if _CANCEL.search(text):
        for what, intent in _CANCELLED:
            if what.search(text):
                return intent
        return "training_cancel"
    return None
