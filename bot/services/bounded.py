"""Counting up to a limit: of millions of rows only so many are read."""

from typing import Any, Final

from sqlalchemy import ColumnElement, func, literal_column, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.sql.selectable import FromClause

COUNTED: Final = 1000
"""More than these are not counted."""


async def count(
    db: AsyncSession, rows: type[Any] | FromClause, *conditions: ColumnElement[bool]
) -> int:
    """How many rows of a table or join meet the conditions, at most `COUNTED` + 1."""
    one = select(literal_column("1").label("one")).select_from(rows).where(*conditions)
    some = one.limit(COUNTED + 1).subquery()
    return await db.scalar(select(func.count()).select_from(some)) or 0
