"""Tells couriers what came of their reports: once, when an operator or the keeper put it right."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import and_, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.services.notifications import queue
from bot.services.notifications.kinds import NoticeKind
from bot.services.notifications.queue import Notice, Topic
from bot.store.models.observations import ObservationRow

TOLD_WITHIN: Final = timedelta(days=7)


async def tell_resolved(
    db: AsyncSession, station_id: int, facts: Collection[str], now: datetime
) -> int:
    """A notice to each courier who reported one of these facts, which hold again; how many."""
    told = 0
    kind = NoticeKind.STATION_RESOLVED
    for fact in facts:
        for courier_id in await resolve(db, station_id, fact, now):
            notice = Notice(
                kind=kind,
                courier_id=courier_id,
                params={"station": station_id, "fact": fact},
                topic=Topic.STATION,
                dedupe_key=f"{kind}:{station_id}:{fact}:{courier_id}:{now:%Y%m%d%H}",
                due_at=now,
                not_after=now + TOLD_WITHIN,
            )
            told += await queue.enqueue(db, notice, now)
    return told


async def resolve(db: AsyncSession, station_id: int, fact: str, now: datetime) -> list[int]:
    """The couriers who reported that the fact does not hold, to be told once that it does again."""
    reported = and_(
        ObservationRow.station_id == station_id,
        ObservationRow.fact == fact,
        ObservationRow.positive.is_(False),
        ObservationRow.courier_id.is_not(None),
        ObservationRow.resolved_at.is_(None),
    )
    told = update(ObservationRow).where(reported).values(resolved_at=now)
    ids = await db.scalars(told.returning(ObservationRow.courier_id))
    return sorted({one for one in ids if one is not None})
