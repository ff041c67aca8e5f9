"""Brings a database to the schema of this version; safe when several processes start at once.

On SQLite the transaction begins IMMEDIATE, so that the second process waits and then finds
nothing to do; on PostgreSQL an advisory lock of the transaction does the same.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from bot.store.engine import Store
from bot.store.models.registry import METADATA

TABLE_LOCK_TIMEOUT = "60s"
LOCK = 7_160_920_150_142  # any number that nothing else on the server uses


async def migrate(store: Store, to: str = "head") -> None:
    """Upgrades to `to` in one transaction; a failed revision leaves the old schema whole."""
    await _run(store, lambda config: command.upgrade(config, to))


async def downgrade(store: Store, to: str = "base") -> None:
    """Downgrades to `to`, for tests."""
    await _run(store, lambda config: command.downgrade(config, to))


async def is_current(store: Store) -> bool:
    """Whether the database has the schema that this version was written for."""
    return await revision(store) == ScriptDirectory.from_config(configuration()).get_current_head()


async def revision(store: Store) -> str | None:
    """The revision that the database has; None for one without any tables of ours."""
    async with store.reader.connect() as connection:
        return await connection.run_sync(
            lambda sync: MigrationContext.configure(sync).get_current_revision()
        )


async def differences(store: Store) -> list[Any]:
    """The differences between the models and the database's schema; empty when they agree."""

    def compare(sync: Connection) -> list[Any]:
        options = {"compare_type": True, "compare_server_default": True}
        return list(compare_metadata(MigrationContext.configure(sync, opts=options), METADATA))

    async with store.writer.connect() as connection:
        return await connection.run_sync(compare)


async def _run(store: Store, action: Callable[[Config], None]) -> None:
    def work(sync: Connection) -> None:
        config = configuration()
        config.attributes["connection"] = sync
        action(config)

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


def configuration() -> Config:
    """Where alembic finds the revisions; the connection is added by whoever runs them."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    return config
