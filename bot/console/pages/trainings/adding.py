"""New trainings: a blank form or a copy, once or every week, shown before they are published."""

from typing import Final

from starlette.responses import Response
from starlette.routing import BaseRoute

from bot.console.pages.trainings import forms
from bot.console.pages.trainings.session import administration, form_choices
from bot.console.pages.trainings.wording import told
from bot.console.visits import NotThere, Visit, get, post
from bot.handlers.trainings import wording
from bot.operator_wording.training_advice import advice
from bot.services.operators.roles import Right
from bot.services.spreadsheets.tables import Problem
from bot.services.trainings.editing.edit_kinds import MOST_WEEKS
from bot.services.trainings.editing.edits import described
from bot.services.trainings.editing.errors import EditRefused, TrainingThere
from bot.services.trainings.errors import TrainingRefused
from bot.services.trainings.importing.rows import TrainingEntry
from bot.services.trainings.operating import sessions


async def form(visit: Visit) -> Response:
    """The form; with `copy` that of another training, at the same hour in a week to come."""
    if not visit.query("copy"):
        return _form(visit, forms.blank(visit), [])
    number = forms.number(visit.query("copy"))
    try:
        async with visit.parts.store.reading() as db:
            found = await sessions.view(db, visit.parts.places, visit.operator, number)
    except TrainingRefused:
        raise NotThere from None
    return _form(visit, forms.copied(found.training, found.cells, visit.now), [])


async def preview(visit: Visit) -> Response:
    """What would be published, and what couriers would read; 422 where it is not accepted."""
    async with visit.parts.store.reading() as db:
        new = await sessions.draft_new(
            db, visit.parts.places, visit.operator, forms.new_of(visit), visit.now
        )
    entries = [one for one in new if isinstance(one, TrainingEntry)]
    if len(entries) < len(new):
        return _refused(visit, [one for one in new if isinstance(one, Problem)])
    trainings = [described(one) for one in entries]
    values = {
        "trainings": [(one, wording.time(visit.bot_words, one, visit.now)) for one in trainings],
        "reads": told(visit, trainings[0]),
        "given": forms.given_fields(visit),
    }
    return visit.render("trainings/publish.html", values)


async def again(visit: Visit) -> Response:
    """The form once more, with what was typed."""
    return _form(visit, forms.sent(visit), [])


async def add(visit: Visit) -> Response:
    """Publishes them: 303 to the first."""
    try:
        async with visit.parts.store.writing() as db:
            ids = await sessions.add(
                db,
                visit.parts.places,
                visit.operator,
                forms.new_of(visit),
                administration(visit),
                visit.now,
            )
    except EditRefused as refused:
        return _refused(visit, list(refused.problems))
    except TrainingThere as there:
        said = visit.t(
            "It is published already: {title}, on this day at this hour.", title=there.title
        )
        return _form(visit, forms.sent(visit), [said])
    said = visit.t.n(
        "{n} training is published; couriers find it from now on.",
        "{n} trainings are published; couriers find them from now on.",
        len(ids),
    )
    return visit.redirect(f"/trainings/{ids[0]}", said)


def _refused(visit: Visit, problems: list[Problem]) -> Response:
    said = [f"{one.column}：{advice(one, visit.bot_words)}" for one in problems]
    return _form(visit, forms.sent(visit), said)


def _form(visit: Visit, fields: dict[str, str], errors: list[str]) -> Response:
    values = {
        "training": None,
        "fields": fields,
        "weeks": visit.field("weeks", "1"),
        "most_weeks": MOST_WEEKS,
        **form_choices(visit),
        "errors": errors,
    }
    return visit.render("trainings/form.html", values, 422 if errors else 200)


ROUTES: Final[list[BaseRoute]] = [
    get("/trainings/new", Right.TRAININGS, form),
    post("/trainings/new/preview", Right.TRAININGS, preview),
    post("/trainings/new/again", Right.TRAININGS, again),
    post("/trainings/new", Right.TRAININGS, add),
]
