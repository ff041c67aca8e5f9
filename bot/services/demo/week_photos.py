"""Photos of doors at some demo stations: drawn, as no real door may stand for an invented place."""

import asyncio
import io
from datetime import datetime
from typing import Final

from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.services.demo.week_stations import SPARED
from bot.services.stations.photos.encoding import encode
from bot.services.storage import Database
from bot.store.models.stations import StationPhotoRow, StationRow

MARK: Final = "示例："
"""Begins their descriptions."""
LEAGUE: Final = "1501"
"""Begins the divisions whose stations have one."""
SIZE: Final = (1200, 900)


async def tell(store: Database, now: datetime) -> None:
    """Adds one to each demo station of a league that has none."""
    photo = await asyncio.to_thread(lambda: encode(drawn_door()))
    photographed = select(StationPhotoRow.station_id)
    wanted = select(StationRow.id).where(
        StationRow.is_demo.is_(True),
        StationRow.adcode.startswith(LEAGUE),
        ~StationRow.adcode.startswith(SPARED),
        StationRow.id.not_in(photographed),
    )
    async with store.writing() as db:
        rows = [
            {
                "station_id": station_id,
                "position": 1,
                "name": photo.name,
                "description": f"{MARK}从侧门进，铃在左边",
                "width": photo.width,
                "height": photo.height,
                "data": photo.data,
                "small": photo.small,
                "added_at": now,
            }
            for station_id in await db.scalars(wanted)
        ]
        if rows:
            await db.execute(insert(StationPhotoRow), rows)


async def remove(db: AsyncSession) -> None:
    """Removes those whose description nobody changed."""
    demo = select(StationRow.id).where(StationRow.is_demo.is_(True))
    told = StationPhotoRow.description.startswith(MARK) & StationPhotoRow.station_id.in_(demo)
    await db.execute(delete(StationPhotoRow).where(told))


def drawn_door() -> bytes:
    """A PNG of a wall with a red sign above a door, and a bell to its left."""
    from PIL import Image, ImageDraw  # seldom needed, and slow to load

    width, height = SIZE
    drawn = Image.new("RGB", SIZE, (205, 196, 178))
    pencil = ImageDraw.Draw(drawn)
    pencil.rectangle((430, 270, 770, height - 40), fill=(92, 62, 42))
    pencil.rectangle((360, 90, 840, 210), fill=(170, 20, 30))
    pencil.ellipse((360, 470, 396, 506), fill=(250, 220, 60))
    pencil.rectangle((0, height - 40, width, height), fill=(120, 120, 125))
    output = io.BytesIO()
    drawn.save(output, "PNG")
    return output.getvalue()
