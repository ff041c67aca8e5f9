"""An HTTP server on 127.0.0.1 whose answers are scripts of bytes, also such as are no HTTP."""

import asyncio
import contextlib
import socket
import ssl
import struct
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Self

from yarl import URL

TIMEOUT = 10.0  # seconds after which a test that waits fails, before idle connections are closed
Script = Callable[["Peer"], Awaitable[None]]


def whole(body: bytes = b"{}", *headers: bytes) -> bytes:
    """A complete answer of status 200."""
    lines = b"".join(b"%b\r\n" % header for header in headers)
    return b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n%b\r\n%b" % (len(body), lines, body)


class Peer:
    """One connection, as the server sees it."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    async def request(self) -> bytes:
        """The next request, head and body. Raises `IncompleteReadError` at the end."""
        head = await self._reader.readuntil(b"\r\n\r\n")
        _, _, length = head.lower().partition(b"content-length: ")
        return head + await self._reader.readexactly(int(length.split(b"\r\n")[0]))

    @property
    def protocol(self) -> str | None:
        """What was agreed on by TLS."""
        tls: ssl.SSLObject = self._writer.get_extra_info("ssl_object")
        return tls.selected_alpn_protocol()

    async def send(self, data: bytes) -> None:
        """Sends these bytes at once."""
        self._writer.write(data)
        await self._writer.drain()

    async def drip(self, data: bytes, seconds: float = 0.0) -> None:
        """Sends these bytes one by one; the other side reads in between."""
        for at in range(len(data)):
            await self.send(data[at : at + 1])
            await asyncio.sleep(seconds)

    async def end(self) -> None:
        """Returns when the other side has closed. Raises `ConnectionError` for a reset."""
        while await self._reader.read(1 << 16):
            pass

    def close(self) -> None:
        """Closes the connection after what was sent."""
        self._writer.close()

    def half_close(self) -> None:
        """Sends the end of the stream, and still reads."""
        self._writer.write_eof()

    def reset(self) -> None:
        """Breaks the connection off, so that the other side sees no regular end."""
        raw = self._writer.get_extra_info("socket")
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._writer.transport.abort()


class ScriptedServer:
    """`async with ScriptedServer() as server`: plays `scripts`, one per request, then `default`.

    `requests` are those that came, `connected` counts connections ever made and `open` those now;
    `most` is how many were open at once.
    """

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self.scripts: deque[Script] = deque()
        self.requests: list[bytes] = []
        self.connected = self.open = self.most = 0
        self._tls = tls
        self._changed = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, ssl=self._tls)
        port = self._server.sockets[0].getsockname()[1]
        self.origin = URL(f"{'https' if self._tls else 'http'}://127.0.0.1:{port}")
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def answer(self, *answers: bytes) -> None:
        """The next requests get these bytes, one each."""
        for data in answers:
            self.scripts.append(lambda peer, data=data: peer.send(data))  # type: ignore[misc]

    async def default(self, peer: Peer) -> None:
        """What a request without a script gets."""
        await peer.send(whole())

    async def until(self, holds: Callable[[], bool]) -> None:
        """Returns when `holds()` is true; looked at with each connection, request and end."""
        async with asyncio.timeout(TIMEOUT):
            while not holds():
                await self._changed.wait()

    def notify(self) -> None:
        """Lets all that wait in `until` look again."""
        self._changed.set()
        self._changed = asyncio.Event()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self.connected += 1
        self.open += 1
        self.most = max(self.most, self.open)
        self.notify()
        peer = Peer(reader, writer)
        try:
            with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
                while True:
                    self.requests.append(await peer.request())
                    self.notify()
                    await (self.scripts.popleft() if self.scripts else self.default)(peer)
        finally:
            self._tasks.discard(task)
            self.open -= 1
            writer.close()
            self.notify()
