"""`yizhan cards …` and `yizhan notes`: a bank's list in, what is late, how long stages take,
pre-applications out.

An import is a dry run unless `--apply` is given. Exit codes as for station lists: 0 done, 1
nothing written because of what the file says, 2 no such file, not a table, or wrong arguments.
Whatever shows a person's data leaves rows in the access log, under the name of the system's user.
"""

import argparse
import asyncio
import getpass
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot.clock import CHINA, Clock, system_clock

if TYPE_CHECKING:
    from bot.services.sheets import Table
    from bot.settings import Settings
    from bot.store.engine import Store
    from bot.store.sealed import Keyring

Say = Callable[..., str]


def add_parser(commands: "argparse._SubParsersAction[Any]", t: Say) -> None:
    """Adds `cards` and `notes`; imports nothing that is slow to load."""
    parser = commands.add_parser("cards", help=t("奋斗卡 applications: import, overdue, …"))
    what = parser.add_subparsers(dest="what", required=True, metavar=t("COMMAND"))
    load = what.add_parser("import", help=t("compare the bank's csv or xlsx list, and take it"))
    load.add_argument("file", type=Path, metavar="FILE")
    load.add_argument("--apply", action="store_true", help=t("write; without it a dry run"))
    load.add_argument(
        "--allow-backwards", action="store_true", help=t("let a status go back; it is marked")
    )
    load.add_argument(
        "--as-of",
        metavar="TIME",
        default="",
        help=t("the moment the list describes, such as 2026-03-01 18:00; absent: now"),
    )
    late = what.add_parser("overdue", help=t("applications that stay longer than usual"))
    many = what.add_parser("statistics", help=t("how long each stage takes, by outlet"))
    for one in (late, many):
        one.add_argument(
            "--days", type=int, default=365, help=t("how far back the history counts; 365")
        )
    save = what.add_parser("requests", help=t("pre-applications: masked, or whole into a file"))
    save.add_argument("file", type=Path, metavar="FILE", nargs="?", help=t("csv or xlsx"))
    save.add_argument("--all", action="store_true", help=t("also those that were handed on"))
    save.add_argument(
        "--passed", action="store_true", help=t("mark those in the file as handed on")
    )
    notes = commands.add_parser("notes", help=t("what needs an operator's eye"))
    notes.add_argument("done", nargs="*", type=int, metavar="ID", help=t("mark these as done"))


async def run(args: argparse.Namespace, settings: "Settings", t: Say) -> int:
    """Chooses among the commands of this page; its exit code. Raises `SettingsError`."""
    async with opened(settings) as (store, keys):
        if args.command == "notes":
            return await run_notes(args, store, keys, t)
        match args.what:
            case "import":
                return await run_import(args, store, keys, t)
            case "overdue":
                return await run_overdue(args, store, keys, t)
            case "statistics":
                return await run_statistics(args, store, t)
            case _:
                return await run_requests(args, store, keys, t)


@asynccontextmanager
async def opened(settings: "Settings") -> AsyncIterator[tuple["Store", "Keyring"]]:
    """The migrated database and its keys, which must be there already. Raises `SettingsError`."""
    from sqlalchemy.engine import make_url

    from bot.keys import keyring
    from bot.settings import SettingsError
    from bot.store import schema
    from bot.store.engine import open_store

    try:
        store = await open_store(settings.database_url)
    except ValueError as error:
        raise SettingsError(f"YIZHAN_DATABASE_URL is wrong: {error}") from None
    try:
        beside = Path(make_url(settings.database_url).database or "").with_suffix(".keys")
        keys = keyring(settings, make=store.is_sqlite and beside.exists())
        await schema.migrate(store)
        yield store, keys
    finally:
        await store.close()


async def run_import(
    args: argparse.Namespace,
    store: "Store",
    keys: "Keyring",
    t: Say,
    *,
    clock: Clock = system_clock,
) -> int:
    """Reads, compares, reports, and writes if told to and if nothing is wrong."""
    from bot.commands import card_report, station_report
    from bot.services.card_files import plan_import
    from bot.services.card_intake import apply
    from bot.services.card_rows import read_moment
    from bot.services.errors import CardsChanged, FileRefused

    now = clock()
    as_of = read_moment(args.as_of) if args.as_of else now
    if as_of is None or as_of > now:
        return _refuse(t("--as-of is no past time; write it like 2026-03-01 18:00."))
    try:
        table = await asyncio.to_thread(_read, args.file)
    except OSError:
        return _refuse(t("{file} cannot be read; check the path and its rights.", file=args.file))
    except FileRefused as refusal:
        return _refuse(station_report.refusal(refusal, args.file, t))
    async with store.reading() as db:
        plan = await plan_import(db, keys, table, as_of, now, allow_backwards=args.allow_backwards)
    for line in card_report.lines(plan, t):
        print(line)
    if plan.problems:
        print(t("Nothing was written. Correct the file and import it again."))
        return 1
    if not args.apply:
        print(t("Dry run: nothing was written. Add --apply to write."))
        return 0
    try:
        async with store.writing() as db:
            await apply(db, keys, plan.plan, now, "import")
    except CardsChanged:
        print(t("Nothing was written: applications were changed meanwhile. Import it again."))
        return 1
    print(t("Written."))
    return 0


