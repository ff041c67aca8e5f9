"""`INSERT … ON CONFLICT` for either database; SQLAlchemy has a construct for each dialect.

That of PostgreSQL is imported where it is used: the import takes longer than many a turn.
"""

from typing import TYPE_CHECKING, Any

from sqlalchemy.dialects import sqlite
from sqlalchemy.ext.asyncio import AsyncSession

if TYPE_CHECKING:
    from sqlalchemy.dialects import postgresql


def upsert(db: AsyncSession, into: Any) -> "sqlite.Insert | postgresql.Insert":
    """An insert into that table which `on_conflict_do_nothing` or `…_do_update` completes."""
    return upsert_for(into, is_sqlite=db.get_bind().dialect.name == "sqlite")


def upsert_for(into: Any, *, is_sqlite: bool) -> "sqlite.Insert | postgresql.Insert":
    """`upsert` where there is no session, as for a statement that is built once."""
    if is_sqlite:
        return sqlite.insert(into)
    from sqlalchemy.dialects import postgresql

    return postgresql.insert(into)
