"""`yizhan operators add|disable|reset|list`: who signs in to the console.

Exit codes: 0 done, 1 refused, 2 wrongly called.
"""

import argparse
from typing import TYPE_CHECKING, Any

from bot.commands import output
from bot.commands.cards.card_lists import actor
from bot.common.clock import CHINA, Clock, system_clock
from bot.common.i18n import Translator

if TYPE_CHECKING:
    from bot.config.settings import Settings
    from bot.services.operators.accounts import Account, AccountFault
    from bot.store.engine import Store

ROLES = ("administrator", "editor", "cards", "trainer", "duty", "reader")


def add_parser(commands: "argparse._SubParsersAction[Any]", t: Translator) -> None:
    """Adds `operators`; imports nothing that is slow to load."""
    parser = commands.add_parser("operators", help=t("who signs in to the console"))
    what = parser.add_subparsers(dest="what", required=True, metavar=t("COMMAND"))
    add = what.add_parser("add", help=t("a new account; its one-time password is printed once"))
    add.add_argument("--role", choices=ROLES, default="administrator")
    add.add_argument(
        "--league",
        action="append",
        default=[],
        metavar="LEAGUE",
        help=t("of this league only; may come several times"),
    )
    disable = what.add_parser("disable", help=t("ends an account and signs it out"))
    reset = what.add_parser("reset", help=t("a new one-time password, and no second factor"))
    for command in (add, disable, reset):
        command.add_argument("name", metavar="NAME")
    what.add_parser("list", help=t("all accounts"))
    parser.set_defaults(run=run)


async def run(args: argparse.Namespace, settings: "Settings", t: Translator) -> int:
    """Opens the database and does it; the exit code. Raises `SettingsError`."""
    from bot.config.database import migrated

    async with migrated(settings) as store:
        return await run_in(args, store, t)


async def run_in(
    args: argparse.Namespace, store: "Store", t: Translator, *, clock: Clock = system_clock
) -> int:
    """The command on an open database."""
    from bot.services.operators import accounts, passwords
    from bot.services.operators.accounts import AccountRefused
    from bot.services.operators.roles import Role

    if args.what == "list":
        async with store.reading() as db:
            for one in await accounts.every(db):
                print(_line(one, t))
        return 0
    leagues = _leagues(getattr(args, "league", []))
    if leagues is None:
        return output.refuse(t("“{text}” is no league of the region.", text=args.league[-1]))
    password = passwords.one_time_password()
    fresh = await passwords.hashed(password)
    try:
        async with store.writing() as db:
            match args.what:
                case "add":
                    role = Role(args.role)
                    await accounts.add(db, args.name, role, leagues, fresh, actor(), clock())
                case "reset":
                    await accounts.reset(db, args.name, fresh, actor(), clock())
                case _:
                    await accounts.disable(db, args.name, actor(), clock())
    except AccountRefused as refused:
        print(_fault(refused.fault, t))
        return 1
    if args.what == "disable":
        print(t("{name} is signed out and cannot sign in any more.", name=args.name))
    else:
        print(
            t(
                "One-time password of {name}: {password} (shown only now; it has to be changed "
                "when it is used)",
                name=args.name,
                password=password,
            )
        )
    return 0


def _leagues(names: list[str]) -> list[str] | None:
    """Their adcodes; None where one is no league."""
    from bot.commands.stations.weather import league_called
    from bot.geo.places import Places

    places = Places.load() if names else None
    found = [league_called(places, name) for name in names] if places is not None else []
    known = [one.adcode for one in found if one is not None]
    return known if len(known) == len(names) else None


def _line(account: "Account", t: Translator) -> str:
    state = t("ended") if account.disabled_at is not None else ""
    seen = account.signed_in_at
    when = t("never") if seen is None else f"{seen.astimezone(CHINA):%Y-%m-%d %H:%M}"
    leagues = " ".join(sorted(account.leagues)) or t("whole region")
    return "  ".join(filter(None, (account.name, account.role.value, leagues, when, state)))


def _fault(fault: "AccountFault", t: Translator) -> str:
    from bot.services.operators.accounts import AccountFault

    match fault:
        case AccountFault.NAME:
            return t("A name has 1 to 40 letters, digits, dots, hyphens or underscores.")
        case AccountFault.TAKEN:
            return t("There is an account of that name already.")
        case AccountFault.UNKNOWN:
            return t("There is no account of that name.")
        case AccountFault.OWN | AccountFault.PASSWORD | AccountFault.WRONG:
            return t("That is not possible.")
