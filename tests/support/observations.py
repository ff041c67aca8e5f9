"""Couriers who were shown a station, rode there and tell what they found."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncSession

from bot.belief.model import Source
from bot.geo.point import Point
from bot.services.stations import visits
from bot.services.stations.observations import Observed, Observer
from bot.services.stations.search import StationSearch
from bot.store.engine import Store
from bot.store.models.couriers import CourierRow
from bot.store.models.profiles import ProfileRow
from tests.support.cards import KEYS
from tests.support.stations import HERE, STATIONS

OBSERVER = Observer(KEYS)
LOCKED = (("enter", False),)
OPEN = (("enter", True),)
RIDE = timedelta(minutes=4)


def door(station_id: int) -> Point:
    """Where one of the stories' stations is."""
    return Point(HERE[0] + STATIONS[station_id - 1][2] / 111_050, HERE[1])


async def create_couriers(
    db: AsyncSession, ids: Sequence[int], now: datetime, *, days: float = 60, firm: str = ""
) -> None:
    """Couriers whose accounts are so many days old."""
    since = now - timedelta(days=days)
    rows = [{"id": one, "created_at": since, "seen_at": now} for one in ids]
    await db.execute(insert(CourierRow), rows)
    if firm:
        members = [{"courier_id": one, "firm": firm, "updated_at": now} for one in ids]
        await db.execute(insert(ProfileRow), members)


async def ride_and_tell(
    store: Store,
    courier_id: int,
    station_id: int,
    facts: Sequence[tuple[str, bool]],
    now: datetime,
    *,
    at_door: bool = False,
    words: str = "",
) -> Observed:
    """The courier was shown the station in time to be there now, and says what they found."""
    async with store.writing() as db:
        await visits.plan(db, courier_id, station_id, RIDE, now - RIDE)
        location = door(station_id) if at_door else None
        return await OBSERVER.observe(
            db, courier_id, station_id, facts, now, location=location, words=words
        )


async def tell(
    store: Store,
    courier_id: int | None,
    station_id: int,
    facts: Sequence[tuple[str, bool]],
    now: datetime,
    source: Source = Source.COURIER,
) -> Observed:
    """Somebody says what they found, who was never shown the station."""
    async with store.writing() as db:
        return await OBSERVER.observe(db, courier_id, station_id, facts, now, source=source)


async def refresh(*replicas: StationSearch) -> None:
    """What each replica does every two seconds."""
    for replica in replicas:
        await replica.refresh_beliefs()
