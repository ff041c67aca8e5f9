"""`yizhan notes`: what waits for an operator's eye, shown and marked as dealt with.

Exit codes: 0 done, 1 where a note to mark is not there.
"""

import argparse
from typing import TYPE_CHECKING, Any

from bot.commands.cards.card_lists import actor
from bot.common.clock import CHINA, Clock, system_clock

if TYPE_CHECKING:
    from bot.common.i18n import Translator
    from bot.config.settings import Settings
    from bot.store.encryption import Keyring
    from bot.store.engine import Store


def add_parser(commands: "argparse._SubParsersAction[Any]", t: "Translator") -> None:
    """Adds `notes`; imports nothing that is slow to load."""
    parser = commands.add_parser("notes", help=t("what needs an operator's eye"))
    parser.set_defaults(run=run)
    parser.add_argument("done", nargs="*", type=int, metavar="ID", help=t("mark these as done"))
    parser.add_argument(
        "--in-order",
        action="store_true",
        help=t("what couriers reported is in order again: they are told"),
    )


async def run(args: argparse.Namespace, settings: "Settings", t: "Translator") -> int:
    """The command on the database of the settings; its exit code. Raises `SettingsError`."""
    from bot.config.database import with_keys

    async with with_keys(settings) as (store, keys):
        return await run_in(args, store, keys, t)


async def run_in(
    args: argparse.Namespace,
    store: "Store",
    keys: "Keyring",
    t: "Translator",
    *,
    clock: Clock = system_clock,
) -> int:
    """What waits for an operator, or marks it as dealt with."""
    from bot.operator_wording.notes import note_text
    from bot.services.operators import notes

    now = clock()
    async with store.writing() as db:
        if args.done:
            if args.in_order:
                from bot.services.stations.feedback.operator_checks import confirm_in_order
                from bot.services.stations.observations import Observer

                await confirm_in_order(db, Observer(keys), args.done, now)
            closed = await notes.close(db, args.done, now)
            print(t("{n} notes done", n=closed))
            return 0 if closed == len(set(args.done)) else 1
        found = await notes.waiting(db, keys, actor(), now)
    for one in found:
        print(f"{one.id}  {one.at.astimezone(CHINA):%Y-%m-%d %H:%M}  {note_text(one, t)}")
    print(t("{n} notes; mark one as done with: yizhan notes ID", n=len(found)))
    return 0