async def run_overdue(
    args: argparse.Namespace,
    store: "Store",
    keys: "Keyring",
    t: Say,
    *,
    clock: Clock = system_clock,
) -> int:
    """Open applications that stay in their stage longer than nine in ten did."""
    from bot.services.card_statistics import overdue
    from bot.services.card_status import LABELS

    now = clock()
    async with store.writing() as db:
        late = await overdue(db, keys, now, _since(now, args.days), _actor())
    for one in late:
        print(
            t(
                "{number} {stage}: {days} days, usually up to {usual} · {outlet}",
                number=one.number,
                stage=LABELS[one.code][0],
                days=_days(one.days),
                usual=_days(one.usual),
                outlet=one.outlet or "-",
            )
            + (t(" · sealed on {day}", day=one.seal_by) if one.seal_by else "")
        )
    print(t("{n} applications take longer than usual", n=len(late)))
    return 0


async def run_statistics(
    args: argparse.Namespace, store: "Store", t: Say, *, clock: Clock = system_clock
) -> int:
    """A table: how long each stage took, over all and by outlet."""
    from bot.services.card_statistics import spreads
    from bot.services.card_status import LABELS, UNKNOWN

    async with store.reading() as db:
        found = await spreads(db, _since(clock(), args.days), by_outlet=True)
    if not found:
        print(t("No stage was left in that time yet."))
        return 0
    for one in found:
        print(
            t(
                "{stage} · {outlet}: {cases} cases, median {median} days, half of them "
                "{low}–{high}, nine in ten within {late}",
                stage="?" if one.code == UNKNOWN else LABELS[one.code][0],
                outlet=one.outlet or t("all outlets"),
                cases=one.cases,
                median=_days(one.median),
                low=_days(one.low),
                high=_days(one.high),
                late=_days(one.late),
            )
        )
    return 0


async def run_requests(
    args: argparse.Namespace,
    store: "Store",
    keys: "Keyring",
    t: Say,
    *,
    clock: Clock = system_clock,
) -> int:
    """Pre-applications: masked on the screen, whole in a new file that only its owner can read."""
    from bot.services.request_lists import HEADINGS, mark_passed, requests
    from bot.services.sheets import csv_bytes, xlsx_bytes

    path: Path | None = args.file
    if args.passed and path is None:
        return _refuse(t("--passed marks what a file was written for; name the file."))
    if path is not None:
        if path.suffix.lower() not in {".csv", ".xlsx"}:
            return _refuse(t("{file}: name it .csv or .xlsx.", file=path))
        if path.exists():
            return _refuse(t("{file} exists already; name a file that does not.", file=path))
        if not path.parent.is_dir():
            return _refuse(t("The folder of {file} does not exist; make it first.", file=path))
    statuses = ("new", "passed") if args.all else ("new",)
    action = "read" if path is None else "export"
    async with store.writing() as db:
        found = await requests(db, keys, _actor(), action, clock(), statuses=statuses)
    if path is None:
        for one in found:
            print("  ".join(filter(None, one.masked())))
        print(t("{n} pre-applications; name a file to see them whole", n=len(found)))
        return 0
    rows = [HEADINGS, *(one.whole() for one in found)]
    is_csv = path.suffix.lower() == ".csv"
    data = csv_bytes(rows) if is_csv else xlsx_bytes(t("Pre-applications"), rows)
    try:
        await asyncio.to_thread(_write_private, path, data)
    except OSError:
        return _refuse(t("{file} cannot be written; check the path and its rights.", file=path))
    if args.passed:
        async with store.writing() as db:
            await mark_passed(db, [one.id for one in found])
    print(t("{n} pre-applications written to {file}", n=len(found), file=path))
    return 0


async def run_notes(
    args: argparse.Namespace,
    store: "Store",
    keys: "Keyring",
    t: Say,
    *,
    clock: Clock = system_clock,
) -> int:
    """What waits for an operator, or marks it as dealt with."""
    from bot.services import notes

    now = clock()
    async with store.writing() as db:
        if args.done:
            closed = await notes.close(db, args.done, now)
            print(t("{n} notes done", n=closed))
            return 0 if closed == len(set(args.done)) else 1
        found = await notes.waiting(db, keys, _actor(), now)
    for one in found:
        print(f"{one.id}  {one.at.astimezone(CHINA):%Y-%m-%d %H:%M}  {_note(one, t)}")
    print(t("{n} notes; mark one as done with: yizhan notes ID", n=len(found)))
    return 0


def _note(note: Any, t: Say) -> str:
    match note.kind, note.params.get("scope"):
        case "card.label", _:
            return t(
                "The bank uses a status that is not known: “{label}”. Couriers see it as it is.",
                label=note.detail,
            )
        case "card.request", _:
            return t("A pre-application waits. See: yizhan cards requests")
        case "card.locked", "all":
            return t("Very many wrong tries to see applications: all are locked for an hour.")
        case "card.locked", "number":
            return t("Five wrong tries for one application: locked for a day.")
        case "card.locked", _:
            return t("Five wrong tries in one chat: locked for a day.")
        case _:
            return " ".join(filter(None, (note.kind, note.detail)))


def _read(path: Path) -> "Table":
    from bot.services.card_files import MAX_BYTES, read
    from bot.services.errors import FileRefused

    if path.stat().st_size > MAX_BYTES:
        raise FileRefused("too_big", most=str(MAX_BYTES // 1_000_000))
    return read(path.read_bytes(), path.name)


def _write_private(path: Path, data: bytes) -> None:
    path.touch(0o600, exist_ok=False)
    path.write_bytes(data)


def _since(now: datetime, days: int) -> datetime:
    return now - timedelta(days=max(1, min(days, 36_500)))


def _days(days: float) -> str:
    return f"{days:.1f}".removesuffix(".0")


def _actor() -> str:
    """The system's name of whoever runs the command."""
    try:
        return f"cli:{getpass.getuser()}"
    except (OSError, KeyError):  # a container's user without a name
        return "cli"


def _refuse(sentence: str) -> int:
    print(sentence, file=sys.stderr)
    return 2
