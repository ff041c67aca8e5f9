"""`GET /s/{code}`, `/a/{code}`, `/files/{token}`, `/verify/{number}`, `/honours`, keepers' `/k`."""

from collections.abc import Awaitable, Callable, Mapping
from html import escape
from typing import Final
from urllib.parse import quote

from aiohttp import web

from bot.common.clock import CHINA, Clock
from bot.common.http_requests import client_of
from bot.common.i18n import Languages, Translator
from bot.common.rate_limit import Buckets
from bot.conversation.replies import Document
from bot.documents.download import Maker
from bot.documents.errors import Unprintable
from bot.pages.content import ContentPages
from bot.pages.honours import HonourPages
from bot.pages.keepers import KeeperSite
from bot.pages.layout import (
    STYLE,
    language_of,
    page,
    paragraph,
    static_route,
    with_security_headers,
)
from bot.pages.stations import StationPages
from bot.services.errors import LinkInvalid
from bot.services.file_links import FileLinks
from bot.services.trainings.certificate_numbers import read_number
from bot.services.trainings.certificates import WithdrawnCertificate, lookup_counters, verify
from bot.services.trainings.errors import LookupsUsedUp
from bot.store.encryption import Keyring
from bot.store.engine import Store

NUMBER_LENGTH: Final = 64
BURST: Final = 30
PER_SECOND: Final = 0.5
"""Requests of one IP address at once, and each second after that. Generous, because a mobile
carrier shows many couriers under one address: what keeps numbers and links from being guessed is
their length."""
CLIENTS: Final = 10_000
"""How many IP addresses are counted."""


