"""A database with data that a previous version wrote, and the couriers in it.

`tests/data/before_layout.*` hold schema revision 0008 with data of Monday, 23 November 2026, 10:00
(China time), sealed with the keys of `Deployment`. Couriers are numbered the same way on each
channel.
"""

import gzip
from pathlib import Path

from sqlalchemy import func, inspect, select, table

from bot.store.engine import Store, open_store
from tests.support.courier import Deployment, Line, PageLine, TerminalLine, lines
from tests.support.fakes.web import WebLine
from tests.support.paths import TEST_DATA

UPDATE, MESSAGE, FRAME = 600_000_001, "6900000000000000001", "00000000-0000-4000-8000-000000000001"
"""The event ids under which courier 1 shared HERE on Telegram, on WeChat and on the web page."""


def known_courier(deployment: Deployment, channel: str, n: int) -> Line:
    """Courier `n` of a channel; ask once per test for a terminal's, whose messages are counted."""
    one = lines(deployment, channel, n + 1)[n]
    if isinstance(one, PageLine):
        one._line = WebLine(f"{n:032x}")
    if isinstance(one, TerminalLine):
        one._who = f"term{n:04}"
    return one


def unpack_sqlite(file: Path) -> None:
    """Writes the SQLite database to `file`."""
    file.write_bytes(gzip.decompress((TEST_DATA / "before_layout.sqlite.gz").read_bytes()))


async def load_postgres(url: str) -> None:
    """Runs the dump in an empty PostgreSQL database."""
    script = gzip.decompress((TEST_DATA / "before_layout.sql.gz").read_bytes()).decode()
    store = await open_store(url)
    async with store.writer.connect() as connection:
        driver = (await connection.get_raw_connection()).driver_connection
        assert driver is not None
        await driver.execute(script)
    await store.close()


async def row_counts(store: Store) -> dict[str, int]:
    """How many rows each table of the database has."""
    async with store.reader.connect() as connection:
        names = await connection.run_sync(lambda sync: inspect(sync).get_table_names())
        counts = {name: select(func.count()).select_from(table(name)) for name in names}
        return {name: await connection.scalar(count) or 0 for name, count in counts.items()}
