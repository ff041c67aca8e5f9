"""The import of a list, whatever its subject: read, reported, and written only with --apply.

Exit codes of every import: 0 done, 1 nothing written because of what the file says, 2 no such
file, not a table, or wrong arguments.
"""

import argparse
import asyncio
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from bot.commands import output
from bot.common.i18n import Translator

if TYPE_CHECKING:
    from bot.services.spreadsheets.reader import Problem, Table


def add_apply(parser: argparse.ArgumentParser, t: Translator) -> None:
    """Without this option nothing is written."""
    parser.add_argument("--apply", action="store_true", help=t("write; without it a dry run"))


async def read_table(
    path: Path, parse: "Callable[[bytes], Table]", max_bytes: int, t: Translator
) -> "Table | None":
    """The file as `parse` reads it; None after printing why it cannot be read (exit code 2)."""
    from bot.commands import import_report
    from bot.services.spreadsheets.errors import FileRefused
    from bot.services.spreadsheets.faults import FileFault

    def read() -> "Table":
        if path.stat().st_size > max_bytes:  # before it fills the memory
            raise FileRefused(FileFault.TOO_BIG, most=str(max_bytes // 1_000_000))
        return parse(path.read_bytes())

    try:
        return await asyncio.to_thread(read)
    except OSError:
        output.refuse(t("{file} cannot be read; check the path and its rights.", file=path))
    except FileRefused as refusal:
        output.refuse(import_report.refusal(refusal, path, t))
    return None


def reported(
    report: Iterable[str], problems: "Sequence[Problem]", t: Translator, *, apply: bool
) -> int | None:
    """Prints the report; the exit code where nothing is to be written, None to go on."""
    for line in report:
        print(line)
    if problems:
        print(t("Nothing was written. Correct the file and import it again."))
        return 1
    if not apply:
        print(t("Dry run: nothing was written. Add --apply to write."))
        return 0
    return None
