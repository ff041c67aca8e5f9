"""Writes the next migration from what the models say and a migrated database does not.

    python -m tools.new_revision 0002 "Card applications."

Read what it writes: CHECK constraints are not found by comparison and are added by hand.
"""

import asyncio
import re
import sys
import tempfile
from pathlib import Path

from alembic import command
from sqlalchemy import Connection

from bot.store import migrate
from bot.store.engine import open_store


async def main(number: str, message: str) -> None:
    """Compares on a fresh SQLite file and leaves the revision in `migrations/versions`."""
    with tempfile.TemporaryDirectory() as folder:
        store = await open_store(f"sqlite+aiosqlite:///{folder}/new.db")
        await migrate.migrate(store)

        def write(sync: Connection) -> None:
            config = migrate.configuration()
            config.attributes["connection"] = sync
            command.revision(config, message=message, autogenerate=True, rev_id=number)

        async with store.writer.begin() as connection:
            await connection.run_sync(write)
        await store.close()
    for path in Path(migrate.__file__).parent.glob(f"migrations/versions/{number}_*.py"):
        source = path.read_text(encoding="utf-8")
        source = source.replace("bot.store.types.Instant(timezone=True)", "sa.DateTime(True)")
        source = re.sub(r"    # ### .* ###\n", "", source)
        path.write_text(source, encoding="utf-8")


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
