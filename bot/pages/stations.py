"""`GET /s/{code}`: everything about one station, for the poster at its door and to be shared.

Plain HTML without scripts and cookies: it works in WeChat's browser, where no app can be called.
"""

from collections.abc import Sequence
from html import escape
from typing import Final

from aiohttp import web

from bot.common.clock import Clock
from bot.common.i18n import Translator
from bot.common.lazy_pattern import LazyPattern
from bot.conversation.replies import Link
from bot.documents.station_page import PageMaker, PagePhoto, StationPage
from bot.geo.map_links import without_app
from bot.pages.layout import page, paragraph, with_security_headers
from bot.services.pictures import JPEG
from bot.services.stations.photos.shown import read
from bot.store.engine import Store

WITHOUT_APPS: Final = LazyPattern(r"MicroMessenger|\bQQ/")
"""Matches the user agents of WeChat's and QQ's browsers, which open no other app."""
PHOTOS: Final = "/s/photos/"


class StationPages:
    """Answers for each station; `make` words what the page says."""

    def __init__(self, store: Store, make: PageMaker, clock: Clock) -> None:
        self._store = store
        self._make = make
        self._clock = clock

    async def photo(self, request: web.Request, t: Translator) -> web.Response:
        """A photo of a door that we encoded ourselves; its address is the hash of its bytes."""
        async with self._store.reading() as db:
            found = await read(db, request.match_info["name"])
        if found is None:
            return page(t, t("Nothing is here"), paragraph(t("Check the link.")), status=404)
        # not for shared caches: a photo that is removed is not to be served by others
        headers = with_security_headers({"Cache-Control": "private, max-age=86400, immutable"})
        return web.Response(body=found, content_type=JPEG, headers=headers)

    async def respond(self, request: web.Request, t: Translator) -> web.Response:
        """The page, 404 where no station has the code."""
        async with self._store.reading() as db:
            shown = await self._make(db, request.match_info["code"], t, self._clock())
        if shown is None:
            text = t("No station has this code. It may have closed or moved.")
            body = paragraph(text) + _chat(t, "/")
            return page(t, t("Nothing is here"), body, status=404)
        agent = request.headers.get("User-Agent", "")
        can_open_apps = WITHOUT_APPS.search(agent) is None
        return page(t, shown.title, _body(t, shown, can_open_apps=can_open_apps))


def _body(t: Translator, shown: StationPage, *, can_open_apps: bool) -> str:
    state = f'<p class="state {"open" if shown.is_open else "shut"}">{escape(shown.state)}</p>'
    rides = [one if can_open_apps else Link(one.label, without_app(one.url)) for one in shown.rides]
    facts = [(t("Address"), shown.address)] if shown.address else []
    facts += [(t("Door"), shown.door), *shown.rows]
    parts = [
        state,
        _links(rides),
        _facts(facts),
        _photos(t, shown.photos),
        paragraph(t("No queue ticket, no bank business, all free. Just say: I came for a rest.")),
        _section(t("Opening hours"), _facts(shown.week) + _items(shown.changes)),
    ]
    if shown.facilities:
        said = [
            t("{facility} ({note})", facility=name, note=note) if note else name
            for name, note in shown.facilities
        ]
        parts.append(_section(t("What is there"), _items(said, "facilities")))
    if shown.phones:
        parts.append(_section(t("Phone"), _links(shown.phones)))
    parts += [f'<p class="soft">{escape(shown.confirmed)}</p>', _chat(t, shown.chat)]
    return "\n".join(parts)


def _photos(t: Translator, photos: Sequence[PagePhoto]) -> str:
    if not photos:
        return ""
    figures = "".join(
        f'<figure><img src="{PHOTOS}{one.name}.jpg" alt="{escape(one.alt)}" width="{one.width}" '
        f'height="{one.height}" class="picture" loading="lazy" decoding="async">'
        + (f"<figcaption>{escape(one.description)}</figcaption>" if one.description else "")
        + "</figure>"
        for one in photos
    )
    title = escape(t("What the door looks like"))
    return f'<section id="photos"><h2>{title}</h2>{figures}</section>'


def _facts(rows: list[tuple[str, str]] | tuple[tuple[str, str], ...]) -> str:
    shown = "".join(
        f"<div><dt>{escape(name)}</dt><dd>{escape(text)}</dd></div>" for name, text in rows
    )
    return f"<dl>{shown}</dl>"


def _items(texts: list[str] | tuple[str, ...], kind: str = "") -> str:
    if not texts:
        return ""
    items = "".join(f"<li>{escape(text)}</li>" for text in texts)
    return f'<ul class="{kind}">{items}</ul>' if kind else f"<ul>{items}</ul>"


def _links(links: list[Link] | tuple[Link, ...]) -> str:
    shown = "".join(
        f'<a class="go" href="{escape(one.url)}" rel="noopener noreferrer">{escape(one.label)}</a>'
        for one in links
    )
    return f'<p class="links">{shown}</p>'


def _section(title: str, body: str) -> str:
    return f"<section><h2>{escape(title)}</h2>{body}</section>"


def _chat(t: Translator, address: str) -> str:
    label = escape(t("Ask 驿站小助手 about it"))
    return f'<p class="links"><a class="quiet" href="{escape(address)}">{label}</a></p>'
