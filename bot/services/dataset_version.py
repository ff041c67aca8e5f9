"""Version numbers of data sets: replicas reload, and concurrent imports notice each other."""

from enum import StrEnum

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.store.models.common import DatasetRow
from bot.store.upsert import upsert


class Dataset(StrEnum):
    """What has a version of its own."""

    STATIONS = "stations"  # with their holidays
    CARDS = "cards"
    BELIEFS = "beliefs"  # what was observed at stations
    BROADCASTS = "broadcasts"
    CONTENT = "content"
    DEMO_STATIONS = "demo_stations"  # not counted: the checksum of the file that was brought in
    HONOURS = "honours"
    DUPLICATES = "duplicates"  # not counted: the version of the stations among which all were found


async def dataset_version(db: AsyncSession, dataset: Dataset) -> int:
    """How often it changed, 0 for a new database."""
    found = await db.scalar(select(DatasetRow.version).where(DatasetRow.name == dataset))
    return found or 0


async def raise_version(db: AsyncSession, dataset: Dataset) -> int:
    """Tells every replica, once this transaction commits, that it changed; the new version.

    Waits until nobody else changes it: whoever does takes this lock before all others, so that
    none waits for another.
    """
    row = upsert(db, DatasetRow).values(name=dataset, version=0)
    await db.execute(row.on_conflict_do_nothing())
    counted = update(DatasetRow).where(DatasetRow.name == dataset)
    counted = counted.values(version=DatasetRow.version + 1)
    return (await db.execute(counted.returning(DatasetRow.version))).scalar_one()


async def lock_version(db: AsyncSession, dataset: Dataset) -> int:
    """The version, which nobody else can raise until this transaction ends."""
    row = upsert(db, DatasetRow).values(name=dataset, version=0)
    await db.execute(row.on_conflict_do_nothing())
    locked = select(DatasetRow.version).where(DatasetRow.name == dataset).with_for_update()
    return (await db.execute(locked)).scalar_one()


async def set_version(db: AsyncSession, dataset: Dataset, version: int) -> None:
    """What was derived from other data now belongs to that version of theirs."""
    await lock_version(db, dataset)
    held = update(DatasetRow).where(DatasetRow.name == dataset)
    await db.execute(held.values(version=version))
