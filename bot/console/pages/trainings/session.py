"""One training: its page, changes that are shown with their messages first, called off, undone."""

from datetime import timedelta
from typing import Final

from starlette.responses import Response
from starlette.routing import BaseRoute

from bot.console.pages.trainings import forms
from bot.console.pages.trainings.wording import messages, refusal, status_name, told
from bot.console.visits import NotThere, Visit, get, post
from bot.handlers.trainings import wording
from bot.operator_wording import revision_words, undo_words
from bot.operator_wording.training_advice import advice
from bot.services.operators.revisions import RevisionKind, UndoRefused
from bot.services.operators.roles import Right
from bot.services.spreadsheets.tables import Problem
from bot.services.stations.administration.leagues import leagues
from bot.services.trainings.administration import TrainingAdministration
from bot.services.trainings.editing.edit_kinds import Cancel, Edit
from bot.services.trainings.editing.edits import Draft
from bot.services.trainings.editing.errors import EditRefused, TrainingEdited
from bot.services.trainings.errors import TrainingRefused
from bot.services.trainings.importing.columns import COLUMNS
from bot.services.trainings.operating import sessions
from bot.services.trainings.operating.sessions import TrainingView
from bot.services.trainings.seating import Seating
from bot.services.trainings.statuses import TrainingRefusal, TrainingStatus

KIND: Final = RevisionKind.TRAININGS


def administration(visit: Visit) -> TrainingAdministration:
    """The service that changes trainings, with the settings of this installation."""
    return TrainingAdministration(Seating(timedelta(minutes=visit.parts.settings.hold_minutes)))


async def show(visit: Visit) -> Response:
    """The training."""
    return await _page(visit)


async def edit_form(visit: Visit) -> Response:
    """The form with what is stored."""
    return await _form(visit, [])


async def preview(visit: Visit) -> Response:
    """What a change would do, and whom it is told to in which words; 422 if it is not accepted."""
    return await _confirm(visit, await _draft(visit, forms.change_of(visit)))


async def save(visit: Visit) -> Response:
    """Saves it: 303, 422 where it is not accepted, 409 where somebody else was faster."""
    return await _save(visit, forms.change_of(visit))


async def cancel_form(visit: Visit) -> Response:
    """Whom calling it off is told to, in which words."""
    try:
        draft = await _draft(visit, Cancel())
    except TrainingRefused as refused:
        return await _page(visit, _said(visit, refused), 422)
    return await _confirm(visit, draft)


async def cancel(visit: Visit) -> Response:
    """Calls it off."""
    return await _save(visit, Cancel())


async def undo_form(visit: Visit) -> Response:
    """What taking a revision back would do."""
    number, words = forms.number(visit.query("revision")), visit.bot_words
    view = await _view(visit)
    try:
        async with visit.parts.store.reading() as db:
            undo = await sessions.draft_undo(db, visit.operator, _id(visit), number, visit.now)
    except UndoRefused as refused:
        return await _page(visit, undo_words.refused(number, refused, words), 409)
    values = {
        "view": view,
        "number": number,
        "lines": list(undo_words.trainings_undo(undo, words)),
        "conflicts": list(undo_words.conflicts(KIND, undo.conflicts, words)),
        "is_possible": not undo.conflicts and not undo.obstacles,
    }
    return visit.render("trainings/undo.html", values)


async def undo(visit: Visit) -> Response:
    """Takes a revision back."""
    number, service = forms.number(visit.field("revision")), administration(visit)
    try:
        async with visit.parts.store.writing() as db:
            stays = await sessions.take_back(
                db, visit.operator, _id(visit), number, service, visit.now
            )
    except UndoRefused as refused:
        return await _page(visit, undo_words.refused(number, refused, visit.bot_words), 409)
    except TrainingRefused as refused:
        return await _page(visit, _said(visit, refused), 409)
    return visit.redirect(_address(visit) if stays else "/trainings", visit.t("Undone."))


async def _draft(visit: Visit, edit: Edit) -> Draft:
    """What the edit would do. Raises `NotThere` and `TrainingRefused`."""
    try:
        async with visit.parts.store.reading() as db:
            return await sessions.draft(
                db, visit.parts.places, visit.operator, _id(visit), edit, visit.now
            )
    except TrainingRefused as refused:
        _said(visit, refused)
        raise


async def _save(visit: Visit, edit: Edit) -> Response:
    version, t, service = forms.number(visit.field("version")), visit.t, administration(visit)
    places, operator, now = visit.parts.places, visit.operator, visit.now
    try:
        async with visit.parts.store.writing() as db:
            told_to = await sessions.save(
                db, places, operator, _id(visit), edit, service, now, version=version
            )
    except TrainingRefused as refused:
        return await _page(visit, _said(visit, refused), 409)
    except EditRefused as refused:
        return await _form(visit, [_problem(visit, one) for one in refused.problems])
    except TrainingEdited as edited:
        try:
            draft = await _draft(visit, edit)
        except TrainingRefused as refused:
            return await _page(visit, _said(visit, refused), 409)
        return await _confirm(visit, draft, edited)
    if told_to is None:
        return visit.redirect(_address(visit), t("It was so already; nothing is changed."))
    if isinstance(edit, Cancel):
        said = t.n(
            "Called off; {n} courier is told.", "Called off; {n} couriers are told.", told_to
        )
    else:
        said = t.n("Saved; {n} courier is told.", "Saved; {n} couriers are told.", told_to)
    return visit.redirect(_address(visit), said)


