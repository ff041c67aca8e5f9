"""The page of one station: what is stored, what couriers read, the forms and the history."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Final

from starlette.responses import Response

from bot.common.clock import CHINA
from bot.common.facilities import FACILITIES
from bot.common.lazy_pattern import LazyPattern
from bot.console.pages.stations.courier_view import sentences
from bot.console.pages.stations.forms import FIELDS, NONE
from bot.console.pages.stations.listing import status_name
from bot.console.pages.stations.places import on_maps
from bot.console.pages.week_bar import DayKind, calendar, week_bar
from bot.console.visits import NotThere, Visit
from bot.geo.datum import Datum
from bot.handlers import labels
from bot.handlers.stations import wording
from bot.handlers.stations.facilities import facility, state
from bot.operator_wording import hours_words, revision_words
from bot.services.operators.revisions import RevisionAction, RevisionKind
from bot.services.operators.roles import Right
from bot.services.stations.administration import edits, keeper_links, photos
from bot.services.stations.catalogue import Station
from bot.services.stations.editing.errors import (
    StationUnknown,
)
from bot.services.stations.importing.columns import COLUMNS
from bot.services.stations.keepers.links import LinkState
from bot.services.stations.photos.shown import MOST
from bot.services.stations.statuses import FacilityStatus, StationStatus

DAY: Final = LazyPattern(r"\d{4}-\d\d-\d\d")


async def page(visit: Visit, errors: list[str] | None = None, status: int = 200) -> Response:
    """The page of the station, with what is wrong with the form that was sent."""
    code, words = visit.path("code"), visit.bot_words
    try:
        async with visit.parts.store.reading() as db:
            found = await edits.view(db, visit.parts.places, visit.operator, code)
            holidays = await edits.holidays(db, visit.parts.holidays)
            known = await edits.known(db, found.station, visit.now)
            link = await keeper_links.state(db, visit.parts.places, visit.operator, code, visit.now)
            seen = await photos.of_station(db, visit.parts.places, visit.operator, code, visit.now)
    except StationUnknown:
        raise NotThere from None
    station, usual = found.station, found.station.schedule.hours
    today = visit.now.astimezone(CHINA).date()
    has = {one.code: one.state.value for one in station.facilities}
    place = visit.parts.places.by_adcode.get(found.league)
    shown = {**found.cells, "hours": hours_words.week(found.cells["hours"], words)}
    values = {
        "view": found,
        "station": station,
        "league": "" if place is None else place.name,
        "errors": errors or [],
        "may_edit": visit.operator.may(Right.STATIONS),
        "photos": seen,
        "most_photos": MOST,
        "longest_description": photos.DESCRIPTION_LENGTH,
        "given_photo": _given_photo(visit),
        "has_keeper_link": link is LinkState.VALID,
        "has_public_address": bool(visit.parts.settings.public_url),
        "status_name": status_name(visit.t, station.status),
        "told": sentences(words, station, holidays, known, visit.now),
        "week": week_bar(words, usual, today, marked=True),
        "week_words": wording.week(words, station),
        "has_seasons": usual is not None and bool(usual.seasons),
        "fortnight": calendar(words, station.schedule, holidays, today, visit.t("hours not known")),
        "mark": day_mark(visit),
        "on_maps": on_maps(station, station.point),
        "exceptions": [
            (one, wording.dated(words, one))
            for one in station.schedule.changes
            if one.last >= today
        ],
        "yearly": labels.closed_dates(words, usual, today) if usual else [],
        "given": _given(visit),
        "datums": [
            (Datum.GCJ02.value, visit.t("Amap or Tencent")),
            (Datum.BD09.value, visit.t("Baidu")),
            (Datum.WGS84.value, visit.t("GPS")),
        ],
        "is_closed": _is_closed(station, today),
        "is_off": station.status is StationStatus.OPEN and _is_closed(station, today),
        "facilities": [(one, facility(words, one), has.get(one, NONE)) for one in FACILITIES],
        "states": [(one.value, state(words, one) or visit.t("works")) for one in FacilityStatus],
        "fields": [
            (name, COLUMNS[name][0], shown[name], visit.field(name, shown[name])) for name in FIELDS
        ],
        "history": [
            (
                revision,
                revision_words.action(revision, words),
                list(revision_words.lines(RevisionKind.STATIONS, record, words)),
                revision.undone_by is None
                and (revision.records == 1 or revision.action is RevisionAction.MERGE),
            )
            for revision, record in found.history
        ],
        "today": today,
        "week_from_now": today + timedelta(days=6),
    }
    return visit.render("stations/station.html", values, status)


def _given(visit: Visit) -> dict[str, dict[str, str]]:
    """By form, what was filled in, where it is shown once more with what is wrong with it."""
    names = ("first", "last", "hours", "reason", "place", "datum")
    given = dict.fromkeys(names, "")
    filled = {name: visit.field(name) for name in names}
    forms = ("close", "days", "move")
    day = visit.query("day") if DAY.fullmatch(visit.query("day")) else ""
    picked = {**given, "first": day, "last": day}
    fresh = {"close": picked, "days": picked, "move": given}
    return {one: filled if visit.field("does") == one else fresh[one] for one in forms}


def day_mark(visit: Visit) -> Callable[[DayKind], str]:
    """A sign for each kind of day, so that colour is not all that tells them apart."""
    t = visit.t
    marks = {
        DayKind.USUAL: "",
        DayKind.CHANGED: t.p("a day in the calendar", "changed"),
        DayKind.CLOSED: t.p("a day in the calendar", "closed"),
        DayKind.HOLIDAY: t.p("a day in the calendar", "holiday"),
    }
    return lambda kind: marks[kind]


def _given_photo(visit: Visit) -> dict[str, str]:
    """By the number of a photo, "" for a new one, what was written about it."""
    if "description" not in visit.form:
        return {}
    return {visit.request.path_params.get("number", ""): visit.field("description")}


def _is_closed(station: Station, day: date) -> bool:
    """Whether it could be opened again: it has no service, or a dated closure lasts."""
    change = station.schedule.change(day)
    is_paused = station.status is not StationStatus.OPEN
    return is_paused or (change is not None and change.hours is None)
