"""Answers that came too late to be shown or could not be sent, kept for the courier."""

import secrets
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Select, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.common.clock import Clock
from bot.services.notifications.kinds import NoticeKind
from bot.services.notifications.queue import Lease, Notice, Topic, enqueue
from bot.services.notifications.statuses import OutboxStatus, Priority, Reason
from bot.store.encryption import CannotOpenError, Keyring
from bot.store.engine import Store
from bot.store.models.conversation import ChatRow, InboxRow
from bot.store.models.notifications import OutboxRow

FIRST = "first"
"""The parameter that says from which message on, from 0, the answer is to be shown."""
LONGEST_WAIT = timedelta(minutes=5)
RETENTION = timedelta(hours=24)
LEASE: Final = 60.0  # seconds; far beyond the longest call of a platform
ANSWER = "inbox.answer"


class LateAnswers:
    """Keeps the event of an answer, never its words: those stay sealed where the turn put them."""

    def __init__(self, store: Store, keys: Keyring, clock: Clock) -> None:
        self._store = store
        self._keys = keys
        self._clock = clock
        self._owner = f"answer:{secrets.token_hex(8)}"

    async def begin(self, channel: str, to: str, event_id: str) -> bool:
        """Whether the caller is to send the answer to that event: True once over all replicas.

        The notice is written as one that is being sent, with a lease, so that the delivery worker
        sends it if the caller dies before `end`. False if nobody is known at that address.
        """
        now = self._clock()
        async with self._store.writing() as db:
            chat = await db.scalar(_chat_at(channel, to))
            if chat is None:
                return False
            late = _notice(chat, event_id, now, now)
            return await enqueue(db, late, now, to=chat, sending=Lease(self._owner, LEASE))

    async def end(self, channel: str, to: str, event_id: str, *, sent: bool) -> None:
        """What was begun here has been sent, or is held for the courier's next message.

        Changes nothing if the lease has run out and the delivery worker has taken the notice over.
        """
        over: dict[str, object] = {"status": OutboxStatus.HELD}
        if sent:
            over = {"status": OutboxStatus.SENT, "done_at": self._clock()}
        async with self._store.writing() as db:
            chat = await db.scalar(_chat_at(channel, to))
            if chat is None:
                return
            begun = update(OutboxRow).where(
                OutboxRow.dedupe_key == _key(chat, event_id),
                OutboxRow.status == OutboxStatus.SENDING,
                OutboxRow.owner == self._owner,
            )
            await db.execute(begun.values(owner=None, lease_until=None, **over))

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
        async with self._store.writing() as db:
            chat = await db.scalar(_chat_at(channel, to))
            if chat is None:
                return False
            late = _notice(chat, event_id, now, now + min(after, LONGEST_WAIT), first)
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


def _chat_at(channel: str, to: str) -> Select[ChatRow]:
    return select(ChatRow).where(ChatRow.channel == channel, ChatRow.external_id == to)


def _key(chat: ChatRow, event_id: str) -> str:
    return f"{NoticeKind.LATE_ANSWER}:{chat.id}:{event_id}"


def _notice(
    chat: ChatRow, event_id: str, now: datetime, due_at: datetime, first: int = 0
) -> Notice:
    return Notice(
        NoticeKind.LATE_ANSWER,
        chat.courier_id,
        {"channel": chat.channel, "event": event_id, FIRST: first},
        Topic.SERVICE,
        _key(chat, event_id),
        due_at=due_at,
        not_after=now + RETENTION,
        priority=Priority.INTERACTIVE,
    )
