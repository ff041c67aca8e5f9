"""Photos as couriers see them: those of a station in their order, and the bytes of one."""

from dataclasses import field
from typing import Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.common.values import value
from bot.store.models.stations import StationPhotoRow

MOST: Final = 3
"""Photos that a station shows."""


@value
class Photo:
    """A photo of a door, without its bytes; `name` is their hash, the sizes are pixels."""

    id: int
    name: str
    description: str
    width: int
    height: int


@value
class ChatPhoto:
    """A photo as a chat shows it: `data` is a small JPEG, `name` that of the larger one."""

    name: str
    description: str
    data: bytes = field(repr=False)


async def of_station(db: AsyncSession, station_id: int) -> tuple[Photo, ...]:
    """The photos of a station in their order."""
    row = StationPhotoRow
    rows = (
        select(row.id, row.name, row.description, row.width, row.height)
        .where(row.station_id == station_id, row.removed_at.is_(None))
        .order_by(row.position, row.id)
    )
    return tuple(Photo(*one) for one in await db.execute(rows))


async def has_photos(db: AsyncSession, station_id: int) -> bool:
    """Whether the station has any."""
    row = StationPhotoRow
    found = select(row.id).where(row.station_id == station_id, row.removed_at.is_(None)).limit(1)
    return await db.scalar(found) is not None


async def for_chat(db: AsyncSession, station_id: int) -> tuple[ChatPhoto, ...]:
    """The photos of a station in their order, small."""
    row = StationPhotoRow
    rows = (
        select(row.name, row.description, row.small)
        .where(row.station_id == station_id, row.removed_at.is_(None))
        .order_by(row.position, row.id)
    )
    return tuple(ChatPhoto(*one) for one in await db.execute(rows))


async def read(db: AsyncSession, name: str) -> bytes | None:
    """The JPEG of that name, None where no station shows it."""
    row = StationPhotoRow
    found = select(row.data).where(row.name == name[:32], row.removed_at.is_(None)).limit(1)
    return await db.scalar(found)