async def _confirm(visit: Visit, draft: Draft, edited: TrainingEdited | None = None) -> Response:
    words = visit.bot_words
    if draft.problems:
        return await _form(visit, [_problem(visit, one) for one in draft.problems])
    is_cancel = isinstance(draft.edit, Cancel)
    meanwhile = () if edited is None else edited.changes
    values = {
        "training": draft.training,
        "when": wording.time(words, draft.training, visit.now),
        "version": draft.version,
        "given": forms.given_fields(visit),
        "is_cancel": is_cancel,
        "changes": [
            (COLUMNS[one.field][0], one.before, one.after)
            for one in (() if draft.changed is None else draft.changed.differences)
        ],
        "messages": messages(visit, draft),
        "reads": [] if is_cancel else told(visit, draft.after),
        "total": sum(draft.told.values()),
        "meanwhile": [
            (revision, list(revision_words.lines(KIND, record, words)))
            for revision, record in meanwhile
        ],
    }
    return visit.render("trainings/confirm.html", values, 409 if meanwhile else 200)


async def _form(visit: Visit, errors: list[str]) -> Response:
    view = await _view(visit)
    stored = forms.shown(view.training, view.cells)
    was = {name: visit.field(forms.WAS + name, value) for name, value in stored.items()}
    values = {
        "training": view.training,
        "version": visit.field("version") or view.version,
        "fields": forms.sent(visit) if errors else stored,
        "was": was if errors else stored,
        **form_choices(visit),
        "errors": errors,
    }
    return visit.render("trainings/form.html", values, 422 if errors else 200)


def form_choices(visit: Visit) -> dict[str, object]:
    """What the form of a training offers to choose from, and the headings of its fields."""
    every = leagues(visit.parts.places)
    return {
        "labels": {name: names[0] for name, names in COLUMNS.items()},
        "leagues_shown": [one for one in every if visit.operator.covers(one.adcode)],
        "every_league": every,
        "may_none": not visit.operator.leagues,
    }


async def _page(visit: Visit, error: str = "", status: int = 200) -> Response:
    words, now = visit.bot_words, visit.now
    view = await _view(visit)
    training = view.training
    place = visit.parts.places.by_adcode.get(training.league)
    values = {
        "view": view,
        "training": training,
        "numbers": view.numbers,
        "league": "" if place is None else place.name,
        "error": error,
        "status_name": status_name(visit.t, training.status),
        "when": wording.time(words, training, now),
        "reads": told(visit, training),
        "is_planned": training.status is TrainingStatus.PLANNED and now < training.starts_at,
        "is_check_in": training.checkin_opens <= now <= training.checkin_closes,
        "has_begun": now >= training.starts_at,
        "is_held": training.status is not TrainingStatus.CANCELLED,
        "history": [
            (
                revision,
                revision_words.action(revision, words),
                list(revision_words.lines(KIND, record, words)),
                revision.undone_by is None and "status" not in (record.after or {}),
            )
            for revision, record in view.history
        ],
    }
    return visit.render("trainings/session.html", values, status)


async def _view(visit: Visit) -> TrainingView:
    try:
        async with visit.parts.store.reading() as db:
            return await sessions.view(db, visit.parts.places, visit.operator, _id(visit))
    except TrainingRefused:
        raise NotThere from None


def _said(visit: Visit, refused: TrainingRefused) -> str:
    if refused.reason is TrainingRefusal.GONE:
        raise NotThere
    return refusal(visit.t, refused)


def _problem(visit: Visit, problem: Problem) -> str:
    return f"{problem.column}：{advice(problem, visit.bot_words)}"


def _id(visit: Visit) -> int:
    return int(visit.path("id"))


def _address(visit: Visit) -> str:
    return f"/trainings/{_id(visit)}"


ROUTES: Final[list[BaseRoute]] = [
    get("/trainings/{id:int}", Right.TRAININGS, show),
    get("/trainings/{id:int}/edit", Right.TRAININGS, edit_form),
    post("/trainings/{id:int}/preview", Right.TRAININGS, preview),
    post("/trainings/{id:int}/save", Right.TRAININGS, save),
    get("/trainings/{id:int}/cancel", Right.TRAININGS, cancel_form),
    post("/trainings/{id:int}/cancel", Right.TRAININGS, cancel),
    get("/trainings/{id:int}/undo", Right.TRAININGS, undo_form),
    post("/trainings/{id:int}/undo", Right.TRAININGS, undo),
]
