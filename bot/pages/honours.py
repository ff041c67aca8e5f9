"""`GET /honours`: winners; their photos, the check of a certificate, the page for a photo.

Plain HTML without scripts and cookies. A photo is served only of a winner whose campaign is
published; who withdraws is gone from here with the next request.
"""

import asyncio
from collections.abc import Awaitable, Callable
from html import escape
from itertools import groupby
from typing import Final

import structlog
from aiohttp import BodyPartReader, web

from bot.common.clock import CHINA, Clock
from bot.common.i18n import Translator
from bot.geo.places import Places
from bot.pages.layout import page, paragraph, with_security_headers
from bot.services.errors import LinkInvalid
from bot.services.file_links import FileLinks
from bot.services.honours import campaigns, photos, winners
from bot.services.honours.campaigns import Campaign
from bot.services.honours.photos import MAX_BYTES, NotAPhoto
from bot.services.honours.winners import Winner
from bot.services.pictures import JPEG
from bot.store.encryption import Keyring
from bot.store.engine import Store

log = structlog.get_logger()
PHOTO_KIND: Final = "honourphoto"
UPLOAD_SECONDS: Final = 60.0
AT_ONCE: Final = 2
"""Photos that are decoded at the same time."""
Respond = Callable[[web.Request, Translator], Awaitable[web.Response]]
Limit = Callable[[Respond], Callable[[web.Request], Awaitable[web.Response]]]


class HonourPages:
    """The pages over one database; `demo`: samples, too."""

    def __init__(
        self, store: Store, keys: Keyring, links: FileLinks, clock: Clock, *, demo: bool
    ) -> None:
        self._store = store
        self._keys = keys
        self._links = links
        self._clock = clock
        self._demo = demo
        self._places = Places.load()
        self._decoding = asyncio.Semaphore(AT_ONCE)

    def routes(self, limited: Limit) -> list[web.RouteDef]:
        """The routes for aiohttp; `limited` counts the requests of each client."""
        return [
            web.get("/honours", limited(self._winners)),
            web.get("/honours/photos/{id:[0-9]{1,18}}", limited(self._photo)),
            web.get("/honours/certificate/{number}", limited(self._certificate)),
            web.get("/honours/photo/{token}", limited(self._form)),
            web.post("/honours/photo/{token}", limited(self._upload)),
        ]

    async def _winners(self, _request: web.Request, t: Translator) -> web.Response:
        now, demo = self._clock(), self._demo
        async with self._store.reading() as db:
            current = await campaigns.current(db, t.locale, now, demo=demo)
            found = await winners.all_winners(db, self._keys, t.locale, demo=demo)
        parts = [_campaign(t, one) for one in current]
        for title, group in groupby(found, lambda one: _title(t, one.campaign)):
            shown = "".join(self._winner(t, one) for one in group)
            parts.append(f"<section><h2>{escape(title)}</h2>{shown}</section>")
        if not found:
            parts.append(paragraph(t("Nobody has been honoured yet.")))
        label = escape(t("Nominate and vote in the chat"))
        parts.append(f'<p class="links"><a class="quiet" href="/">{label}</a></p>')
        return page(t, t("The most beautiful couriers"), "\n".join(parts))

    def _winner(self, t: Translator, one: Winner) -> str:
        photo = ""
        if one.has_photo:
            url = f"/honours/photos/{one.id}"
            photo = f'<img class="picture" src="{url}" alt="{escape(one.name)}" loading="lazy">'
        return (
            f"<article><h3>{escape(one.name)}</h3>"
            f'<p class="soft">{escape(self._belongs(one))}</p>{photo}'
            f"{paragraph(one.story)}</article>"
        )

    def _belongs(self, one: Winner) -> str:
        place = self._places.by_adcode.get(one.league)
        return " · ".join(filter(None, (one.firm, place.name if place else "")))

    async def _photo(self, request: web.Request, t: Translator) -> web.Response:
        number = int(request.match_info["id"])
        async with self._store.reading() as db:
            data = await photos.published_photo(db, self._keys, number, demo=self._demo)
        if data is None:
            return page(t, t("Nothing is here"), paragraph(t("Check the link.")), status=404)
        # Not cached: a photo is gone as soon as its owner withdraws.
        return web.Response(body=data, content_type=JPEG, headers=with_security_headers())

    async def _certificate(self, request: web.Request, t: Translator) -> web.Response:
        number = request.match_info["number"][:24]
        async with self._store.reading() as db:
            one = await winners.with_certificate(db, self._keys, t.locale, number, demo=self._demo)
        title = t("Is this certificate genuine?")
        if one is None:
            text = t("No certificate of this honour has this number.")
            body = f'<p class="verdict bad">{escape(t("Not found"))}</p>{paragraph(text)}'
            return page(t, title, body, status=404)
        rows = (
            (t("Number"), one.certificate),
            (t("Name"), one.name),
            (t("Honour"), _title(t, one.campaign)),
            (t("Issued on"), f"{one.published_at.astimezone(CHINA):%Y-%m-%d}"),
        )
        table = "".join(
            f"<div><dt>{escape(name)}</dt><dd>{escape(value)}</dd></div>" for name, value in rows
        )
        genuine = f'<p class="verdict good">{escape(t("Genuine"))}</p>'
        return page(t, title, f"{genuine}<dl>{table}</dl>")

    async def _form(self, request: web.Request, t: Translator) -> web.Response:
        if self._nomination(request) is None:
            return _expired(t)
        return page(t, t("Your photo"), _upload_form(t, request.match_info["token"]))

    async def _upload(self, request: web.Request, t: Translator) -> web.Response:
        nomination_id = self._nomination(request)
        if nomination_id is None:
            return _expired(t)
        token = request.match_info["token"]
        try:
            data = await _received(request)
            async with self._decoding:
                jpeg = await asyncio.to_thread(photos.encode, data)
        except NotAPhoto:
            text = t(
                "This is no photo that can be read: choose a JPEG, PNG or WebP of at most {most} "
                "MB.",
                most=MAX_BYTES // 1_000_000,
            )
            body = f'<p class="bad">{escape(text)}</p>{_upload_form(t, token)}'
            return page(t, t("Your photo"), body, status=422)
        async with self._store.writing() as db:
            kept = await photos.store_photo(db, self._keys, nomination_id, jpeg, self._clock())
        if not kept:
            text = paragraph(t("This nomination takes no photo any more."))
            return page(t, t("Your photo"), text, status=409)
        log.info("honour.photo", size=len(jpeg))
        done = f'<p class="verdict good">{escape(t("Saved"))}</p>'
        text = t("Operators look at it with your nomination. It is shown only if you win.")
        return page(t, t("Your photo"), done + paragraph(text))

    def _nomination(self, request: web.Request) -> int | None:
        """The nomination that the link is for, None where the link is not valid any more."""
        try:
            kind, row_id = self._links.read(request.match_info["token"], self._clock())
        except LinkInvalid:
            return None
        return row_id if kind == PHOTO_KIND else None


