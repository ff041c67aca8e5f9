"""Writes the next migration from what the models say and a migrated database does not.

    python -m tools.new_revision "The floor of a station."

It gets the number after the last one. Read what it writes: CHECK constraints are not found by
comparison and are added by hand.
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

VERSIONS = Path(migrate.__file__).parent / "migrations" / "versions"


def next_number(versions: Path = VERSIONS) -> str:
    """The number after that of the last revision, four digits."""
    last = max(int(path.name[:4]) for path in versions.glob("[0-9]*_*.py"))
    return f"{last + 1:04}"


async def main(message: str) -> None:
    """Compares on a fresh SQLite file and leaves the revision in `migrations/versions`."""
    number = next_number()
    with tempfile.TemporaryDirectory() as folder:
        store = await open_store(f"sqlite+aiosqlite:///{folder}/new.db")
        await migrate.migrate(store)

        def write(sync: Connection) -> None:
            config = migrate.configuration()
            config.attributes["connection"] = sync
            # Batch mode may rebuild a table on SQLite where adding a column is enough.
            config.attributes["batch"] = False
            command.revision(config, message=message, autogenerate=True, rev_id=number)

        async with store.writer.begin() as connection:
            await connection.run_sync(write)
        await store.close()
    for path in VERSIONS.glob(f"{number}_*.py"):
        source = path.read_text(encoding="utf-8")
        source = source.replace("bot.store.types.Instant(timezone=True)", "sa.DateTime(True)")
        source = re.sub(r"    # ### .* ###\n", "", source)
        path.write_text(source, encoding="utf-8")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    asyncio.run(main(sys.argv[1]))
