"""`yizhan privacy erase --phone`: erases a phone number wherever couriers or leaders typed it.

For people who cannot ask from a chat of their own, once they have shown that the number is theirs.
A dry run unless `--apply` is given, which asks before it erases. Exit codes: 0 done or nothing to
do, 1 not confirmed, 2 no phone number.
"""

import argparse
import asyncio
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from bot.commands import output
from bot.commands.cards.card_lists import actor
from bot.common.clock import Clock, system_clock

if TYPE_CHECKING:
    from bot.common.i18n import Translator
    from bot.config.settings import Settings
    from bot.services.privacy.phone_erasure import PhoneRows
    from bot.store.encryption import Keyring
    from bot.store.engine import Store


def add_parser(commands: "argparse._SubParsersAction[Any]", t: "Translator") -> None:
    """Adds `privacy`; imports nothing that is slow to load."""
    parser = commands.add_parser("privacy", help=t("personal data: erase a phone number"))
    parser.set_defaults(run=run)
    what = parser.add_subparsers(dest="what", required=True, metavar=t("COMMAND"))
    erase = what.add_parser("erase", help=t("erase a phone number wherever it was typed"))
    erase.add_argument("--phone", required=True, metavar="PHONE", help=t("a mobile number"))
    erase.add_argument("--apply", action="store_true", help=t("erase; without it only a report"))
    erase.add_argument("--yes", action="store_true", help=t("do not ask"))


async def run(args: argparse.Namespace, settings: "Settings", t: "Translator") -> int:
    """The command on the database of the settings; its exit code. Raises `SettingsError`."""
    from bot.config.database import with_keys

    ask = input if sys.stdin.isatty() else None
    async with with_keys(settings) as (store, keys):
        return await erase(args, settings, store, keys, t, ask=ask)


async def erase(
    args: argparse.Namespace,
    settings: "Settings",
    store: "Store",
    keys: "Keyring",
    t: "Translator",
    *,
    ask: Callable[[str], str] | None = None,
    clock: Clock = system_clock,
) -> int:
    """Reports what holds the phone, and erases it with `--apply` once that is confirmed.

    `ask` reads one line from whoever runs the command; None where nobody can be asked.
    """
    from datetime import timedelta

    from bot.services.personal_data.validation import mobile_phone
    from bot.services.privacy import phone_erasure
    from bot.services.trainings.seating import Seating

    phone = mobile_phone(args.phone)
    if phone is None:
        return output.refuse(t("That is no mobile number of 11 digits."))
    async with store.reading() as db:
        found = await phone_erasure.find(db, keys, phone)
    _report(found, t)
    if not found.erasable:
        return 0
    if not args.apply:
        print(t("Nothing was erased. Add --apply to erase."))
        return 0
    if not args.yes and not await _confirmed(ask, t):
        print(t("Nothing was erased."))
        return 1
    seating = Seating(timedelta(minutes=settings.hold_minutes))
    async with store.writing() as db:
        done = await phone_erasure.erase_phone(db, keys, seating, phone, actor(), clock())
    print(t("Erased: {n} rows. Backups keep them until they are deleted.", n=done.erasable))
    return 0


async def _confirmed(ask: Callable[[str], str] | None, t: "Translator") -> bool:
    if ask is None:
        return False
    answer = await asyncio.to_thread(ask, t("Erase it? This cannot be undone. (yes/no)") + " ")
    return answer.strip().casefold() in {"yes", "y", "是"}


def _report(found: "PhoneRows", t: "Translator") -> None:
    print(t("Profiles with this phone: {n} (name and phone)", n=len(found.profiles)))
    print(t("Members that leaders named: {n}", n=len(found.members)))
    print(t("Pre-applications: {n}", n=len(found.requests)))
    print(t("Appointments: {n}", n=len(found.appointments)))
    if found.chats:
        print(
            t(
                "Chats of these couriers: {n} (half-filled forms and stored answers)",
                n=len(found.chats),
            )
        )
    if found.applications:
        print(
            t(
                "The bank's applications with it: {n}. They stay; ask the bank to correct them.",
                n=len(found.applications),
            )
        )
