"""The stations that a courier goes to often, where they agreed that this is looked up."""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.belief.model import ENTER, Source
from bot.services.stations.favourites import favourites
from bot.store.models.observations import ObservationRow

COUNTED_FOR: Final = timedelta(days=30)
SHOWN_MOST: Final = 5


async def usual_stations(db: AsyncSession, courier_id: int, now: datetime) -> list[int]:
    """Where they found the door open most often in the last 30 days, then their favourites."""
    times = func.count()
    found = (
        select(ObservationRow.station_id)
        .where(
            ObservationRow.courier_id == courier_id,
            ObservationRow.source == Source.COURIER,
            ObservationRow.fact == ENTER,
            ObservationRow.positive.is_(True),
            ObservationRow.at > now - COUNTED_FOR,
        )
        .group_by(ObservationRow.station_id)
        .order_by(times.desc(), func.max(ObservationRow.at).desc())
        .limit(SHOWN_MOST)
    )
    entered = list(await db.scalars(found))
    kept = await favourites(db, courier_id)
    return list(dict.fromkeys((*entered, *kept)))[:SHOWN_MOST]
