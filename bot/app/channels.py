"""Every channel, listed once; connected with the accounts that the settings name."""

from typing import Final

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
