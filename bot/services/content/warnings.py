"""Warnings against fraud, sent once to every courier who switched them on."""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.services.notifications import queue
from bot.services.notifications.kinds import NoticeKind
from bot.services.notifications.queue import BulkNotice, Topic
from bot.services.notifications.statuses import Priority
from bot.store.models.notifications import TopicRow

RELEVANCE: Final = timedelta(days=7)
"""How long after it was sent a warning may still reach somebody."""


async def send(db: AsyncSession, code: str, now: datetime) -> int:
    """Queues the warning of that code; how many get it that had not had it yet.

    It is pushed outside of everybody's quiet hours and the peaks, and is not pushed where its
    content is no longer in force by then.
    """
    asking = select(TopicRow.courier_id).where(
        TopicRow.topic == Topic.WARNING, TopicRow.is_on.is_(True)
    )
    notice = BulkNotice(
        kind=NoticeKind.WARNING,
        params={"code": code},
        topic=Topic.WARNING,
        dedupe_prefix=f"{NoticeKind.WARNING}:{code}",
        due_at=now,
        not_after=now + RELEVANCE,
        priority=Priority.BROADCAST,
    )
    return await queue.enqueue_all(db, asking, notice, now)
