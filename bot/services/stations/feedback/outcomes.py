"""Tells couriers what came of their reports: once, when an operator or the keeper put it right."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from bot.services.notifications import queue
from bot.services.notifications.kinds import NoticeKind
from bot.services.notifications.queue import Notice, Topic
from bot.services.stations import observations

TOLD_WITHIN: Final = timedelta(days=7)


async def tell_resolved(
    db: AsyncSession, station_id: int, facts: Collection[str], now: datetime
) -> int:
    """A notice to each courier who reported one of these facts, which hold again; how many."""
    told = 0
    kind = NoticeKind.STATION_RESOLVED
    for fact in facts:
        for courier_id in await observations.resolve(db, station_id, fact, now):
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
