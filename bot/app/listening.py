"""The HTTP server's socket: how many connections are held, and how long one may stay silent.

aiohttp accepts every connection and lets it take as long as it likes. Here half-sent requests are
closed, and clients never use the descriptors that the database and the platforms' APIs need.
"""

import asyncio
import errno
import socket
from collections import Counter
from typing import Any, Final, cast

import structlog
from aiohttp import web
from prometheus_client import Counter as Metric

from bot.common.descriptors import connection_capacity
from bot.common.http_requests import network_of
from bot.common.limited_log import LogLimiter
from bot.common.values import value

OUT_OF_DESCRIPTORS: Final = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM})

log = structlog.get_logger()
REFUSED = Metric("yizhan_http_refused", "Connections that were closed unanswered", ["why"])


@value
class ListeningLimits:
    """`connections` at once, of which one client address has at most `of_client`.

    Times in seconds: `head` until a connection's first request has come whole, and until the rest
    of a body has come that nobody reads, as that of a refused request; `keep_alive` between an
    answer and the next request on the same connection, longer than a reverse proxy waits; `unread`
    until a client has taken what was sent to it.
    """

    connections: int
    of_client: int
    head: float = 10.0
    keep_alive: float = 75.0
    unread: float = 60.0


def default_limits(proxies: int) -> ListeningLimits:
    """What the descriptors of this process admit; behind a proxy all come from one address."""
    capacity = connection_capacity()
    return ListeningLimits(capacity, capacity if proxies else capacity // 4)


class _Connections:
    """The open connections, counted by client address; and what is said of refused ones."""

    def __init__(self, limits: ListeningLimits) -> None:
        self.limits = limits
        self._by_client: Counter[str] = Counter()
        self._total = 0
        self._log = LogLimiter()

    def enter(self, client: str) -> bool:
        """Whether one more is taken; if so, it is counted until `leave`."""
        if self._total >= self.limits.connections:
            self.refuse("full")
        elif self._by_client[client] >= self.limits.of_client:
            self.refuse("client_full")
        else:
            self._total += 1
            self._by_client[client] += 1
            return True
        return False

    def leave(self, client: str) -> None:
        """One of that client was closed."""
        self._total -= 1
        self._by_client[client] -= 1
        if not self._by_client[client]:
            del self._by_client[client]

    def refuse(self, why: str) -> None:
        """Counts a connection that was closed unanswered; logged once a minute."""
        REFUSED.labels(why).inc()
        if count := self._log.due(why):
            log.warning("http.refused", why=why, count=count, open=self._total)


class _Connection(web.RequestHandler):
    """One connection, closed where its first request does not come in time."""

    __slots__ = ("_client", "_connections", "_head_timer")

    def __init__(
        self, server: web.Server, connections: _Connections, loop: asyncio.AbstractEventLoop
    ) -> None:
        limits = connections.limits
        super().__init__(
            server,
            loop=loop,
            keepalive_timeout=limits.keep_alive,
            lingering_time=limits.head,
            access_log=None,  # type: ignore[arg-type]
        )
        self._connections = connections
        self._client: str | None = None
        self._head_timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        transport = cast(asyncio.Transport, transport)
        peer = transport.get_extra_info("peername")
        client = network_of(str(peer[0])) if peer else ""
        if not self._connections.enter(client):
            transport.abort()
            return
        self._client = client
        _limit_unread(transport, self._connections.limits.unread)
        super().connection_made(transport)
        head = self._connections.limits.head
        self._head_timer = asyncio.get_running_loop().call_later(head, self._close_silent)

    def connection_lost(self, exc: BaseException | None) -> None:
        self.request_came()
        if self._client is not None:
            self._connections.leave(self._client)
            self._client = None
            super().connection_lost(exc)

    def request_came(self) -> None:
        """The first request is whole; the next ones are limited by `keep_alive`."""
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None

    def _close_silent(self) -> None:
        self._head_timer = None
        self._connections.refuse("silent")
        self.force_close()


class LimitedSite(web.BaseSite):
    """Listens on host and port within limits. The application of `runner` has `mark_request`."""

    __slots__ = ("_host", "_limits", "_port")

    def __init__(
        self, runner: web.AppRunner, host: str, port: int, limits: ListeningLimits
    ) -> None:
        super().__init__(runner)
        self._host = host
        self._port = port
        self._limits = limits

    @property
    def name(self) -> str:
        """The address to open."""
        return f"http://{self._host}:{self._port}"

    async def start(self) -> None:
        """Begins to listen. Raises `OSError` where the address cannot be used."""
        await super().start()
        loop = asyncio.get_running_loop()
        server = cast(web.Server, self._runner.server)  # there since the runner was set up
        connections = _Connections(self._limits)
        self._server = await loop.create_server(
            lambda: _Connection(server, connections, loop), self._host, self._port
        )


@web.middleware
async def mark_request(request: web.Request, handler: Any) -> web.StreamResponse:
    """Tells the connection that a request has come whole."""
    if isinstance(request.protocol, _Connection):
        request.protocol.request_came()
    response: web.StreamResponse = await handler(request)
    return response


def log_accept_errors(loop: asyncio.AbstractEventLoop) -> None:
    """Logs once a minute that no connection can be accepted; asyncio would 100 times a second."""
    limiter = LogLimiter()
    before = loop.get_exception_handler()

    def handle(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        error = context.get("exception")
        if isinstance(error, OSError) and error.errno in OUT_OF_DESCRIPTORS and "socket" in context:
            REFUSED.labels("no_descriptor").inc()
            if count := limiter.due("accept"):
                log.error("http.accept_failed", error=errno.errorcode[error.errno], count=count)
        elif before is not None:
            before(loop, context)
        else:
            loop.default_exception_handler(context)

    loop.set_exception_handler(handle)


def _limit_unread(transport: asyncio.Transport, seconds: float) -> None:
    """Closes a connection whose client does not take what was sent, where the system can."""
    option = getattr(socket, "TCP_USER_TIMEOUT", None)
    connection = transport.get_extra_info("socket")
    if option is not None and connection.family in {socket.AF_INET, socket.AF_INET6}:
        connection.setsockopt(socket.IPPROTO_TCP, option, int(seconds * 1000))
