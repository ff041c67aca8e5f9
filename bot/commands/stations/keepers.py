"""`yizhan stations keeper-link CODE`: the link by which a station's keeper confirms it.

Exit codes: 0 done, 2 wrongly called.
"""

import argparse
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from bot.commands import output
from bot.common.clock import CHINA, Clock, system_clock
from bot.common.i18n import Translator

if TYPE_CHECKING:
    from bot.config.settings import Settings
    from bot.store.engine import Store

SubParsers: TypeAlias = "argparse._SubParsersAction[Any]"


def add_parsers(what: SubParsers, t: Translator) -> None:
    """Adds the command; imports nothing that is slow to load."""
    link = what.add_parser("keeper-link", help=t("a link by which the keeper confirms a station"))
    link.add_argument("code", metavar="CODE")
    link.add_argument(
        "--file",
        type=Path,
        metavar="FILE",
        help=t("a page with its QR code for the back room (pdf)"),
    )
    link.add_argument("--revoke", action="store_true", help=t("end the station's link"))
    link.set_defaults(run=run)


async def run(args: argparse.Namespace, settings: "Settings", t: Translator) -> int:
    """Opens the database and does it; the exit code. Raises `SettingsError`."""
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
    """The command on an open database. The link is printed once: only a hash of it is stored."""
    from bot.services.stations.catalogue import by_code
    from bot.services.stations.keepers import links

    now = clock()
    path: Path | None = args.file
    if args.revoke and path is not None:
        return output.refuse(t("--revoke writes no file; leave --file out."))
    async with store.reading() as db:
        station = await by_code(db, args.code)
    if station is None:
        return output.refuse(t("There is no station {code}.", code=args.code))
    if args.revoke:
        async with store.writing() as db:
            ended = await links.revoke(db, station.id, now)
        print(t("The link no longer works.") if ended else t("It has no link that works."))
        return 0
    if not settings.public_url:
        return output.refuse(t("A link needs an address: set YIZHAN_PUBLIC_URL."))
    if path is not None and (wrong := output.unwritable(path, (".pdf",), t)):
        return output.refuse(wrong)  # before the old link ends
    async with store.writing() as db:
        token = await links.issue(db, station.id, now)
    address = f"{settings.public_url.rstrip('/')}/k#{token}"
    last = (now + links.LIFETIME).astimezone(CHINA).date()
    print(
        t(
            "{name}: the link works until {day}. An older one no longer does. Whoever has it can "
            "change this station; end it with --revoke.",
            name=station.name,
            day=last.isoformat(),
        )
    )
    print(address)
    if path is None:
        return 0
    from bot.documents.posters import Code, keeper_sheet

    sheet = partial(keeper_sheet, station.name, last)
    done = t("QR code written to {file}", file=path)
    return await output.poster(path, sheet, [Code("", address)], settings, done, t)
