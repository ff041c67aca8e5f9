"""How a station is worded: a few lines in a list, its state, its hours."""

from datetime import datetime, timedelta
from functools import lru_cache

from bot.common.clock import CHINA
from bot.common.i18n import Translator
from bot.conversation.replies import Button, Link, Pin
from bot.handlers import labels
from bot.handlers.stations import facilities, links
from bot.handlers.stations.figures import MatchFigures
from bot.hours.calendar import Flag
from bot.hours.opening import Change, Opening
from bot.services.stations.catalogue import Station
from bot.services.stations.results import MatchReason, StationMatch, is_round_the_clock
from bot.services.stations.statuses import StationStatus

RIDE_SHOWN_BELOW = 50_000.0  # metres: no e-bike goes further on one battery
REST_SHOWN_BELOW = timedelta(hours=2)
REST_SHOWN_BRIEFLY_BELOW = timedelta(hours=1)
STALE = timedelta(days=180)
"""A list says when a station was last checked only if that is longer ago."""


def in_list(
    t: Translator,
    number: int,
    station: Station,
    match: StationMatch,
    figures: MatchFigures,
    now: datetime,
    at: datetime | None = None,
    *,
    against: str = "",
    seen_from: str = "",
    public_url: str = "",
) -> Pin:
    """One of several: the first in full with all map apps, each of the others in one line.

    `at` is when the courier sets out, if not now; `against` what was found there today that speaks
    against it; `seen_from` the place that was typed, from the centre of which distances count;
    `public_url` where the stations' pages are.
    """
    title = f"{number}. {station.name}"
    best = number == 1
    rest_below = REST_SHOWN_BELOW if best else REST_SHOWN_BRIEFLY_BELOW
    has_phone = bool(station.phone)
    opening = on_arrival(
        t, match, figures, at or now, rest_below, has_phone=has_phone, with_break=best
    )
    reason = _reason(t, match.reason)
    if reason and reason != opening:
        title = t("{title} ({reason})", title=title, reason=reason)
    distance, ride = figures.distance, figures.ride
    if seen_from:
        distance = t("{distance} from the centre", distance=distance)
    if match.metres > RIDE_SHOWN_BELOW:
        way = t("{distance} · {opening}", distance=distance, opening=opening)
    elif not best:
        way = f"{ride} · {opening}"
    else:
        way = t(
            "{distance}, about {ride} by e-bike · {opening}",
            distance=distance,
            ride=ride,
            opening=opening,
        )
    stale = [against] if against else []
    if not against and _is_stale(station, now):
        stale = [confirmed(t, station)]
    lines, shown = _facilities_and_links(t, station, public_url, best)
    text = ("\n" if best else " · ").join([title, way, *lines, *stale])
    more = details_button(t, number, station.id)
    return Pin(station.point, station.name, station.address, text, shown, str(number), more)


@lru_cache(maxsize=links.STATIONS_HELD)
def _facilities_and_links(
    t: Translator, station: Station, public_url: str, in_full: bool, /
) -> tuple[tuple[str, ...], tuple[Link, ...]]:
    """Lines on facilities and links to ride there, which are the same in each answer."""
    if in_full:
        rides = (*links.rides(t, station), *links.page(t, station, public_url))
        return tuple(facilities.in_short(t, station)), rides
    return tuple(facilities.broken(t, station)), links.shortest_way(t, station, public_url)


@lru_cache(maxsize=4096)
def details_button(t: Translator, number: int, station_id: int) -> Button:
    """Opens the details of the station that carries this number in a list."""
    return Button(t("How to get in {n}", n=number), f"station.card:{station_id}")


def _is_stale(station: Station, now: datetime) -> bool:
    day = station.verified_at
    return day is None or now.astimezone(CHINA).date() - day > STALE


def _reason(t: Translator, reason: MatchReason | None) -> str:
    """Why a station is listed where it is not just the next in distance."""
    match reason:
        case None | MatchReason.SURER:  # what heads the list says so
            return ""
        case MatchReason.NEAREST:
            return t("nearest")
        case MatchReason.SUITS_WEATHER:
            return t("better in this weather")
        case MatchReason.HAS_WATER:
            return t("has hot water and is open")
        case MatchReason.ROUND_THE_CLOCK:
            return t("open round the clock")
        case MatchReason.OPEN_LATEST:
            return t("open latest")
        case MatchReason.OPENS_NEXT:
            return t("opens first")
        case MatchReason.NEAREST_ROUND_THE_CLOCK:
            return t("nearest round the clock")
        case MatchReason.UNKNOWN_HOURS:
            return t("nearest, hours not registered")
        case MatchReason.TOO_BRIEF:
            return t("too late for a rest")


def pin(t: Translator, station: Station, text: str, *, aside: bool = False) -> Pin:
    """The place itself with the ride there, under any words; `aside` as in `Pin`."""
    rides = links.rides(t, station)
    return Pin(station.point, station.name, station.address, text, rides, aside=aside)


