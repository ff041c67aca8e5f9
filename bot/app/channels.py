"""The accounts on Telegram and WeChat that the settings name; None where none is set up.

What is missing or wrong is said by the variable's name. Nothing is asked over the network here.
"""

from typing import TYPE_CHECKING

from pydantic import SecretStr

from bot.channels.protocol import Turn
from bot.channels.wechat.abilities import NAME as WECHAT
from bot.common.clock import Clock
from bot.config.settings import Settings, SettingsError
from bot.services.notifications.late_answers import LateAnswers
from bot.services.notifications.push_quota import Allowance
from bot.store.engine import Store

if TYPE_CHECKING:
    from bot.channels.telegram.channel import TelegramChannel
    from bot.channels.wechat.webhook import Webhook


def telegram_bot(settings: Settings, turn: Turn, clock: Clock) -> "TelegramChannel | None":
    """The bot of the token. Raises `SettingsError`."""
    if settings.telegram_webhook_url and settings.telegram_webhook_secret is None:
        raise SettingsError(
            "YIZHAN_TELEGRAM_WEBHOOK_SECRET is missing: a webhook without it would take any "
            "message. Set 1 to 256 letters, digits, - and _."
        )
    if settings.telegram_token is None:
        return None
    from bot.channels.telegram.channel import TelegramChannel

    token = settings.telegram_token.get_secret_value()
    return TelegramChannel(token, turn, api_base=settings.telegram_api_base, clock=clock)


def wechat_account(
    settings: Settings, turn: Turn, store: Store, late: LateAnswers, clock: Clock
) -> "Webhook | None":
    """The Official Account of the app id. Raises `SettingsError`."""
    if not settings.wechat_app_id:
        return None
    from bot.channels.wechat.channel import WeChatChannel
    from bot.channels.wechat.client import Client
    from bot.channels.wechat.crypto import Cipher
    from bot.channels.wechat.envelope import Account
    from bot.channels.wechat.templates import parse_templates
    from bot.channels.wechat.webhook import Webhook

    secret = _needed(settings.wechat_app_secret, "YIZHAN_WECHAT_APP_SECRET")
    token = _needed(settings.wechat_token, "YIZHAN_WECHAT_TOKEN")
    ciphers = []
    for name, key in (
        ("YIZHAN_WECHAT_AES_KEY", settings.wechat_aes_key),
        ("YIZHAN_WECHAT_AES_KEY_PREVIOUS", settings.wechat_aes_key_previous),
    ):
        try:
            if key is not None:
                ciphers.append(Cipher(key.get_secret_value(), settings.wechat_app_id))
        except ValueError:
            raise SettingsError(
                "{name} is wrong: copy the 43 letters and digits of the EncodingAESKey.", name=name
            ) from None
    try:
        templates = parse_templates(settings.wechat_templates)
    except ValueError as error:
        raise SettingsError("YIZHAN_WECHAT_TEMPLATES is wrong: {what}", what=error) from None
    client = Client(settings.wechat_app_id, secret, clock, settings.wechat_api_base)
    channel = WeChatChannel(turn, client, Allowance(store, WECHAT, clock), templates)
    return Webhook(channel, Account(token, tuple(ciphers)), late.keep, clock)


def _needed(secret: SecretStr | None, name: str) -> str:
    if secret is None:
        raise SettingsError(
            "{name} is missing: YIZHAN_WECHAT_APP_ID needs it beside itself.", name=name
        )
    return secret.get_secret_value()
