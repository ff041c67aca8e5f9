"""One station and the changes of it.

A change is shown first, in the words that couriers will read, and then saved against the version
that was shown. Where somebody else changed the same thing meanwhile, the answer is 409 with what
they did, and nothing is lost: the operator's own values stay in the form.
"""

from typing import Final
from urllib.parse import quote

from starlette.responses import Response
from starlette.routing import BaseRoute

from bot.common.clock import CHINA
from bot.common.i18n import Translator
from bot.console.pages.stations.courier_view import after, notice, sentences
from bot.console.pages.stations.forms import MalformedForm, edit_of, given_fields
from bot.console.pages.stations.merged import follows
from bot.console.pages.stations.places import move_of
from bot.console.pages.stations.station_page import day_mark, page
from bot.console.pages.week_bar import calendar, week_bar
from bot.console.visits import NotThere, Visit, get, post
from bot.handlers import labels
from bot.operator_wording import hours_words, revision_words, undo_words
from bot.operator_wording.station_advice import edit_advice
from bot.services.operators.revisions import RevisionKind, UndoRefused
from bot.services.operators.roles import Right
from bot.services.spreadsheets.tables import Difference
from bot.services.stations.administration import edits
from bot.services.stations.editing.edit_kinds import Edit, Verify
from bot.services.stations.editing.edits import Draft
from bot.services.stations.editing.errors import (
    EditRefused,
    HoursDoubtful,
    StationEdited,
    StationUnknown,
)
from bot.services.stations.importing.columns import COLUMNS

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
        error = undo_words.refused(number, refused, visit.bot_words)
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
        "mark": day_mark(visit),
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
