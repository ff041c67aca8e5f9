"""`yizhan trainings …`: sessions in and out, moved and called off, their paper and their numbers.

Whatever couriers would hear of is a dry run unless `--apply` is given, and says first how many
they are. Exit codes: 0 done, 1 nothing done because of what is asked, 2 wrongly called.
"""

import argparse
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot.commands import imports, output
from bot.commands.trainings import printouts
from bot.common.clock import Clock, system_clock
from bot.common.i18n import Translator

if TYPE_CHECKING:
    from datetime import datetime

    from bot.config.settings import Settings
    from bot.services.trainings.administration import Sessions
    from bot.services.trainings.catalogue import Training
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
        default="wgs84",
        choices=["wgs84", "gcj02", "bd09"],
        help=t("of coordinates without a 坐标系 column (wgs84)"),
    )
    load.add_argument("--anywhere", action="store_true", help=t("accept places far away"))
    imports.add_apply(load, t)
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
    sheet = what.add_parser("check-in-sheet", help=t("a list to sign at the door (xlsx)"))
    sheet.add_argument("code", metavar="CODE")
    sheet.add_argument("file", type=Path, metavar="FILE")
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
    from bot.services.trainings.administration import Sessions
    from bot.services.trainings.rosters import session_with_code

    now = clock()
    sessions = Sessions(timedelta(minutes=settings.hold_minutes))
    if args.what == "import":
        return await _import(args, store, sessions, now, t)
    if args.what == "list":
        return await _list(args, store, now, t)
    if args.what == "export":
        return await _export(args, store, t)
    async with store.reading() as db:
        session = await session_with_code(db, args.code)
    if session is None:
        return output.refuse(
            t("There is no session {code}. See: yizhan trainings list --all", code=args.code)
        )
    match args.what:
        case "cancel":
            return await _cancel(args, store, session, sessions, now, t)
        case "reschedule":
            return await _reschedule(args, store, session, sessions, now, t)
        case "poster":
            return await printouts.poster(args, session, settings, t)
        case _:
            return await printouts.people(args, store, session, settings, t)


async def _import(
    args: argparse.Namespace, store: "Store", sessions: "Sessions", now: "datetime", t: Translator
) -> int:
    from bot.commands.trainings import reports
    from bot.geo.datum import Datum
    from bot.geo.places import Places
    from bot.services.spreadsheets import reader
    from bot.services.trainings.errors import TrainingRefused, TrainingsChanged
    from bot.services.trainings.importing.apply import apply
    from bot.services.trainings.importing.columns import COLUMNS
    from bot.services.trainings.importing.plan import plan_import

    def parse(data: bytes) -> reader.Table:
        return reader.read(data, COLUMNS, csv_name=args.file.name, max_bytes=MAX_BYTES)

    table = await imports.read_table(args.file, parse, MAX_BYTES, t)
    if table is None:
        return 2
    async with store.reading() as db:
        plan = await plan_import(
            db, table, Places.load(), now, datum=Datum(args.datum), anywhere=args.anywhere
        )
    report = reports.lines(plan, t)
    code = imports.reported(report, plan.problems, t, apply=args.apply)
    if code is not None:
        return code
    try:
        async with store.writing() as db:
            await apply(db, plan, sessions, now)
    except (TrainingsChanged, TrainingRefused):
        print(t("Nothing was written: a session was changed meanwhile. Import it again."))
        return 1
    print(t("Written."))
    return 0


async def _list(args: argparse.Namespace, store: "Store", now: "datetime", t: Translator) -> int:
    from bot.commands.trainings.reports import one_line
    from bot.services.trainings.rosters import all_sessions

    async with store.reading() as db:
        found = await all_sessions(db, None if args.all else now)
    for session in found:
        print(one_line(session, t))
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


async def _cancel(
    args: argparse.Namespace,
    store: "Store",
    session: "Training",
    sessions: "Sessions",
    now: "datetime",
    t: Translator,
) -> int:
    from bot.commands.trainings import reports
    from bot.services.trainings.errors import TrainingRefused
    from bot.services.trainings.rosters import told_count

    print(reports.one_line(session, t))
    if session.status != "planned":
        print(t("Nothing was done: the session is cancelled or over."))
        return 1
    if not args.apply:
        async with store.reading() as db:
            count = await told_count(db, session.id)
        print(t("{n} couriers would be told that it is off.", n=count))
        print(t("Dry run: nothing was written. Add --apply to write."))
        return 0
    try:
        async with store.writing() as db:
            told = await sessions.cancel(db, session.id, now)
    except TrainingRefused as error:
        print(reports.refused(error, t))
        return 1
    print(t("Called off; {n} couriers are told.", n=told))
    return 0


async def _reschedule(
    args: argparse.Namespace,
    store: "Store",
    session: "Training",
    sessions: "Sessions",
    now: "datetime",
    t: Translator,
) -> int:
    from bot.commands.trainings import reports
    from bot.services.trainings.administration import NewTimes
    from bot.services.trainings.errors import TrainingRefused
    from bot.services.trainings.importing.columns import read_moment, write_moment
    from bot.services.trainings.rosters import told_count

    moments: dict[str, datetime | None] = {}
    day = session.starts_at
    for name in ("start", "end", "deadline"):
        given = getattr(args, name)
        moments[name] = read_moment(given, day) if given else None
        if given and moments[name] is None:
            return output.refuse(
                t("--{name} {value}: write the time as “2026-11-28 09:00”.", name=name, value=given)
            )
        day = moments["start"] or day
    new = NewTimes(moments["start"], moments["end"], moments["deadline"], args.place, args.address)
    if new == NewTimes():
        return output.refuse(
            t("Say what changes: --start, --end, --deadline, --place or --address.")
        )
    print(reports.one_line(session, t))
    starts = new.starts_at or session.starts_at
    ends = new.ends_at or session.ends_at + (starts - session.starts_at)
    place = session.place if new.place is None else new.place
    print(f"→ {write_moment(starts)} – {write_moment(ends)}  {place}")
    if session.status != "planned" or starts <= now or ends <= starts:
        why = "cancelled" if session.status != "planned" else "started"
        print(reports.refused(TrainingRefused(why), t))
        return 1
    if not args.apply:
        async with store.reading() as db:
            count = await told_count(db, session.id)
        print(t("Up to {n} couriers would be told.", n=count))
        print(t("Dry run: nothing was written. Add --apply to write."))
        return 0
    try:
        async with store.writing() as db:
            told = await sessions.reschedule(db, session.id, new, now)
    except TrainingRefused as error:
        print(reports.refused(error, t))
        return 1
    print(t("Changed; {n} couriers are told.", n=told))
    return 0
