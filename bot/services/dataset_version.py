"""Version numbers of data sets: replicas reload, and concurrent imports notice each other."""

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.store.models.common import DatasetRow
from bot.store.upsert import upsert


async def stations_version(db: AsyncSession) -> int:
    """How often the stations or holidays changed, 0 for a new database."""
    found = await db.scalar(select(DatasetRow.version).where(DatasetRow.name == "stations"))
    return found or 0


async def raise_stations_version(db: AsyncSession) -> None:
    """Tells every replica, once this transaction commits, that stations or holidays changed."""
    first = upsert(db, DatasetRow).values(name="stations", version=1)
    more = {"version": DatasetRow.version + 1}
    await db.execute(first.on_conflict_do_update(index_elements=[DatasetRow.name], set_=more))


async def cards_version(db: AsyncSession) -> int:
    """How often records came in, 0 for a new database."""
    found = await db.scalar(select(DatasetRow.version).where(DatasetRow.name == "cards"))
    return found or 0


async def lock_cards(db: AsyncSession) -> int:
    """Waits until nobody else adds, changes or erases applications, and counts it; the new count.

    Whoever does any of that takes this lock before all others, so that none waits for another.
    """
    row = upsert(db, DatasetRow).values(name="cards", version=0)
    await db.execute(row.on_conflict_do_nothing())
    counted = update(DatasetRow).where(DatasetRow.name == "cards")
    counted = counted.values(version=DatasetRow.version + 1)
    return (await db.execute(counted.returning(DatasetRow.version))).scalar_one()
