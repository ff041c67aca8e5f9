"""`INSERT … ON CONFLICT` for either database; SQLAlchemy has a construct for each dialect."""

from typing import Any

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession


def upsert(db: AsyncSession, into: Any) -> sqlite.Insert | postgresql.Insert:
    """An insert into that table which `on_conflict_do_nothing` or `…_do_update` completes."""
    if db.get_bind().dialect.name == "sqlite":
        return sqlite.insert(into)
    return postgresql.insert(into)
