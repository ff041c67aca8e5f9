"""Brings a database to the schema of this version; safe when several processes start at once.

An empty database gets the tables of the models at once and is stamped with the newest revision: the
same schema as all revisions one after the other make, without alembic, which is slow to import and
so is imported only where a revision has to run.

On SQLite the transaction begins IMMEDIATE, so that the second process waits and then finds
nothing to do; on PostgreSQL an advisory lock of the transaction does the same.
"""

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import Column, Connection, MetaData, String, Table, insert, inspect, select, text

from bot.store.engine import Store
from bot.store.models.registry import metadata
from bot.store.models.stations import TEXT_INDEX_NAMES

if TYPE_CHECKING:
    from alembic.config import Config

TABLE_LOCK_TIMEOUT = "60s"
LOCK = 7_160_920_150_142  # any number that nothing else on the server uses
MIGRATIONS: Final = Path(__file__).parent / "migrations"
VERSION: Final = Table(
    "alembic_version", MetaData(), Column("version_num", String(32), primary_key=True)
)
"""Alembic's own table."""


@cache
def newest_revision() -> str:
    """The revision of this version's schema: the highest number in the names of the files."""
    return max(path.name[:4] for path in (MIGRATIONS / "versions").glob("[0-9]*_*.py"))


async def migrate(store: Store) -> None:
    """Brings the schema up to date in one transaction; a failure leaves the old one whole."""
    if await is_current(store):
        return
    await _run(store, lambda sync: _create(sync) if _is_empty(sync) else _upgrade(sync, "head"))


async def upgrade(store: Store, to: str = "head") -> None:
    """Runs the revisions up to `to` one after the other, for tests."""
    await _run(store, lambda sync: _upgrade(sync, to))


async def downgrade(store: Store, to: str = "base") -> None:
    """Takes revisions back down to `to`, for tests."""

    def work(sync: Connection) -> None:
        from alembic import command

        command.downgrade(_on(sync), to)

    await _run(store, work)


async def is_current(store: Store) -> bool:
    """Whether the database has the schema that this version was written for."""
    return await revision(store) == newest_revision()


async def revision(store: Store) -> str | None:
    """The revision that the database has; None for one without any tables of ours."""

    def read(sync: Connection) -> str | None:
        if not inspect(sync).has_table(VERSION.name):
            return None
        return sync.scalar(select(VERSION.c.version_num))

    async with store.reader.connect() as connection:
        return await connection.run_sync(read)


async def differences(store: Store) -> list[Any]:
    """The differences between the models and the database's schema; empty when they agree."""

    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    def compare(sync: Connection) -> list[Any]:
        options = {
            "compare_type": True,
            "compare_server_default": True,
            "include_name": lambda name, kind, _: kind != "index" or name not in TEXT_INDEX_NAMES,
        }
        return list(compare_metadata(MigrationContext.configure(sync, opts=options), metadata()))

    async with store.writer.connect() as connection:
        return await connection.run_sync(compare)


def _is_empty(sync: Connection) -> bool:
    return not inspect(sync).get_table_names()


def _create(sync: Connection) -> None:
    metadata().create_all(sync)
    VERSION.create(sync)
    sync.execute(insert(VERSION).values(version_num=newest_revision()))


def _upgrade(sync: Connection, to: str) -> None:
    from alembic import command

    command.upgrade(_on(sync), to)


def _on(sync: Connection) -> "Config":
    config = configuration()
    config.attributes["connection"] = sync
    return config


async def _run(store: Store, work: Callable[[Connection], None]) -> None:
    if store.is_sqlite:
        await _run_on_sqlite(store, work)
        return
    async with store.writer.begin() as connection:
        # Another process may migrate for long, and so may we. But whoever waits for a table
        # makes all others wait behind it: that has a limit again.
        await connection.execute(text("SET LOCAL statement_timeout = 0"))
        await connection.execute(text("SET LOCAL lock_timeout = 0"))
        await connection.execute(text(f"SELECT pg_advisory_xact_lock({LOCK})"))
        await connection.execute(text(f"SET LOCAL lock_timeout = '{TABLE_LOCK_TIMEOUT}'"))
        await connection.run_sync(work)


async def _run_on_sqlite(store: Store, work: Callable[[Connection], None]) -> None:
    """With foreign keys off: a revision that rebuilds a table drops the old one, and its rows must
    not take those of other tables with them. What is left is checked before the commit.
    """
    async with store.writer.connect() as connection:
        driver: Any = (await connection.get_raw_connection()).driver_connection
        await driver.execute("PRAGMA foreign_keys=OFF")  # without effect inside a transaction
        try:
            async with connection.begin():
                await connection.run_sync(work)
                if broken := (await connection.execute(text("PRAGMA foreign_key_check"))).first():
                    raise RuntimeError(
                        f"the migration leaves a row of {broken[0]} without its owner"
                    )
        finally:
            await driver.execute("PRAGMA foreign_keys=ON")


def configuration() -> "Config":
    """Where alembic finds the revisions; the connection is added by whoever runs them."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    return config
