"""The page on which a station's keeper confirms it: `GET /k`, `POST /k/open`, `POST /k/save`.

The link's token stands in the URL's fragment, which no server and no log sees; the page's script
exchanges it for a short session that lives in the page only. Loading the page changes nothing.
"""

import json
import secrets
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

import structlog
from aiohttp import web

from bot.common.clock import Clock
from bot.common.http_requests import read_body
from bot.common.i18n import Translator
from bot.common.rate_limit import Buckets
from bot.documents.keeper_page import KeeperPageMaker
from bot.pages import keeper_form
from bot.pages.keeper_form import MalformedAnswer
from bot.pages.layout import page, static_route, with_security_headers
from bot.services.stations.editing.errors import EditRefused, StationEdited
from bot.services.stations.keepers import answers, links
from bot.services.stations.keepers.answers import KeeperRefused
from bot.services.stations.keepers.links import KeeperLink, KeeperLinkInvalid, KeeperSessions
from bot.services.stations.observations import Observer
from bot.services.stations.search import StationSearch
from bot.store.engine import Store

log = structlog.get_logger()
SCRIPT: Final = "/pages/keeper.js"
SHEET: Final = "/pages/keeper.css"
LARGEST: Final = 16_384
"""Bytes of a request's body."""
BURST: Final = 20
PER_SECOND: Final = 1 / 30
"""Openings and savings of one station at once, and each second after that."""
STATIONS: Final = 10_000
"""How many stations are counted."""
Respond = Callable[[web.Request, Translator], Awaitable[web.Response]]
Limit = Callable[[Respond], Callable[[web.Request], Awaitable[web.Response]]]


class KeeperSite:
    """The page over one database. `make` words it; `observer` gets what is confirmed.

    `monotonic`: seconds, for the rate limit.
    """

    def __init__(
        self,
        store: Store,
        sessions: KeeperSessions,
        observer: Observer,
        make: KeeperPageMaker,
        search: StationSearch,
        clock: Clock,
        monotonic: Callable[[], float],
    ) -> None:
        self._store = store
        self._sessions = sessions
        self._make = make
        self._search = search
        self._clock = clock
        self._observer = observer
        self._buckets = Buckets(BURST, PER_SECOND, monotonic, STATIONS)

    def routes(self, limited: Limit) -> list[web.RouteDef]:
        """The routes for aiohttp; `limited` counts the requests of each client."""
        return [
            static_route(SHEET),
            static_route(SCRIPT, "text/javascript"),
            web.get("/k", limited(self._page)),
            web.post("/k/open", limited(self._open)),
            web.post("/k/save", limited(self._save)),
        ]

    async def _page(self, _request: web.Request, t: Translator) -> web.Response:
        return page(t, t("How is your station?"), keeper_form.shell(t), script=SCRIPT, style=SHEET)

    async def _open(self, request: web.Request, t: Translator) -> web.Response:
        body = await _body(request)
        token = body.get("token") if body is not None else None
        if not isinstance(token, str):
            return _answer(400, html=keeper_form.told(t("This link is not complete.")))
        now = self._clock()
        try:
            async with self._store.reading() as db:
                link = await links.open_link(db, token, now)
                shown = await self._make(db, link.station_id, t, now)
        except KeeperLinkInvalid as invalid:
            log.info("keeper.refused", reason=invalid.state)
            return _answer(410, html=keeper_form.told(keeper_form.why_not(t, invalid.state)))
        if shown is None or not self._is_allowed(link):
            return _slow_down(t)
        log.info("keeper.opened", station=link.code)
        form = keeper_form.form(t, shown, secrets.token_hex(16))
        return _answer(200, title=shown.title, html=form, session=self._sessions.start(link, now))

    async def _save(self, request: web.Request, t: Translator) -> web.Response:
        body = await _body(request)
        session = request.headers.get("Authorization", "").removeprefix("Bearer ")
        now = self._clock()
        try:
            if body is None:
                raise MalformedAnswer  # noqa: TRY301 - answered below with the others
            answer = keeper_form.answer_of(body, now)
            async with self._store.reading() as db:
                link = await self._sessions.read(db, session, now)
            if not self._is_allowed(link):
                return _slow_down(t)
            async with self._store.writing() as db:
                is_new = await answers.save(
                    db, link, answer, self._search.holidays, self._observer, now
                )
                shown = await self._make(db, link.station_id, t, now)
        except MalformedAnswer:
            return _answer(400, error=t("This form cannot be read. Open the link again."))
        except KeeperLinkInvalid as invalid:
            log.info("keeper.refused", reason=invalid.state)
            return _answer(410, html=keeper_form.told(keeper_form.why_not(t, invalid.state)))
        except KeeperRefused as refused:
            given = {"field": keeper_form.field_of(refused)}
            return _answer(422, error=keeper_form.refusal(t, refused), **given)
        except EditRefused:
            return _answer(422, error=t("This cannot be stored. Please tell who runs the list."))
        except StationEdited:
            text = t("Somebody changed this station just now. Look at it again, please.")
            return _answer(409, html=keeper_form.told(text, again=t("Look again")))
        log.info("keeper.saved", station=link.code, again=not is_new)
        return _answer(200, html=keeper_form.saved(t, shown))

    def _is_allowed(self, link: KeeperLink) -> bool:
        return self._buckets.of(str(link.station_id)).take()


async def _body(request: web.Request) -> Mapping[str, Any] | None:
    """The JSON object that was posted; None for anything else, a form of another site too."""
    if request.content_type != "application/json":
        return None
    try:
        data = await read_body(request, LARGEST)
        body = None if data is None else json.loads(data)
    except (TimeoutError, ValueError, RecursionError):
        return None
    return body if isinstance(body, dict) else None


def _answer(status: int, **fields: str) -> web.Response:
    return web.json_response(fields, status=status, headers=with_security_headers())


def _slow_down(t: Translator) -> web.Response:
    return _answer(429, error=t("Too many requests. Please wait a minute."))
