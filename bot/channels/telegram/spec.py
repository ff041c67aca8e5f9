"""Telegram as the application starts it: a bot by its token, with a webhook or long polling."""

import asyncio
from typing import Final, Protocol

from bot.channels.spec import (
    ChannelMisconfigured,
    ChannelServices,
    ChannelSpec,
    ConnectedChannel,
)
from bot.channels.telegram.abilities import ABILITIES, NAME
from bot.common.secret_text import SecretStr


class TelegramSettings(Protocol):
    """The settings that are read here."""

    @property
    def telegram_token(self) -> SecretStr | None: ...
    @property
    def telegram_api_base(self) -> str: ...
    @property
    def telegram_webhook_url(self) -> str: ...
    @property
    def telegram_webhook_secret(self) -> SecretStr | None: ...


def connect(settings: TelegramSettings, services: ChannelServices) -> ConnectedChannel | None:
    """The bot of the token, None without one. Raises `ChannelMisconfigured`."""
    url, secret = settings.telegram_webhook_url, settings.telegram_webhook_secret
    if url and secret is None:
        raise ChannelMisconfigured(
            "YIZHAN_TELEGRAM_WEBHOOK_SECRET is missing: a webhook without it would take any "
            "message. Set 1 to 256 letters, digits, - and _."
        )
    if settings.telegram_token is None:
        return None
    from bot.channels.telegram import polling, webhook
    from bot.channels.telegram.channel import TelegramChannel

    token = settings.telegram_token.get_secret_value()
    channel = TelegramChannel(
        token,
        services.turn,
        api_base=settings.telegram_api_base,
        clock=services.clock,
        deliver_later=services.deliver_later,
        saw_date=services.saw_date,
    )

    waiting = polling.WaitingUpdates(services.monotonic)

    async def listen(stop: asyncio.Event) -> None:
        if url and secret is not None:
            await webhook.register(channel, url, secret.get_secret_value(), stop)
            await stop.wait()
        else:
            await polling.Poller(channel, stop, waiting=waiting).run()

    return ConnectedChannel(
        channel,
        routes=webhook.routes(channel, secret.get_secret_value()) if secret is not None else (),
        open=channel.open,
        close=channel.close,
        listen=listen,
        sole_sender=token,
        waiting=waiting.longest,
    )


TELEGRAM: Final = ChannelSpec(NAME, ABILITIES, connect)
