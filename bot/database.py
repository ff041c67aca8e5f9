"""The database that the settings name; apart from the application, which is slow to load."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from bot.keys import keyring
from bot.settings import Settings, SettingsError
from bot.store.engine import Store, check_url, open_store
from bot.store.sealed import Keyring


async def open_database(settings: Settings) -> Store:
    """Whatever schema it has. Raises `SettingsError`."""
    try:
        return await open_store(settings.database_url)
    except ValueError as error:
        raise SettingsError(f"YIZHAN_DATABASE_URL is wrong: {error}") from None


@asynccontextmanager
async def migrated(settings: Settings) -> AsyncIterator[Store]:
    """With the schema of this version, and closed afterwards. Raises `SettingsError`."""
    from bot.store import schema

    store = await open_database(settings)
    try:
        await schema.migrate(store)
        yield store
    finally:
        await store.close()


@asynccontextmanager
async def with_keys(settings: Settings) -> AsyncIterator[tuple[Store, Keyring]]:
    """Migrated, and its keys, which must be there already. Raises `SettingsError`."""
    async with migrated(settings) as store:
        beside = Path(check_url(settings.database_url).database or "").with_suffix(".keys")
        yield store, keyring(settings, make=store.is_sqlite and beside.exists())
