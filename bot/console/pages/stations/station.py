"""One station: what is stored, what couriers read, its history, and changes of it.

A change is shown first, in the words that couriers will read, and then saved against the version
that was shown. Where somebody else changed the same thing meanwhile, the answer is 409 with what
they did, and nothing is lost: the operator's own values stay in the form.
"""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Final
from urllib.parse import quote

from starlette.responses import Response
from starlette.routing import BaseRoute

from bot.common.clock import CHINA
from bot.common.facilities import FACILITIES
from bot.common.i18n import Translator
from bot.common.lazy_pattern import LazyPattern
from bot.console.pages.stations.courier_view import after, notice, sentences
from bot.console.pages.stations.forms import FIELDS, NONE, MalformedForm, edit_of, given_fields
from bot.console.pages.stations.listing import status_name
from bot.console.pages.stations.merged import follows
from bot.console.pages.stations.places import move_of, on_maps
from bot.console.pages.week_bar import DayKind, calendar, week_bar
from bot.console.visits import NotThere, Visit, get, post
from bot.geo.datum import Datum
from bot.handlers import labels
from bot.handlers.stations import wording
from bot.handlers.stations.facilities import facility, state
from bot.operator_wording import hours_words, revision_words
from bot.operator_wording.station_advice import edit_advice
from bot.services.operators.revisions import RevisionAction, RevisionKind, UndoRefused
from bot.services.operators.roles import Right
from bot.services.spreadsheets.tables import Difference
from bot.services.stations.administration import edits, keeper_links, photos
from bot.services.stations.catalogue import Station
from bot.services.stations.editing.edit_kinds import Edit, Verify
from bot.services.stations.editing.edits import Draft
from bot.services.stations.editing.errors import (
    EditRefused,
    HoursDoubtful,
    StationEdited,
    StationUnknown,
)
from bot.services.stations.importing.columns import COLUMNS
from bot.services.stations.keepers.links import LinkState
from bot.services.stations.photos.shown import MOST
from bot.services.stations.statuses import FacilityStatus, StationStatus

DAY: Final = LazyPattern(r"\d{4}-\d\d-\d\d")
DIGITS: Final = 18
"""Of a number in a form, at most."""


async def show(visit: Visit) -> Response:
    """The station."""
    return await page(visit)


async def preview(visit: Visit) -> Response:
    """What a change would do, and what couriers would read then; 422 where it is not accepted."""
    try:
        edit = edit_of(visit)
        async with visit.parts.store.reading() as db:
            draft = await edits.draft(
                db, visit.parts.places, visit.operator, visit.path("code"), edit, visit.now
            )
    except MalformedForm as wrong:
        return await page(visit, errors=[wrong.message], status=422)
    except StationUnknown:
        raise NotThere from None
    return await _confirm(visit, draft)


async def save(visit: Visit) -> Response:
    """Saves it: 303, 422 where it is not accepted, 409 where somebody else was faster."""
    try:
        return await _save(visit, edit_of(visit))
    except MalformedForm as wrong:
        return await page(visit, errors=[wrong.message], status=422)


async def verify(visit: Visit) -> Response:
    """Somebody was there, and everything is as stored."""
    return await _save(visit, Verify(visit.now.astimezone(CHINA).date()))


async def take_back(visit: Visit) -> Response:
    """Undoes one change of this station."""
    code, number = visit.path("code"), _number(visit.field("revision"))
    try:
        async with visit.parts.store.writing() as db:
            await edits.take_back(db, visit.parts.places, visit.operator, code, number, visit.now)
    except StationUnknown:
        raise NotThere from None
    except UndoRefused as refused:
        error = revision_words.refused(number, refused, visit.bot_words)
        return await page(visit, errors=[error], status=409)
    return visit.redirect(_address(code), visit.t("Undone. Couriers see it within seconds."))


