"""`yizhan trainings …`: import, export, cancel and reschedule trainings; documents, attendance.

Whatever couriers would be told of is a dry run unless `--apply` is given, and prints how many they
are. Exit codes: 0 done, 1 nothing done because of what is asked, 2 wrongly called.
"""

import argparse
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot.commands import imports, output, revisions
from bot.commands.trainings import attend, changes, printouts
from bot.common.clock import Clock, system_clock
from bot.common.i18n import Translator

if TYPE_CHECKING:
    from datetime import datetime

    from bot.config.settings import Settings
    from bot.services.trainings.administration import TrainingAdministration
    from bot.store.engine import Store

MAX_BYTES = 20_000_000


def add_parser(commands: "argparse._SubParsersAction[Any]", t: Translator) -> None:
    """Adds `trainings` with its own commands; imports nothing that is slow to load."""
    parser = commands.add_parser("trainings", help=t("大讲堂: sessions, posters, attendance"))
    parser.set_defaults(run=run)
    what = parser.add_subparsers(dest="what", required=True, metavar=t("COMMAND"))
    load = what.add_parser("import", help=t("compare a csv or xlsx list with the sessions"))
    load.add_argument("file", type=Path, metavar="FILE")
    load.add_argument(
        "--datum",
        choices=["wgs84", "gcj02", "bd09"],
        help=t("of the coordinates, needed where there are any and no 坐标系 column"),
    )
    load.add_argument("--anywhere", action="store_true", help=t("accept places far away"))
    load.add_argument("--good-rows", action="store_true", help=t("leave faulty rows out"))
    imports.add_apply(load, t)
    imports.add_map(load, t)
    listing = what.add_parser("list", help=t("the sessions to come"))
    listing.add_argument("--all", action="store_true", help=t("past ones too"))
    save = what.add_parser("export", help=t("write all sessions as a list"))
    save.add_argument("file", type=Path, metavar="FILE", help=t("csv or xlsx"))
    off = what.add_parser("cancel", help=t("call a session off; everybody in it is told"))
    off.add_argument("code", metavar="CODE")
    imports.add_apply(off, t)
    move = what.add_parser("reschedule", help=t("another time or place; everybody is told"))
    move.add_argument("code", metavar="CODE")
    move.add_argument("--start", metavar="TIME", help=t("“2026-11-28 09:00”"))
    move.add_argument("--end", metavar="TIME", help=t("“11:30”; absent: as long as before"))
    move.add_argument("--deadline", metavar="TIME", help=t("when registration closes"))
    move.add_argument("--place", help=t("another place"))
    move.add_argument("--address", help=t("its address"))
    imports.add_apply(move, t)
    revisions.add_parsers(what, "trainings", t)
    sheet = what.add_parser("check-in-sheet", help=t("a list to sign at the door (xlsx)"))
    sheet.add_argument("code", metavar="CODE")
    sheet.add_argument("file", type=Path, metavar="FILE")
    attend.add_parser(what, t)
    came = what.add_parser("attendance", help=t("who came: numbers, and the list with a file"))
    came.add_argument("code", metavar="CODE")
    came.add_argument("file", type=Path, metavar="FILE", nargs="?")
    poster = what.add_parser("poster", help=t("the check-in poster (pdf)"))
    poster.add_argument("code", metavar="CODE")
    poster.add_argument("file", type=Path, metavar="FILE")
    poster.add_argument(
        "--telegram", metavar="NAME", help=t("the bot's name, for a QR code that opens it")
    )


async def run(args: argparse.Namespace, settings: "Settings", t: Translator) -> int:
    """Opens the database and chooses the command; its exit code. Raises `SettingsError`."""
    from bot.config.database import migrated

    async with migrated(settings) as store:
        return await run_in(args, store, settings, t)


