"""The web chat: our own page over a WebSocket, for couriers without an app that we speak."""

from bot.channels.web.channel import ABILITIES, WebChat

__all__ = ["ABILITIES", "WebChat"]
