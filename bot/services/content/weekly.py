"""A lesson a week for couriers who asked for it, in the slack hours of the afternoon."""

from datetime import datetime, time
from typing import Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.common.clock import CHINA
from bot.services.content.catalogue import ContentKind, Item, find
from bot.services.content.progress import progress_of
from bot.services.notifications import queue
from bot.services.notifications.kinds import NoticeKind
from bot.services.notifications.queue import BulkNotice, Topic
from bot.services.notifications.statuses import Priority
from bot.store.engine import Store
from bot.store.models.notifications import TopicRow

WEEKDAY: Final = 2
"""Wednesday."""
PLANNED_FROM: Final = time(13, 30)
OFFERED_FROM: Final = time(14)
"""Local time: the noon peak is over."""
OFFERED_UNTIL: Final = time(16, 45)
"""The evening peak begins soon; who could not be told in time is told next week."""


async def offer_lessons(store: Store, now: datetime) -> int:
    """Queues the week's offer to each courier who switched it on; how many are new.

    Does nothing but on that afternoon. Running it again, or in several replicas, tells nobody
    twice. Which lesson it is, is looked up when it is sent.
    """
    local = now.astimezone(CHINA)
    if local.weekday() != WEEKDAY or not PLANNED_FROM <= local.time() < OFFERED_UNTIL:
        return 0
    year, week, _ = local.isocalendar()
    due_at = datetime.combine(local.date(), OFFERED_FROM, CHINA)
    notice = BulkNotice(
        kind=NoticeKind.LESSON_OFFER,
        params={},
        topic=Topic.LESSON,
        dedupe_prefix=f"{NoticeKind.LESSON_OFFER}:{year}-{week}",
        due_at=max(now, due_at),
        not_after=datetime.combine(local.date(), OFFERED_UNTIL, CHINA),
        priority=Priority.REMINDER,
    )
    asking = select(TopicRow.courier_id).where(
        TopicRow.topic == Topic.LESSON, TopicRow.is_on.is_(True)
    )
    async with store.writing() as db:
        return await queue.enqueue_all(db, asking, notice, now)


async def next_lesson(
    db: AsyncSession,
    courier_id: int,
    language: str,
    league: str,
    now: datetime,
    *,
    demo: bool = False,
) -> Item | None:
    """The lesson to offer: one that was begun, else the first that is new; None without any."""
    lessons = await find(db, ContentKind.LESSON, language, league, now, demo=demo)
    done = await progress_of(db, courier_id)
    left = [one for one in lessons if one.code not in done or not done[one.code].finished_at]
    begun = [one for one in left if one.code in done]
    return next(iter(begun or left), None)
