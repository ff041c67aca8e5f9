"""What the platforms report about the configured channels, in words an administrator can act on.

Each request has five seconds. Nothing is changed there except that WeChat draws one QR code that
ends after a minute; nothing that is secret is printed, no token, no address with one.
"""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, Final

import aiohttp

from bot.channels.wechat.crypto import Cipher
from bot.channels.wechat.errors import NOT_GRANTED, rid_of
from bot.channels.wechat.templates import parse_templates
from bot.common.i18n import Translator
from bot.common.secret_text import SecretStr
from bot.common.values import value
from bot.config.settings import Settings

TIMEOUT: Final = 5.0  # seconds
BUSY: Final = -1
NO_MENU: Final = 46003
NOT_FOR_THEM: Final = frozenset({40003, 43004, 45015, 45047})
"""What a customer message to nobody gets from an account that may send them."""

IP: Final = re.compile(r"invalid ip ([0-9A-Fa-f.:]{3,45})")

Ask = Callable[[str, str, str, dict[str, Any] | None], Awaitable[dict[str, Any]]]
"""Method, path, token and body of one question; its answer. Raises `NoAnswer`."""


@value
class Finding:
    """One line for the administrator; `is_wrong`: the channel cannot work like this."""

    text: str
    is_wrong: bool = False


class NoAnswer(Exception):
    """The platform gave no usable answer in time."""


async def check_channels(settings: Settings, t: Translator) -> list[Finding]:
    """What there is to say of every channel that needs a platform."""
    return [*await check_telegram(settings, t), *await check_wechat(settings, t)]


async def check_telegram(
    settings: Settings, t: Translator, seconds: float = TIMEOUT
) -> list[Finding]:
    """Whether Telegram knows the token, and where it sends updates."""
    if settings.telegram_token is None:
        return [Finding(t("Telegram: not set up (YIZHAN_TELEGRAM_TOKEN)"))]
    from telegram.error import InvalidToken, TelegramError

    from bot.channels.telegram.client import make_client
    from bot.channels.telegram.render import Call
    from bot.channels.telegram.transport import BotApiTransport

    by_webhook = bool(settings.telegram_webhook_url)
    found = [Finding(t("Telegram: by webhook") if by_webhook else t("Telegram: by long polling"))]
    token = settings.telegram_token.get_secret_value()
    request = BotApiTransport(None, read=seconds)
    await request.initialize()
    client = make_client(token, request, settings.telegram_api_base)
    try:
        async with asyncio.timeout(seconds):
            who = await client.call(Call("getMe", {}))
        found.append(Finding(t("  The token is that of @{name}.", name=_word(who, "username"))))
        async with asyncio.timeout(seconds):
            hook = await client.call(Call("getWebhookInfo", {}))
        found += _webhook(settings, t, hook if isinstance(hook, dict) else {})
    except InvalidToken:
        said = t("  Telegram does not know this token. Copy it anew from @BotFather.")
        found.append(Finding(said, is_wrong=True))
    except (TelegramError, TimeoutError):
        said = t(
            "  No answer from Telegram. From mainland China it cannot be reached directly: run the "
            "bot elsewhere or set YIZHAN_TELEGRAM_API_BASE to a Bot API server that can be."
        )
        found.append(Finding(said, is_wrong=True))
    finally:
        await request.shutdown()
    return found


def _webhook(settings: Settings, t: Translator, hook: dict[str, Any]) -> list[Finding]:
    found = []
    there, ours = hook.get("url", ""), settings.telegram_webhook_url
    if ours and not there:
        found.append(Finding(t("  No webhook is set there yet; yizhan serve sets it.")))
    elif ours and there != ours:
        said = t("  The webhook there is another address; yizhan serve sets ours. Two bots?")
        found.append(Finding(said))
    elif not ours and there:
        said = t("  A webhook is set there; yizhan serve removes it. Is another bot running?")
        found.append(Finding(said))
    elif ours and hook.get("last_error_message"):
        reason = _word(hook, "last_error_message")[:100]
        said = t("  Telegram could not call the webhook lately: {reason}", reason=reason)
        found.append(Finding(said))
    if waiting := hook.get("pending_update_count"):
        found.append(Finding(t("  {n} messages wait there.", n=waiting)))
    return found


async def check_wechat(
    settings: Settings, t: Translator, seconds: float = TIMEOUT
) -> list[Finding]:
    """Whether WeChat lets us in, and what this type of account may do."""
    if not settings.wechat_app_id:
        return [Finding(t("WeChat: not set up (YIZHAN_WECHAT_APP_ID)"))]
    found = [Finding(t("WeChat: account {id}", id=settings.wechat_app_id))]
    found += _wechat_settings(settings, t)
    if settings.wechat_app_secret is None:
        return found
    async with _platform(settings.wechat_api_base, seconds) as ask:
        body = {
            "grant_type": "client_credential",
            "appid": settings.wechat_app_id,
            "secret": settings.wechat_app_secret.get_secret_value(),
        }
        try:
            answer = await ask("POST", "/cgi-bin/stable_token", "", body)
            token = answer.get("access_token")
            if not isinstance(token, str):
                return [*found, Finding(_refused(t, answer), is_wrong=True)]
            found.append(Finding(t("  WeChat lets us in: app id, secret and IP white list fit.")))
            found += await _granted(ask, token, t)
        except NoAnswer:
            said = t(
                "  No answer from WeChat. Check that this machine may reach YIZHAN_WECHAT_API_BASE."
            )
            found.append(Finding(said, is_wrong=True))
    return found


