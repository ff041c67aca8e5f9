"""What the pages of messages share: one broadcast by its address, audiences and faults in words."""

from bot.common.i18n import Translator
from bot.console.pages.numbers import row_number
from bot.console.visits import NotThere, Visit
from bot.operator_wording.broadcasts import state
from bot.services.broadcasts.audience import Audience
from bot.services.broadcasts.errors import BroadcastRefusal, BroadcastRefused
from bot.services.broadcasts.statuses import BroadcastStatus
from bot.services.notifications.queue import Topic

TOPICS = (Topic.TRAINING, Topic.CARD, Topic.STATION)
"""What a broadcast may be about: couriers can switch these off."""


def number_of(visit: Visit) -> int:
    """The broadcast of the address. Raises `NotThere`."""
    number = row_number(visit.path("number"))
    if number is None:
        raise NotThere
    return number


def topic_name(t: Translator, topic: Topic) -> str:
    """The topic in words."""
    match topic:
        case Topic.TRAINING:
            return t("trainings and notices")
        case Topic.CARD:
            return t("the card")
        case Topic.STATION:
            return t("stations")
        case Topic.SERVICE:
            return t("the service itself")
        case Topic.LESSON:
            return t("lessons")
        case Topic.WARNING:
            return t("warnings against fraud")


def audience_name(visit: Visit, audience: Audience) -> str:
    """Whom it is for, in words."""
    place = visit.parts.places.by_adcode.get(audience.league)
    names = [
        place.name if place else visit.t("the whole region"),
        audience.firm or visit.t("all firms"),
        topic_name(visit.t, audience.topic),
    ]
    return " · ".join(names)


def channel_name(t: Translator, channel: str) -> str:
    """A channel as operators call it."""
    match channel:
        case "wechat":
            return t("WeChat")
        case "telegram":
            return "Telegram"
        case "web":
            return t("web page")
        case "terminal":
            return t("terminal")
        case _:
            return channel


def fault(visit: Visit, refused: BroadcastRefused) -> str:
    """Why a broadcast is not made or changed, in one sentence. Raises `NotThere`."""
    t = visit.t
    match refused.why:
        case BroadcastRefusal.GONE:
            raise NotThere
        case BroadcastRefusal.NO_TEXT:
            return t("Write what couriers shall read; the Chinese text is needed.")
        case BroadcastRefusal.TOO_LONG:
            return t("The text is longer than {most} characters; shorten it.", most=500)
        case BroadcastRefusal.PAST:
            return t("Its time would be over already; choose a later start or more hours.")
        case BroadcastRefusal.START_PAST:
            return t("The start lies in the past; choose a later one.")
        case BroadcastRefusal.REPEATED:
            return t(
                "Some of these couriers get the same text within a day, by message {id}. Tick "
                "“send it all the same” if that is meant.",
                id=refused.value,
            )
        case BroadcastRefusal.NOBODY:
            return t("Nobody is meant; choose another audience.")
        case BroadcastRefusal.STATE:
            named = state(BroadcastStatus(refused.value), visit.bot_words)
            return t("Somebody was faster: the message is {state} now.", state=named)


def is_conflict(refused: BroadcastRefused) -> bool:
    """Whether somebody else changed it meanwhile."""
    return refused.why is BroadcastRefusal.STATE
