"""The commands that run, check and maintain an installation: what they accept.

Each command's own module is imported only when that command runs: the first answer of
`yizhan demo` should come within two seconds.
"""

import argparse
import asyncio
import signal
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from bot.commands import revisions
from bot.commands.running.loading import application_loading
from bot.common.i18n import Translator, load_languages

if TYPE_CHECKING:
    from bot.config.settings import Settings

SERVICES: Final = frozenset({"demo", "serve", "deliver", "console", "chat"})
"""The commands that run until they are stopped."""


def add_parser(commands: "argparse._SubParsersAction[Any]", t: Translator) -> None:
    """Adds `demo`, `serve`, `deliver`, `console`, `chat` and the commands of an administrator."""
    demo = commands.add_parser(
        "demo", help=t("try it: demo stations and the web chat on this machine")
    )
    demo.add_argument(
        "--remove", action="store_true", help=t("take all demo data out of the database again")
    )
    demo.set_defaults(run=_demo)
    serve = commands.add_parser("serve", help=t("run the channels that are set up"))
    serve.add_argument("--demo", action="store_true", help=t("answer from demo stations too"))
    serve.add_argument(
        "--no-delivery", action="store_true", help=t("leave reminders to `yizhan deliver`")
    )
    serve.set_defaults(run=_serve)
    deliver = commands.add_parser("deliver", help=t("send what is to be said later"))
    deliver.add_argument(
        "--port", type=int, metavar="N", help=t("serve /healthz, /readyz and /metrics there")
    )
    deliver.set_defaults(run=_deliver)
    console = commands.add_parser("console", help=t("the operators' pages, for a browser"))
    console.add_argument("--demo", action="store_true", help=argparse.SUPPRESS)
    console.set_defaults(run=_console)
    chat = commands.add_parser("chat", help=t("talk to the bot in this terminal"))
    chat.add_argument("--demo", action="store_true", help=t("answer from demo stations too"))
    chat.set_defaults(run=_chat)
    _add_maintenance(commands, t)
    _add_platforms(commands, t)


def _add_maintenance(commands: "argparse._SubParsersAction[Any]", t: Translator) -> None:
    migrate = commands.add_parser("migrate", help=t("bring the database to this version's schema"))
    doctor = commands.add_parser("doctor", help=t("what is set up, and what is wrong with it"))
    backup = commands.add_parser("backup", help=t("a consistent copy of the database"))
    backup.add_argument(
        "file", type=Path, metavar="FILE", help=t("where to; a file that does not exist yet")
    )
    keys = commands.add_parser("keys", help=t("keys for personal data"))
    keys.add_argument(
        "what",
        choices=["new", "rotate"],
        help=t("new: print a fresh key; rotate: seal everything with the first of the keys"),
    )
    for command in (migrate, doctor, backup, keys):
        command.set_defaults(run=_maintenance)
    holidays = commands.add_parser("holidays", help=t("public holidays of a year"))
    year = holidays.add_subparsers(dest="what", required=True, metavar=t("COMMAND"))
    load = year.add_parser("import", help=t("import: compare a year's list, and take it"))
    load.add_argument(
        "file", type=Path, metavar="FILE", help=t("csv or xlsx: date, name, day off or not")
    )
    load.add_argument("--apply", action="store_true", help=t("write; without it a dry run"))
    load.set_defaults(run=_maintenance)
    revisions.add_parsers(year, "holidays", t)


def _add_platforms(commands: "argparse._SubParsersAction[Any]", t: Translator) -> None:
    telegram = commands.add_parser("telegram", help=t("Telegram's texts in an empty chat"))
    telegram.add_argument("what", choices=["deploy"], help=t("deploy: set them in every language"))
    telegram.set_defaults(run=_telegram)
    wechat = commands.add_parser("wechat", help=t("WeChat's menu and QR codes"))
    account = wechat.add_subparsers(dest="what", required=True, metavar=t("COMMAND"))
    menu = account.add_parser("menu", help=t("the bottom menu; without --apply it is only shown"))
    menu.add_argument("--apply", action="store_true", help=t("make it the account's menu"))
    code = account.add_parser("qr", help=t("a QR code that opens the account and tells CODE"))
    code.add_argument("code", metavar="CODE", help=t("1 to 64 letters, digits, - and _"))
    code.add_argument("--days", type=int, help=t("1 to 30; without it the code is permanent"))
    code.add_argument("--to", type=Path, help=t("a .png or .svg file to draw it into"))
    wechat.set_defaults(run=_wechat)


async def _demo(args: argparse.Namespace, settings: "Settings", t: Translator) -> int:
    with application_loading():
        from bot.commands.running.serve import demo, remove_demo

    return await (remove_demo(settings, t) if args.remove else demo(settings, t, _stop_requested))


async def _serve(args: argparse.Namespace, settings: "Settings", t: Translator) -> int:
    with application_loading():
        from bot.commands.running.serve import serve

    delivery = not args.no_delivery
    return await serve(settings, t, _stop_requested, demo=args.demo, delivery=delivery)


async def _deliver(args: argparse.Namespace, settings: "Settings", t: Translator) -> int:
    with application_loading():
        from bot.commands.running.serve import deliver

    return await deliver(settings, t, _stop_requested, args.port)


async def _console(args: argparse.Namespace, settings: "Settings", t: Translator) -> int:
    from bot.commands.running.console import run

    return await run(settings, t, _stop_requested, demo=args.demo)


async def _chat(args: argparse.Namespace, settings: "Settings", t: Translator) -> int:
    with application_loading():
        from bot.commands.running.serve import chat

    return await chat(settings, t, demo=args.demo)


async def _maintenance(args: argparse.Namespace, settings: "Settings", t: Translator) -> int:
    from bot.commands.running import maintenance

    return await maintenance.run(args, settings, t)


async def _telegram(_args: argparse.Namespace, settings: "Settings", t: Translator) -> int:
    from bot.commands.running.telegram import deploy

    return await deploy(settings, load_languages(), t)


async def _wechat(args: argparse.Namespace, settings: "Settings", t: Translator) -> int:
    from bot.commands.running import wechat

    return await wechat.run(args, settings, t)


def _stop_requested() -> asyncio.Event:
    """Set by Ctrl-C or SIGTERM, so that everything ends in order."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    return stop