class Site:
    """These pages over one database.

    `makers`: what makes a file, by the kind that a link names. `monotonic`: seconds, for the rate
    limit. `proxies`: how many reverse proxies of ours stand in front.
    """

    def __init__(
        self,
        store: Store,
        keys: Keyring,
        links: FileLinks,
        makers: Mapping[str, Maker],
        languages: Languages,
        clock: Clock,
        monotonic: Callable[[], float],
        stations: StationPages,
        content: ContentPages,
        honours: HonourPages,
        keepers: KeeperSite,
        proxies: int = 0,
    ) -> None:
        self._store = store
        self._stations = stations
        self._content = content
        self._honours = honours
        self._keepers = keepers
        self._keys = keys
        self._links = links
        self._makers = makers
        self._languages = languages
        self._clock = clock
        self._buckets = Buckets(BURST, PER_SECOND, monotonic, CLIENTS)
        self._proxies = proxies

    def routes(self) -> list[web.RouteDef]:
        """The routes for aiohttp."""
        return [
            static_route(STYLE),
            web.get("/s/photos/{name}.jpg", self._rate_limited(self._stations.photo)),
            web.get("/s/{code}", self._rate_limited(self._stations.respond)),
            web.get("/a/pictures/{name}", self._rate_limited(self._content.picture)),
            web.get("/a/{code}", self._rate_limited(self._content.respond)),
            *self._honours.routes(self._rate_limited),
            *self._keepers.routes(self._rate_limited),
            web.get("/files/{token}", self._rate_limited(self._file)),
            web.get("/verify", self._rate_limited(self._verify)),
            web.get("/verify/{number}", self._rate_limited(self._verify)),
        ]

    def _rate_limited(
        self, respond: Callable[[web.Request, Translator], Awaitable[web.Response]]
    ) -> Callable[[web.Request], Awaitable[web.Response]]:
        async def handle(request: web.Request) -> web.Response:
            t = language_of(request, self._languages)
            if not self._buckets.of(client_of(request, self._proxies)).take():
                text = paragraph(t("Too many requests. Please wait a minute."))
                return page(t, t("Slow down"), text, status=429)
            return await respond(request, t)

        return handle

    async def _file(self, request: web.Request, t: Translator) -> web.Response:
        now = self._clock()
        document: Document | None = None
        try:
            kind, row_id = self._links.read(request.match_info["token"], now)
            maker = self._makers.get(kind)
            if maker is not None:
                async with self._store.reading() as db:
                    document = await maker(db, row_id, t, now)
        except LinkInvalid as invalid:
            if invalid.expired:
                text = paragraph(t("This link was good for a day. Ask the bot for a new one."))
                return page(t, t("The link has expired"), text, status=410)
        except Unprintable as error:
            text = t("There is no font here for: {characters}", characters=error.characters)
            return page(t, t("This file cannot be printed"), paragraph(text), status=422)
        if document is None:
            return page(t, t("Nothing is here"), paragraph(t("Check the link.")), status=404)
        headers = with_security_headers(
            {"Content-Disposition": _content_disposition(document.name)}
        )
        if document.media_type.startswith("text/"):
            headers["Content-Type"] = f"{document.media_type}; charset=utf-8"
        else:
            headers["Content-Type"] = document.media_type
        return web.Response(body=document.content, headers=headers)

    async def _verify(self, request: web.Request, t: Translator) -> web.Response:
        given = request.match_info.get("number") or request.query.get("number", "")
        given = given.strip()[:NUMBER_LENGTH]
        form = _form(t, given)
        title = t("Is this certificate genuine?")
        if not given:
            return page(t, title, form)
        network = client_of(request, self._proxies)
        charged = lookup_counters(self._keys, network=network)
        try:
            async with self._store.writing() as db:
                found = await verify(db, self._keys, given, charged, self._clock())
        except LookupsUsedUp:
            text = t("Many numbers that do not exist were asked for. Please try again in an hour.")
            return page(t, t("Slow down"), paragraph(text), status=429)
        if found is None:
            known = read_number(given)
            advice = (
                t("No certificate has the number {number}.", number=known)
                if known
                else t("A number looks like DJT-2026-7K3M9P-Q4RS72. Check what you typed.")
            )
            body = _result(t("Not found"), "bad") + paragraph(advice) + form
            return page(t, title, body, status=404)
        if isinstance(found, WithdrawnCertificate):
            said = t(
                "The certificate {number} was withdrawn on {date}. It proves nothing any more.",
                number=found.number,
                date=f"{found.withdrawn_at.astimezone(CHINA):%Y-%m-%d}",
            )
            body = _result(t("Withdrawn"), "bad") + paragraph(said) + form
            return page(t, title, body, status=410)
        held, issued = (one.astimezone(CHINA) for one in (found.held_at, found.issued_at))
        rows = (
            (t("Number"), found.number),
            (t("Name"), found.masked_name),
            (t("Session"), found.title),
            (t("Held on"), f"{held:%Y-%m-%d}"),
            (t("Issued on"), f"{issued:%Y-%m-%d}"),
        )
        table = "".join(
            f"<div><dt>{escape(name)}</dt><dd>{escape(value)}</dd></div>" for name, value in rows
        )
        genuine = _result(t("Genuine"), "good")
        note = paragraph(t("Compare name, session and date with the paper."))
        return page(t, title, f"{genuine}<dl>{table}</dl>{note}{form}")


def _content_disposition(name: str) -> str:
    """Opened in the browser instead of saved; a name that is not ASCII as RFC 6266 has it."""
    plain = name.encode("ascii", "ignore").decode().strip("-") or "file"
    if plain == name:
        return f'inline; filename="{name}"'
    return f"inline; filename=\"{plain}\"; filename*=UTF-8''{quote(name)}"


def _result(text: str, kind: str) -> str:
    return f'<p class="verdict {kind}">{escape(text)}</p>'


def _form(t: Translator, given: str) -> str:
    label, check = escape(t("Certificate number")), escape(t("Check"))
    return (
        f'<form action="/verify" method="get"><label for="number">{label}</label>'
        f'<input id="number" name="number" value="{escape(given)}" maxlength="{NUMBER_LENGTH}" '
        'autocomplete="off" autocapitalize="characters" spellcheck="false" '
        f'placeholder="DJT-2026-7K3M9P-…" required><button type="submit">{check}</button></form>'
    )
