"""`yizhan backup`: a consistent copy of the database, readable by its owner only."""

import asyncio
import os
import shutil
import sqlite3
from pathlib import Path

from sqlalchemy.engine import make_url

from bot.commands.output import refuse
from bot.common.i18n import Translator
from bot.config.settings import Settings
from bot.store import migrate
from bot.store.engine import Store


async def backup(store: Store, settings: Settings, target: Path, t: Translator) -> int:
    """Writes the copy while the bot runs: SQLite by VACUUM INTO, PostgreSQL by pg_dump.

    The exit code: 0 written, 1 failed, 2 `target` cannot be used.
    """
    if target.exists():
        print(t("{file} exists already; name a file that does not.", file=target))
        return 2
    if not target.parent.is_dir():
        print(t("The folder of {file} does not exist; make it first.", file=target))
        return 2
    if await migrate.revision(store) is None:
        return refuse(
            t("This database is empty: there is nothing to copy. Check YIZHAN_DATABASE_URL.")
        )
    draft = target.with_name(f"{target.name}.part")
    try:
        draft.unlink(missing_ok=True)
        os.close(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        if store.is_sqlite:
            await asyncio.to_thread(_copy, settings.database_url, draft)
        elif not await _dump(settings.database_url, draft):
            print(
                t(
                    "pg_dump failed or is missing. Look at what it says above, check the path and "
                    "the space of {file}, or install the PostgreSQL client of your server.",
                    file=target,
                )
            )
            return 1
        draft.rename(target)
    except (OSError, sqlite3.Error):
        print(t("{file} cannot be written; check the path and the space.", file=target))
        return 1
    finally:
        for leftover in (draft, draft.with_name(f"{draft.name}-journal")):
            if leftover.exists():
                leftover.unlink()
    print(t("Copied to {file}. Keep the keys elsewhere.", file=target))
    return 0


def _copy(url: str, draft: Path) -> None:
    source = sqlite3.connect(str(make_url(url).database))
    try:
        source.execute("VACUUM INTO ?", (str(draft),))
    finally:
        source.close()
    copy = sqlite3.connect(str(draft))
    try:
        (result,) = copy.execute("PRAGMA integrity_check").fetchone()
    finally:
        copy.close()
    if result != "ok":
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
