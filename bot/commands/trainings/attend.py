"""`yizhan trainings attend`: who signed on paper is marked as having attended.

A dry run unless `--apply` is given. Exit codes as for lists; entries that fit nobody are told and
hold up no others.
"""

import argparse
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot.commands import imports, output
from bot.common.i18n import Translator

if TYPE_CHECKING:
    from bot.config.settings import Settings
    from bot.services.spreadsheets.tables import Table
    from bot.services.trainings.attendance import AttendancePlan, PaperEntry
    from bot.services.trainings.catalogue import Training
    from bot.services.trainings.seating import Seating
    from bot.store.engine import Store

MAX_BYTES = 20_000_000


def add_parser(commands: "argparse._SubParsersAction[Any]", t: Translator) -> None:
    """Adds `attend`; imports nothing that is slow to load."""
    parser = commands.add_parser("attend", help=t("enter who came, from a signed list"))
    parser.add_argument("code", metavar="CODE")
    parser.add_argument(
        "who",
        nargs="*",
        metavar="WHO",
        help=t("a name, the last 4 digits of a phone, both in quotes, or #registration number"),
    )
    parser.add_argument(
        "--file",
        type=Path,
        metavar="FILE",
        help=t("the check-in sheet with its column 签到 filled in, or a text file, one a line"),
    )
    imports.add_apply(parser, t)


async def attend(
    args: argparse.Namespace,
    store: "Store",
    training: "Training",
    settings: "Settings",
    seating: "Seating",
    now: datetime,
    t: Translator,
) -> int:
    """Finds who is meant, reports, and marks them with --apply; the exit code."""
    from bot.commands.trainings import reports
    from bot.config.database import check_keys
    from bot.config.keys import keyring
    from bot.services.trainings import attendance
    from bot.services.trainings.errors import TrainingRefused

    if not args.who and args.file is None:
        return output.refuse(t("Say who came: names, last digits of phones, or --file FILE."))
    entries = [attendance.typed(one) for one in args.who]
    if args.file is not None:
        given = await _entries(args.file, t)
        if given is None:
            return 2
        entries += given
    keys = keyring(settings, make=store.is_sqlite)
    await check_keys(store, keys)
    async with store.reading() as db:
        plan = await attendance.plan(db, keys, training.id, entries)
    print(reports.one_line(training, t))
    for line in _report(plan, t):
        print(line)
    if now < training.starts_at:
        print(t("Nothing was done: the session has not begun."))
        return 1
    if not args.apply:
        print(t("Dry run: nothing was written. Add --apply to write."))
        return 0
    try:
        async with store.writing() as db:
            count = await attendance.mark(db, seating, training.id, plan.fresh, now)
    except TrainingRefused as error:
        print(reports.refused(error, t))
        return 1
    print(t("{n} marked as attended.", n=count))
    return 0


async def _entries(path: Path, t: Translator) -> "list[PaperEntry] | None":
    """Those whom the file names; None after printing why it cannot be read."""
    from bot.services.spreadsheets import reader
    from bot.services.trainings.attendance import COLUMNS, listed, typed

    if path.suffix.lower() == ".txt":
        text = await imports.read_text(path, t)
        if text is None:
            return None
        return [typed(line) for line in text.splitlines() if line.strip()]

    def parse(data: bytes) -> "Table":
        return reader.read(data, COLUMNS, csv_name=path.name, max_bytes=MAX_BYTES)

    table = await imports.read_table(path, parse, MAX_BYTES, t)
    if table is None:
        return None
    return [entry for sheet in table.sheets for entry in listed(sheet)]


def _report(plan: "AttendancePlan", t: Translator) -> Iterator[str]:
    from bot.operator_wording import import_report
    from bot.operator_wording.training_advice import miss

    yield from import_report.first(
        plan.missed,
        lambda missed: t(
            "Not marked: {who}: {why}", who=_place(missed[0], t), why=miss(missed[1], t)
        ),
        lambda n: t("… and {n} more not marked", n=n),
    )
    yield t(
        "{fresh} to mark, {known} marked before, {missed} not found",
        fresh=len(plan.fresh),
        known=plan.known,
        missed=len(plan.missed),
    )


def _place(entry: "PaperEntry", t: Translator) -> str:
    return t("row {row}", row=entry.row) if entry.row else entry.text
