"""The QR codes of posters, for a process that has no channels of its own: the console.

Telegram is asked once what the bot is called, WeChat once for the code of each scene. Where a
platform grants none, or Telegram cannot be reached, the poster has the other codes.
"""

import asyncio
from typing import Final

import structlog

from bot.common.clock import Clock
from bot.config.settings import Settings
from bot.console.parts import CodesUnavailable
from bot.documents.posters import Code, chat_codes

log = structlog.get_logger()
SECONDS: Final = 5.0
"""For an answer of Telegram."""
HELD: Final = 1000
"""Scenes whose codes are kept."""


class PosterCodes:
    """Makes them as `Parts.chat_codes` wants them."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self._settings = settings
        self._clock = clock
        self._name = ""
        self._scenes: dict[str, str] = {}

    async def __call__(self, start: str, page: str = "", *, wechat: bool = False) -> list[Code]:
        """Codes that open the chat with `start` as its first message; a browser opens `page`.

        `wechat`: also WeChat's own permanent one, of which an account has 100,000. Raises
        `CodesUnavailable` where WeChat cannot make it now.
        """
        wechat_url = await self._scene(start) if wechat else ""
        telegram = await self._telegram_name()
        return chat_codes(telegram, self._settings.public_url, start, page, wechat_url)

    async def _telegram_name(self) -> str:
        token = self._settings.telegram_token
        if self._name or token is None:
            return self._name
        from telegram.error import TelegramError

        from bot.channels.telegram.client import make_client
        from bot.channels.telegram.render import Call
        from bot.channels.telegram.transport import BotApiTransport

        request = BotApiTransport(None, read=SECONDS)
        await request.initialize()
        client = make_client(token.get_secret_value(), request, self._settings.telegram_api_base)
        try:
            async with asyncio.timeout(SECONDS):
                who = await client.call(Call("getMe", {}))
        except (TelegramError, TimeoutError) as error:
            log.warning("console.telegram_name_unknown", error=type(error).__name__)
            return ""
        finally:
            await request.shutdown()
        self._name = str(who.get("username", "")) if isinstance(who, dict) else ""
        return self._name

    async def _scene(self, scene: str) -> str:
        settings = self._settings
        if not settings.wechat_app_id or settings.wechat_app_secret is None:
            return ""
        if scene in self._scenes:
            return self._scenes[scene]
        from bot.channels.protocol import DeliveryFailed
        from bot.channels.wechat.client import Client
        from bot.channels.wechat.errors import NOT_GRANTED, PlatformError
        from bot.channels.wechat.menu import create_code

        secret = settings.wechat_app_secret.get_secret_value()
        client = Client(settings.wechat_app_id, secret, self._clock, settings.wechat_api_base)
        await client.open()
        try:
            url = (await create_code(client, scene)).url
        except PlatformError as error:
            log.warning("console.wechat_code_refused", code=error.code)
            if error.code in NOT_GRANTED:
                return ""
            raise CodesUnavailable from error
        except DeliveryFailed as error:
            log.warning("console.wechat_unreachable", error=type(error).__name__)
            raise CodesUnavailable from error
        finally:
            await client.close()
        if len(self._scenes) >= HELD:
            self._scenes.clear()
        self._scenes[scene] = url
        return url
