"""The webhook: 200 only after the answer is committed and sent, so that nothing is lost.

Telegram keeps order per chat, repeats for a day what does not get a 2xx and waits for as long as
`Retry-After` says. https://core.telegram.org/bots/api#setwebhook
"""

import asyncio
import hmac
import json
import math
from typing import Any

import orjson
import structlog
from aiohttp import web
from telegram.error import InvalidToken

from bot.channels.protocol import Throttled, Unavailable, Unreachable
from bot.channels.telegram.abilities import ALLOWED_UPDATES
from bot.channels.telegram.backoff import Backoff
from bot.channels.telegram.channel import TelegramChannel
from bot.channels.telegram.render import Call
from bot.common.http_requests import read_body

PATH = "/telegram/webhook"
HEADER = "X-Telegram-Bot-Api-Secret-Token"
BODY_BYTES = 1 << 20  # an update with its longest text and entities stays far below
CONNECTIONS = 40
LONGEST_WAIT = 60  # seconds; Telegram asks us to wait, and then waits for us itself

log = structlog.get_logger()


def routes(channel: TelegramChannel, secret: str) -> list[web.RouteDef]:
    """`POST /telegram/webhook`: 403 without the secret, 413 over 1 MiB, 503 to be tried again.

    What is no JSON is counted and acknowledged, or it would be redelivered. Raises `ValueError` for
    an empty secret, with which anybody could impersonate a courier.
    """
    if not secret:
        raise ValueError("the webhook needs a secret")
    expected = secret.encode()

    async def receive(request: web.Request) -> web.Response:
        given = request.headers.get(HEADER, "").encode("utf-8", "surrogateescape")
        if not hmac.compare_digest(given, expected):
            return web.Response(status=403)
        body = await read_body(request, BODY_BYTES)
        if body is None:
            return web.Response(status=413)
        try:
            await channel.take(_update(body))
        except Throttled as reason:
            seconds = min(math.ceil(reason.retry_after.total_seconds()), LONGEST_WAIT)
            return web.Response(status=503, headers={"Retry-After": str(seconds)})
        except (Unavailable, Unreachable):
            return web.Response(status=503)
        return web.Response()

    return [web.post(PATH, receive)]


def _update(body: bytes) -> Any:
    """The body's JSON, None for what is none."""
    try:
        return orjson.loads(body)
    except ValueError:
        pass
    try:
        # the standard library's parser accepts a lone surrogate, which `parse` then replaces
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


async def register(
    channel: TelegramChannel, url: str, secret: str, stop: asyncio.Event, first_pause: float = 1.0
) -> None:
    """Registers the webhook, with retries; each replica registers the same one."""
    call = Call(
        "setWebhook",
        {
            "url": url,
            "secret_token": secret,
            "allowed_updates": list(ALLOWED_UPDATES),
            "max_connections": CONNECTIONS,
        },
    )
    backoff = Backoff(stop, first_pause)
    try:
        await backoff.retry("setWebhook", lambda: channel.client.call(call))
    except InvalidToken:
        log.error("telegram.refused", hint="check the token")  # noqa: TRY400 - the hint is enough
