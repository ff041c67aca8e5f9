"""What hangs in the room: the check-in code full-screen, and the poster with it."""

import asyncio
from typing import Final

import segno
from markupsafe import Markup
from starlette.responses import Response
from starlette.routing import BaseRoute

from bot.console.visits import NotThere, Visit, get
from bot.documents.errors import Unprintable
from bot.documents.pdf import fonts_with
from bot.documents.posters import Code, training_poster
from bot.handlers.trainings import wording
from bot.services.operators.roles import Right
from bot.services.trainings import rosters
from bot.services.trainings.catalogue import Training, checkin_start
from bot.services.trainings.errors import TrainingRefused
from bot.services.trainings.operating import sessions


async def show(visit: Visit) -> Response:
    """The code and how many have checked in; the page loads itself again."""
    training = await _training(visit)
    async with visit.parts.store.reading() as db:
        numbers = await rosters.attendance(db, training.id)
    values = {
        "training": training,
        "numbers": numbers,
        "when": wording.time(visit.bot_words, training, visit.now),
        "digits": f"{training.checkin_code[:3]} {training.checkin_code[3:]}",
        "drawn": [(one.caption, _drawn(one.url)) for one in await _codes(visit, training)],
        "is_check_in": training.checkin_opens <= visit.now <= training.checkin_closes,
    }
    return visit.render("trainings/screen.html", values)


async def poster(visit: Visit) -> Response:
    """The poster as PDF."""
    training = await _training(visit)
    codes = await _codes(visit, training)
    try:
        fonts = fonts_with(visit.parts.settings.print_font)
        data = await asyncio.to_thread(training_poster, training, fonts, codes)
    except (ValueError, Unprintable):
        said = visit.t("The font lacks a character of this training: name a larger one.")
        return visit.redirect(f"/trainings/{training.id}", said)
    name = f'inline; filename="poster-{training.id}.pdf"'
    return Response(data, media_type="application/pdf", headers={"Content-Disposition": name})


async def _training(visit: Visit) -> Training:
    try:
        async with visit.parts.store.reading() as db:
            return await sessions.require(db, visit.operator, int(visit.path("id")))
    except TrainingRefused:
        raise NotThere from None


async def _codes(visit: Visit, training: Training) -> list[Code]:
    """The QR codes that check in; none where no channel's address is known."""
    return await visit.parts.chat_codes(checkin_start(training))


def _drawn(url: str) -> Markup:
    code = segno.make(url, error="m")
    drawn = code.svg_inline(omitsize=True, border=3, dark="#000000", light="#ffffff")
    return Markup(drawn)  # noqa: S704 - drawn here


ROUTES: Final[list[BaseRoute]] = [
    get("/trainings/{id:int}/screen", Right.TRAININGS, show),
    get("/trainings/{id:int}/poster.pdf", Right.TRAININGS, poster),
]
