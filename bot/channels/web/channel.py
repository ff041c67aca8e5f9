"""The web chat's WebSocket: frames in, answers out, notices pushed to pages that are open."""

import asyncio
import time
from collections import defaultdict
from collections.abc import Callable, Collection
from typing import Final
from uuid import uuid4

import structlog
from aiohttp import WSCloseCode, WSMsgType, web

from bot.channels.protocol import (
    Away,
    FindConversations,
    Turn,
    Unavailable,
    conversations_unknown,
)
from bot.channels.web.admission import ConnectionLimiter, Limits, is_own_page
from bot.channels.web.assets import page_routes
from bot.channels.web.connection import Connection, ShownConversations
from bot.channels.web.frames import (
    Acknowledgement,
    BadFrame,
    ErrorCode,
    Hello,
    MessageFrame,
    address_of,
    parse,
    render_answer,
    render_error,
    render_notice,
    render_ready,
)
from bot.common.clock import Clock
from bot.common.http_requests import client_of
from bot.common.limited_log import LogLimiter
from bot.common.rate_limit import Buckets, TokenBucket
from bot.conversation.events import Address, Event
from bot.conversation.replies import Abilities, Answer

ABILITIES: Final = Abilities(
    text_limit=4000,
    text_size=16_000,
    max_buttons=24,
    pins=9,
    articles=False,
    documents=True,
    location_requests="button",
    push_window=None,
    links="entity",
    needs_open_page=True,
    messages=16,  # three places more than elsewhere, and pending notices
)

RETRY_AFTER: Final = 3.0  # seconds, while the database is away
CLOSE_TIMEOUT: Final = 2.0  # seconds for the close handshake

