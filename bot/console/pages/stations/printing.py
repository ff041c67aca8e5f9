"""The link of a station's keeper, shown once, and what is printed: poster and keeper's sheet."""

import asyncio
from collections.abc import Callable
from functools import partial
from typing import Final
from urllib.parse import quote

import segno
from markupsafe import Markup
from starlette.responses import Response
from starlette.routing import BaseRoute

from bot.common.clock import CHINA
from bot.common.i18n import load_languages
from bot.console.pages.stations.merged import follows
from bot.console.parts import CodesUnavailable
from bot.console.visits import NotThere, Visit, get, post
from bot.documents.errors import Unprintable
from bot.documents.pdf import Fonts, fonts_with
from bot.documents.posters import Code, keeper_sheet, station_poster
from bot.operator_wording.station_printing import poster_of
from bot.services.operators.roles import Right
from bot.services.stations.administration import edits, keeper_links
from bot.services.stations.editing.errors import StationUnknown
from bot.services.stations.keepers.links import LIFETIME, KeeperLinkInvalid
from bot.services.stations.public_codes import arrival_code, public_code


async def poster(visit: Visit) -> Response:
    """The page for the door, as PDF; 422 names the characters that no font has.

    Its codes are those of the command line's poster.
    """
    code = visit.path("code")
    try:
        async with visit.parts.store.reading() as db:
            found = await edits.view(db, visit.parts.places, visit.operator, code)
    except StationUnknown:
        raise NotThere from None
    page = poster_of(load_languages().of(None, None), found.station)
    arrival, public = arrival_code(code), f"s/{public_code(code)}"
    try:
        codes = await visit.parts.chat_codes(arrival, public, wechat=True)
    except CodesUnavailable:
        said = visit.t("WeChat cannot make its QR code now. Try again in a minute.")
        return visit.redirect(_address(code), said)
    return await _pdf(visit, partial(station_poster, page), codes, f"poster-{public_code(code)}")


async def make_link(visit: Visit) -> Response:
    """A new link; the answer itself shows it, as only a hash of it is stored."""
    code, public_url = visit.path("code"), visit.parts.settings.public_url
    if not public_url:
        return visit.redirect(_address(code), visit.t("A link needs the public address."))
    try:
        async with visit.parts.store.writing() as db:
            token = await keeper_links.issue(
                db, visit.parts.places, visit.operator, code, visit.now
            )
        async with visit.parts.store.reading() as db:
            found = await edits.view(db, visit.parts.places, visit.operator, code)
    except StationUnknown:
        raise NotThere from None
    address = _link(visit, token)
    drawn = segno.make(address, error="m").svg_inline(
        border=4, dark="#000000", light="#ffffff", omitsize=True
    )
    values = {
        "station": found.station,
        "address": address,
        "token": token,
        "until": (visit.now + LIFETIME).astimezone(CHINA).date(),
        "drawn": Markup(drawn),  # noqa: S704 - drawn here
    }
    return visit.render("stations/keeper_link.html", values)


async def sheet(visit: Visit) -> Response:
    """The page with the link's QR code for the back room, as PDF."""
    code, token = visit.path("code"), visit.field("token")
    places, operator, now = visit.parts.places, visit.operator, visit.now
    try:
        async with visit.parts.store.reading() as db:
            until = await keeper_links.check(db, places, operator, code, token, now)
            found = await edits.view(db, places, operator, code)
    except (StationUnknown, KeeperLinkInvalid):
        raise NotThere from None
    last = until.astimezone(CHINA).date()
    make = partial(keeper_sheet, found.station.name, last)
    return await _pdf(visit, make, [Code("", _link(visit, token))], f"keeper-{public_code(code)}")


async def end_link(visit: Visit) -> Response:
    """The link opens nothing any more."""
    code = visit.path("code")
    try:
        async with visit.parts.store.writing() as db:
            ended = await keeper_links.revoke(
                db, visit.parts.places, visit.operator, code, visit.now
            )
    except StationUnknown:
        raise NotThere from None
    t = visit.t
    said = t("The link no longer works.") if ended else t("It has no link that works.")
    return visit.redirect(_address(code), said)


async def _pdf(
    visit: Visit, make: Callable[[Fonts, list[Code]], bytes], codes: list[Code], name: str
) -> Response:
    try:
        fonts = fonts_with(visit.parts.settings.print_font)
        data = await asyncio.to_thread(make, fonts, codes)
    except Unprintable as lacking:
        values = {"code": visit.path("code"), "characters": lacking.characters}
        return visit.render("stations/unprintable.html", values, 422)
    headers = {"Content-Disposition": f'attachment; filename="{name}.pdf"'}
    return Response(data, media_type="application/pdf", headers=headers)


def _link(visit: Visit, token: str) -> str:
    return f"{visit.parts.settings.public_url.rstrip('/')}/k#{token}"


def _address(code: str) -> str:
    return f"/stations/{quote(code, safe='')}#keeper"


ROUTES: Final[list[BaseRoute]] = [
    get("/stations/{code}/poster.pdf", Right.READ, follows(poster)),
    post("/stations/{code}/keeper-link", Right.STATIONS, follows(make_link)),
    post("/stations/{code}/keeper-link/sheet", Right.STATIONS, follows(sheet)),
    post("/stations/{code}/keeper-link/end", Right.STATIONS, follows(end_link)),
]
