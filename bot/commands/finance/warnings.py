"""`yizhan warnings send CODE`: a warning against fraud to every courier who switched them on.

Exit codes: 0 done, 1 where no warning of that code is in force.
"""

import argparse
from typing import TYPE_CHECKING, Any

from bot.common.clock import Clock, system_clock
from bot.common.i18n import Translator

if TYPE_CHECKING:
    from bot.config.settings import Settings
    from bot.store.engine import Store


def add_parser(commands: "argparse._SubParsersAction[Any]", t: Translator) -> None:
    """Adds `warnings send`; imports nothing that is slow to load."""
    parser = commands.add_parser("warnings", help=t("warnings against fraud"))
    parser.set_defaults(run=run)
    what = parser.add_subparsers(dest="what", required=True, metavar=t("COMMAND"))
    send = what.add_parser("send", help=t("to every courier who switched them on, once"))
    send.add_argument("code", metavar="CODE", help=t("of imported content of kind warning"))


async def run(args: argparse.Namespace, settings: "Settings", t: Translator) -> int:
    """Opens the database and sends it; the exit code. Raises `SettingsError`."""
    from bot.config.database import migrated

    async with migrated(settings) as store:
        return await send(args, store, t)


async def send(
    args: argparse.Namespace, store: "Store", t: Translator, *, clock: Clock = system_clock
) -> int:
    """Queues it, if a warning of that code is in force; samples are never sent."""
    from bot.services.content import catalogue, warnings
    from bot.services.content.catalogue import CHINESE, ContentKind

    now = clock()
    async with store.writing() as db:
        found = await catalogue.by_code(db, args.code, CHINESE, now)
        if found is None or found.kind is not ContentKind.WARNING:
            print(t("No warning “{code}” is in force. Import it first.", code=args.code))
            return 1
        count = await warnings.send(db, args.code, now)
    print(t("“{title}” goes to {n} couriers, outside of quiet hours.", title=found.title, n=count))
    return 0