log = structlog.get_logger()


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
        find_conversations: FindConversations = conversations_unknown,
    ) -> None:
        self._turn = turn
        self._clock = clock
        self._origins = frozenset(origin.lower() for origin in origins)
        self._proxies = proxies
        self._limits = limits = limits or Limits()
        self._monotonic = monotonic
        self._visitors = Buckets(limits.burst, limits.per_second, monotonic, limits.remembered)
        self._clients = Buckets(
            limits.client_burst, limits.client_per_second, monotonic, limits.remembered
        )
        self._guaranteed = Buckets(1, 1 / limits.guaranteed, monotonic, limits.remembered)
        self._newcomers = Buckets(
            limits.newcomers_burst, limits.newcomers_per_second, monotonic, limits.remembered
        )
        self._conversations = ShownConversations(self.name, find_conversations)
        self._limiter = ConnectionLimiter(limits)
        self._refusals = LogLimiter(monotonic)
        self._connections: set[Connection] = set()
        self._by_address: defaultdict[str, set[Connection]] = defaultdict(set)
        self._unacknowledged: dict[str, asyncio.Event] = {}
        self._closing = False

    def routes(self) -> list[web.RouteDef]:
        """The page, its static files and the WebSocket; replicas share nothing but the database."""
        return [*page_routes(), web.get("/chat/ws", self._connect)]

    async def close(self) -> None:
        """Closes every socket with "going away", upon which its page connects again by itself."""
        self._closing = True
        closing = [
            connection.socket.close(code=WSCloseCode.GOING_AWAY) for connection in self._connections
        ]
        await asyncio.gather(*closing, return_exceptions=True)

    async def refresh(self) -> None:
        """Tells pages that show a conversation which was deleted. Raises `Unavailable`."""
        await self._conversations.refresh(self._connections)

    def present(self) -> Collection[str]:
        """The addresses with a page that is connected to this process."""
        return tuple(self._by_address)

    async def deliver(self, to: str, answer: Answer, kind: str = "") -> None:
        """Sends a notice to the pages of `to` that are connected to this process.

        Returns once a page has acknowledged it: a phone in a pocket keeps a socket open and shows
        nothing. Raises `Away` otherwise, so that it waits for the courier's next message; a notice
        shown twice is harmless, one never shown is not.
        """
        connections = self._by_address.get(to, set())
        if not connections:
            raise Away
        notice = str(uuid4())
        acknowledged = self._unacknowledged[notice] = asyncio.Event()
        try:
            async with asyncio.timeout(self._limits.acknowledgement):
                frame = render_notice(answer, notice)
                for connection in tuple(connections):
                    await connection.send(frame)
                await acknowledged.wait()
        except TimeoutError as error:
            raise Away from error
        finally:
            del self._unacknowledged[notice]

    async def _connect(self, request: web.Request) -> web.StreamResponse:
        if not is_own_page(request, self._origins):
            self._log_refusal("origin")
            raise web.HTTPForbidden(text="This chat answers its own page only.\n")
        client = client_of(request, self._proxies)
        if self._closing or not self._limiter.enter(client):
            self._log_refusal("closing" if self._closing else "crowded")
            raise web.HTTPServiceUnavailable(text="Too many open chats; please try again.\n")
        limits = self._limits
        socket = web.WebSocketResponse(
            max_msg_size=limits.frame_bytes,
            heartbeat=limits.heartbeat,
            timeout=CLOSE_TIMEOUT,
            compress=False,  # a zlib window for each open page would cost more than it saves
        )
        bucket = TokenBucket(limits.burst, limits.per_second, self._monotonic)
        connection = Connection(socket, client, bucket, self._clients.of(client))
        self._connections.add(connection)
        try:
            await socket.prepare(request)
            await self._listen(connection)
        finally:
            self._connections.discard(connection)
            self._forget(connection)
            self._limiter.leave(client)
        return socket

    async def _listen(self, connection: Connection) -> None:
        """Handles frames one after the other: a courier's messages are answered in their order.

        Closes a connection that does not say hello in time, and one that floods.
        """
        try:
            async with asyncio.timeout(self._limits.hello) as until_hello:
                async for message in connection.socket:
                    wait = connection.bucket.wait()
                    raw = message.data if message.type is WSMsgType.TEXT else ""
                    abusive = connection.bucket.abusive
                    frame = "" if abusive else await self._handle(connection, raw, wait)
                    if connection.bucket.abusive:  # perhaps the visitor's, set by the hello
                        await connection.socket.close(code=WSCloseCode.POLICY_VIOLATION)
                        return
                    await connection.send(frame)
                    if connection.address:
                        until_hello.reschedule(None)
        except TimeoutError:
            if not until_hello.expired():
                raise
            self._log_refusal("silent")
            await connection.socket.close(code=WSCloseCode.TRY_AGAIN_LATER)

    async def _handle(self, connection: Connection, raw: str, wait: float) -> str:
        """The frame to answer with; "" for none. `wait`: seconds that the rate limit asks for."""
        try:
            frame = parse(raw)
        except BadFrame as bad:
            return render_error(bad.code, bad.to)
        match frame:
            case Hello(visitor, language):
                if connection.address:
                    return render_error(ErrorCode.HELLO)
                return await self._greet(connection, address_of(visitor), language)
            case Acknowledgement(notice):
                if notice in self._unacknowledged:
                    self._unacknowledged[notice].set()
                return ""
            case MessageFrame(to, content):
                if not connection.address:
                    return render_error(ErrorCode.HELLO, to)
                if wait := wait or self._charge_client(connection):
                    return render_error(ErrorCode.TOO_FAST, to, wait)
                sender = Address(self.name, connection.address)
                # bound to the sender: no visitor gets the answer to another one's message by its id
                event_id = f"{connection.address}:{to}"
                now = self._clock()
                event = Event(
                    event_id, sender, now, content, connection.language, connection.client
                )
                try:
                    answer = await self._turn(event)
                except Unavailable:
                    return render_error(ErrorCode.UNAVAILABLE, to, RETRY_AFTER)
                connection.answered(answer)
                return render_answer(answer, to)

    async def _greet(self, connection: Connection, address: str, language: str) -> str:
        """Takes the visitor in, or closes the connection: the page tries again after a while."""
        crowded = len(self._by_address.get(address, ())) >= self._limits.sockets_per_visitor
        if crowded or not (
            address in self._visitors or self._newcomers.of(connection.client).take()
        ):
            self._log_refusal("visitor_crowded" if crowded else "newcomers")
            await connection.socket.close(code=WSCloseCode.TRY_AGAIN_LATER)
            return ""
        connection.address = address
        connection.language = language
        connection.bucket = self._visitors.of(address)
        connection.bucket.wait()
        connection.client_bucket.take()
        self._by_address[address].add(connection)
        return render_ready(await self._conversations.greet(connection))

    def _charge_client(self, connection: Connection) -> float:
        """Charges the IP address with a frame; 0, or the seconds until it would be accepted."""
        shared = connection.client_bucket
        wait = shared.delay(reserve=self._limits.client_burst / 4)
        if wait and shared.tokens >= 1:
            wait = self._guaranteed.of(connection.address).delay() or shared.delay()
        return wait

    def _log_refusal(self, why: str) -> None:
        if count := self._refusals.due(why):
            log.info("web.refused", why=why, count=count)

    def _forget(self, connection: Connection) -> None:
        open_pages = self._by_address.get(connection.address)
        if open_pages is not None:
            open_pages.discard(connection)
            if not open_pages:
                del self._by_address[connection.address]
