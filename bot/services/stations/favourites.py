"""The stations that a courier keeps, and notices to them when one of these changes."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.common.chunks import pieces
from bot.common.values import value
from bot.services.notifications import queue
from bot.services.notifications.changes import Change, Plain
from bot.services.notifications.kinds import NoticeKind
from bot.services.notifications.queue import Notice, Topic
from bot.store.models.stations import FavouriteRow

FAVOURITES_MOST = 20
TOLD_WITHIN: Final = timedelta(days=7)
PIECE: Final = 500  # stations of one query


@value
class StationChange:
    """What is new of a station that couriers may keep: old values that differ, and all new ones.

    Keys are `status`, `hours`, `changes` and `place`.
    """

    station_id: int
    before: Mapping[str, Plain]
    after: Mapping[str, Plain]


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


async def notify(
    db: AsyncSession, changed: Sequence[StationChange], version: int, now: datetime
) -> None:
    """A notice to each courier who keeps a changed station; `version` is that of the stations."""
    by_id = {one.station_id: one for one in changed if one.before}
    for ids in pieces(list(by_id), PIECE):
        kept = select(FavouriteRow.courier_id, FavouriteRow.station_id)
        rows = await db.execute(kept.where(FavouriteRow.station_id.in_(ids)))
        for courier_id, station_id in rows.all():
            one, kind = by_id[station_id], NoticeKind.STATION_CHANGED
            notice = Notice(
                kind=kind,
                courier_id=courier_id,
                params={"station": station_id},
                topic=Topic.STATION,
                dedupe_key=f"{kind}:{station_id}:{version}:{courier_id}",
                due_at=now,
                not_after=now + TOLD_WITHIN,
                change=Change(f"station:{station_id}", one.before, one.after),
            )
            await queue.enqueue(db, notice, now)
