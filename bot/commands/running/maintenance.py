"""`yizhan migrate`, `keys`, `holidays import`, and the dispatch to `doctor` and `backup`."""

import argparse

from bot.commands.output import refuse
from bot.common.clock import system_clock
from bot.common.i18n import Translator
from bot.config.database import missing_file, open_database, with_keys
from bot.config.keys import keyring
from bot.config.settings import Settings
from bot.services.privacy.key_rotation import rotate
from bot.store.encryption import Keyring, new_key
from bot.store.engine import Store
from bot.store.migrate import migrate as migrate_schema

PROGRESS = 5000
"""Rows between two lines of progress."""


async def run(args: argparse.Namespace, settings: Settings, t: Translator) -> int:
    """Runs the maintenance command that `args` names; its exit code. Raises `SettingsError`."""
    if args.command == "keys" and args.what == "new":
        print(new_key(_unused(settings)))
        return 0
    if args.command == "keys":
        async with with_keys(settings) as (store, keys):
            return await rotate_keys(store, keys, t)
    if args.command in {"backup", "doctor"} and (missing := missing_file(settings)):
        return refuse(
            t(
                "There is no database at {file}. Check YIZHAN_DATABASE_URL; a new one is made by: "
                "yizhan migrate",
                file=missing,
            )
        )
    store = await open_database(settings)
    try:
        match args.command:
            case "migrate":
                return await migrate(store, t)
            case "backup":
                from bot.commands.running.backup import backup

                return await backup(store, settings, args.file, t)
            case "doctor":
                from bot.commands.running.doctor import doctor

                return await doctor(store, settings, system_clock, t)
            case _:
                from bot.commands.stations.holidays import import_holidays

                await migrate_schema(store)
                return await import_holidays(store, args.file, t, apply=args.apply)
    finally:
        await store.close()


async def migrate(store: Store, t: Translator) -> int:
    """Brings the database to this version's schema."""
    await migrate_schema(store)
    print(t("The database has the schema of this version."))
    return 0


async def rotate_keys(store: Store, keys: Keyring, t: Translator) -> int:
    """Re-encrypts everything with the current key while the bot runs; may be interrupted."""

    shown: dict[str, int] = {}

    def report(table: str, rows: int) -> None:
        if rows // PROGRESS > shown.get(table, -1):
            shown[table] = rows // PROGRESS
            print(t("{table}: {rows} rows …", table=table, rows=rows), flush=True)

    done = await rotate(store, keys, report)
    print(t("{n} values were sealed anew.", n=done.values))
    for number, count in sorted(done.left.items()):
        print(
            t("{n} values are under key {key}, which is not there to open them.",
              n=count, key=number)
        )  # fmt: skip
    if done.left:
        print(t("Add the missing keys behind the first and run it again."))
        return 1
    print(t("Everything is under key {key}; the others can be taken away.", key=keys.current))
    return 0


def _unused(settings: Settings) -> int:
    """The number of a key that is added to those that are set."""
    used = {0} if settings.secret_keys is None else set(keyring(settings).keys)
    after = max(used) + 1
    return after if after <= 255 else min(set(range(1, 256)) - used)
