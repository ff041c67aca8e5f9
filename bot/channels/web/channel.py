"""The web chat's WebSocket: frames in, answers out, notices pushed to pages that are open."""

import asyncio
import time
from collections import defaultdict
from collections.abc import Callable, Collection
from typing import Final
from uuid import uuid4

import structlog
from aiohttp import WSCloseCode, WSMsgType, web

from bot.channels.protocol import Away, Turn, Unavailable
from bot.channels.web.admission import ConnectionLimiter, Limits, is_own_page
from bot.channels.web.assets import page_routes
from bot.channels.web.frames import (
    BadFrame,
    Got,
    Hello,
    Sent,
    address_of,
    parse,
    render_answer,
    render_error,
    render_notice,
    render_ready,
)
from bot.common.clock import Clock
from bot.common.http_requests import client_of
from bot.common.rate_limit import Buckets, TokenBucket
from bot.conversation.events import Address, Event
from bot.conversation.replies import Abilities, Answer

ABILITIES: Final = Abilities(
    text_limit=4000,
    text_size=16_000,
    max_buttons=24,
    pins=9,
    cards=False,
    documents=True,
    location_requests="button",
    push_window=None,
    links="entity",
    messages=16,  # three places more than elsewhere, and what waited
)

RETRY_AFTER: Final = 3.0  # seconds, while the database is away
CLOSING: Final = 2.0  # seconds for a page to say goodbye

log = structlog.get_logger()


class _Session:
    """One open page, and who speaks there once it has said hello.

    `bucket` is the page's own until then, and the visitor's afterwards; `shared` that of everybody
    who comes from the same IP address.
    """

    def __init__(
        self, socket: web.WebSocketResponse, bucket: TokenBucket, shared: TokenBucket
    ) -> None:
        self.socket = socket
        self.bucket = bucket
        self.shared = shared
        self.address = ""
        self.language = ""


class WebChat:
    """The channel `web`. An address is a digest of the visitor's secret, see `address_of`.

    `origins` are further pages that may connect, such as `https://chat.example.org`, besides those
    on the same host; `proxies` is how many reverse proxies of ours stand in front.
    """

    name: Final = "web"
    abilities: Final = ABILITIES

    def __init__(
        self,
        turn: Turn,
        clock: Clock,
        *,
        origins: frozenset[str] = frozenset(),
        proxies: int = 0,
        limits: Limits | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._turn = turn
        self._clock = clock
        self._origins = frozenset(origin.lower() for origin in origins)
        self._proxies = proxies
        self._limits = mine = limits or Limits()
        self._monotonic = monotonic
        self._visitors = Buckets(mine.burst, mine.per_second, monotonic, mine.remembered)
        self._clients = Buckets(
            mine.client_burst, mine.client_per_second, monotonic, mine.remembered
        )
        self._crowd = ConnectionLimiter(mine)
        self._sessions: set[_Session] = set()
        self._by_address: defaultdict[str, set[_Session]] = defaultdict(set)
        self._awaited: dict[str, asyncio.Event] = {}
        self._closing = False

    def routes(self) -> list[web.RouteDef]:
        """The page, its static files and the socket; no two replicas need to share anything."""
        return [*page_routes(), web.get("/chat/ws", self._connect)]

    async def close(self) -> None:
        """Tells every open page that we are going away, so that it connects again by itself."""
        self._closing = True
        farewells = [
            session.socket.close(code=WSCloseCode.GOING_AWAY) for session in self._sessions
        ]
        await asyncio.gather(*farewells, return_exceptions=True)

    def present(self) -> Collection[str]:
        """The addresses whose pages this process holds open."""
        return tuple(self._by_address)

    async def deliver(self, to: str, answer: Answer, kind: str = "") -> None:
        """Shows a notice on the pages of `to` that this process holds open.

        Returns once a page has acknowledged it: a phone in a pocket keeps a socket open and shows
        nothing. Raises `Away` otherwise, so that it waits for the courier's next message; a notice
        seen twice is harmless, one never seen is not.
        """
        sessions = self._by_address.get(to, set())
        if not sessions:
            raise Away
        notice = str(uuid4())
        shown = self._awaited[notice] = asyncio.Event()
        try:
            async with asyncio.timeout(self._limits.acknowledgement):
                frame = render_notice(answer, notice)
                for session in tuple(sessions):
                    await self._send(session, frame)
                await shown.wait()
        except TimeoutError as error:
            raise Away from error
        finally:
            del self._awaited[notice]

    async def _connect(self, request: web.Request) -> web.StreamResponse:
        if not is_own_page(request, self._origins):
            log.info("web.refused", why="origin")
            raise web.HTTPForbidden(text="This chat answers its own page only.\n")
        client = client_of(request, self._proxies)
        if self._closing or not self._crowd.enter(client):
            log.info("web.refused", why="closing" if self._closing else "crowded")
            raise web.HTTPServiceUnavailable(text="Too many open chats; please try again.\n")
        limits = self._limits
        socket = web.WebSocketResponse(
            max_msg_size=limits.frame_bytes,
            heartbeat=limits.heartbeat,
            timeout=CLOSING,
            compress=False,  # a zlib window for each open page would cost more than it saves
        )
        bucket = TokenBucket(limits.burst, limits.per_second, self._monotonic)
        session = _Session(socket, bucket, self._clients.of(client))
        self._sessions.add(session)
        try:
            await socket.prepare(request)
            await self._listen(session)
        finally:
            self._sessions.discard(session)
            self._forget(session)
            self._crowd.leave(client)
        return socket

    async def _listen(self, session: _Session) -> None:
        """Takes frames one after the other: a courier's messages are answered in their order."""
        async for message in session.socket:
            wait = max(session.bucket.wait(), session.shared.wait())
            raw = message.data if message.type is WSMsgType.TEXT else ""
            frame = "" if session.bucket.abusive else await self._take(session, raw, wait)
            if session.bucket.abusive:  # or the visitor's is, who has just said hello
                await session.socket.close(code=WSCloseCode.POLICY_VIOLATION)
                return
            await self._send(session, frame)

    async def _take(self, session: _Session, raw: str, wait: float) -> str:
        """The frame that answers this one; "" if none does."""
        try:
            frame = parse(raw)
        except BadFrame as bad:
            return render_error(bad.code, bad.to)
        match frame:
            case Hello(visitor, language):
                if session.address:
                    return render_error("hello")
                session.address = address_of(visitor)
                session.language = language
                session.bucket = self._visitors.of(session.address)
                session.bucket.wait()
                self._by_address[session.address].add(session)
                return render_ready()
            case Got(notice):
                if notice in self._awaited:
                    self._awaited[notice].set()
                return ""
            case Sent(to, content):
                if not session.address:
                    return render_error("hello", to)
                if wait:
                    return render_error("too_fast", to, wait)
                sender = Address(self.name, session.address)
                # bound to the sender: nobody fetches a stored answer by another one's id
                event_id = f"{session.address}:{to}"
                event = Event(event_id, sender, self._clock(), content, session.language)
                try:
                    return render_answer(await self._turn(event), to)
                except Unavailable:
                    return render_error("unavailable", to, RETRY_AFTER)

    async def _send(self, session: _Session, frame: str) -> None:
        """Sends unless the page is gone: it will ask again, and gets the stored answer."""
        if frame and not session.socket.closed:
            try:
                await session.socket.send_str(frame)
            except ConnectionError:
                log.debug("web.page_left")

    def _forget(self, session: _Session) -> None:
        open_pages = self._by_address.get(session.address)
        if open_pages is not None:
            open_pages.discard(session)
            if not open_pages:
                del self._by_address[session.address]
