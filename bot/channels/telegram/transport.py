"""Calls of the Bot API: our own over kept connections, python-telegram-bot's over aiohttp.

The library's httpx pool scans all connections for each call. What it does before and after a call
takes as much processor time as the call itself, so methods without a file go past it
(`BotApiTransport.call`), and past aiohttp where there is no proxy; the errors are the same either
way. No error that is raised here carries a URL: the token is part of every path.
"""

import json
import math
from collections.abc import Callable
from datetime import timedelta
from functools import lru_cache
from typing import Any

import aiohttp
import orjson
from telegram.error import BadRequest, NetworkError, RetryAfter, TelegramError, TimedOut
from telegram.request import BaseRequest, RequestData
from yarl import URL

from bot.channels.protocol import ignore_date
from bot.channels.telegram.connection_pool import ConnectionPool, request_head
from bot.channels.telegram.http_connection import BODY_BYTES, NotSentError
from bot.conversation.replies import Json

CONNECTIONS = 256
CONNECT = READ = WRITE = 5.0  # seconds, the library's defaults
UPLOAD = 20.0
POOL = 1.0
SHORTEST_WAIT = timedelta(seconds=1)  # after a 429 that does not say how long, or says 0
# Telegram accepts forms too, in which each 汉字 would be quoted to nine characters.
JSON = {"Content-Type": "application/json"}


class BotApiTransport(BaseRequest):
    """Connection pools for all requests. `proxy`: an `http://` URL, perhaps with a password.

    `saw_date` takes the `Date` header of answers, each value once in a row.
    """

    def __init__(
        self,
        proxy: str | None = None,
        *,
        read: float = READ,
        saw_date: Callable[[str], None] = ignore_date,
    ) -> None:
        self._saw_date = saw_date
        self._proxy = proxy
        self._read = read
        self._session: aiohttp.ClientSession | None = None
        self._origins: dict[URL, ConnectionPool] = {}
        self._methods: dict[str, tuple[ConnectionPool, bytes]] = {}  # by URL, with a request's head
        self._date = ""

    @property
    def read_timeout(self) -> float | None:
        """Seconds without a byte before an answer counts as lost."""
        return self._read

    async def initialize(self) -> None:
        """Opens the pools; a second call changes nothing."""
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=CONNECTIONS),
                cookie_jar=aiohttp.DummyCookieJar(),
                headers={"User-Agent": self.USER_AGENT},
            )

    async def shutdown(self) -> None:
        """Closes the pools; a second call changes nothing."""
        self._methods.clear()
        while self._origins:
            self._origins.popitem()[1].close()
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    async def do_request(
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        read_timeout: object = BaseRequest.DEFAULT_NONE,
        write_timeout: object = BaseRequest.DEFAULT_NONE,
        connect_timeout: object = BaseRequest.DEFAULT_NONE,
        pool_timeout: object = BaseRequest.DEFAULT_NONE,
    ) -> tuple[int, bytes]:
        """Status and body. Raises `NotSentError`, `TimedOut`, `NetworkError`, `RetryAfter` for any
        429, and `BadRequest` for a request that is too large.

        All four limits together end a call, however slowly the answer drips in.
        """
        uploads = request_data is not None and request_data.contains_files
        limits = _limits(
            _seconds(pool_timeout, POOL),
            _seconds(connect_timeout, CONNECT),
            _seconds(write_timeout, UPLOAD if uploads else WRITE),
            _seconds(read_timeout, self._read),
        )
        return await self._exchange(method, URL(url), _body(request_data), limits)

    async def call(self, url: str, params: dict[str, Json], poll_seconds: float = 0.0) -> Any:
        """The result of a method without a file: the same as the library's `post`, its errors too.

        `poll_seconds`: how long Telegram may wait before it answers.
        """
        data, read = orjson.dumps(params), self._read + poll_seconds
        if self._proxy is None:
            status, body = await self._post(url, data, read)
        else:
            limits = _limits(POOL, CONNECT, WRITE, read)
            status, body = await self._exchange("POST", URL(url), data, limits)
        if 200 <= status <= 299:
            return self.parse_json_payload(body)["result"]
        return await _Received(status, body).post("")

    async def _post(self, url: str, body: bytes, read: float) -> tuple[int, bytes]:
        pool, head = self._methods.get(url) or self._method(url)
        total = POOL + CONNECT + WRITE + read
        response = await pool.post(head, body, wait=POOL, connect=CONNECT, read=read, total=total)
        self._note_date(response.date)
        return response.status, _checked(response.status, response.body)

    def _method(self, url: str) -> tuple[ConnectionPool, bytes]:
        """The connections to a URL's origin and the head of its requests. `ValueError`: no URL."""
        if self._session is None:
            raise NetworkError("the transport is not initialized")
        address = URL(url)
        origin = address.origin()
        if origin not in self._origins:
            self._origins[origin] = ConnectionPool(origin, CONNECTIONS)
        method = self._origins[origin], request_head(address, self.USER_AGENT)
        self._methods[url] = method
        return method

    def _note_date(self, date: str) -> None:
        if date != self._date:  # to the second: what came before it in this one is as good
            self._date = date
            self._saw_date(date)

    async def _exchange(
        self,
        method: str,
        url: URL,
        body: aiohttp.FormData | bytes | None,
        limits: aiohttp.ClientTimeout,
    ) -> tuple[int, bytes]:
        if self._session is None:
            raise NetworkError("the transport is not initialized")
        failure: TelegramError
        try:
            async with self._session.request(
                method,
                url,
                data=body,
                headers=JSON if isinstance(body, bytes) else None,
                timeout=limits,
                proxy=self._proxy,
            ) as response:
                self._note_date(response.headers.get("Date", ""))
                return response.status, _checked(response.status, await _read(response))
        except TelegramError:
            raise
        except (aiohttp.ConnectionTimeoutError, aiohttp.ClientConnectorError) as error:
            failure = NotSentError(type(error).__name__)
        except TimeoutError:
            failure = TimedOut()
        except (aiohttp.ClientError, OSError, RuntimeError) as error:
            failure = NetworkError(type(error).__name__)
        raise failure  # outside of the handlers, or its context would carry the URL

    @staticmethod
    def parse_json_payload(payload: bytes) -> dict[str, Any]:
        """The answer's JSON object. Raises `TelegramError` for anything else, as a proxy's page.

        Where orjson refuses a lone surrogate, the standard library's parser accepts it: otherwise
        the same batch of updates would be refused for ever.
        """
        try:
            answer = orjson.loads(payload)
        except ValueError:
            try:
                answer = json.loads(payload.decode("utf-8", "replace"))
            except (ValueError, RecursionError):
                answer = None
        if not isinstance(answer, dict):
            raise TelegramError("Invalid server response")
        return answer


