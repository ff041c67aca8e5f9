"""`yizhan appointments …`: lists what was asked of outlets, sets states, and exports the list.

Whatever shows a person's data leaves rows in the access log. Exit codes: 0 done, 1 where a number
is unknown or a state does not follow the present one, 2 where a file cannot be written.
"""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot.commands import output
from bot.commands.cards.card_lists import actor
from bot.common.clock import Clock, system_clock
from bot.common.i18n import Translator

if TYPE_CHECKING:
    from bot.config.settings import Settings
    from bot.store.encryption import Keyring
    from bot.store.engine import Store

STATES = ("contacted", "done", "unreached")
"""Those that an operator sets."""


def add_parser(commands: "argparse._SubParsersAction[Any]", t: Translator) -> None:
    """Adds `appointments` with its own commands; imports nothing that is slow to load."""
    parser = commands.add_parser(
        "appointments", help=t("calls and visits that outlets are asked for")
    )
    parser.set_defaults(run=run)
    what = parser.add_subparsers(dest="what", required=True, metavar=t("COMMAND"))
    show = what.add_parser("list", help=t("those that wait, masked"))
    save = what.add_parser("export", help=t("those that wait, whole, into a file"))
    save.add_argument("file", type=Path, metavar="FILE", help=t("csv or xlsx"))
    for one in (show, save):
        one.add_argument("--all", action="store_true", help=t("also those that are finished"))
    change = what.add_parser("set", help=t("say how it went; the courier is told"))
    change.add_argument("number", metavar="NUMBER", help=t("such as YY-7K3M9P"))
    change.add_argument("status", choices=STATES)


async def run(args: argparse.Namespace, settings: "Settings", t: Translator) -> int:
    """Chooses among the commands of this page; its exit code. Raises `SettingsError`."""
    from bot.config.database import with_keys

    async with with_keys(settings) as (store, keys):
        if args.what == "set":
            return await set_state(args, store, keys, t)
        return await show(args, store, keys, t)


async def show(
    args: argparse.Namespace,
    store: "Store",
    keys: "Keyring",
    t: Translator,
    *,
    clock: Clock = system_clock,
) -> int:
    """Masked on the screen; whole in a new file that only its owner can read."""
    from bot.operator_wording import appointment_rows
    from bot.services.appointments import operations
    from bot.services.appointments.statuses import AppointmentStatus
    from bot.services.operators.access_log import AccessAction

    path: Path | None = args.file if args.what == "export" else None
    if path is not None and (wrong := output.unwritable(path, (".csv", ".xlsx"), t)):
        return output.refuse(wrong)
    statuses = [one for one in AppointmentStatus if args.all or one is not AppointmentStatus.DONE]
    action = AccessAction.READ if path is None else AccessAction.EXPORT
    async with store.writing() as db:
        found = await operations.listed(db, keys, actor(), action, clock(), statuses=statuses)
    if path is None:
        for one in found:
            print("  ".join(filter(None, appointment_rows.row(one.masked()))))
        print(t("{n} appointments; export them to see them whole", n=len(found)))
        return 0
    rows = [appointment_rows.HEADINGS, *map(appointment_rows.row, found)]
    data = output.table(path, t("Appointments"), rows)
    done = t("{n} appointments written to {file}", n=len(found), file=path)
    return await output.write(path, data, done, t, mode=0o600)


async def set_state(
    args: argparse.Namespace,
    store: "Store",
    keys: "Keyring",
    t: Translator,
    *,
    clock: Clock = system_clock,
) -> int:
    """Sets the state of one; the courier is told."""
    from bot.operator_wording.appointment_rows import state
    from bot.services.appointments import operations
    from bot.services.appointments.statuses import AppointmentStatus

    status = AppointmentStatus(args.status)
    try:
        async with store.writing() as db:
            changed = await operations.set_status(db, keys, args.number, status, clock())
    except operations.AppointmentUnknown:
        print(t("There is no appointment {number}.", number=args.number))
        return 1
    except operations.ChangeRefused as refused:
        print(t("It is {now}; that state does not follow.", now=state(refused.status)))
        return 1
    if not changed:
        print(t("It had that state already."))
        return 0
    print(t("{number}: {status}; the courier is told.", number=args.number, status=state(status)))
    return 0
