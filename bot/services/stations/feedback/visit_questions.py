"""The question what a courier found at a station they chose, queued some minutes after the arrival.

It is asked once for each visit, at a moment when the courier is not disturbed, and never late.
"""

from datetime import UTC, datetime, timedelta
from typing import Final

from sqlalchemy import exists, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.services.notifications import queue
from bot.services.notifications.kinds import NoticeKind
from bot.services.notifications.queue import Notice, Topic
from bot.services.notifications.quiet_hours import own_quiet
from bot.services.stations import visits
from bot.services.stations.visits import ASKED_AFTER, Visit
from bot.store.engine import Store
from bot.store.models.observations import ObservationRow, VisitRow

ASKED_FOR: Final = timedelta(minutes=45)
"""From the moment when the question is due: what they found later is no news."""
AT_ONCE: Final = 200
LATELY: Final = timedelta(hours=3)
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


async def ask_due(store: Store, now: datetime) -> int:
    """Queues the questions of all visits that are due, and counts them."""
    asked = 0
    while True:
        async with store.writing() as db:
            due = await visits.due(db, now, AT_ONCE)
            for visit in due:
                asked += await _enqueue(db, visit, now)
        if len(due) < AT_ONCE:
            return asked


async def may_ask(
    db: AsyncSession, courier_id: int, station_id: int, planned_at: datetime, now: datetime
) -> bool:
    """Whether the question is still to be shown: it is not quiet, and they have not told yet.

    An observation is kept with its hour only, so that what they said earlier in the hour in which
    the visit was planned counts, too.
    """
    if (await own_quiet(db, courier_id)).quiet.covers(now):
        return False
    told = exists().where(
        ObservationRow.courier_id == courier_id,
        ObservationRow.station_id == station_id,
        ObservationRow.at >= planned_at.replace(minute=0, second=0, microsecond=0),
    )
    return not await db.scalar(select(told))


async def visited_lately(db: AsyncSession, courier_id: int, now: datetime) -> list[int]:
    """Ids of the stations that the courier chose in the last hours, the latest first."""
    chosen = select(VisitRow.station_id).where(
        VisitRow.courier_id == courier_id, VisitRow.chosen_at > now - LATELY
    )
    return list(await db.scalars(chosen.order_by(VisitRow.chosen_at.desc())))


def as_seconds(moment: datetime) -> int:
    """A moment as a notice's parameter and a button hold it: seconds since 1970."""
    return int((moment - EPOCH).total_seconds())


def from_seconds(seconds: int, now: datetime) -> datetime:
    """The moment that `as_seconds` wrote; `now` for a forged one that lies ahead."""
    return min(now, EPOCH + timedelta(seconds=min(seconds, as_seconds(now))))


async def _enqueue(db: AsyncSession, visit: Visit, now: datetime) -> bool:
    due_at = visit.arrives_at + ASKED_AFTER
    not_after = due_at + ASKED_FOR
    quiet = (await own_quiet(db, visit.courier_id)).quiet
    at = quiet.next_gap(max(due_at, now))
    if at is None or at > not_after:
        return False
    kind = NoticeKind.STATION_VISIT
    notice = Notice(
        kind=kind,
        courier_id=visit.courier_id,
        params={
            "station": visit.station_id,
            "planned": as_seconds(visit.planned_at),
            "arrived": as_seconds(visit.arrives_at),
        },
        topic=Topic.STATION,
        dedupe_key=f"{kind}:{visit.id}:{as_seconds(visit.planned_at)}",
        due_at=at,
        not_after=not_after,
    )
    return await queue.enqueue(db, notice, now)
