"""Demo stations: real places, invented stations, 示例 in every name; for trying the bot out.

They are imported like any list and marked `is_demo`, so that a service for couriers
can refuse to answer from them.
"""

import asyncio
from datetime import date, datetime
from typing import Final

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.data import DATA
from bot.geo.datum import Datum
from bot.services.dataset_version import Dataset, raise_version
from bot.services.spreadsheets import reader
from bot.services.stations.importing.apply import apply
from bot.services.stations.importing.columns import COLUMNS, PROSE
from bot.services.stations.importing.plan import plan_import
from bot.store.models.stations import StationRow

FILE: Final = DATA / "demo_stations.csv"


async def seed_demo(db: AsyncSession, now: datetime) -> None:
    """Brings the demo stations in, or up to date; the second time changes nothing."""
    data = await asyncio.to_thread(FILE.read_bytes)
    table = reader.read(data, COLUMNS, prose=PROSE)
    # Their check dates are invented, so none of them can lie in the future.
    plan = await plan_import(db, table, Datum.WGS84, date.max)
    await apply(db, plan, now, allow_moves=True, demo=True)


async def remove_demo(db: AsyncSession) -> int:
    """Removes the demo stations and whatever hangs on them; how many there were."""
    held = await db.scalar(select(func.count()).where(StationRow.is_demo.is_(True))) or 0
    if held:
        await db.execute(delete(StationRow).where(StationRow.is_demo.is_(True)))
        await raise_version(db, Dataset.STATIONS)
    return held


async def has_own(db: AsyncSession) -> bool:
    """Whether any station is there that is no demo."""
    found = await db.scalar(select(StationRow.id).where(StationRow.is_demo.is_(False)).limit(1))
    return found is not None


async def has_demo(db: AsyncSession) -> bool:
    """Whether any demo station is there."""
    found = await db.scalar(select(StationRow.id).where(StationRow.is_demo.is_(True)).limit(1))
    return found is not None
