"""`yizhan demand report`: where couriers searched in vain, never fewer than five of them."""

import argparse
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from bot.commands import output
from bot.common.clock import Clock, system_clock
from bot.common.i18n import Translator

if TYPE_CHECKING:
    from bot.config.settings import Settings
    from bot.services.stations.demand_report import Unmet
    from bot.store.engine import Store

SubParsers: TypeAlias = "argparse._SubParsersAction[Any]"
SHOWN = 20
"""Lines on the screen; a file has all."""


def add_parser(commands: SubParsers, t: Translator) -> None:
    """Adds `demand`; imports nothing that is slow to load."""
    parser = commands.add_parser("demand", help=t("what couriers searched for in vain"))
    what = parser.add_subparsers(dest="what", required=True, metavar=t("COMMAND"))
    report = what.add_parser("report", help=t("by place, hour and facility; 5 couriers at least"))
    report.add_argument(
        "--days", type=int, default=90, metavar="DAYS", help=t("of the last days (90)")
    )
    report.add_argument("--file", type=Path, metavar="FILE", help=t("csv or xlsx with all lines"))
    report.set_defaults(run=run)


async def run(args: argparse.Namespace, settings: "Settings", t: Translator) -> int:
    """Opens the database; the exit code. Raises `SettingsError`."""
    from bot.config.database import migrated

    async with migrated(settings) as store:
        return await run_in(args, store, t)


async def run_in(
    args: argparse.Namespace, store: "Store", t: Translator, *, clock: Clock = system_clock
) -> int:
    """The command on an open database."""
    from bot.geo.places import Places
    from bot.services.stations.demand_report import unmet_demand

    path: Path | None = args.file
    if path is not None and (wrong := output.unwritable(path, (".csv", ".xlsx"), t)):
        return output.refuse(wrong)
    days = max(1, min(args.days, 3660))
    async with store.reading() as db:
        found = await unmet_demand(db, Places.load(), clock() - timedelta(days=days))
    headings = [
        t("league"), t("near"), t("latitude"), t("longitude"), t("hour"), t("facility"),
        t("couriers"), t("searches"), t("no station near"), t("none open"),
        t("stations proposed"),
    ]  # fmt: skip
    rows = [_row(one, t) for one in found]
    for row in rows[:SHOWN]:
        shown = zip(headings, row, strict=True)
        print(t(", ").join(t("{field}: {value}", field=name, value=cell) for name, cell in shown))
    if len(rows) > SHOWN:
        print(t("… and {n} more lines; name a --file for all", n=len(rows) - SHOWN))
    if not rows:
        print(t("Nowhere did five couriers or more search in vain."))
    if path is None:
        return 0
    done = t("{n} lines written to {file}", n=len(rows), file=path)
    return await output.write(path, output.table(path, t("Demand"), [headings, *rows]), done, t)


def _row(one: "Unmet", t: Translator) -> Sequence[str]:
    from bot.handlers.stations.facilities import facility

    return (
        one.league,
        one.place,
        f"{one.point.lat:.3f}",
        f"{one.point.lon:.3f}",
        t("all") if one.hour is None else f"{one.hour:02}:00",
        facility(t, one.facility) if one.facility else t("all"),
        str(one.couriers),
        str(one.searches),
        str(one.none_near),
        str(one.none_open),
        str(one.proposed),
    )
