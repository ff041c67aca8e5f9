"""The notice that an application has reached a new stage."""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.services.notifications import queue
from bot.services.notifications.kinds import NoticeKind
from bot.services.notifications.queue import BulkNotification, Topic
from bot.services.notifications.statuses import Priority
from bot.store.models.cards import CardBindingRow

RELEVANCE: Final = timedelta(days=14)
"""How long after a stage its notice is still sent."""


async def stage_changed(db: AsyncSession, application_id: int, stage_id: int, now: datetime) -> int:
    """Notifies every courier bound to the application, once; returns how many."""
    bound = select(CardBindingRow.courier_id).where(CardBindingRow.application_id == application_id)
    notice = BulkNotification(
        kind=NoticeKind.CARD_STAGE,
        params={"application": application_id, "stage": stage_id},
        topic=Topic.CARD,
        dedupe_prefix=f"{NoticeKind.CARD_STAGE}:{stage_id}",
        due_at=now,
        not_after=now + RELEVANCE,
        priority=Priority.REMINDER,
    )
    return await queue.enqueue_all(db, bound, notice, now)