def _wechat_settings(settings: Settings, t: Translator) -> list[Finding]:
    found = []
    for name, secret in (
        ("YIZHAN_WECHAT_APP_SECRET", settings.wechat_app_secret),
        ("YIZHAN_WECHAT_TOKEN", settings.wechat_token),
    ):
        if secret is None:
            found.append(Finding(t("  {name} is missing.", name=name), is_wrong=True))
    for name, key in (
        ("YIZHAN_WECHAT_AES_KEY", settings.wechat_aes_key),
        ("YIZHAN_WECHAT_AES_KEY_PREVIOUS", settings.wechat_aes_key_previous),
    ):
        if key is not None and not _is_key(key, settings.wechat_app_id):
            said = t("  {name} must have 43 letters and digits.", name=name)
            found.append(Finding(said, is_wrong=True))
    if settings.wechat_aes_key is None:
        said = t(
            "  Messages come unencrypted: anybody who learns the address can speak for a courier. "
            "Choose 安全模式 under 消息与事件推送 and set YIZHAN_WECHAT_AES_KEY."
        )
        found.append(Finding(said))
    try:
        parse_templates(settings.wechat_templates)
    except ValueError as error:
        said = t("  YIZHAN_WECHAT_TEMPLATES is wrong: {what}", what=error)
        found.append(Finding(said, is_wrong=True))
    return found


async def _granted(ask: Ask, token: str, t: Translator) -> list[Finding]:
    """Menus, customer messages and QR codes: what an account that is not certified lacks."""
    found = []
    menu = _code(await ask("GET", "/cgi-bin/menu/get", token, None))
    if menu == NO_MENU:
        found.append(Finding(t("  There is no menu yet. Run: yizhan wechat menu --apply")))
    elif menu in NOT_GRANTED:
        said = t("  The account may not have a menu ({code}): couriers must type.", code=menu)
        found.append(Finding(said))
    nobody = {"touser": "yizhan-doctor", "msgtype": "text", "text": {"content": "?"}}
    sent = _code(await ask("POST", "/cgi-bin/message/custom/send", token, nobody))
    if sent in NOT_GRANTED:
        said = t(
            "  The account may not write first ({code}): notices wait for the courier's next "
            "message. Certify it (微信认证) and look under 接口权限 for 客服消息.",
            code=sent,
        )
        found.append(Finding(said))
    scene = {"scene": {"scene_str": "yizhan-doctor"}}
    code = {"action_name": "QR_STR_SCENE", "expire_seconds": 60, "action_info": scene}
    drawn = _code(await ask("POST", "/cgi-bin/qrcode/create", token, code))
    if drawn in NOT_GRANTED:
        said = t("  The account may not make QR codes ({code}): posters need one.", code=drawn)
        found.append(Finding(said))
    known = {0, BUSY, NO_MENU, *NOT_GRANTED, *NOT_FOR_THEM}
    found += [
        Finding(t("  {call} was answered with {code}.", call=call, code=code))
        for call, code in (("menu/get", menu), ("custom/send", sent), ("qrcode/create", drawn))
        if code not in known
    ]
    if not found:
        found.append(Finding(t("  Menu, customer messages and QR codes are granted.")))
    return found


def _refused(t: Translator, answer: dict[str, Any]) -> str:
    """Why there is no token, and what to do about it."""
    code, message = _code(answer), answer.get("errmsg")
    match code:
        case 40164:
            found = IP.search(message) if isinstance(message, str) else None
            return t(
                "  This machine's address {ip} is not in the account's IP white list (40164). Add "
                "it at developers.weixin.qq.com/platform: 我的业务, 服务号, 基础信息, 开发信息, "
                "API IP白名单. It counts after some minutes.",
                ip=found[1].rstrip(".:") if found else "",
            )
        case 40001 | 40125:
            return t(
                "  WeChat refuses the secret ({code}). Reset it at "
                "developers.weixin.qq.com/platform (我的业务, 服务号, 基础信息, 开发密钥) and set "
                "YIZHAN_WECHAT_APP_SECRET to the new one.",
                code=code,
            )
        case 40243:
            return t("  The secret is frozen (40243). Thaw it where it is reset; it takes 10 min.")
        case 40013:
            return t("  WeChat does not know YIZHAN_WECHAT_APP_ID (40013); it begins with wx.")
        case 45009 | 45011:
            return t("  The quota of calls is used up ({code}); try again later.", code=code)
        case -1:
            return t("  WeChat is busy (-1); try again.")
        case _:
            rid = rid_of(message) or "?"
            return t("  WeChat gives no token ({code}, rid {rid}).", code=code, rid=rid)


def _is_key(key: SecretStr, app_id: str) -> bool:
    try:
        Cipher(key.get_secret_value(), app_id)
    except ValueError:
        return False
    return True


def _code(answer: dict[str, Any]) -> int:
    code = answer.get("errcode", 0)
    return code if isinstance(code, int) else BUSY


def _word(values: object, name: str) -> str:
    """A text of an answer, one line of it."""
    value = values.get(name) if isinstance(values, dict) else None
    return " ".join(value.split()) if isinstance(value, str) else "?"


@asynccontextmanager
async def _platform(base: str, seconds: float) -> AsyncIterator[Ask]:
    timeout = aiohttp.ClientTimeout(total=seconds)
    async with aiohttp.ClientSession(base.rstrip("/"), timeout=timeout) as http:

        async def ask(
            method: str, path: str, token: str, body: dict[str, Any] | None
        ) -> dict[str, Any]:
            data = json.dumps(body, ensure_ascii=False).encode() if body is not None else None
            query = {"access_token": token} if token else {}
            try:
                async with http.request(method, path, params=query, data=data) as response:
                    answer = json.loads(await response.read())
            except (aiohttp.ClientError, TimeoutError, OSError, ValueError):
                raise NoAnswer from None  # their texts carry the address, and with it the token
            if not isinstance(answer, dict):
                raise NoAnswer
            return answer

        yield ask
