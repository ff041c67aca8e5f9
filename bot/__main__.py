"""The `yizhan` command: reads what is wanted, and says in one sentence why it cannot be done."""

import argparse
import asyncio
import io
import os
import signal
import sys
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from bot import logs
from bot.language import Languages, Translator, load_languages
from bot.settings import Settings, SettingsError, read_settings


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command; its exit code: 0 done, 1 refused for what it found, 2 wrongly called."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # an ASCII terminal shows ? and not a traceback
    languages = load_languages()
    t = languages.of(None, os.environ.get("LC_ALL") or os.environ.get("LANG"))
    try:
        t = _language(languages, t, os.environ.get("YIZHAN_LOCALE", ""))
        args = _parser(t).parse_args(arguments)
        logs.set_up(quiet=args.command == "chat")
        settings = read_settings()
        t = _language(languages, t, settings.locale)
        code = asyncio.run(_run(args, settings, t))
        sys.stdout.flush()
    except SettingsError as error:
        print(error.said(t), file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        _drop_output()
        return 141
    except Exception as error:  # noqa: BLE001 - never a traceback at a person
        print(_sorry(error, t), file=sys.stderr)
        _drop_output()
        return 1
    return code


def _language(languages: Languages, usual: Translator, wanted: str) -> Translator:
    """The wanted language, the usual one if none is. Raises `SettingsError` for an unknown one."""
    if not wanted:
        return usual
    known = languages.translators
    if wanted not in known and wanted.split("_")[0] not in {one.split("_")[0] for one in known}:
        raise SettingsError("YIZHAN_LOCALE is wrong: write one of {names}.", names=", ".join(known))
    return languages.of(wanted, wanted)


def _drop_output() -> None:
    """What could not be written is not tried again when Python ends, with a traceback."""
    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


async def _run(args: argparse.Namespace, settings: Settings, t: Translator) -> int:
    """Imports only what the command needs: the first answer should come within two seconds."""
    match args.command:
        case "demo":
            from bot.commands import serving

            if args.remove:
                return await serving.remove_demo(settings, t)
            return await serving.demo(settings, t, _stopped)
        case "serve":
            from bot.commands import serving

            return await serving.serve(
                settings, t, _stopped, demo=args.demo, delivery=not args.no_delivery
            )
        case "deliver":
            from bot.commands import serving

            return await serving.deliver(settings, t, _stopped, args.port)
        case "chat":
            from bot.commands import serving

            return await serving.chat(settings, t, demo=args.demo)
        case "telegram":
            from bot.commands import telegram

            return await telegram.deploy(settings, load_languages(), t)
        case "cards":
            from bot.commands import cards

            return await cards.run(args, settings, t)
        case "notes":
            from bot.commands import notes

            return await notes.run(args, settings, t)
        case "wechat":
            from bot.commands import wechat

            return await wechat.run(args, settings, t)
        case "migrate" | "doctor" | "backup" | "holidays" | "keys":
            from bot.commands import upkeep

            return await upkeep.run(args, settings, t)
        case "trainings":
            from bot.commands import trainings

            return await trainings.run(args, settings, t)
        case "broadcast":
            from bot.commands import broadcast

            return await broadcast.run(args, settings, t)
        case _:
            from bot.commands import stations

            return await stations.run(args, settings, t)


def _sorry(error: Exception, t: Translator) -> str:
    """One sentence for what nobody foresaw: the kind and the place, never the values in it."""
    from sqlalchemy.exc import DBAPIError

    if isinstance(error, DBAPIError) or (isinstance(error, OSError) and _of_database(error)):
        return t(
            "The database cannot be used ({kind}). Check YIZHAN_DATABASE_URL, that the server runs "
            "and that this user may use it.",
            kind=type(error).__name__,
        )
    reason = getattr(error, "strerror", None) or type(error).__name__
    if isinstance(error, OSError) and error.filename is not None:
        return t("{file} cannot be used ({reason}).", file=error.filename, reason=reason)
    if isinstance(error, OSError):
        return t("This machine refuses it ({reason}). Check disk space and rights.", reason=reason)
    frame = traceback.extract_tb(error.__traceback__)[-1]
    place = f"{Path(frame.filename).name}:{frame.lineno}"
    return t(
        "Something unforeseen ({kind} at {place}). Please report it.",
        kind=type(error).__name__,
        place=place,
    )


DRIVERS: Final = ("asyncpg", "sqlalchemy", "aiosqlite")


def _of_database(error: OSError) -> bool:
    """Whether a driver raised it: a server that is away is an `OSError` like a full disk."""
    frames = traceback.extract_tb(error.__traceback__)
    return any(driver in Path(frame.filename).parts for frame in frames for driver in DRIVERS)


def _stopped() -> asyncio.Event:
    """Set by Ctrl-C or SIGTERM, so that everything ends in order."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    return stop


def _parser(t: Callable[..., str]) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="yizhan", description=t("The 爱心驿站 chat service."))
    commands = parser.add_subparsers(dest="command", required=True, metavar=t("COMMAND"))
    demo = commands.add_parser(
        "demo", help=t("try it: demo stations and the web chat on this machine")
    )
    demo.add_argument(
        "--remove", action="store_true", help=t("take all demo data out of the database again")
    )
    serve = commands.add_parser("serve", help=t("run the channels that are set up"))
    serve.add_argument("--demo", action="store_true", help=t("answer from demo stations too"))
    serve.add_argument(
        "--no-delivery", action="store_true", help=t("leave reminders to `yizhan deliver`")
    )
    deliver = commands.add_parser("deliver", help=t("send what is to be said later"))
    deliver.add_argument(
        "--port", type=int, metavar="N", help=t("serve /healthz, /readyz and /metrics there")
    )
    chat = commands.add_parser("chat", help=t("talk to the bot in this terminal"))
    chat.add_argument("--demo", action="store_true", help=t("answer from demo stations too"))
    commands.add_parser("migrate", help=t("bring the database to this version's schema"))
    commands.add_parser("doctor", help=t("what is set up, and what is wrong with it"))
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
    telegram = commands.add_parser("telegram", help=t("Telegram's texts in an empty chat"))
    telegram.add_argument("what", choices=["deploy"], help=t("deploy: set them in every language"))
    holidays = commands.add_parser("holidays", help=t("public holidays of a year"))
    holidays.add_argument(
        "what", choices=["import"], help=t("import: compare a year's list, and take it")
    )
    holidays.add_argument(
        "file", type=Path, metavar="FILE", help=t("csv or xlsx: date, name, day off or not")
    )
    holidays.add_argument("--apply", action="store_true", help=t("write; without it a dry run"))
    wechat = commands.add_parser("wechat", help=t("WeChat's menu and QR codes"))
    account = wechat.add_subparsers(dest="what", required=True, metavar=t("COMMAND"))
    menu = account.add_parser("menu", help=t("the bottom menu; without --apply it is only shown"))
    menu.add_argument("--apply", action="store_true", help=t("make it the account's menu"))
    code = account.add_parser("qr", help=t("a QR code that opens the account and tells CODE"))
    code.add_argument("code", metavar="CODE", help=t("1 to 64 letters, digits, - and _"))
    code.add_argument("--days", type=int, help=t("1 to 30; without it the code is permanent"))
    code.add_argument("--to", type=Path, help=t("a .png or .svg file to draw it into"))
    from bot.commands import broadcast, cards, notes, stations, trainings

    stations.add_parser(commands, t)
    cards.add_parser(commands, t)
    notes.add_parser(commands, t)
    trainings.add_parser(commands, t)
    broadcast.add_parser(commands, t)
    return parser


if __name__ == "__main__":
    sys.exit(main())
