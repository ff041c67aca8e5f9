"""The import of a list, whatever its subject: read, reported, and written only with --apply.

Exit codes of every import: 0 done, 1 nothing written because of what the file says, 2 no such
file, not a table, or wrong arguments.
"""

import argparse
import asyncio
import contextlib
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from bot.commands import output
from bot.common.i18n import Translator

if TYPE_CHECKING:
    from bot.services.spreadsheets.mappings import ListKind
    from bot.services.spreadsheets.tables import Answers, Columns, Problem, Table
    from bot.store.engine import Store

_MOST_TEXT = 1_000_000
"""Bytes of a text file: a notice or the names of one training."""
Progress = Callable[[int, int | None], None]
"""Told how many rows were read, and of how many if that is known."""


def add_apply(parser: argparse.ArgumentParser, t: Translator) -> None:
    """Without this option nothing is written."""
    parser.add_argument("--apply", action="store_true", help=t("write; without it a dry run"))


def add_map(parser: argparse.ArgumentParser, t: Translator) -> None:
    """What the columns of the list are, where its headings do not say so."""
    parser.add_argument(
        "--map",
        action="append",
        default=[],
        metavar=t("HEADING=FIELD"),
        help=t("read the column HEADING as FIELD (HEADING= leaves it out); kept with --apply"),
    )
    parser.add_argument(
        "--forget-map",
        action="store_true",
        help=t("forget what --map said about lists with these headings before"),
    )


def mapping(args: argparse.Namespace, columns: "Columns", t: Translator) -> "Answers | None":
    """What `--map` says; None after printing what is wrong with it (exit code 2)."""
    from bot.services.spreadsheets.cells import whole_key

    fields = {whole_key(name): field for field, names in columns.items() for name in names}
    fields |= {whole_key(field): field for field in columns}
    found: dict[str, str | None] = {}
    for answer in args.map:
        heading, sign, name = (part.strip() for part in answer.rpartition("="))
        if not sign or not heading:
            output.refuse(t("--map {answer}: write HEADING=FIELD.", answer=answer))
            return None
        if name and whole_key(name) not in fields:
            known = "、".join(names[0] for names in columns.values())
            output.refuse(
                t("--map {answer}: unknown; fields are {known}", answer=answer, known=known)
            )
            return None
        found[heading] = fields[whole_key(name)] if name else None
    return found


async def remembered(
    args: argparse.Namespace, store: "Store", kind: "ListKind"
) -> "dict[str, Answers]":
    """What was answered about the headings of such lists before, unless it is to be forgotten."""
    from bot.services.spreadsheets import mappings

    if args.forget_map:
        return {}
    async with store.reading() as db:
        return await mappings.remembered(db, kind)


async def remember(
    args: argparse.Namespace, store: "Store", kind: "ListKind", table: "Table", now: datetime
) -> None:
    """Keeps the answers about this list's headings, after it was written."""
    from bot.services.spreadsheets import mappings

    async with store.writing() as db:
        if args.forget_map:
            await mappings.forget(db, kind, [one.fingerprint for one in table.sheets])
        await mappings.remember(db, kind, table.sheets, now)


@contextlib.contextmanager
def progress(t: Translator) -> "Iterator[Progress | None]":
    """A bar on the terminal while a list is read; None where stderr is no terminal."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import Progress as Bars

    with Bars(console=Console(stderr=True), transient=True) as bars:
        bar = bars.add_task(t("Reading"), total=None)
        yield lambda done, total: bars.update(bar, completed=done, total=total)


async def read_table(
    path: Path, parse: "Callable[[bytes], Table]", max_bytes: int, t: Translator
) -> "Table | None":
    """The file as `parse` reads it; None after printing why it cannot be read (exit code 2)."""
    from bot.operator_wording import import_report
    from bot.services.spreadsheets.errors import FileRefused
    from bot.services.spreadsheets.faults import FileFault

    def read() -> "Table":
        with path.open("rb") as file:
            data = file.read(max_bytes + 1)  # a device may have no end
        if len(data) > max_bytes:
            raise FileRefused(FileFault.TOO_BIG, most=str(max_bytes // 1_000_000))
        return parse(data)

    try:
        return await asyncio.to_thread(read)
    except OSError:
        output.refuse(t("{file} cannot be read; check the path and its rights.", file=path))
    except FileRefused as refusal:
        output.refuse(import_report.refusal(refusal, path, t))
    return None


async def read_text(path: Path, t: Translator) -> str | None:
    """A short text file; None after printing why it cannot be read (exit code 2)."""

    def read() -> str:
        with path.open("rb") as file:
            data = file.read(_MOST_TEXT + 1)
        if len(data) > _MOST_TEXT:
            raise ValueError
        return data.decode("utf-8-sig")

    try:
        return await asyncio.to_thread(read)
    except OSError:
        output.refuse(t("{file} cannot be read; check the path and its rights.", file=path))
    except ValueError:
        output.refuse(t("{file} is no text in UTF-8 of at most 1 MB.", file=path))
    return None


def reported(
    report: Iterable[str],
    problems: "Sequence[Problem]",
    t: Translator,
    *,
    apply: bool,
    table: "Table | None" = None,
    columns: "Columns | None" = None,
) -> int | None:
    """Prints the report; the exit code where nothing is to be written, None to go on.

    `table` and `columns` of the list: its notes, filled cells and open questions are told too, and
    questions forbid writing.
    """
    from bot.operator_wording import import_report

    if table is not None:
        for line in import_report.reading(table, columns or {}, t):
            print(line)
    for line in report:
        print(line)
    if table is not None and table.questions:
        print(t("Nothing was written. Answer each question with the option that it names."))
        return 1
    if problems:
        print(t("Nothing was written. Correct the file and import it again."))
        return 1
    if not apply:
        print(t("Dry run: nothing was written. Add --apply to write."))
        return 0
    return None
