"""Opens the database of the settings; imports nothing of the application, which loads slowly."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from bot.config.keys import keyring, wrong_address
from bot.config.settings import Settings, SettingsError
from bot.store import key_check
from bot.store.encryption import Keyring
from bot.store.engine import Store, check_url, open_store


def missing_file(settings: Settings) -> Path | None:
    """The SQLite file that is not there, for those who must not make it. Raises `SettingsError`."""
    try:
        url = check_url(settings.database_url)
    except ValueError:
        raise wrong_address() from None
    if url.get_backend_name() != "sqlite" or Path(url.database or "").exists():
        return None
    return Path(url.database or "")


async def open_database(settings: Settings) -> Store:
    """Opens it with whatever schema it has. Raises `SettingsError`."""
    try:
        return await open_store(settings.database_url)
    except ValueError:
        raise wrong_address() from None


@asynccontextmanager
async def migrated(settings: Settings) -> AsyncIterator[Store]:
    """The store, migrated to this version and closed at the end. Raises `SettingsError`."""
    from bot.store import migrate

    store = await open_database(settings)
    try:
        await migrate.migrate(store)
        yield store
    finally:
        await store.close()


@asynccontextmanager
async def with_keys(settings: Settings) -> AsyncIterator[tuple[Store, Keyring]]:
    """The migrated store and its keys, which must exist already. Raises `SettingsError`."""
    async with migrated(settings) as store:
        beside = Path(check_url(settings.database_url).database or "").with_suffix(".keys")
        keys = keyring(settings, make=store.is_sqlite and beside.exists())
        await check_keys(store, keys)
        yield store, keys


async def check_keys(store: Store, keys: Keyring) -> None:
    """Checks that this database was sealed with these keys. Raises `SettingsError`."""
    try:
        await key_check.check_keys(store, keys)
    except key_check.ForeignKeysError as foreign:
        if foreign.is_there:
            raise SettingsError(
                "YIZHAN_SECRET_KEYS: key {number} is not the one that this database was sealed "
                "with. Put the old key back under that number and give the new one another, "
                "behind it. If it is lost, see “Lost keys” in docs/operations.md.",
                number=foreign.number,
            ) from None
        raise SettingsError(
            "YIZHAN_SECRET_KEYS: key {number} is missing, and this database holds values that "
            "only it opens. Put it back behind the first one, then: yizhan keys rotate. "
            "If it is lost, see “Lost keys” in docs/operations.md.",
            number=foreign.number,
        ) from None
