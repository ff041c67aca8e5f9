"""Every channel, listed once; connected with the accounts that the settings name."""

from collections.abc import Collection, Mapping
from typing import Final

from sqlalchemy.exc import SQLAlchemyError

from bot.channels.protocol import Conversation, FindConversations, Unavailable
from bot.channels.spec import (
    ChannelMisconfigured,
    ChannelServices,
    ChannelSpec,
    ConnectedChannel,
)
from bot.channels.telegram.spec import TELEGRAM
from bot.channels.terminal.spec import TERMINAL
from bot.channels.web.spec import WEB
from bot.channels.wechat.spec import WECHAT
from bot.config.settings import Settings, SettingsError
from bot.conversation.replies import Abilities
from bot.outbox.leader import election
from bot.outbox.rate_limit import MonotonicClock, RateLimiter
from bot.outbox.sender import ChannelSender
from bot.services.privacy.conversations import answered_by_address
from bot.store.engine import Store

CHANNELS: Final[tuple[ChannelSpec[Settings], ...]] = (WEB, TELEGRAM, WECHAT, TERMINAL)


def abilities_by_channel() -> dict[str, Abilities]:
    """What each channel can show, by its name."""
    return {spec.name: spec.abilities for spec in CHANNELS}


def connect_channels(settings: Settings, services: ChannelServices) -> dict[str, ConnectedChannel]:
    """The channels that are configured, by name; nothing is asked over the network.

    Raises `SettingsError`, which names the variable.
    """
    connected = {}
    for spec in CHANNELS:
        try:
            one = spec.connect(settings, services) if spec.connect is not None else None
        except ChannelMisconfigured as error:
            raise SettingsError(error.msgid, **error.values) from None
        if one is not None:
            connected[spec.name] = one
    return connected


def channel_senders(
    connected: dict[str, ConnectedChannel], settings: Settings, monotonic: MonotonicClock
) -> list[ChannelSender]:
    """How delivery sends on each of them."""
    rates = {spec.name: spec.pushes_per_second for spec in CHANNELS}
    return [
        ChannelSender(
            one.channel,
            RateLimiter(monotonic, rate=rates[name]),
            election(settings.database_url, one.sole_sender, monotonic)
            if one.sole_sender is not None
            else None,
            one.present,
        )
        for name, one in connected.items()
    ]


def conversation_finder(store: Store) -> FindConversations:
    """Tells a channel what is stored of conversations that it shows."""

    async def find(channel: str, addresses: Collection[str]) -> Mapping[str, Conversation]:
        try:
            known = await answered_by_address(store, channel, addresses)
        except (SQLAlchemyError, OSError) as error:
            raise Unavailable from error
        return {address: _conversation(known.get(address)) for address in addresses}

    return find


def _conversation(answered: bool | None) -> Conversation:
    match answered:
        case None:
            return Conversation.NONE
        case True:
            return Conversation.ANSWERED
        case False:
            return Conversation.CLEARED
