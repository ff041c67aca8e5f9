"""How a station is worded: a few lines in a list, and its details (放心进)."""

from dataclasses import replace
from datetime import datetime, timedelta

from bot.common.i18n import Translator
from bot.conversation.replies import Button, Link, Pin
from bot.geo import map_links
from bot.handlers import labels
from bot.hours.calendar import Flag
from bot.hours.opening import Change, Opening
from bot.services.stations.catalogue import Station
from bot.services.stations.results import MatchReason, StationMatch, is_round_the_clock
from bot.services.stations.statuses import FacilityStatus, StationStatus

RIDE_SHOWN_BELOW = 50_000.0  # metres: no e-bike goes further on one battery
REST_SHOWN_BELOW = timedelta(hours=2)


def in_list(
    t: Translator,
    number: int,
    station: Station,
    match: StationMatch,
    now: datetime,
    at: datetime | None = None,
    seen_from: str = "",
) -> Pin:
    """One of several: where, how far, open until when, what it has, and the way there.

    `at` is when the courier sets out, if not now; `seen_from` the place that was typed, from the
    centre of which distances count.
    """
    title = f"{number}. {station.name}"
    if reason := _reason(t, match.reason):
        title = t("{title} ({reason})", title=title, reason=reason)
    facilities = _facilities_in_short(t, station)
    opening = on_arrival(t, match, now, at or now, has_phone=bool(station.phone))
    distance, ride = labels.kilometres(t, match.metres), labels.minutes(t, match.ride)
    if seen_from:
        distance = t("{distance} from the centre", distance=distance)
    if match.metres > RIDE_SHOWN_BELOW:
        way = t("{distance} · {opening}", distance=distance, opening=opening)
    else:
        way = t(
            "{distance}, about {ride} by e-bike · {opening}",
            distance=distance,
            ride=ride,
            opening=opening,
        )
    text = "\n".join([title, way, *facilities, confirmed(t, station)])
    more = Button(t("How to get in {n}", n=number), f"station.card:{station.id}")
    return replace(pin(t, station, text), mark=str(number), more=more)


def _reason(t: Translator, reason: MatchReason | None) -> str:
    """Why a station is listed where it is not just the next in distance."""
    match reason:
        case None:
            return ""
        case MatchReason.NEAREST:
            return t("nearest")
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


def details(t: Translator, station: Station, opening: Opening, now: datetime) -> Pin:
    """放心进: what to look for at the door and what to say inside, hours, facilities, phone."""
    lines = [t("【{name}】Come right in", name=station.name)]
    if station.address:
        lines.append(t("Address: {text}", text=station.address))
    lines += [
        t("Door: {text}", text=station.door or t("look for the 爱心驿站 sign")),
        t("No queue ticket, no bank business, all free. Just say: I came for a rest."),
        t("Getting in: {text}", text=station.entry or t("not registered, ask inside")),
    ]
    if station.parking:
        lines.append(t("E-bike parking: {text}", text=station.parking))
    if station.toilet:
        lines.append(t("Toilet: {text}", text=station.toilet))
    lines.append(t("Now: {text}", text=state_now(t, station, opening, now)))
    lines.append(t("Hours: {text}", text=_week(t, station)))
    lines += [dated(t, one) for one in station.schedule.changes if one.last >= now.date()]
    lines.append(t("Facilities: {text}", text=_facilities_in_full(t, station)))
    if station.phone:
        lines.append(t("Phone: {text}", text=station.phone))
    if station.star:
        lines.append(t("Rating: {stars}", stars="★" * station.star))
    lines.append(confirmed(t, station))
    return pin(t, station, "\n".join(lines))


def pin(t: Translator, station: Station, text: str) -> Pin:
    """The place itself with its map links."""
    return Pin(
        station.point,
        station.name,
        station.address,
        text,
        (
            Link(t("Tencent map"), map_links.tencent(station.point, station.name, station.address)),
            Link(t("Amap"), map_links.amap(station.point, station.name)),
        ),
    )


