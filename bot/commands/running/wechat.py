"""`yizhan wechat menu` and `yizhan wechat qr`: the account's bottom menu and its posters' codes."""

import argparse
import json
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, Final

import segno

from bot.channels.protocol import DeliveryFailed
from bot.channels.wechat.client import Client
from bot.channels.wechat.errors import NOT_GRANTED, WRONG_SETTINGS, PlatformError
from bot.channels.wechat.menu import (
    SCENE,
    Entry,
    Folder,
    Page,
    Place,
    Tap,
    apply,
    create_code,
    menu,
)
from bot.common.clock import system_clock
from bot.common.i18n import Translator
from bot.common.secret_text import SecretStr
from bot.config.settings import Settings
from bot.conversation.replies import Json

DAY: Final = 86_400
PICTURES: Final = (".png", ".svg")


async def run(args: argparse.Namespace, settings: Settings, t: Translator) -> int:
    """Carries out one of them: 0 done, 1 refused by WeChat, 2 wrongly called."""
    if args.what == "menu":
        parameters = bottom_menu(t, settings.public_url)
        if not args.apply:
            print(json.dumps(parameters, ensure_ascii=False, indent=2))
            print(t("Dry run: nothing was changed. Add --apply to make it the account's menu."))
            return 0
        return await _ask(settings, t, lambda client: _apply(client, parameters, t))
    if not SCENE.fullmatch(args.code):
        print(t("A code has 1 to 64 letters, digits, - and _."), file=sys.stderr)
        return 2
    if args.days is not None and not 1 <= args.days <= 30:
        print(t("--days must be 1 to 30."), file=sys.stderr)
        return 2
    if args.to is not None and args.to.suffix.lower() not in PICTURES:
        print(t("--to must name a .png or .svg file."), file=sys.stderr)
        return 2
    return await _ask(settings, t, lambda client: _code(client, args, t))


def bottom_menu(t: Translator, public_url: str = "") -> dict[str, Json]:
    """The place first, since most want that; then what there is, then what is one's own.

    An entry's key is an action or words as if typed, so that a new subject needs no new menu.
    """
    services: list[Entry] = [
        Tap(t("Stations near me"), "locate"),
        Tap(t("Card progress"), "办卡进度"),
        Tap(t.p("menu", "Training"), "培训"),
        Tap(t("Help"), "help"),
    ]
    if public_url.startswith("https://"):
        services.append(Page(t("On the web"), public_url))
    return menu(
        Place(t.p("menu", "Send place")),
        Folder(t.p("menu", "Services"), tuple(services)),
        Folder(
            t.p("menu", "My things"),
            (
                Tap(t("My favourites"), "favourites"),
                Tap(t("My trainings"), "我的培训"),
                Tap(t("Reminders"), "提醒设置"),
                Tap(t("My account"), "我的账号"),
                Tap(t("Talk to a person"), "human"),
            ),
        ),
    )


async def scene_url(settings: Settings, scene: str, t: Translator) -> str | None:
    """What WeChat's own permanent code with this scene says, for a poster.

    Empty where no account is set up, or where it may not make codes, which is printed; None where
    it could not be made now, which is printed too. Raises `ValueError` for what is no scene.
    """
    if not settings.wechat_app_id or settings.wechat_app_secret is None:
        return ""
    try:
        async with _client(settings.wechat_app_id, settings.wechat_app_secret, settings) as client:
            return (await create_code(client, scene)).url
    except (PlatformError, DeliveryFailed) as error:
        if isinstance(error, PlatformError) and error.code in NOT_GRANTED:
            said = t(
                "The WeChat account may not make QR codes ({code}): none for it.", code=error.code
            )
            print(said, file=sys.stderr)
            return ""
        _complain(error, t)
        return None


async def _ask(settings: Settings, t: Translator, work: Callable[[Client], Awaitable[None]]) -> int:
    if not settings.wechat_app_id or settings.wechat_app_secret is None:
        missing = t("YIZHAN_WECHAT_APP_ID and YIZHAN_WECHAT_APP_SECRET are not set.")
        print(missing, file=sys.stderr)
        return 2
    try:
        async with _client(settings.wechat_app_id, settings.wechat_app_secret, settings) as client:
            await work(client)
    except (PlatformError, DeliveryFailed) as error:
        _complain(error, t)
        return 1
    return 0


@asynccontextmanager
async def _client(app_id: str, secret: SecretStr, settings: Settings) -> AsyncIterator[Client]:
    client = Client(app_id, secret.get_secret_value(), system_clock, settings.wechat_api_base)
    await client.open()
    try:
        yield client
    finally:
        await client.close()


def _complain(error: PlatformError | DeliveryFailed, t: Translator) -> None:
    if isinstance(error, PlatformError):
        hint = WRONG_SETTINGS.get(error.code, "")
        said = t("WeChat refused: {code} {hint}", code=error.code, hint=hint).rstrip()
    else:
        said = t("WeChat cannot be reached: {reason}", reason=error)
    print(said, file=sys.stderr)


async def _apply(client: Client, parameters: dict[str, Json], t: Translator) -> None:
    await apply(client, parameters)
    print(t("The menu is set. Phones show it within five minutes."))


async def _code(client: Client, args: argparse.Namespace, t: Translator) -> None:
    seconds = args.days * DAY if args.days is not None else None
    code = await create_code(client, args.code, seconds)
    print(code.url)
    print(code.picture)
    if args.to is not None:
        drawn: Any = segno.make(code.url, error="m", micro=False)
        drawn.save(str(args.to), scale=10, border=4)
        print(t("Drawn into {file}.", file=args.to))
