"""The web chat: a page of our own over a WebSocket, for couriers without Telegram or WeChat."""

from bot.channels.web.channel import ABILITIES, WebChat

__all__ = ["ABILITIES", "WebChat"]
