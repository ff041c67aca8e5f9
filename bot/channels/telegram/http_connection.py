"""One HTTP/1.1 connection to the Bot API: a request, then its answer, then perhaps another request.

No error that is raised here carries a URL: the token is part of every path.
"""

import asyncio
from typing import Final, NamedTuple, cast

from httptools import HttpParserError, HttpParserUpgrade, HttpResponseParser
from telegram.error import NetworkError, TelegramError, TimedOut

BODY_BYTES: Final = 16 << 20  # of an answer: 100 updates with their longest texts stay far below
HEAD_BYTES: Final = 64 << 10  # of an answer, interim ones before it included
FRAMING: Final = (b"content-length", b"transfer-encoding")


class NotSentError(NetworkError):
    """No connection was made: the request surely did not reach Telegram."""


class Response(NamedTuple):
    """An answer: `date` is its `Date` header, "" without one."""

    status: int
    date: str
    body: bytes


class Connection(asyncio.Protocol):
    """One connection; the parser calls the methods `on_…`."""

    def __init__(self) -> None:
        self.idle_since = 0.0
        self._loop = asyncio.get_running_loop()
        self._parser = HttpResponseParser(self)
        self._open = True
        self._response: asyncio.Future[Response] | None = None  # while an answer is awaited
        self._begin()

    def _begin(self) -> None:
        self._date = ""
        self._body: list[bytes] = []
        self._in_body = False
        self._framed = False  # the answer says where it ends
        self._received = 0  # bytes

    def reusable(self) -> bool:
        """Whether another request may be sent, as far as is known on this side."""
        return self._open and not self._transport.is_closing()

    def close(self) -> None:
        """Closes at once. An answer that is awaited fails."""
        self._fail(NetworkError("the connection was closed"))

    async def exchange(self, request: bytes, read: float, until: float) -> Response:
        """Sends a request and awaits its answer; limits as in `post`, `until` in the loop's time.

        Closes the connection where anything but an answer comes of it.
        """
        if not self.reusable():
            raise NotSentError("the connection was closed at once")
        self._begin()
        self._read_limit, self._until = read, until
        self._heard_at = self._loop.time()
        response: asyncio.Future[Response] = self._loop.create_future()
        self._response = response
        self._timer = self._loop.call_at(min(self._heard_at + read, until), self._check_limits)
        self._transport.write(request)
        try:
            return await response
        except BaseException:
            self.close()
            raise
        finally:
            self._timer.cancel()

    def _check_limits(self) -> None:
        due = min(self._heard_at + self._read_limit, self._until)
        if due > self._loop.time():  # the answer is on its way
            self._timer = self._loop.call_at(due, self._check_limits)
        else:
            self._fail(TimedOut())

    def _fail(self, error: TelegramError) -> None:
        self._open = False
        response, self._response = self._response, None
        if response is not None and not response.done():
            response.set_exception(error)
        self._transport.abort()

    def _succeed(self) -> None:
        response, self._response = self._response, None
        self.idle_since = self._loop.time()
        if response is not None and not response.done():
            status = self._parser.get_status_code()
            response.set_result(Response(status, self._date, b"".join(self._body)))

    # asyncio.Protocol

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        if self._response is None:
            self.close()  # nobody asked
            return
        self._heard_at = self._loop.time()
        self._received += len(data)
        try:
            self._parser.feed_data(data)
        except (HttpParserError, HttpParserUpgrade):
            self._fail(NetworkError("the answer is not HTTP"))
            return
        limit = BODY_BYTES if self._in_body else HEAD_BYTES
        if self._received > limit and self._response is not None:
            self._fail(NetworkError("the answer is too long"))

    def eof_received(self) -> None:
        if self._in_body and not self._framed:
            self._succeed()

    def connection_lost(self, exc: Exception | None) -> None:
        self._fail(NetworkError(type(exc).__name__ if exc else "the server closed the connection"))

    # HttpResponseParser

    def on_message_begin(self) -> None:
        self._open = self._open and self._response is not None  # a second answer: nobody asked

    def on_header(self, name: bytes, value: bytes) -> None:
        name = name.lower()
        if name == b"date":
            self._date = value.decode("latin-1")
        elif name in FRAMING:
            self._framed = True

    def on_headers_complete(self) -> None:
        self._in_body = True

    def on_body(self, part: bytes) -> None:
        self._body.append(part)

    def on_message_complete(self) -> None:
        self._in_body = False
        if self._parser.get_status_code() < 200:  # an interim answer: the real one follows
            self._framed = False
            return
        self._open = self._open and self._parser.should_keep_alive()
        self._succeed()
