"""A real small write, by which readiness knows that the database can be written to."""

from typing import Final

from sqlalchemy.exc import SQLAlchemyError

from bot.store.engine import Store
from bot.store.models.common import DatasetRow
from bot.store.upsert import upsert

ROW: Final = "readiness"
"""The row of `dataset` that is written; no data set has that name."""


async def can_write(store: Store) -> bool:
    """Whether a row could be written and committed just now."""
    try:
        async with store.writing() as db:
            row = upsert(db, DatasetRow).values(name=ROW, version=1)
            # 1, 2, 1 …: it must change, or there is nothing to write
            other = {"version": 3 - DatasetRow.version}
            await db.execute(row.on_conflict_do_update(index_elements=["name"], set_=other))
    except (SQLAlchemyError, OSError):
        return False
    return True
