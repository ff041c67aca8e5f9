"""The stations that a courier keeps."""

from datetime import datetime

from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.store.models.stations import (
    FavouriteRow,
)

FAVOURITES_MOST = 20


async def favourites(db: AsyncSession, courier_id: int) -> list[int]:
    """Ids of the kept stations, the latest first."""
    kept = select(FavouriteRow.station_id).where(FavouriteRow.courier_id == courier_id)
    return list(await db.scalars(kept.order_by(FavouriteRow.added_at.desc())))


async def keep(db: AsyncSession, courier_id: int, station_id: int, now: datetime) -> bool:
    """Adds a favourite; False when there are already as many as fit a message.

    A station kept twice is kept once.
    """
    kept = await favourites(db, courier_id)
    if station_id in kept:
        return True
    if len(kept) >= FAVOURITES_MOST:
        return False
    row = {"courier_id": courier_id, "station_id": station_id, "added_at": now}
    await db.execute(insert(FavouriteRow).values(row))
    return True


async def drop(db: AsyncSession, courier_id: int, station_id: int) -> None:
    """Removes a favourite; one that is not there is as good as removed."""
    await db.execute(
        delete(FavouriteRow).where(
            FavouriteRow.courier_id == courier_id, FavouriteRow.station_id == station_id
        )
    )
