"""Notices about an application: it reached a new stage, or another chat was bound to it."""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.services.notifications import queue
from bot.services.notifications.kinds import NoticeKind
from bot.services.notifications.queue import BulkNotice, Topic
from bot.services.notifications.statuses import Priority
from bot.store.models.cards import CardBindingRow

RELEVANCE: Final = timedelta(days=14)
"""How long after a stage or a binding its notice is still sent."""


async def stage_changed(db: AsyncSession, application_id: int, stage_id: int, now: datetime) -> int:
    """Notifies every courier bound to the application, once; returns how many."""
    bound = select(CardBindingRow.courier_id).where(CardBindingRow.application_id == application_id)
    notice = BulkNotice(
        kind=NoticeKind.CARD_STAGE,
        params={"application": application_id, "stage": stage_id},
        topic=Topic.CARD,
        dedupe_prefix=f"{NoticeKind.CARD_STAGE}:{stage_id}",
        due_at=now,
        not_after=now + RELEVANCE,
        priority=Priority.REMINDER,
    )
    return await queue.enqueue_all(db, bound, notice, now)


async def bound_elsewhere(
    db: AsyncSession, application_id: int, courier_id: int, now: datetime
) -> int:
    """Notifies whoever was bound before `courier_id`, once an hour; returns how many.

    More often would let anybody who knows both facts flood the owner by binding chat after chat.
    """
    bound = select(CardBindingRow.courier_id).where(
        CardBindingRow.application_id == application_id, CardBindingRow.courier_id != courier_id
    )
    hour = int(now.timestamp()) // 3600
    notice = BulkNotice(
        kind=NoticeKind.CARD_BOUND_ELSEWHERE,
        params={"application": application_id},
        topic=Topic.SERVICE,
        dedupe_prefix=f"{NoticeKind.CARD_BOUND_ELSEWHERE}:{application_id}:{hour}",
        due_at=now,
        not_after=now + RELEVANCE,
        priority=Priority.REMINDER,
    )
    return await queue.enqueue_all(db, bound, notice, now)
