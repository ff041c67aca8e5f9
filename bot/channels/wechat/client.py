"""The client of WeChat's HTTP API: one access token for all calls, errors as `DeliveryFailed`.

No error and no log line carries a URL: the token is part of every one.
"""

import asyncio
import json
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

import aiohttp
import structlog

from bot.channels.protocol import Refused, Throttled, Uncertain, Unreachable, ignore_date
from bot.channels.wechat.errors import (
    NOT_GRANTED,
    OLD_TOKEN,
    WRONG_SETTINGS,
    PlatformError,
    failure,
    rid_of,
)
from bot.common.clock import Clock
from bot.conversation.replies import Json

API_BASE = "https://api.weixin.qq.com"
TOKEN_PATH = "/cgi-bin/stable_token"  # noqa: S105 - an address
CONNECTIONS = 64
CONNECT, TOTAL = 5.0, 10.0  # seconds
RENEW_EARLY = timedelta(seconds=300)  # before the token expires
SHORTEST_LIFETIME = timedelta(seconds=30)
SHORTEST_WAIT = timedelta(seconds=1)  # after a refusal that does not say how long
NOT_GRANTED_PAUSE = timedelta(hours=1)  # before a call that was not granted is tried again

log = structlog.get_logger()


class Client:
    """The API of one account. `open` before use; `api_base`: scheme, host and port.

    `saw_date` takes the `Date` header of each answer.
    """

    def __init__(
        self,
        app_id: str,
        secret: str,
        clock: Clock,
        api_base: str = API_BASE,
        saw_date: Callable[[str], None] = ignore_date,
    ) -> None:
        self._saw_date = saw_date
        self._app_id = app_id
        self._secret = secret
        self._clock = clock
        self._base = api_base.rstrip("/")
        self._http: aiohttp.ClientSession | None = None
        self._renewal: asyncio.Task[None] | None = None
        self._token = ""
        self._expires: datetime | None = None
        self._generation = 0
        self._not_granted: dict[str, tuple[int, datetime]] = {}

    def __repr__(self) -> str:
        """Without the secret."""
        return "Client()"

    async def open(self) -> None:
        """Opens the connection pool; a second call changes nothing."""
        if self._http is None:
            self._http = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=CONNECTIONS),
                cookie_jar=aiohttp.DummyCookieJar(),
                timeout=aiohttp.ClientTimeout(total=TOTAL, sock_connect=CONNECT),
            )

    async def close(self) -> None:
        """Closes the connection pool; a second call changes nothing."""
        session, self._http = self._http, None
        if session is not None:
            await session.close()

    async def send(self, message: Mapping[str, Json]) -> None:
        """A customer message (客服消息). Raises a `DeliveryFailed`."""
        await self._deliver("/cgi-bin/message/custom/send", message)

    async def send_template(self, message: Mapping[str, Json], *, subscribed: bool) -> None:
        """A template message, or with `subscribed` a 订阅通知. Raises a `DeliveryFailed`."""
        path = "/cgi-bin/message/subscribe/bizsend"
        await self._deliver(path if subscribed else "/cgi-bin/message/template/send", message)

    async def call(self, path: str, body: Mapping[str, Json]) -> dict[str, Any]:
        """The answer of one call. Raises `PlatformError`, `Unreachable`, `Throttled` or
        `Uncertain`.

        A token that has become invalid is renewed and the call repeated once.
        """
        token, generation = await self._valid_token()
        try:
            return await self._post(f"{path}?access_token={token}", body)
        except PlatformError as error:
            if error.code not in OLD_TOKEN:
                raise
        token, _ = await self._valid_token(after=generation)
        return await self._post(f"{path}?access_token={token}", body)

    async def _deliver(self, path: str, message: Mapping[str, Json]) -> None:
        code, until = self._not_granted.get(path, (0, self._clock()))
        if self._clock() < until:
            raise failure(PlatformError(code, ""))
        try:
            await self.call(path, message)
        except PlatformError as error:
            if error.code in NOT_GRANTED:
                self._not_granted[path] = (error.code, self._clock() + NOT_GRANTED_PAUSE)
            raise failure(error) from None

    async def _valid_token(self, after: int = 0) -> tuple[str, int]:
        """The token and its generation; a newer one than `after`, if that one was refused.

        Of concurrent calls whose token was refused, one renews it and all wait for that one.
        """
        fresh = self._expires is not None and self._clock() < self._expires
        if not fresh or self._generation <= after:
            if self._renewal is None:
                self._renewal = asyncio.create_task(self._renew())
            await asyncio.shield(self._renewal)
        return self._token, self._generation

    async def _renew(self) -> None:
        """Requests the token, without `force_refresh`: that is limited to 20 a day."""
        credentials: dict[str, Json] = {
            "grant_type": "client_credential",
            "appid": self._app_id,
            "secret": self._secret,
        }
        try:
            answer = await self._post(TOKEN_PATH, credentials)
        except Uncertain:  # in any case no message was sent
            raise Unreachable("no token from WeChat") from None
        finally:
            self._renewal = None
        match answer:
            case {"access_token": str(token), "expires_in": int(seconds)}:
                lasts = max(timedelta(seconds=seconds) - RENEW_EARLY, SHORTEST_LIFETIME)
                self._token, self._expires = token, self._clock() + lasts
                self._generation += 1
            case _:
                raise Unreachable("WeChat's answer holds no token")

    async def _post(self, path: str, body: Mapping[str, Json]) -> dict[str, Any]:
        if self._http is None:
            raise RuntimeError("the client is not open")
        # The platform refuses \uXXXX in texts (40033), which is how json writes Chinese by itself.
        data = json.dumps(body, ensure_ascii=False).encode("utf-8", "replace")
        headers = {"Content-Type": "application/json; charset=utf-8"}
        try:
            async with self._http.post(self._base + path, data=data, headers=headers) as response:
                self._saw_date(response.headers.get("Date", ""))
                status, raw = response.status, await response.read()
        except (aiohttp.ConnectionTimeoutError, aiohttp.ClientConnectorError):
            raise Unreachable("no connection to WeChat") from None
        except (TimeoutError, aiohttp.ClientError, OSError) as error:
            raise Uncertain(type(error).__name__) from None
        if status == 429:  # a gateway's: the call surely was not made
            raise Throttled(SHORTEST_WAIT)
        try:
            answer = json.loads(raw)
        except (ValueError, RecursionError):
            answer = None
        if not isinstance(answer, dict) or status != 200:
            raise Uncertain(f"WeChat's answer is no JSON object (status {status})")
        code = answer.get("errcode", 0)
        if code != 0:
            known = isinstance(code, int)
            refusal = PlatformError(code if known else -1, rid_of(answer.get("errmsg")))
            _report(path.partition("?")[0], refusal)
            raise refusal
        return answer


def _report(path: str, error: PlatformError) -> None:
    """Logs an error where an administrator must act; a token that expires early is not that."""
    hint = WRONG_SETTINGS.get(error.code, "")
    loud = hint or isinstance(failure(error), Refused)
    write = log.error if loud and error.code not in OLD_TOKEN else log.info
    write("wechat.refused", call=path, code=error.code, rid=error.rid, hint=hint)
