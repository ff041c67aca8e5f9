"""The web chat as the application starts it: always there, on the server's own address."""

from typing import Final, Protocol

from bot.channels.spec import ChannelServices, ChannelSpec, ConnectedChannel
from bot.channels.web.admission import Limits
from bot.channels.web.channel import ABILITIES, WebChat
from bot.common.descriptors import connection_capacity


class WebSettings(Protocol):
    """The settings that are read here."""

    @property
    def proxies(self) -> int: ...
    def origins(self) -> frozenset[str]: ...


def connect(settings: WebSettings, services: ChannelServices) -> ConnectedChannel:
    """The chat page and its socket. An open page can be reached from its own process only.

    Open pages hold half of the connections at most: the rest is for webhooks and downloads.
    """
    chat = WebChat(
        services.turn,
        services.clock,
        origins=settings.origins(),
        proxies=settings.proxies,
        limits=Limits(sockets=min(Limits().sockets, connection_capacity() // 2)),
        monotonic=services.monotonic,
        find_conversations=services.find_conversations,
    )
    return ConnectedChannel(
        chat,
        routes=chat.routes(),
        disconnect=chat.close,
        refresh=chat.refresh,
        present=chat.present,
    )


WEB: Final = ChannelSpec(WebChat.name, ABILITIES, connect)
