"""Demo stations: real places, invented stations, 示例 in every name; for trying the bot out.

They are imported like any list and marked `is_demo`, so that a service for couriers
can refuse to answer from them.
"""

import asyncio
import zlib
from datetime import date, datetime
from typing import Final

from sqlalchemy import delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.data import DATA
from bot.geo.datum import Datum
from bot.services.dataset_version import Dataset, dataset_version, lock_version, raise_version
from bot.store.models.common import DatasetRow
from bot.store.models.stations import StationRow

FILE: Final = DATA / "demo_stations.csv"


async def seed_demo(db: AsyncSession, now: datetime) -> None:
    """Brings the demo stations in, or up to date; the second time does nothing."""
    data = await asyncio.to_thread(FILE.read_bytes)
    checksum = zlib.crc32(data) & 0x7FFF_FFFF  # an integer of either database
    if await dataset_version(db, Dataset.DEMO_STATIONS) == checksum:
        return
    # Not at the top: all that reads lists takes long to import, and only the first start needs it.
    from bot.services.spreadsheets import reader
    from bot.services.stations.importing.apply import apply
    from bot.services.stations.importing.columns import COLUMNS, PROSE
    from bot.services.stations.importing.plan import plan_import

    table = reader.read(data, COLUMNS, prose=PROSE)
    # Their check dates are invented, so none of them can lie in the future.
    plan = await plan_import(db, table, Datum.WGS84, date.max)
    await apply(db, plan, now, allow_moves=True, demo=True)
    await lock_version(db, Dataset.DEMO_STATIONS)
    brought_in = update(DatasetRow).where(DatasetRow.name == Dataset.DEMO_STATIONS)
    await db.execute(brought_in.values(version=checksum))


async def remove_demo(db: AsyncSession) -> int:
    """Removes the demo stations and whatever hangs on them; how many there were."""
    held = await db.scalar(select(func.count()).where(StationRow.is_demo.is_(True))) or 0
    if held:
        await db.execute(delete(StationRow).where(StationRow.is_demo.is_(True)))
        await raise_version(db, Dataset.STATIONS)
        await db.execute(delete(DatasetRow).where(DatasetRow.name == Dataset.DEMO_STATIONS))
    return held


async def has_own(db: AsyncSession) -> bool:
    """Whether any station is there that is no demo."""
    found = await db.scalar(select(StationRow.id).where(StationRow.is_demo.is_(False)).limit(1))
    return found is not None


async def has_demo(db: AsyncSession) -> bool:
    """Whether any demo station is there."""
    found = await db.scalar(select(StationRow.id).where(StationRow.is_demo.is_(True)).limit(1))
    return found is not None