async def _save(visit: Visit, edit: Edit) -> Response:
    code, version, t = visit.path("code"), _number(visit.field("version")), visit.t
    places, operator, now = visit.parts.places, visit.operator, visit.now
    try:
        async with visit.parts.store.writing() as db:
            number = await edits.save(
                db,
                places,
                operator,
                code,
                edit,
                now,
                version=version,
                accept_doubtful=visit.field("accept") == "yes",
            )
    except StationUnknown:
        raise NotThere from None
    except EditRefused as refused:
        said = [edit_advice(one, visit.bot_words) for one in refused.problems]
        return await page(visit, errors=said, status=422)
    except HoursDoubtful:
        return await preview(visit)
    except StationEdited as edited:
        async with visit.parts.store.reading() as db:
            draft = await edits.draft(db, places, operator, code, edit, now)
        return await _confirm(visit, draft, edited)
    if number is None:
        return visit.redirect(_address(code), t("It was so already; nothing is changed."))
    return visit.redirect(_address(code), t("Saved. Couriers see it within seconds."))


async def _confirm(visit: Visit, draft: Draft, edited: StationEdited | None = None) -> Response:
    """The change field by field, what speaks against it, and the couriers' sentences after it."""
    words = visit.bot_words
    if draft.problems:
        said = [f"{one.column}：{edit_advice(one, words)}" for one in draft.problems]
        return await page(visit, errors=said, status=422)
    async with visit.parts.store.reading() as db:
        found = await edits.view(db, visit.parts.places, visit.operator, draft.code)
        holidays = await edits.holidays(db, visit.parts.holidays)
        known = await edits.known(db, found.station, visit.now)
    was, today = found.station, visit.now.astimezone(CHINA).date()
    changed, fields = after(was, draft), {one.field for one in draft.differences}
    meanwhile = () if edited is None else edited.changes
    values = {
        "view": found,
        "draft": draft,
        "given": given_fields(visit),
        "changes": [
            (COLUMNS[one.field][0], *_before_and_after(one, words)) for one in draft.differences
        ],
        "warnings": [edit_advice(one, words) for one in draft.warnings],
        "doubts": [labels.hours_doubt(words, one) for one in draft.doubts],
        "told": sentences(words, changed, holidays, known, visit.now, was),
        "notice": notice(words, changed, draft, visit.now),
        "weeks": [
            (title, week_bar(words, one.schedule.hours, today, marked=True))
            for title, one in ((visit.t("Until now"), was), (visit.t("From now on"), changed))
            if "hours" in fields
        ],
        "fortnight": calendar(words, changed.schedule, holidays, today, visit.t("hours not known"))
        if "changes" in fields
        else (),
        "mark": _mark(visit),
        "move": move_of(found.station, found.league, draft),
        "meanwhile": [
            (revision, list(revision_words.lines(RevisionKind.STATIONS, record, words)))
            for revision, record in meanwhile
        ],
    }
    return visit.render("stations/confirm.html", values, 409 if meanwhile else 200)


def _before_and_after(one: Difference, words: Translator) -> tuple[str, str]:
    """A field in words; of dated hours only the days that change."""
    kind = RevisionKind.STATIONS
    before, after = (
        revision_words.said(kind, one.field, value, words) for value in (one.before, one.after)
    )
    return hours_words.only_different(before, after) if one.field == "changes" else (before, after)


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
        "mark": _mark(visit),
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


def _mark(visit: Visit) -> Callable[[DayKind], str]:
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


def _address(code: str) -> str:
    return f"/stations/{quote(code, safe='')}"


def _number(text: str) -> int:
    """A row's number or a version. Raises `NotThere`."""
    if not (text.isascii() and text.isdecimal() and len(text) < DIGITS):
        raise NotThere
    return int(text)


ROUTES: Final[list[BaseRoute]] = [
    get("/stations/{code}", Right.READ, follows(show)),
    post("/stations/{code}/preview", Right.STATIONS, follows(preview)),
    post("/stations/{code}/save", Right.STATIONS, follows(save)),
    post("/stations/{code}/verify", Right.STATIONS, follows(verify)),
    post("/stations/{code}/undo", Right.STATIONS, follows(take_back)),
]