def on_arrival(
    t: Translator, match: StationMatch, now: datetime, at: datetime, *, has_phone: bool
) -> str:
    """`open until 17:00, 20 min left on arrival`, or when it opens, for who sets out `at`."""
    opening = match.opening
    warnings = _warnings(t, opening, has_phone=has_phone)
    if opening.is_open is None:
        state = _unknown_hours(t, has_phone=has_phone)
    elif not opening.is_open:
        state = opens(t, opening, now)
    elif opening.until is None or is_round_the_clock(opening, at):
        state = t("open round the clock")
    else:
        until = _until(t, opening.until, now)
        left = opening.until - (at + match.ride)
        if left < REST_SHOWN_BELOW:
            state = t(
                "open until {time}, {left} to rest when you get there",
                time=until,
                left=labels.minutes(t, left),
            )
        else:
            state = t("open until {time}", time=until)
    return state + warnings


def opens(t: Translator, opening: Opening, now: datetime) -> str:
    """When a closed station opens next."""
    if opening.opens is None:
        return t("closed for the next two weeks")
    return t("opens {time}", time=labels.day_and_time(t, opening.opens, now))


def confirmed(t: Translator, station: Station) -> str:
    """When somebody last checked the station; always shown, for lists go stale."""
    if station.verified_at is None:
        return t("Not confirmed yet")
    day = station.verified_at
    return t("Confirmed on {year}-{month}-{day}", year=day.year, month=day.month, day=day.day)


def listed(t: Translator, codes: list[str]) -> str:
    """Facilities in one line."""
    return t(", ").join(labels.facility(t, code) for code in codes)


def _until(t: Translator, until: datetime, now: datetime) -> str:
    if (until - now) < timedelta(hours=12):
        return labels.clock_time(until)
    return labels.day_and_time(t, until, now)


def _unknown_hours(t: Translator, *, has_phone: bool) -> str:
    if has_phone:
        return t("hours not registered, phone first")
    return t("hours not registered")


def _warnings(t: Translator, opening: Opening, *, has_phone: bool) -> str:
    text = ""
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
        return opens(t, opening, now) + warnings
    if opening.until is None or is_round_the_clock(opening, now):
        return t("open round the clock")
    return t("open until {time}", time=_until(t, opening.until, now)) + warnings


def _week(t: Translator, station: Station) -> str:
    if station.schedule.hours is None:
        return _unknown_hours(t, has_phone=bool(station.phone))
    return labels.week(t, station.schedule.hours)


def dated(t: Translator, change: Change) -> str:
    """Other hours from one day to another, and why."""
    return t(
        "{first} to {last}: {hours} {reason}",
        first=labels.month_day(t, change.first),
        last=labels.month_day(t, change.last),
        hours=labels.week(t, change.hours) if change.hours else t("closed"),
        reason=change.reason,
    ).rstrip()


def _facilities_in_short(t: Translator, station: Station) -> list[str]:
    states = {one.code: one.state for one in station.facilities}
    working = [code for code in (*labels.FILTERS, "seat") if states.get(code) is FacilityStatus.OK]
    wrong = [
        t(
            "{facility} {state}",
            facility=labels.facility(t, code),
            state=labels.facility_state(t, state),
        )
        for code, state in states.items()
        if code in labels.FILTERS and state is not FacilityStatus.OK
    ]
    lines = []
    if working:
        lines.append(t("Has: {list}", list=listed(t, working)))
    if wrong:
        lines.append(t("Note: {list}", list=t(", ").join(wrong)))
    return lines


def _facilities_in_full(t: Translator, station: Station) -> str:
    if not station.facilities:
        return t("not registered")
    words = []
    for one in station.facilities:
        wrong = labels.facility_state(t, one.state)
        word = labels.facility(t, one.code)
        note = "; ".join(part for part in (wrong, one.note) if part)
        words.append(t("{facility} ({note})", facility=word, note=note) if note else word)
    return t(", ").join(words)
