"""The dashboard's tables in words: titles, headings, and what each line stands for."""

from bot.belief.model import ENTER, EXISTS
from bot.common.i18n import Translator
from bot.geo.places import Places
from bot.handlers.cards.wording import status
from bot.handlers.stations.facilities import facility
from bot.services.cards.statuses import CardStatus
from bot.services.overview.dashboard.figures import Figure


def title(t: Translator, figure: Figure) -> str:
    """What is looked at."""
    match figure:
        case Figure.SEARCHES:
            return t("Searches, and whether something was found")
        case Figure.COURIERS:
            return t("Couriers who searched")
        case Figure.TRIPS:
            return t("Trips that couriers told of")
        case Figure.BELIEF:
            return t("What couriers found, against the list")
        case Figure.CARDS:
            return t("How long stages of a card take")
        case Figure.TRAININGS:
            return t("Seats and attendance of trainings")
        case Figure.DELIVERY:
            return t("Messages by channel")
        case Figure.LEAGUES:
            return t("Leagues")
        case Figure.FRESHNESS:
            return t("When stations were verified, by owner")


def about(t: Translator, figure: Figure) -> str:
    """A sentence below the title; "" where the headings say it."""
    match figure:
        case Figure.COURIERS:
            return t("Different couriers each day.")
        case Figure.TRIPS:
            return t("In vain: the door was closed or the courier was not let in.")
        case Figure.BELIEF:
            return t("Stations, by what couriers found there.")
        case Figure.CARDS:
            return t("In days: half of all took no longer, and nine in ten took no longer.")
        case Figure.TRAININGS:
            return t("Trainings that have begun in this time.")
        case Figure.FRESHNESS:
            return t("Those with most stations that nobody verified for 90 days come first.")
        case Figure.SEARCHES | Figure.DELIVERY | Figure.LEAGUES:
            return ""


def headings(t: Translator, figure: Figure) -> tuple[str, ...]:
    """Of the first column and of each count."""
    match figure:
        case Figure.SEARCHES:
            return (t("Day"), t("found something open"), t("nothing open"), t("nothing near"))
        case Figure.COURIERS:
            return (t("Day"), t("couriers"))
        case Figure.TRIPS:
            return (t("Day"), t("trips in vain"), t("successful"))
        case Figure.BELIEF:
            return (t("What"), t("as listed"), t("not as listed"), t("waits for a check"))
        case Figure.CARDS:
            return (
                t("Stage"),
                t("cases"),
                t("half took at most"),
                t("a quarter at most"),
                t("three quarters at most"),
                t("nine in ten at most"),
            )
        case Figure.TRAININGS:
            return (t("Topic"), t("seats"), t("registered"), t("attended"))
        case Figure.DELIVERY:
            return (
                t("Channel"),
                t("sent"),
                t("kept in the chat"),
                t("not sent yet"),
                t("not delivered"),
            )
        case Figure.LEAGUES:
            return (
                t("League"),
                t("stations"),
                t("couriers"),
                t("searches"),
                t("found something open"),
                t("in vain"),
                t("trips in vain"),
            )
        case Figure.FRESHNESS:
            return (
                t("Owner"),
                t("within 30 days"),
                t("within 90 days"),
                t("longer ago or never"),
            )


def key(t: Translator, bot: Translator, places: Places, figure: Figure, value: str) -> str:
    """What a line stands for. `bot` words what couriers read, too."""
    match figure:
        case Figure.SEARCHES | Figure.COURIERS | Figure.TRIPS:
            return value
        case Figure.BELIEF:
            return _fact(t, bot, value)
        case Figure.CARDS:
            return _stage(t, bot, CardStatus(value))
        case Figure.TRAININGS:
            return value or t("(no topic)")
        case Figure.DELIVERY:
            return _channel(t, value)
        case Figure.LEAGUES:
            return places.by_adcode[value].name if value else t("the whole region")
        case Figure.FRESHNESS:
            return value or t("(nobody)")


def _fact(t: Translator, bot: Translator, fact: str) -> str:
    if fact == ENTER:
        return t("open, and one is let in")
    return t("the station is there") if fact == EXISTS else facility(bot, fact)


def _stage(t: Translator, bot: Translator, code: CardStatus) -> str:
    return t("(not known)") if code is CardStatus.UNKNOWN else status(bot, code, "")


def _channel(t: Translator, channel: str) -> str:
    names = {
        "": t("(no channel)"),
        "telegram": "Telegram",
        "wechat": t("WeChat"),
        "web": t("web page"),
        "terminal": t("terminal"),
    }
    return names.get(channel, channel)
