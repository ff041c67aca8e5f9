"""What services take, under names for callers that may not know the tables."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TypeAlias

from sqlalchemy.ext.asyncio import AsyncSession

from bot.store.encryption import Keyring
from bot.store.engine import Store, open_store

Db: TypeAlias = AsyncSession
"""A transaction or a session for look-ups, as it is passed on to services."""
Database: TypeAlias = Store
"""Opens them: `writing()` and `reading()`."""
Keys: TypeAlias = Keyring
"""The keys of sealed values."""


def address_of(store: Database) -> str:
    """Where another process finds the database: it holds a password, so pass it to that only."""
    return store.writer.url.render_as_string(hide_password=False)


@asynccontextmanager
async def opened(address: str) -> AsyncIterator[Database]:
    """The database at an address of `address_of`, for long work in a process of its own."""
    store = await open_store(address)
    try:
        yield store
    finally:
        await store.close()
