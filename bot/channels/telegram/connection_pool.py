"""JSON requests to one origin over connections that are kept open.

A call costs a third of the processor time that it costs with aiohttp's client. There are no
redirects, cookies, compressed answers or proxies: the Bot API needs none of them.
"""

import asyncio
import socket
import ssl
from base64 import b64encode
from collections import deque
from collections.abc import Sequence
from typing import Final

from aiohappyeyeballs import AddrInfoType, start_connection
from yarl import URL

from bot.channels.telegram.http_connection import Connection, NotSentError, Response

IDLE: Final = 15.0  # seconds; a request on a connection that the server just closed may be lost
NEXT_ADDRESS: Final = 0.25  # seconds before the next address of a host is tried beside the first


class ConnectionPool:
    """At most `limit` connections to an origin; those that are free are kept for a while."""

    def __init__(self, origin: URL, limit: int) -> None:
        """Raises `ValueError` for an origin that is not HTTP. Connects to nothing yet."""
        if origin.scheme not in ("http", "https") or not origin.raw_host or not origin.port:
            raise ValueError("not an address of HTTP")
        self._host, self._port = origin.raw_host, origin.port
        self._tls: ssl.SSLContext | None = None
        if origin.scheme == "https":
            self._tls = ssl.create_default_context()
            self._tls.set_alpn_protocols(["http/1.1"])
        self._places = asyncio.Semaphore(limit)
        self._idle: deque[Connection] = deque()  # the one that was used last is at the end
        self._expiry: asyncio.TimerHandle | None = None
        self._lookup: asyncio.Task[Sequence[AddrInfoType]] | None = None
        self._closed = False

    async def post(
        self, head: bytes, body: bytes, *, wait: float, connect: float, read: float, total: float
    ) -> Response:
        """The answer to a request of `request_head` and this JSON.

        Limits in seconds: `wait` for that for a free connection, `connect` for making one,
        `read` for the wait for a byte of the answer, `total` for everything. Raises `NotSentError`
        where nothing can have been sent, `TimedOut`, and `NetworkError` for all else. A call that
        fails or is cancelled closes its connection.
        """
        until = asyncio.get_running_loop().time() + total
        if self._places.locked():
            await self._wait_for_place(wait)
        else:
            await self._places.acquire()
        try:
            connection = self._kept() or await self._connect(connect)
            request = b"%b%d\r\n\r\n%b" % (head, len(body), body)
            response = await connection.exchange(request, read, until)
            self._keep(connection)
        finally:
            self._places.release()
        return response

    def close(self) -> None:
        """Closes what is idle now; connections in use are closed after their answer."""
        self._closed = True
        if self._expiry is not None:
            self._expiry.cancel()
        while self._idle:
            self._idle.pop().close()

    async def _wait_for_place(self, limit: float) -> None:
        try:
            async with asyncio.timeout(limit):
                await self._places.acquire()
        except TimeoutError:
            raise NotSentError("all connections are in use") from None

    async def _connect(self, limit: float) -> Connection:
        try:
            async with asyncio.timeout(limit):
                connected = await start_connection(
                    await self._addresses(), happy_eyeballs_delay=NEXT_ADDRESS
                )
                _, connection = await asyncio.get_running_loop().create_connection(
                    Connection,
                    sock=connected,
                    ssl=self._tls,
                    server_hostname=self._host if self._tls else None,
                )
        except (OSError, ValueError) as error:  # ValueError: a host that no DNS name can be
            raise NotSentError(type(error).__name__) from None
        return connection

    async def _addresses(self) -> Sequence[AddrInfoType]:
        """The host's addresses, by one look-up for all that connect at the moment.

        It takes one of the threads that everything shares, for seconds where no name server
        answers.
        """
        if self._lookup is None or self._lookup.done():
            loop = asyncio.get_running_loop()
            self._lookup = loop.create_task(
                loop.getaddrinfo(self._host, self._port, type=socket.SOCK_STREAM)
            )
        return await asyncio.shield(self._lookup)

    def _kept(self) -> Connection | None:
        while self._idle:
            connection = self._idle.pop()
            if connection.reusable():
                return connection
            connection.close()
        return None

    def _keep(self, connection: Connection) -> None:
        if self._closed or not connection.reusable():
            connection.close()
            return
        self._idle.append(connection)
        if self._expiry is None:
            loop = asyncio.get_running_loop()
            self._expiry = loop.call_at(connection.idle_since + IDLE, self._expire)

    def _expire(self) -> None:
        """Closes what was idle for too long, and comes again when the next one will have been."""
        loop = asyncio.get_running_loop()
        while self._idle:
            due = self._idle[0].idle_since + IDLE
            if due > loop.time():
                self._expiry = loop.call_at(due, self._expire)
                return
            self._idle.popleft().close()
        self._expiry = None


def request_head(url: URL, user_agent: str) -> bytes:
    """What a POST of JSON begins with, up to the number of its body's bytes.

    With the user and password of the URL, for a Bot API server of one's own. No compression is
    asked for: it costs more than it saves within a data centre.
    """
    signed_in = ""
    if url.user is not None:
        name = f"{url.user}:{url.password or ''}".encode()
        signed_in = f"Authorization: Basic {b64encode(name).decode()}\r\n"
    return (
        f"POST {url.raw_path_qs} HTTP/1.1\r\nHost: {url.host_port_subcomponent}\r\n"
        f"User-Agent: {user_agent}\r\n{signed_in}Accept: */*\r\n"
        "Content-Type: application/json\r\nContent-Length: "
    ).encode("ascii")
