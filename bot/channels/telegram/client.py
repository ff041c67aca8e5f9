"""python-telegram-bot's `Bot` as a plain client, and its errors as `DeliveryFailed`."""

import logging
import os
import re
from datetime import timedelta
from typing import Any, Final, cast

from telegram import Bot, InputFile
from telegram.error import BadRequest, Forbidden, InvalidToken, RetryAfter, TelegramError

from bot.channels.protocol import DeliveryFailed, Gone, Refused, Throttled, Uncertain, Unreachable
from bot.channels.telegram.abilities import ALLOWED_UPDATES
from bot.channels.telegram.http_connection import NotSentError
from bot.channels.telegram.render import PHOTO, Call
from bot.channels.telegram.transport import BotApiTransport
from bot.conversation.replies import Json

API_BASE = "https://api.telegram.org"
VALUES: Final = re.compile(r"[\"'`«].*[\"'`»]|\d{4,}")


class Client(Bot):
    """A `Bot` that takes methods as data and returns raw JSON.

    `Bot.get_updates` raises, and logs the whole batch with its locations, where one update has a
    shape that the library does not know; the same batch would then be delivered for ever.
    """

    __slots__ = ()

    def __repr__(self) -> str:
        """Without the token, which the library's own would show."""
        return "Client()"

    async def call(self, call: Call, *, poll_seconds: float = 0.0) -> Any:
        """The result of one method. `poll_seconds`: how long Telegram may wait before it answers.

        Raises the library's `TelegramError`s, also for an answer of a shape that it does not
        expect.
        """
        transport = cast("BotApiTransport", self.request)
        try:
            if call.upload is None:
                url = f"{self.base_url}/{call.method}"
                return await transport.call(url, call.params, poll_seconds)
            name, content = call.upload.name, call.upload.content
            file = InputFile(content, filename=name)
            file.mimetype = call.upload.media_type  # instead of a guess by the name
            field = "photo" if call.method == PHOTO else "document"
            return await self._post(call.method, {**call.params, field: file})
        except (AttributeError, KeyError, TypeError, ValueError):
            # a JSON object without `result`, or `parameters` that are no object
            invalid = TelegramError("Invalid server response")
        raise invalid  # outside of the handler, or its context would carry the answer

    async def updates(self, offset: int | None, poll_seconds: float) -> list[dict[str, Any]]:
        """Raw updates from `offset` on, which confirms all before it."""
        params: dict[str, Json] = {
            "timeout": int(poll_seconds),
            "allowed_updates": list(ALLOWED_UPDATES),
        }
        if offset is not None:
            params["offset"] = offset
        batch = await self.call(Call("getUpdates", params), poll_seconds=poll_seconds)
        valid = isinstance(batch, list) and all(
            isinstance(one, dict) and isinstance(one.get("update_id"), int) for one in batch
        )
        if not valid:
            raise TelegramError("getUpdates answered something else than updates")
        return list(batch)


def make_client(token: str, request: BotApiTransport, api_base: str = API_BASE) -> Client:
    """A client for `api_base`: scheme, host and port, without `/bot`. Calls nothing yet."""
    # At DEBUG the library logs each address, so the token, and each text and location.
    logging.getLogger("telegram").setLevel(logging.WARNING)
    # Without this each 429 is a DeprecationWarning about the type of `retry_after`.
    os.environ.setdefault("PTB_TIMEDELTA", "true")
    root = api_base.rstrip("/")
    return Client(
        token,
        base_url=f"{root}/bot",
        base_file_url=f"{root}/file/bot",
        request=request,
        get_updates_request=request,
    )


def wait_of(error: RetryAfter) -> timedelta:
    """How long Telegram asks to wait: the library gives seconds or a `timedelta`, by setting."""
    wait = error.retry_after
    return wait if isinstance(wait, timedelta) else timedelta(seconds=wait)


def reason_of(error: Exception) -> str:
    """What Telegram says of a call that it refused, without what it may quote of it."""
    return VALUES.sub("…", str(error))


def failure(error: TelegramError) -> DeliveryFailed:
    """What an error means for a message. Subclasses first: `BadRequest` is a `NetworkError`."""
    match error:
        case RetryAfter():
            return Throttled(wait_of(error))
        case Forbidden():
            return Gone("the bot was blocked or the account is closed")
        case BadRequest() if "chat not found" in error.message.lower():
            return Gone("the chat is not known to this bot")
        case BadRequest():
            return Refused(error.message)
        case NotSentError():
            return Unreachable("no connection to Telegram")
        case InvalidToken():
            return Unreachable("Telegram refuses the token or does not know the method")
        case _:  # a timeout, a 5xx page, a broken connection: it may have arrived
            return Uncertain(type(error).__name__)