def on_arrival(
    t: Translator,
    match: StationMatch,
    figures: MatchFigures,
    at: datetime,
    rest_below: timedelta = REST_SHOWN_BELOW,
    *,
    has_phone: bool,
    with_break: bool = True,
) -> str:
    """`open until 17:00, 20 min left on arrival`, or when it opens, for who sets out `at`.

    What is left is said where it is less than `rest_below`, and when it opens again after a break
    with `with_break`.
    """
    opening = match.opening
    warnings = _warnings(t, opening, has_phone=has_phone)
    if opening.is_open is None:
        state = _unknown_hours(t, has_phone=has_phone)
    elif not opening.is_open:
        state = figures.opens
    elif opening.until is None or is_round_the_clock(opening, at):
        state = t("open round the clock")
    else:
        if opening.until - (at + match.ride) < rest_below:
            state = t(
                "open until {time}, {left} to rest when you get there",
                time=figures.until,
                left=figures.left,
            )
        else:
            state = t("open until {time}", time=figures.until)
        if with_break:
            state = _and_again(t, state, opening)
    return state + warnings


def confirmed(t: Translator, station: Station) -> str:
    """When somebody last checked the station."""
    if station.verified_at is None:
        return t("Not confirmed yet")
    day = station.verified_at
    return t("Confirmed on {year}-{month}-{day}", year=day.year, month=day.month, day=day.day)


def _unknown_hours(t: Translator, *, has_phone: bool) -> str:
    if has_phone:
        return t("hours not registered, phone first")
    return t("hours not registered")


def _warnings(t: Translator, opening: Opening, *, has_phone: bool) -> str:
    text = ""
    if not opening.flags:
        return text
    if Flag.PHONE_FIRST in opening.flags and has_phone:
        text += t(" (public holiday, phone first)")
    elif Flag.PHONE_FIRST in opening.flags:
        text += t(" (public holiday, may be closed)")
    if Flag.CHANGED in opening.flags:
        text += t(" (special hours)")
    if Flag.YEAR_UNKNOWN in opening.flags:
        text += t(" (public holidays of that year are not published yet)")
    return text


def state_now(t: Translator, station: Station, opening: Opening, now: datetime) -> str:
    """Whether one could walk in at this moment, and until or from when."""
    match station.status:
        case StationStatus.PAUSED:
            return t("closed for the time being")
        case StationStatus.MOVED:
            return t("moved away")
        case StationStatus.CLOSED:
            return t("given up")
        case StationStatus.OPEN:
            return _open_now(t, opening, now, has_phone=bool(station.phone))


def _open_now(t: Translator, opening: Opening, now: datetime, *, has_phone: bool) -> str:
    warnings = _warnings(t, opening, has_phone=has_phone)
    if opening.is_open is None:
        return _unknown_hours(t, has_phone=has_phone)
    if not opening.is_open:
        return labels.opens(t, opening.opens, now) + warnings
    if opening.until is None or is_round_the_clock(opening, now):
        return t("open round the clock")
    state = t("open until {time}", time=labels.open_until(t, opening.until, now))
    return _and_again(t, state, opening) + warnings


def _and_again(t: Translator, state: str, opening: Opening) -> str:
    """The state, and when it opens again after a break at noon."""
    if opening.reopens is None:
        return state
    return t("{state}, again from {time}", state=state, time=labels.clock_time(opening.reopens))


def coming_changes(t: Translator, station: Station, now: datetime) -> list[str]:
    """Other hours and closures from today on, each with its dates, and the reason if known."""
    today = now.astimezone(CHINA).date()
    usual = station.schedule.hours
    return [
        *(dated(t, change) for change in station.schedule.changes if change.last >= today),
        *([] if usual is None else labels.closed_dates(t, usual, today)),
    ]


def week(t: Translator, station: Station) -> tuple[tuple[str, str], ...]:
    """The usual hours as (days, times), for a table."""
    if station.schedule.hours is None:
        return (("", t("hours not registered, phone first")),)
    return labels.week_rows(t, station.schedule.hours)


def week_line(t: Translator, station: Station) -> str:
    """The usual hours in one line."""
    if station.schedule.hours is None:
        return _unknown_hours(t, has_phone=bool(station.phone))
    return labels.week(t, station.schedule.hours)


def dated(t: Translator, change: Change) -> str:
    """Other hours on a day, or from one day to another, and why."""
    first = labels.month_day(t, change.first)
    hours = labels.week(t, change.hours) if change.hours else t("closed")
    if change.first == change.last:
        said = t("{day}: {hours} {reason}", day=first, hours=hours, reason=change.reason)
    else:
        said = t(
            "{first} to {last}: {hours} {reason}",
            first=first,
            last=labels.month_day(t, change.last),
            hours=hours,
            reason=change.reason,
        )
    return said.rstrip()