async def _received(request: web.Request) -> bytes:
    """The file of the form, read in chunks so that a large one is never held.

    Raises `NotAPhoto` for anything else, too.
    """
    try:
        async with asyncio.timeout(UPLOAD_SECONDS):
            reader = await request.multipart()
            part = await reader.next()
            if not isinstance(part, BodyPartReader) or part.name != "photo":
                raise NotAPhoto
            data = bytearray()
            while chunk := await part.read_chunk(1 << 16):
                data += chunk
                if len(data) > MAX_BYTES:
                    raise NotAPhoto
    except (TimeoutError, ValueError, AssertionError):
        raise NotAPhoto from None
    return bytes(data)


def _campaign(t: Translator, one: Campaign) -> str:
    rows = (
        (t("Nominations"), f"{one.nominate_from} – {one.nominate_until}"),
        (t("Votes"), f"{one.vote_from} – {one.vote_until}"),
    )
    table = "".join(
        f"<div><dt>{escape(name)}</dt><dd>{escape(value)}</dd></div>" for name, value in rows
    )
    title = escape(_title(t, one))
    return f"<section><h2>{title}</h2>{paragraph(one.rules)}<dl>{table}</dl></section>"


def _title(t: Translator, one: Campaign) -> str:
    return t("(sample) {title}", title=one.title) if one.is_sample else one.title


def _upload_form(t: Translator, token: str) -> str:
    hint = t(
        "Place and camera are removed from the picture, it is made smaller and kept encrypted. "
        "It is shown only if you win."
    )
    label, send = escape(t("Choose a photo")), escape(t("Send"))
    return (
        f"{paragraph(hint)}"
        f'<form action="/honours/photo/{escape(token)}" method="post" '
        f'enctype="multipart/form-data"><label for="photo">{label}</label>'
        '<input id="photo" name="photo" type="file" accept="image/jpeg,image/png,image/webp" '
        f'required><button type="submit">{send}</button></form>'
    )


def _expired(t: Translator) -> web.Response:
    text = paragraph(t("This link was good for a day. Ask the bot for a new one."))
    return page(t, t("The link has expired"), text, status=410)
