"""`yizhan cards …`: imports a bank's list; lists overdue applications, durations, pre-applications;
issues release codes; keeps the labels of the bank.

An import is a dry run unless `--apply` is given. Exit codes as for station lists.
"""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot.commands import imports, output
from bot.commands.cards import card_lists, labels
from bot.common.clock import Clock, system_clock
from bot.common.i18n import Translator

if TYPE_CHECKING:
    from bot.config.settings import Settings
    from bot.store.encryption import Keyring
    from bot.store.engine import Store


def add_parser(commands: "argparse._SubParsersAction[Any]", t: Translator) -> None:
    """Adds `cards` with its own commands; imports nothing that is slow to load."""
    parser = commands.add_parser("cards", help=t("奋斗卡 applications: import, overdue, …"))
    parser.set_defaults(run=run)
    what = parser.add_subparsers(dest="what", required=True, metavar=t("COMMAND"))
    load = what.add_parser("import", help=t("compare the bank's csv or xlsx list, and take it"))
    load.add_argument("file", type=Path, metavar="FILE")
    imports.add_apply(load, t)
    imports.add_map(load, t)
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
    release = what.add_parser(
        "release", help=t("a one-time code for an owner whom the counter identified")
    )
    release.add_argument("number", metavar="NUMBER", help=t("the application number"))
    labels.add_parser(what, t)


async def run(args: argparse.Namespace, settings: "Settings", t: Translator) -> int:
    """Chooses among the commands of this page; its exit code. Raises `SettingsError`."""
    from bot.config.database import with_keys

    async with with_keys(settings) as (store, keys):
        match args.what:
            case "import":
                return await run_import(args, store, keys, t)
            case "overdue":
                return await card_lists.overdue(args, store, keys, t)
            case "statistics":
                return await card_lists.statistics(args, store, t)
            case "labels":
                return await labels.run(args, store, keys, t)
            case "release":
                return await release(args, store, keys, t)
            case _:
                return await card_lists.requests(args, store, keys, t)


async def run_import(
    args: argparse.Namespace,
    store: "Store",
    keys: "Keyring",
    t: Translator,
    *,
    clock: Clock = system_clock,
) -> int:
    """Reads, compares and reports; writes with `--apply` if there is no problem."""
    from bot.commands.cards import reports
    from bot.services.cards.errors import CardsChanged
    from bot.services.cards.file_import import COLUMNS, MAX_BYTES, plan_import, read
    from bot.services.cards.ingest import apply
    from bot.services.cards.record_parser import read_moment
    from bot.services.cards.records import RecordSource
    from bot.services.spreadsheets.mappings import ListKind

    now = clock()
    as_of = read_moment(args.as_of) if args.as_of else now
    if as_of is None or as_of > now:
        return output.refuse(t("--as-of is no past time; write it like 2026-03-01 18:00."))
    mapping = imports.mapping(args, COLUMNS, t)
    if mapping is None:
        return 2
    remembered = await imports.remembered(args, store, ListKind.CARDS)
    table = await imports.read_table(
        args.file,
        lambda data: read(data, args.file.name, mapping=mapping, remembered=remembered),
        MAX_BYTES,
        t,
    )
    if table is None:
        return 2
    async with store.reading() as db:
        plan = await plan_import(db, keys, table, as_of, now, allow_backwards=args.allow_backwards)
    code = imports.reported(
        reports.lines(plan, t),
        plan.problems,
        t,
        apply=args.apply,
        table=table,
        columns=COLUMNS,
    )
    if code is not None:
        return code
    try:
        async with store.writing() as db:
            await apply(db, keys, plan.plan, now, RecordSource.IMPORT)
        await imports.remember(args, store, ListKind.CARDS, table, now)
    except CardsChanged:
        print(t("Nothing was written: applications were changed meanwhile. Import it again."))
        return 1
    print(t("Written."))
    return 0


async def release(
    args: argparse.Namespace,
    store: "Store",
    keys: "Keyring",
    t: Translator,
    *,
    clock: Clock = system_clock,
) -> int:
    """Prints a code that binds the application in spite of any lock; 1 without such a number."""
    from bot.services.cards import releases
    from bot.services.personal_data import validation

    number = validation.application_number(args.number)
    if number is None:
        return output.refuse(t("That is no application number."))
    async with store.writing() as db:
        code = await releases.issue(db, keys, number, card_lists.actor(), clock())
    if code is None:
        print(t("No application has this number."))
        return 1
    print(t("Release code: {code}", code=f"{code[:4]}-{code[4:]}"))
    print(
        t(
            "Valid for 24 hours, once. Give it only to somebody who has shown the ID card of this "
            "application: in the chat they look up their card, type the number, and then this code "
            "in place of the four digits."
        )
    )
    return 0
