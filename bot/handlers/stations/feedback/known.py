"""What couriers and keepers found, in words: of each fact what is known and from when.

Three facts are kept apart: that the station is there, that one may come in, that a facility works.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

from bot.belief.model import ENTER, EXISTS
from bot.common.clock import CHINA
from bot.common.i18n import Translator
from bot.handlers import labels
from bot.handlers.stations import facilities
from bot.services.stations.catalogue import Station
from bot.services.stations.observations import Known

SHOWN_IN_LIST: Final = 1  # day: what is older is in the details
DAYS_COUNTED: Final = 90
"""A check longer ago is told by its date."""


def in_details(t: Translator, station: Station, known: Sequence[Known], now: datetime) -> list[str]:
    """A line for each fact: the station, the way in, then its facilities."""
    by_fact = {one.fact: one for one in known}
    lines = [_checked(t, station, by_fact.get(EXISTS), now)]
    if (entered := by_fact.get(ENTER)) is not None:
        lines.append(t("Coming in: {text}", text=_enter(t, entered, now)))
    for one in station.facilities:
        if (found := by_fact.get(one.code)) is not None:
            word = facilities.facility(t, one.code)
            lines.append(t("{fact}: {text}", fact=word, text=_works(t, found, now)))
    return lines


def found_against(t: Translator, station: Station, known: Sequence[Known], now: datetime) -> str:
    """What speaks against going there, from today; empty where nothing does."""
    if not known:
        return ""
    by_fact = {one.fact: one for one in known if _days_ago(one.at, now) < SHOWN_IN_LIST}
    for fact in (EXISTS, ENTER):
        one = by_fact.get(fact)
        if one is not None and one.positive is not True:
            return _gone(t, one, now) if fact == EXISTS else _enter(t, one, now)
    for code in facilities.FILTERS:
        one = by_fact.get(code)
        if one is not None and one.positive is False and station.has(code):
            word = facilities.facility(t, code)
            return t("{fact}: {text}", fact=word, text=_works(t, one, now))
    return ""


def nearest_passed_over(
    t: Translator,
    station: Station,
    known: Sequence[Known],
    now: datetime,
    *,
    for_weather: bool = False,
) -> str:
    """Why the nearest open station is not the first: what was found there, else what is not known.

    It heads a list that must stay in sight on a small phone. `for_weather`: the first has more of
    what the weather calls for.
    """
    plain = [replace(one, is_doubted=False) for one in known]  # its own line says so
    found = found_against(t, station, plain, now)
    if not found and for_weather:
        return t("Better for this weather first; {name} is nearer:", name=station.name)
    if not found and station.schedule.hours is None:
        found = t("its hours are not registered")
    if not found and station.verified_at is None:
        found = t("nobody has checked it yet")
    if not found:
        found = t("it is less certain to be open")
    return t("The nearest one: {why}. Surer first:", why=found)


def checked(t: Translator, station: Station, now: datetime) -> str:
    """When somebody last checked the station: days ago, or the date of a longer time."""
    if station.verified_at is None:
        return t("Not confirmed yet")
    day = station.verified_at
    days = (now.astimezone(CHINA).date() - day).days
    if days <= 0:
        return t("Last checked today")
    if days <= DAYS_COUNTED:
        return t.n("Last checked {n} day ago", "Last checked {n} days ago", days)
    return t("Confirmed on {year}-{month}-{day}", year=day.year, month=day.month, day=day.day)


def _checked(t: Translator, station: Station, exists: Known | None, now: datetime) -> str:
    last = checked(t, station, now)
    if exists is None or exists.positive is True:
        return last
    return t("{last}; {found}", last=last, found=_gone(t, exists, now))


def _gone(t: Translator, one: Known, now: datetime) -> str:
    if one.positive is None:
        return t("some say it is gone, some that it is there")
    day = _day(t, one.at, now)
    text = t("{day} somebody said it is gone", day=day)
    if one.people > 1:
        text = t("{day} {n} couriers said it is gone", day=day, n=one.people)
    return _doubted(t, text, one)


def _enter(t: Translator, one: Known, now: datetime) -> str:
    if one.positive is None:
        return t("some say open, some say locked")
    if one.positive:
        return _confirmed(t, one, now)
    day = _day(t, one.at, now)
    text = t("{day} somebody said it is locked", day=day)
    if one.people > 1:
        text = t("{day} {n} couriers said it is locked", day=day, n=one.people)
    return _doubted(t, text, one)


def _works(t: Translator, one: Known, now: datetime) -> str:
    if one.positive is None:
        return t("some say it works, some that it does not")
    if one.positive:
        return _confirmed(t, one, now)
    day = _day(t, one.at, now)
    text = t("{day} somebody said it does not work", day=day)
    if one.people > 1:
        text = t("{day} {n} couriers said it does not work", day=day, n=one.people)
    return _doubted(t, text, one)


def _confirmed(t: Translator, one: Known, now: datetime) -> str:
    when = t("{day} {time}", day=_day(t, one.at, now), time=labels.clock_time(one.at))
    if not one.people:
        return t("confirmed by the station {when}", when=when)
    text = t.n(
        "confirmed by {n} courier {when}", "confirmed by {n} couriers {when}", one.people, when=when
    )
    return t("{text} and by the station", text=text) if one.by_keeper else text


def _doubted(t: Translator, text: str, one: Known) -> str:
    return t("{text}, to be checked", text=text) if one.is_doubted else text


def _day(t: Translator, at: datetime, now: datetime) -> str:
    days = _days_ago(at, now)
    if days <= 0:
        return t("today")
    if days == 1:
        return t("yesterday")
    return t.n("{n} day ago", "{n} days ago", days)


def _days_ago(at: datetime, now: datetime) -> int:
    return (now.astimezone(CHINA).date() - at.astimezone(CHINA).date()).days