async def run_in(
    args: argparse.Namespace,
    store: "Store",
    settings: "Settings",
    t: Translator,
    *,
    clock: Clock = system_clock,
) -> int:
    """The command on an open database."""
    from bot.services.trainings.administration import TrainingAdministration
    from bot.services.trainings.rosters import training_with_code
    from bot.services.trainings.seating import Seating

    now = clock()
    administration = TrainingAdministration(Seating(timedelta(minutes=settings.hold_minutes)))
    if args.what == "import":
        return await _import(args, store, administration, now, t)
    if args.what == "list":
        return await _list(args, store, now, t)
    if args.what == "export":
        return await _export(args, store, t)
    async with store.reading() as db:
        training = await training_with_code(db, args.code)
    if training is None:
        return output.refuse(
            t("There is no session {code}. See: yizhan trainings list --all", code=args.code)
        )
    match args.what:
        case "cancel":
            return await changes.cancel(args, store, training, administration, now, t)
        case "reschedule":
            return await changes.reschedule(args, store, training, administration, now, t)
        case "attend":
            seating = administration.seating
            return await attend.attend(args, store, training, settings, seating, now, t)
        case "poster":
            return await printouts.poster(args, training, settings, t)
        case _:
            return await printouts.roster(args, store, training, settings, t)


async def _import(
    args: argparse.Namespace,
    store: "Store",
    administration: "TrainingAdministration",
    now: "datetime",
    t: Translator,
) -> int:
    from bot.commands.cards.card_lists import actor
    from bot.commands.trainings import reports
    from bot.geo.datum import Datum
    from bot.geo.places import Places
    from bot.services.operators.revisions import Origin, RevisionAction, RevisionKind, latest
    from bot.services.spreadsheets import reader
    from bot.services.spreadsheets.mappings import ListKind
    from bot.services.trainings.errors import TrainingRefused, TrainingsChanged
    from bot.services.trainings.importing.apply import apply
    from bot.services.trainings.importing.columns import COLUMNS, PROSE
    from bot.services.trainings.importing.plan import plan_import

    mapping = imports.mapping(args, COLUMNS, t)
    if mapping is None:
        return 2
    remembered = await imports.remembered(args, store, ListKind.TRAININGS)

    def parse(data: bytes) -> reader.Table:
        return reader.read(
            data,
            COLUMNS,
            csv_name=args.file.name,
            mapping=mapping,
            remembered=remembered,
            max_bytes=MAX_BYTES,
            prose=PROSE,
        )

    table = await imports.read_table(args.file, parse, MAX_BYTES, t)
    if table is None:
        return 2
    async with store.reading() as db:
        plan = await plan_import(
            db,
            table,
            Places.load(),
            now,
            datum=Datum(args.datum) if args.datum else None,
            anywhere=args.anywhere,
            good_rows=args.good_rows,
        )
    report = reports.lines(plan, t)
    code = imports.reported(
        report, plan.problems, t, apply=args.apply, table=table, columns=COLUMNS
    )
    if code is not None:
        return code
    try:
        async with store.writing() as db:
            origin = Origin(actor(), RevisionAction.IMPORT, args.file.name)
            await apply(db, plan, administration, now, origin=origin)
            changed = bool(plan.new or plan.changed)
            newest = await latest(db, RevisionKind.TRAININGS, 1) if changed else []
        await imports.remember(args, store, ListKind.TRAININGS, table, now)
    except (TrainingsChanged, TrainingRefused):
        print(t("Nothing was written: a session was changed meanwhile. Import it again."))
        return 1
    print(revisions.written(newest[0].id if newest else None, "trainings", t))
    return 0


async def _list(args: argparse.Namespace, store: "Store", now: "datetime", t: Translator) -> int:
    from bot.commands.trainings.reports import one_line
    from bot.services.trainings.rosters import all_trainings

    async with store.reading() as db:
        found = await all_trainings(db, None if args.all else now)
    for training in found:
        print(one_line(training, t))
    if not found:
        print(t("No sessions. Run: yizhan trainings import FILE --apply"))
    return 0


async def _export(args: argparse.Namespace, store: "Store", t: Translator) -> int:
    from bot.geo.places import Places
    from bot.services.trainings.importing.plan import export

    if wrong := output.unwritable(args.file, (".csv", ".xlsx"), t):
        return output.refuse(wrong)
    async with store.reading() as db:
        rows = await export(db, Places.load())
    done = t("{n} sessions written to {file}", n=len(rows) - 1, file=args.file)
    return await output.write(args.file, output.table(args.file, t("Trainings"), rows), done, t)
