"""The evening before: which stations that couriers keep are closed tomorrow, though usually open.

A closure that goes on is told on the evening before its first day only.
"""

import asyncio
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.common.chunks import pieces
from bot.common.clock import CHINA
from bot.hours.calendar import Holidays
from bot.hours.opening import Schedule
from bot.services.notifications import queue
from bot.services.notifications.kinds import NoticeKind
from bot.services.notifications.queue import BulkNotice, Topic
from bot.services.notifications.statuses import Priority
from bot.services.stations.search import StationSearch
from bot.store.engine import Store
from bot.store.models.stations import FavouriteRow

PLANNED_FROM: Final = time(18)
"""Local time from which tomorrow's closures are looked for: by then most changes are known."""
TOLD_FROM: Final = time(19, 30)
"""The evening peak is over."""
TOLD_UNTIL: Final = time(21, 30)
"""The night begins: until the next evening nobody can be told in time."""
PIECE: Final = 500
"""Stations of one statement."""


async def tell_closures(store: Store, search: StationSearch, now: datetime) -> int:
    """Queues a notice to each courier who keeps one of them; how many are new.

    Does nothing but in the evening. Running it again, or in several replicas, tells nobody twice.
    """
    local = now.astimezone(CHINA)
    if not PLANNED_FROM <= local.time() < TOLD_UNTIL:
        return 0
    tomorrow = local.date() + timedelta(days=1)
    async with store.reading() as db:
        kept = list(await db.scalars(select(FavouriteRow.station_id).distinct()))
    schedules = search.schedules_of(kept)
    closed = await asyncio.to_thread(_closed, schedules, search.holidays, tomorrow)
    if not closed:
        return 0
    queued = 0
    for ids in pieces(closed, PIECE):
        async with store.writing() as db:
            queued += await _queue(db, ids, tomorrow, now)
    return queued


def closes_tomorrow(schedule: Schedule, holidays: Holidays, tomorrow: date) -> bool:
    """Whether it is closed though usually open on such a day; False from its second day on."""
    before = tomorrow - timedelta(days=1)
    return _is_exception(schedule, holidays, tomorrow) and not _is_exception(
        schedule, holidays, before
    )


def _closed(schedules: Mapping[int, Schedule], holidays: Holidays, tomorrow: date) -> list[int]:
    return [
        station_id
        for station_id, schedule in schedules.items()
        if closes_tomorrow(schedule, holidays, tomorrow)
    ]


def _is_exception(schedule: Schedule, holidays: Holidays, day: date) -> bool:
    usual, hours = schedule.hours, schedule.on(day)
    if usual is None or hours is None or not usual.on(day).week[day.weekday()]:
        return False
    return not holidays.row(hours, day)


async def _queue(db: AsyncSession, ids: list[int], tomorrow: date, now: datetime) -> int:
    evening = tomorrow - timedelta(days=1)
    due_at = max(now, datetime.combine(evening, TOLD_FROM, CHINA))
    notice = BulkNotice(
        kind=NoticeKind.STATION_CLOSED_TOMORROW,
        params={"day": tomorrow.isoformat()},
        topic=Topic.STATION,
        dedupe_prefix=f"{NoticeKind.STATION_CLOSED_TOMORROW}:{tomorrow.isoformat()}",
        due_at=due_at,
        not_after=datetime.combine(evening, TOLD_UNTIL, CHINA),
        priority=Priority.REMINDER,
    )
    keeping = select(FavouriteRow.courier_id).where(FavouriteRow.station_id.in_(ids)).distinct()
    return await queue.enqueue_all(db, keeping, notice, now)
