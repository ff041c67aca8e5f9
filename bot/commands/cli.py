"""The `yizhan` command: parses the command line, runs one command, words every failure."""

import argparse
import asyncio
import errno
import io
import os
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from bot.commands import usage
from bot.common import logs
from bot.common.i18n import Languages, Translator, load_languages
from bot.common.redaction import error_fields
from bot.config.settings import SettingsError, read_settings


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command; its exit code: 0 done, 1 refused for what it found, 2 wrongly called."""
    # Threads for algebra take a start 40 ms; the slowest search of 180,000 stations gains 0.2 ms.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # an ASCII terminal shows ? and not a traceback
    languages = load_languages()
    t = languages.of(None, os.environ.get("LC_ALL") or os.environ.get("LANG"))
    try:
        t = _language(languages, t, os.environ.get("YIZHAN_LOCALE", ""))
        words = sys.argv[1:] if arguments is None else arguments
        args = parser(t, *words[:1]).parse_args(words)
        logs.set_up(quiet=args.command == "chat")
        settings = read_settings()
        t = _language(languages, t, settings.locale)
        code: int = asyncio.run(args.run(args, settings, t))
        sys.stdout.flush()
    except SettingsError as error:
        print(error.message(t), file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        _drop_output()
        return 141
    except Exception as error:  # noqa: BLE001 - never a traceback at a person
        print(_unexpected(error, t), file=sys.stderr)
        _drop_output()
        return 1
    return code


def _language(languages: Languages, usual: Translator, wanted: str) -> Translator:
    """The translator for `wanted`, or `usual` if that is empty. Raises `SettingsError`."""
    if not wanted:
        return usual
    known = languages.translators
    if wanted not in known and wanted.split("_")[0] not in {one.split("_")[0] for one in known}:
        raise SettingsError("YIZHAN_LOCALE is wrong: write one of {names}.", names=", ".join(known))
    return languages.of(wanted, wanted)


def _drop_output() -> None:
    """Discards buffered output, or Python would print a traceback for it at its end."""
    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _unexpected(error: Exception, t: Translator) -> str:
    """One sentence for an unexpected error: its kind and place, never the values in it."""
    from sqlalchemy.exc import DBAPIError

    if isinstance(error, DBAPIError) or (isinstance(error, OSError) and _of_database(error)):
        return t(
            "The database cannot be used ({kind}). Check YIZHAN_DATABASE_URL, that the server runs "
            "and that this user may use it.",
            kind=type(error).__name__,
        )
    if error.args and isinstance(error.args[0], OSError):
        error = error.args[0]  # as xlsxwriter wraps it
    reason = getattr(error, "strerror", None) or type(error).__name__
    if isinstance(error, OSError) and error.errno in {errno.ENOSPC, errno.EDQUOT}:
        reason = t("the disk is full")
    if isinstance(error, OSError) and error.filename is not None:
        return t("{file} cannot be used ({reason}).", file=error.filename, reason=reason)
    if isinstance(error, OSError):
        return t("This machine refuses it ({reason}). Check disk space and rights.", reason=reason)
    fields = error_fields(error)
    return t(
        "Something unforeseen ({kind} at {place}). Please report it.",
        kind=fields["error"],
        place=fields["at"][-1] if fields["at"] else "?",
    )


DRIVERS: Final = ("asyncpg", "sqlalchemy", "aiosqlite")


def _of_database(error: OSError) -> bool:
    """Whether a driver raised it: an unreachable server is an `OSError`, as a full disk is."""
    frames = traceback.extract_tb(error.__traceback__)
    return any(driver in Path(frame.filename).parts for frame in frames for driver in DRIVERS)


def parser(t: Translator, command: str = "") -> argparse.ArgumentParser:
    """The whole command line. Each command sets `run`: `async (args, settings, t) -> exit code`.

    For a `command` that runs the service, only those: couriers wait for its start.
    """
    from bot.commands.running import parsers

    usage.speak(t)
    whole = argparse.ArgumentParser(prog="yizhan", description=t("The 爱心驿站 chat service."))
    commands = whole.add_subparsers(dest="command", required=True, metavar=t("COMMAND"))
    parsers.add_parser(commands, t)
    if command not in parsers.SERVICES:
        _add_subjects(commands, t)
    return whole


def _add_subjects(commands: "argparse._SubParsersAction[Any]", t: Translator) -> None:
    from bot.commands.cards import cards
    from bot.commands.content import content, lessons
    from bot.commands.finance import appointments, warnings
    from bot.commands.honours import honours
    from bot.commands.messages import broadcasts, notes
    from bot.commands.operators import operators
    from bot.commands.privacy import privacy
    from bot.commands.stations import demand, stations, weather
    from bot.commands.trainings import trainings

    for subject in (
        stations,
        demand,
        weather,
        cards,
        appointments,
        warnings,
        notes,
        trainings,
        content,
        lessons,
        honours,
        broadcasts,
        privacy,
        operators,
    ):
        subject.add_parser(commands, t)
