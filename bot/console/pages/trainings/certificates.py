"""The certificates of a training: listed, and withdrawn."""

from typing import Final

from starlette.responses import Response
from starlette.routing import BaseRoute

from bot.console.pages.trainings import forms
from bot.console.pages.trainings.session import administration
from bot.console.visits import NotThere, Visit, get, post
from bot.services.operators.roles import Right
from bot.services.trainings.errors import TrainingRefused
from bot.services.trainings.operating import certificates


async def show(visit: Visit) -> Response:
    """Those that were issued, the last first."""
    before = visit.query("before")
    try:
        async with visit.parts.store.reading() as db:
            page = await certificates.issued(
                db,
                visit.parts.keys,
                visit.operator,
                int(visit.path("id")),
                forms.number(before) if before else None,
            )
    except TrainingRefused:
        raise NotThere from None
    return visit.render("trainings/certificates.html", {"page": page, "training": page.training})


async def withdraw(visit: Visit) -> Response:
    """A certificate is void; its courier did not attend."""
    number = int(visit.path("id"))
    try:
        async with visit.parts.store.writing() as db:
            done = await certificates.withdraw(
                db,
                administration(visit).seating,
                visit.operator,
                number,
                int(visit.path("certificate")),
                visit.now,
            )
    except TrainingRefused:
        raise NotThere from None
    if not done:
        raise NotThere
    said = visit.t("The certificate is withdrawn. A tick for attendance allows a new one.")
    return visit.redirect(f"/trainings/{number}/certificates", said)


ROUTES: Final[list[BaseRoute]] = [
    get("/trainings/{id:int}/certificates", Right.TRAININGS, show),
    post("/trainings/{id:int}/certificates/{certificate:int}/withdraw", Right.TRAININGS, withdraw),
]
