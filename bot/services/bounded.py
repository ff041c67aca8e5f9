"""Counting up to a limit: of millions of rows only so many are read."""

from typing import Any, Final

from sqlalchemy import ColumnElement, Integer, Select, func, literal_column, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.sql.selectable import FromClause

COUNTED: Final = 1000
"""More than these are not counted."""


async def count(
    db: AsyncSession,
    rows: type[Any] | FromClause,
    *conditions: ColumnElement[bool],
    order: ColumnElement[Any] | None = None,
) -> int:
    """How many rows of a table or join meet the conditions, at most `COUNTED` + 1.

    `order`: that of an index by which they are better looked for than by any.
    """
    one: Select[Any] = select(literal_column("1").label("one")).select_from(rows).where(*conditions)
    one = one if order is None else one.order_by(order)
    some = one.limit(at_most(COUNTED + 1)).subquery()
    return await db.scalar(select(func.count()).select_from(some)) or 0


def at_most(rows: int) -> ColumnElement[int]:
    """A limit that stands in the statement's text: of one that is a parameter PostgreSQL assumes
    a tenth of all rows once it plans a statement for all parameters, and reads the table."""
    return literal_column(str(rows), Integer)
