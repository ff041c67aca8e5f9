"""Answers that came too late to be shown, kept in the 待看箱 for the courier's next message."""

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.common.clock import Clock
from bot.services.notifications.queue import Notice, Topic, enqueue
from bot.services.notifications.statuses import Priority
from bot.store.encryption import CannotOpenError, Keyring
from bot.store.engine import Store
from bot.store.models.conversation import ChatRow, InboxRow

KIND = "answer.late"
RETENTION = timedelta(hours=24)
ANSWER = "inbox.answer"


class LateAnswers:
    """Keeps the event of an answer, never its words: those stay sealed where the turn put them."""

    def __init__(self, store: Store, keys: Keyring, clock: Clock) -> None:
        self._store = store
        self._keys = keys
        self._clock = clock

    async def keep(self, channel: str, to: str, event_id: str) -> None:
        """Holds the answer to that event for the courier who writes from that address."""
        now = self._clock()
        who = select(ChatRow.id, ChatRow.courier_id).where(
            ChatRow.channel == channel, ChatRow.external_id == to
        )
        async with self._store.writing() as db:
            chat = (await db.execute(who)).one_or_none()
            if chat is None:
                return
            late = Notice(
                KIND,
                chat.courier_id,
                {"channel": channel, "event": event_id},
                Topic.SERVICE,
                f"{KIND}:{chat.id}:{event_id}",
                due_at=now,
                not_after=now + RETENTION,
                priority=Priority.INTERACTIVE,
            )
            await enqueue(db, late, now, hold=True)

    async def read(
        self, db: AsyncSession, courier_id: int, channel: str, event_id: str
    ) -> str | None:
        """The answer to that courier's event as the turn stored it, None where it is gone."""
        answer = (
            select(InboxRow.answer)
            .join(ChatRow, ChatRow.id == InboxRow.chat_id)
            .where(ChatRow.courier_id == courier_id)
            .where(InboxRow.channel == channel, InboxRow.event_id == event_id)
            .limit(1)
        )
        sealed = await db.scalar(answer)
        try:
            return self._keys.open(sealed, ANSWER) if sealed else None
        except CannotOpenError:
            return None
