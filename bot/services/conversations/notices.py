"""What of a conversation is sent to the courier: an answer, or that it was closed or reopened."""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from bot.services.conversations.statuses import PersonStatus
from bot.services.notifications import queue
from bot.services.notifications.kinds import NoticeKind
from bot.services.notifications.queue import Notice, Topic
from bot.services.notifications.statuses import Priority

ANSWER_LASTS: Final = timedelta(days=7)
STATE_LASTS: Final = timedelta(hours=12)


async def send_answer(db: AsyncSession, courier_id: int, message_id: int, now: datetime) -> None:
    """Sends an operator's message to the chat that the courier used last."""
    await queue.enqueue(
        db,
        Notice(
            NoticeKind.PERSON_ANSWER,
            courier_id,
            {"message": message_id},
            Topic.SERVICE,
            f"{NoticeKind.PERSON_ANSWER}:{message_id}",
            due_at=now,
            not_after=now + ANSWER_LASTS,
            priority=Priority.INTERACTIVE,
        ),
        now,
    )


async def tell_state(
    db: AsyncSession, courier_id: int, conversation_id: int, status: PersonStatus, now: datetime
) -> None:
    """Tells the courier who answers them from now on; worded as things stand when it is sent."""
    moment = f"{now:%Y%m%d%H%M%S%f}"
    await queue.enqueue(
        db,
        Notice(
            NoticeKind.PERSON_STATE,
            courier_id,
            {"conversation": conversation_id},
            Topic.SERVICE,
            f"{NoticeKind.PERSON_STATE}:{conversation_id}:{status}:{moment}",
            due_at=now,
            not_after=now + STATE_LASTS,
            priority=Priority.INTERACTIVE,
        ),
        now,
    )
