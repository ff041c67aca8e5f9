"""Stations that are left out of one courier's answers until the next morning."""

from datetime import datetime, time, timedelta
from typing import Final, cast

from sqlalchemy import Table, bindparam, delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.common.clock import CHINA
from bot.store.models.stations import LeftOutStationRow
from bot.store.prepared import Prepared
from bot.store.upsert import upsert

MORNING: Final = time(5)
"""Local time at which a reported station counts again: the working day of a courier is over."""
AT_LEAST: Final = timedelta(hours=3)
_LEFT_OUT: Final = cast(Table, LeftOutStationRow.__table__)
LEFT_OUT: Final = Prepared(
    select(_LEFT_OUT.c.station_id).where(
        _LEFT_OUT.c.courier_id == bindparam("of_courier"), _LEFT_OUT.c.until > bindparam("at")
    )
)


async def leave_out(db: AsyncSession, courier_id: int, station_id: int, now: datetime) -> None:
    """The courier is not sent to this station until the morning."""
    until = _next_morning(now)
    expired = LeftOutStationRow.until <= now
    await db.execute(
        delete(LeftOutStationRow).where(LeftOutStationRow.courier_id == courier_id, expired)
    )
    row = upsert(db, LeftOutStationRow).values(
        courier_id=courier_id, station_id=station_id, until=until
    )
    key = [LeftOutStationRow.courier_id, LeftOutStationRow.station_id]
    await db.execute(row.on_conflict_do_update(index_elements=key, set_={"until": until}))


async def left_out(db: AsyncSession, courier_id: int, now: datetime) -> frozenset[int]:
    """Ids of the stations that this courier reported and is not sent to yet."""
    rows = await LEFT_OUT.rows(db, {"of_courier": courier_id, "at": now})
    return frozenset(station_id for (station_id,) in rows)


async def restore(db: AsyncSession, courier_id: int, station_id: int) -> None:
    """The station counts for this courier again; one that is not left out stays as it is."""
    mine = (LeftOutStationRow.courier_id == courier_id) & (
        LeftOutStationRow.station_id == station_id
    )
    await db.execute(delete(LeftOutStationRow).where(mine))


def _next_morning(now: datetime) -> datetime:
    """The next `MORNING` that is `AT_LEAST` away."""
    earliest = now.astimezone(CHINA) + AT_LEAST
    morning = datetime.combine(earliest.date(), MORNING, CHINA)
    return morning if morning >= earliest else morning + timedelta(days=1)
