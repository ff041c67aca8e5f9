"""Answers that came too late to be shown or could not be sent, kept for the courier."""

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.common.clock import Clock
from bot.services.notifications.kinds import NoticeKind
from bot.services.notifications.queue import Notice, Topic, enqueue
from bot.services.notifications.statuses import Priority, Reason
from bot.store.encryption import CannotOpenError, Keyring
from bot.store.engine import Store
from bot.store.models.conversation import ChatRow, InboxRow

FIRST = "first"
"""The parameter that says from which message on, from 0, the answer is to be shown."""
LONGEST_WAIT = timedelta(minutes=5)
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
                NoticeKind.LATE_ANSWER,
                chat.courier_id,
                {"channel": channel, "event": event_id},
                Topic.SERVICE,
                f"{NoticeKind.LATE_ANSWER}:{chat.id}:{event_id}",
                due_at=now,
                not_after=now + RETENTION,
                priority=Priority.INTERACTIVE,
            )
            await enqueue(db, late, now, keep_for_pending_box=True)

    async def deliver_later(
        self,
        channel: str,
        to: str,
        event_id: str,
        *,
        first: int,
        after: timedelta,
        uncertain: bool,
    ) -> bool:
        """Leaves an answer's messages from `first` on to the delivery worker, or to the courier's
        next message if that comes before. False if nobody is known at that address.

        `after`: how long the platform asks to wait, of which five minutes at most are waited.
        `uncertain`: the first of them may have arrived, so that it is pushed only once more.
        """
        now = self._clock()
        chats = select(ChatRow).where(ChatRow.channel == channel, ChatRow.external_id == to)
        async with self._store.writing() as db:
            chat = await db.scalar(chats)
            if chat is None:
                return False
            late = Notice(
                NoticeKind.LATE_ANSWER,
                chat.courier_id,
                {"channel": channel, "event": event_id, FIRST: first},
                Topic.SERVICE,
                f"{NoticeKind.LATE_ANSWER}:{chat.id}:{event_id}",
                due_at=now + min(after, LONGEST_WAIT),
                not_after=now + RETENTION,
                priority=Priority.INTERACTIVE,
            )
            reason = Reason.REPEATED if uncertain else Reason.NONE
            await enqueue(db, late, now, to=chat, reason=reason)
        return True

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
