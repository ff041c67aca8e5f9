"""`yizhan stations stale` and `missing-hours`: stations whose data want looking after."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from bot.commands import output
from bot.common.clock import CHINA, Clock, system_clock
from bot.common.i18n import Translator

if TYPE_CHECKING:
    from bot.config.settings import Settings
    from bot.services.stations.upkeep import Neglected
    from bot.store.engine import Store

SubParsers: TypeAlias = "argparse._SubParsersAction[Any]"


def add_parsers(what: SubParsers, t: Translator) -> None:
    """Adds the commands; imports nothing that is slow to load."""
    old = what.add_parser("stale", help=t("not verified for 30, 60 or 90 days, by owner"))
    unknown = what.add_parser("missing-hours", help=t("stations whose hours nobody knows"))
    for parser in (old, unknown):
        parser.add_argument(
            "file", type=Path, metavar="FILE", nargs="?", help=t("write the list (csv or xlsx)")
        )
        parser.set_defaults(run=run)


async def run(args: argparse.Namespace, settings: "Settings", t: Translator) -> int:
    """Opens the database; the exit code. Raises `SettingsError`."""
    from bot.config.database import migrated

    async with migrated(settings) as store:
        return await run_in(args, store, t)


async def run_in(
    args: argparse.Namespace, store: "Store", t: Translator, *, clock: Clock = system_clock
) -> int:
    """The command on an open database: numbers by owner, and each station with a file."""
    from bot.services.stations import upkeep

    path: Path | None = args.file
    if path is not None and (wrong := output.unwritable(path, (".csv", ".xlsx"), t)):
        return output.refuse(wrong)
    today = clock().astimezone(CHINA).date()
    async with store.reading() as db:
        if args.what == "stale":
            found = await upkeep.stale(db, today)
        else:
            found = await upkeep.missing_hours(db, today)
    for one in upkeep.by_owner(found):
        owner = one.owner or t("(no owner)")
        if args.what == "stale":
            over = dict(zip(("n30", "n60", "n90"), map(str, one.over), strict=True))
            print(
                t(
                    "{owner}: over 30 days {n30}, over 60 {n60}, over 90 {n90}; never {never}",
                    owner=owner,
                    never=one.never,
                    **over,
                )
            )
        else:
            total = sum(station.owner == one.owner for station in found)
            print(t("{owner}: {n} without hours", owner=owner, n=total))
    print(t("{n} stations", n=len(found)))
    if path is None:
        return 0
    title = t("Stations")
    rows = [_headings(), *map(_row, found)]
    done = t("{n} stations written to {file}", n=len(found), file=path)
    return await output.write(path, output.table(path, title, rows), done, t)


def _headings() -> list[str]:
    """Those of station lists, so that the file can be filled in and imported."""
    from bot.services.stations.importing.columns import COLUMNS

    fields = ("code", "name", "owner", "banner", "phone", "hours", "verified_at")
    return [*(COLUMNS[name][0] for name in fields), "未核实天数"]


def _row(one: "Neglected") -> list[str]:
    days = "" if one.days is None else str(one.days)
    return [one.code, one.name, one.owner, one.banner, one.phone, one.hours, one.verified_at, days]
