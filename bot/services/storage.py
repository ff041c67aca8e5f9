"""What services take, under names for callers that may not know the tables."""

from typing import TypeAlias

from sqlalchemy.ext.asyncio import AsyncSession

from bot.store.encryption import Keyring
from bot.store.engine import Store

Db: TypeAlias = AsyncSession
"""A transaction or a session for look-ups, as it is passed on to services."""
Database: TypeAlias = Store
"""Opens them: `writing()` and `reading()`."""
Keys: TypeAlias = Keyring
"""The keys of sealed values."""
