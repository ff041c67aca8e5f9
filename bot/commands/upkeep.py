"""`yizhan migrate`, `doctor`, `backup` and `holidays import`: what keeps an installation well."""

import argparse
import asyncio
import csv
import os
import shutil
import sqlite3
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

from sqlalchemy import func, insert, select
from sqlalchemy.engine import make_url

from bot.clock import CHINA, Clock, system_clock
from bot.database import open_database, with_keys
from bot.hours.calendar import Holidays
from bot.keys import keyring
from bot.services.board import raise_stations_version
from bot.services.rotation import rotate
from bot.settings import Settings
from bot.store import schema
from bot.store.engine import Store
from bot.store.models import HolidayRow, StationRow
from bot.store.sealed import Keyring, new_key

Say = Callable[..., str]
PROGRESS = 5000
"""Rows between two lines of progress."""


async def run(args: argparse.Namespace, settings: Settings, t: Say) -> int:
    """Chooses among the commands of this page; its exit code. Raises `SettingsError`."""
    if args.command == "keys" and args.what == "new":
        print(new_key(_unused(settings)))
        return 0
    if args.command == "keys":
        async with with_keys(settings) as (store, keys):
            return await rotate_keys(store, keys, t)
    store = await open_database(settings)
    try:
        match args.command:
            case "migrate":
                return await migrate(store, t)
            case "backup":
                return await backup(store, settings, args.file, t)
            case "doctor":
                return await doctor(store, settings, system_clock, t)
            case _:
                await schema.migrate(store)
                return await import_holidays(store, args.file, t, apply=args.apply)
    finally:
        await store.close()


async def migrate(store: Store, t: Say) -> int:
    """Brings the database to this version's schema."""
    await schema.migrate(store)
    print(t("The database has the schema of this version."))
    return 0


async def backup(store: Store, settings: Settings, target: Path, t: Say) -> int:
    """A consistent copy while the bot goes on: SQLite by VACUUM INTO, PostgreSQL by pg_dump."""
    if target.exists():
        print(t("{file} exists already; name a file that does not.", file=target))
        return 2
    if not target.parent.is_dir():
        print(t("The folder of {file} does not exist; make it first.", file=target))
        return 2
    draft = target.with_name(f"{target.name}.part")
    draft.unlink(missing_ok=True)
    if store.is_sqlite:
        await asyncio.to_thread(_copy, settings.database_url, draft)
    elif not await _dump(settings.database_url, draft):
        draft.unlink(missing_ok=True)
        print(t("pg_dump failed or is missing; install the PostgreSQL client of your server."))
        return 1
    draft.rename(target)
    print(t("Copied to {file}. Keep the keys elsewhere.", file=target))
    return 0


async def doctor(store: Store, settings: Settings, clock: Clock, t: Say) -> int:
    """Says what is set up, and what is wrong with it; 1 when the bot could not serve."""
    from bot.commands.checks import check_channels

    wrong = 0
    print(t("Database: {kind}", kind="SQLite" if store.is_sqlite else "PostgreSQL"))
    if await schema.is_current(store):
        print(t("Schema: current"))
    else:
        print(t("Schema: old. Run: yizhan migrate"))
        return 1
    today = clock().astimezone(CHINA).date()
    async with store.reading() as db:
        total = await db.scalar(select(func.count()).select_from(StationRow)) or 0
        demo = StationRow.is_demo.is_(True)
        shown = await db.scalar(select(func.count()).select_from(StationRow).where(demo)) or 0
        unsaid = StationRow.hours.is_(None)
        silent = await db.scalar(select(func.count()).select_from(StationRow).where(unsaid)) or 0
        days = set(await db.scalars(select(HolidayRow.day)))
    print(
        t(
            "Stations: {n}, {demo} of them demo, {silent} without hours",
            n=total,
            demo=shown,
            silent=silent,
        )
    )
    if total == 0:
        wrong += 1
        print(t("  No stations. Run: yizhan stations import FILE --datum gcj02 --apply"))
    known = Holidays.from_csv()
    for year in sorted({today.year, (today + timedelta(days=61)).year}):
        if known.knows(year) or date(year, 10, 1) in days:
            print(t("Public holidays of {year}: known", year=year))
        else:
            print(
                t("Public holidays of {year}: missing. Run: yizhan holidays import FILE", year=year)
            )
    if settings.secret_keys is None:
        print(
            t("Keys: a file beside the database; set YIZHAN_SECRET_KEYS for more than one machine")
        )
    else:
        print(t("Keys: set"))
    for finding in await check_channels(settings, t):
        print(finding.text)
        wrong += finding.is_wrong
    return 1 if wrong else 0


async def rotate_keys(store: Store, keys: Keyring, t: Say) -> int:
    """Seals everything with the current key, while the bot goes on; may be broken off."""

    shown: dict[str, int] = {}

    def told(table: str, rows: int) -> None:
        if rows // PROGRESS > shown.get(table, -1):
            shown[table] = rows // PROGRESS
            print(t("{table}: {rows} rows …", table=table, rows=rows), flush=True)

    done = await rotate(store, keys, told)
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


async def import_holidays(store: Store, path: Path, t: Say, *, apply: bool) -> int:
    """Reads a year's days from csv (date, name, is_off); all or nothing, a dry run by default."""
    try:
        table = await asyncio.to_thread(Holidays.from_csv, path)
    except (OSError, UnicodeDecodeError, csv.Error):
        print(t("{file} cannot be read; check its path and that it is a csv file.", file=path))
        return 2
    except ValueError as error:
        print(t("{file} is not imported: {what}", file=path, what=error))
        return 1
    years = sorted({day.year for day in table.days})
    off = sum(day.is_off for day in table.days.values())
    worked = len(table.days) - off
    print(
        t(
            "{years}: {off} days off, {worked} working weekend days",
            years=years,
            off=off,
            worked=worked,
        )
    )
    if not years:
        print(t("The file has no days; nothing to import."))
        return 1
    if not apply:
        print(t("Dry run: nothing was written. Add --apply to write."))
        return 0
    async with store.writing() as db:
        for day in await db.scalars(select(HolidayRow)):
            if day.day.year in years:
                await db.delete(day)
        await db.flush()
        rows = [
            {"day": day, "name": one.name, "is_off": one.is_off, "source": path.name}
            for day, one in table.days.items()
        ]
        await db.execute(insert(HolidayRow), rows)
        await raise_stations_version(db)
    print(t("Written."))
    return 0


def _copy(url: str, draft: Path) -> None:
    source = sqlite3.connect(str(make_url(url).database))
    try:
        source.execute("VACUUM INTO ?", (str(draft),))
    finally:
        source.close()
    copy = sqlite3.connect(str(draft))
    try:
        (verdict,) = copy.execute("PRAGMA integrity_check").fetchone()
    finally:
        copy.close()
    if verdict != "ok":
        raise OSError("the copy is damaged; check the disk")
    with draft.open("rb") as file:
        os.fsync(file.fileno())


async def _dump(url: str, draft: Path) -> bool:
    program = shutil.which("pg_dump")
    if program is None:
        return False
    address = make_url(url).set(drivername="postgresql")
    environment = {**os.environ, "PGPASSWORD": address.password or ""}
    plain = address.set(password=None).render_as_string()
    process = await asyncio.create_subprocess_exec(
        program, "-Fc", "-f", str(draft), plain, env=environment
    )
    return await process.wait() == 0