class _Received(BaseRequest):
    """A response that is there already, for the library to raise its error for."""

    def __init__(self, status: int, body: bytes) -> None:
        self._response = status, body

    @property
    def read_timeout(self) -> float | None:
        """Nothing is waited for."""
        return None

    async def initialize(self) -> None:
        """Nothing is opened."""

    async def shutdown(self) -> None:
        """Nothing is closed."""

    async def do_request(self, *_: object, **__: object) -> tuple[int, bytes]:
        """Status and body of the response."""
        return self._response

    parse_json_payload = staticmethod(BotApiTransport.parse_json_payload)


@lru_cache(maxsize=64)
def _limits(
    pool: float | None, connect: float | None, write: float | None, read: float | None
) -> aiohttp.ClientTimeout:
    """Limits in seconds, None for none.

    aiohttp has one limit for the wait for a free connection and for connecting, and none for
    writing, nor one for an answer that comes byte by byte: all four together end a call.
    """
    return aiohttp.ClientTimeout(
        total=_sum(pool, connect, write, read),
        connect=_sum(pool, connect),
        sock_connect=connect,
        sock_read=read,
    )


async def _read(response: aiohttp.ClientResponse) -> bytes:
    body = bytearray()
    async for chunk in response.content.iter_any():
        body += chunk
        if len(body) > BODY_BYTES:
            response.close()
            raise NetworkError("the answer is too long")
    return bytes(body)


def _checked(status: int, body: bytes) -> bytes:
    """The body, unless the status surely means "not sent" where the library does not say so."""
    if status == 429:
        raise RetryAfter(_retry_after(body))
    if status == 413:
        raise BadRequest("Request Entity Too Large")
    return body


def _retry_after(body: bytes) -> timedelta:
    """How long a 429 asks to wait, whatever its body is: a proxy's page names no time at all."""
    try:
        match json.loads(body):
            case {"parameters": {"retry_after": int() | float() as seconds}}:
                if math.isfinite(seconds) and seconds > 0:
                    return timedelta(seconds=seconds)
            case _:
                pass
    except (ValueError, RecursionError, OverflowError):
        pass
    return SHORTEST_WAIT


def _seconds(given: object, default: float) -> float | None:
    """A timeout as the library passes it: its sentinel for the default, None for none."""
    if given is BaseRequest.DEFAULT_NONE:
        return default
    match given:
        case int() | float():
            return given
        case timedelta():
            return given.total_seconds()
        case _:
            return None


def _sum(*limits: float | None) -> float | None:
    known = [limit for limit in limits if limit is not None]
    return sum(known) if len(known) == len(limits) else None


def _body(request_data: RequestData | None) -> aiohttp.FormData | bytes | None:
    if request_data is None:
        return None
    if not request_data.contains_files:
        return orjson.dumps(request_data.parameters)
    form = aiohttp.FormData(quote_fields=False)  # a Chinese file name as UTF-8, not as %E7
    for name, value in request_data.json_parameters.items():
        form.add_field(name, value)
    for name, (filename, content, media_type) in request_data.multipart_data.items():
        form.add_field(name, content, filename=filename, content_type=media_type)
    return form
