"""Photos of a station's door: added, described, put in order, removed and restored.

Each form is on the page of the station; what is wrong is said there, and what was written stays.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final, TypeAlias
from urllib.parse import quote

from starlette.responses import Response
from starlette.routing import BaseRoute

from bot.common.i18n import Translator
from bot.console.pages.numbers import row_number
from bot.console.pages.stations.station_page import page
from bot.console.visits import NotThere, Visit, get, post
from bot.services.operators.roles import Right
from bot.services.pictures import JPEG, PictureFault, PictureRefused
from bot.services.stations.administration import photos
from bot.services.stations.administration.photos import (
    DESCRIPTION_LENGTH,
    DescriptionTooLong,
    PhotoDescribed,
    PhotoGone,
    PhotoKnown,
    PhotosFull,
)
from bot.services.stations.editing.errors import StationUnknown
from bot.services.stations.photos import encoding
from bot.services.stations.photos.shown import MOST
from bot.services.storage import Db

LARGEST_FORM: Final = 20_000_000
"""Bytes. More than a photo may have, so that a larger one is refused on the station's page."""

Change: TypeAlias = Callable[[Db], Awaitable[object]]
Outran: TypeAlias = PhotosFull | PhotoKnown | PhotoGone | PhotoDescribed
"""What another operator was faster with, or the same one on another page."""


async def add(visit: Visit) -> Response:
    """A photo that was chosen: 303, 422 where it is none or too large, 409 for a fourth."""
    upload, t = visit.file("photo"), visit.t
    if upload is None:
        return await page(visit, [t("Choose a photo first.")], 422)
    try:
        photo = await asyncio.to_thread(encoding.encode, await upload.read())
    except PictureRefused as refused:
        return await page(visit, [_no_photo(t, refused)], 422)
    places, operator, code = visit.parts.places, visit.operator, visit.path("code")

    async def change(db: Db) -> None:
        description = visit.field("description")
        await photos.add(db, places, operator, code, photo, description, visit.now)

    return await _changed(visit, change, t("Added. Couriers see it at once."))


async def describe(visit: Visit) -> Response:
    """What one sees on a photo."""
    places, operator, code = visit.parts.places, visit.operator, visit.path("code")
    was, now, number = visit.field("was"), visit.field("description"), _number(visit)

    async def change(db: Db) -> None:
        await photos.describe(db, places, operator, code, number, was, now, visit.now)

    return await _changed(visit, change, visit.t("Saved. Couriers see it at once."))


async def move_forward(visit: Visit) -> Response:
    """One place earlier."""
    places, operator, code = visit.parts.places, visit.operator, visit.path("code")

    async def change(db: Db) -> None:
        await photos.move_forward(db, places, operator, code, _number(visit), visit.now)

    return await _changed(visit, change, visit.t("The order is changed."))


async def remove(visit: Visit) -> Response:
    """Couriers do not see it any more; it can be restored on the same page."""
    places, operator, code = visit.parts.places, visit.operator, visit.path("code")

    async def change(db: Db) -> None:
        await photos.remove(db, places, operator, code, _number(visit), visit.now)

    said = visit.t("Removed. It can be restored for {n} days.", n=photos.KEPT.days)
    return await _changed(visit, change, said)


async def restore(visit: Visit) -> Response:
    """Couriers see it again."""
    places, operator, code = visit.parts.places, visit.operator, visit.path("code")

    async def change(db: Db) -> None:
        await photos.restore(db, places, operator, code, _number(visit), visit.now)

    return await _changed(visit, change, visit.t("Restored. Couriers see it at once."))


async def picture(visit: Visit) -> Response:
    """The small JPEG of a photo; what has this address never changes."""
    places, operator, code = visit.parts.places, visit.operator, visit.path("code")
    try:
        async with visit.parts.store.reading() as db:
            data = await photos.small(db, places, operator, code, _number(visit))
    except (StationUnknown, PhotoGone):
        raise NotThere from None
    headers = {"Cache-Control": "private, max-age=3600"}
    return Response(data, media_type=JPEG, headers=headers)


async def _changed(visit: Visit, change: Change, done: str) -> Response:
    try:
        async with visit.parts.store.writing() as db:
            await change(db)
    except StationUnknown:
        raise NotThere from None
    except DescriptionTooLong:
        said = visit.t("What one sees has at most {n} characters.", n=DESCRIPTION_LENGTH)
        return await page(visit, [said], 422)
    except (PhotosFull, PhotoKnown, PhotoGone, PhotoDescribed) as outran:
        return await page(visit, [_outran(visit.t, outran)], 409)
    return visit.redirect(f"/stations/{quote(visit.path('code'), safe='')}#photos", done)


def _outran(t: Translator, reason: Outran) -> str:
    match reason:
        case PhotosFull():
            return t("There are {n} photos already. Remove one first.", n=MOST)
        case PhotoKnown():
            return t("This photo is there already.")
        case PhotoGone():
            return t("Somebody removed or restored this photo meanwhile. Nothing was changed.")
        case PhotoDescribed(description=said):
            return t(
                "Somebody described it meanwhile: “{text}”. Save once more to put yours instead.",
                text=said,
            )


def _no_photo(t: Translator, refused: PictureRefused) -> str:
    match refused.code:
        case PictureFault.TOO_BIG:
            return t("The photo is larger than {n} MB. Please make it smaller.", n=refused.most)
        case PictureFault.TOO_MANY_PIXELS:
            return t(
                "The photo has more than {n} million pixels. Please make it smaller.",
                n=refused.most,
            )
        case PictureFault.NOT_A_PICTURE | PictureFault.MISSING | PictureFault.NAME:
            return t("This file is no photo. Please choose a picture: JPEG, PNG or WebP.")


def _number(visit: Visit) -> int:
    number = row_number(visit.path("number"))
    if number is None:
        raise NotThere
    return number


ROUTES: Final[list[BaseRoute]] = [
    post("/stations/{code}/photos", Right.STATIONS, add, max_files=1, largest=LARGEST_FORM),
    get("/stations/{code}/photos/{number}.jpg", Right.READ, picture),
    post("/stations/{code}/photos/{number}/description", Right.STATIONS, describe),
    post("/stations/{code}/photos/{number}/forward", Right.STATIONS, move_forward),
    post("/stations/{code}/photos/{number}/remove", Right.STATIONS, remove),
    post("/stations/{code}/photos/{number}/restore", Right.STATIONS, restore),
]
