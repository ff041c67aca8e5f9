"""WeChat as the application starts it: an Official Account by its app id, behind a webhook."""

from typing import Final, Protocol

from bot.channels.spec import (
    ChannelMisconfigured,
    ChannelServices,
    ChannelSpec,
    ConnectedChannel,
)
from bot.channels.wechat.abilities import ABILITIES, NAME
from bot.common.secret_text import SecretStr


class WeChatSettings(Protocol):
    """The settings that are read here."""

    @property
    def wechat_app_id(self) -> str: ...
    @property
    def wechat_app_secret(self) -> SecretStr | None: ...
    @property
    def wechat_token(self) -> SecretStr | None: ...
    @property
    def wechat_aes_key(self) -> SecretStr | None: ...
    @property
    def wechat_aes_key_previous(self) -> SecretStr | None: ...
    @property
    def wechat_api_base(self) -> str: ...
    @property
    def wechat_templates(self) -> str: ...


def connect(settings: WeChatSettings, services: ChannelServices) -> ConnectedChannel | None:
    """The account of the app id, None without one. Raises `ChannelMisconfigured`."""
    if not settings.wechat_app_id:
        return None
    from bot.channels.wechat.channel import WeChatChannel
    from bot.channels.wechat.client import Client
    from bot.channels.wechat.crypto import Cipher
    from bot.channels.wechat.envelope import Account
    from bot.channels.wechat.templates import parse_templates
    from bot.channels.wechat.webhook import Webhook

    secret = _required(settings.wechat_app_secret, "YIZHAN_WECHAT_APP_SECRET")
    token = _required(settings.wechat_token, "YIZHAN_WECHAT_TOKEN")
    ciphers = []
    for name, key in (
        ("YIZHAN_WECHAT_AES_KEY", settings.wechat_aes_key),
        ("YIZHAN_WECHAT_AES_KEY_PREVIOUS", settings.wechat_aes_key_previous),
    ):
        try:
            if key is not None:
                ciphers.append(Cipher(key.get_secret_value(), settings.wechat_app_id))
        except ValueError:
            raise ChannelMisconfigured(
                "{name} is wrong: copy the 43 letters and digits of the EncodingAESKey.", name=name
            ) from None
    try:
        templates = parse_templates(settings.wechat_templates)
    except ValueError as error:
        raise ChannelMisconfigured("YIZHAN_WECHAT_TEMPLATES is wrong: {what}", what=error) from None
    client = Client(
        settings.wechat_app_id,
        secret,
        services.clock,
        settings.wechat_api_base,
        services.saw_date,
    )
    channel = WeChatChannel(services.turn, client, services.push_quota(NAME), templates)
    account = Account(token, tuple(ciphers))
    webhook = Webhook(channel, account, services.follow_ups, services.clock)
    return ConnectedChannel(
        channel, routes=webhook.routes(), open=webhook.open, close=webhook.close
    )


def _required(secret: SecretStr | None, name: str) -> str:
    if secret is None:
        raise ChannelMisconfigured(
            "{name} is missing: YIZHAN_WECHAT_APP_ID needs it beside itself.", name=name
        )
    return secret.get_secret_value()


WECHAT: Final = ChannelSpec(NAME, ABILITIES, connect)
