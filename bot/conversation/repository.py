"""The statements of a turn: inbox key, courier, chat state and stored answer."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, cast

from sqlalchemy import (
    Table,
    and_,
    bindparam,
    delete,
    exists,
    func,
    insert,
    or_,
    select,
    tuple_,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from bot.conversation.codec import dump_answer, load_answer
from bot.conversation.context import Courier
from bot.conversation.events import Address, Event
from bot.conversation.replies import Answer, Reply
from bot.conversation.router import MEMORY, Memory
from bot.conversation.state import recall, seal_state
from bot.services.notifications.kinds import NoticeKind
from bot.services.notifications.late_answers import ANSWER
from bot.services.notifications.statuses import OutboxStatus
from bot.store.batches import delete_in_batches, update_in_batches
from bot.store.encryption import Keyring
from bot.store.engine import Store
from bot.store.models.conversation import ChatRow, InboxRow
from bot.store.models.conversations import NOT_CLOSED, PersonConversationRow
from bot.store.models.couriers import CourierRow
from bot.store.models.notifications import OutboxRow

INBOX_RETENTION: Final = timedelta(days=7)
"""No platform redelivers an event after so long."""
ANSWERS_PER_CHAT: Final = 100
"""The newest ones are kept: no platform delivers more of one chat at once (Telegram's `getUpdates`
gives 100, the others one), so that none of them asks for an older one again."""

# Built once: to build a statement takes the processor longer than to run it.
INBOX, CHAT, COURIER, OUTBOX, PERSON = (
    cast(Table, row.__table__)
    for row in (InboxRow, ChatRow, CourierRow, OutboxRow, PersonConversationRow)
)
THIS_CHAT = (CHAT.c.channel == bindparam("of_channel")) & (
    CHAT.c.external_id == bindparam("of_sender")
)
THIS_EVENT = (
    (INBOX.c.channel == bindparam("of_channel"))
    & (INBOX.c.sender == bindparam("of_sender"))
    & (INBOX.c.event_id == bindparam("of_event"))
)
FIND_CHAT = (
    select(
        CHAT.c.id,
        CHAT.c.courier_id,
        COURIER.c.locale,
        COURIER.c.spoken,
        CHAT.c.state,
        CHAT.c.state_at,
        CHAT.c.awaits,
        CHAT.c.pushed,
        CHAT.c.pushed_at,
        exists()
        .where(
            OUTBOX.c.courier_id == CHAT.c.courier_id,
            or_(
                OUTBOX.c.status == OutboxStatus.HELD,
                and_(
                    OUTBOX.c.status == OutboxStatus.READY, OUTBOX.c.kind == NoticeKind.LATE_ANSWER
                ),
            ),
        )
        .label("has_pending"),
        exists().where(PERSON.c.courier_id == CHAT.c.courier_id, NOT_CLOSED).label("has_person"),
    )
    .join(COURIER, COURIER.c.id == CHAT.c.courier_id)
    .where(THIS_CHAT)
    # Others may still reference these rows: a waitlist that moves writes notices to couriers whose
    # own turn waits for that waitlist.
    .with_for_update(of=[CHAT, COURIER], key_share=True)
)
SAVE_STATE = (
    update(CHAT)
    .where(CHAT.c.id == bindparam("of_chat"))
    .values(
        state=bindparam("to_state"),
        state_at=bindparam("to_at"),
        awaits=bindparam("to_await"),
        reachable=bindparam("to_reach"),
        turns=CHAT.c.turns + 1,
        # The courier has written: numbers mean this answer's choices, no longer a notice's.
        pushed=None,
        pushed_at=None,
    )
)
FIND_LOCALE = (
    select(COURIER.c.locale).join(CHAT, CHAT.c.courier_id == COURIER.c.id).where(THIS_CHAT)
)
FIND_ANSWER = select(INBOX.c.answer).where(THIS_EVENT)
SAVE_ANSWER = (
    update(INBOX)
    .where(THIS_EVENT)
    .values(
        answer=bindparam("to_answer"),
        # None if this very turn erased the chat
        chat_id=select(CHAT.c.id).where(CHAT.c.id == bindparam("of_chat")).scalar_subquery(),
    )
)


@dataclass(frozen=True, slots=True)
class Conversation:
    """A locked chat as a turn finds it.

    `has_pending`: notices are held for this courier; `spoken`: the language last answered in;
    `has_person`: a conversation with a person is open.
    """

    courier: Courier
    memory: Memory
    has_pending: bool
    spoken: str | None
    has_person: bool = False


class TurnRepository:
    """What a turn reads and writes, in the transaction that it is given."""

    def __init__(self, keys: Keyring, *, is_sqlite: bool) -> None:
        self._keys = keys
        self._insert = sqlite.insert if is_sqlite else postgresql.insert
        claim = self._insert(INBOX).on_conflict_do_nothing()
        self._claim = claim.returning(INBOX.c.event_id)

    async def claim(self, db: AsyncSession, event: Event, now: datetime) -> bool:
        """Takes the inbox key of an event, of which its sender is a part; False if it has been
        answered before.

        Waits while another copy of the same event is being answered.
        """
        sender = event.sender
        key = {"channel": sender.channel, "sender": sender.id, "event_id": event.id}
        claimed = await db.execute(self._claim, {**key, "received_at": now, "answer": None})
        return claimed.scalar_one_or_none() is not None

    async def stored_answer(self, db: AsyncSession, event: Event) -> Answer:
        """The answer of an event that was claimed before."""
        stored = await db.scalar(FIND_ANSWER, _event(event))
        return load_answer(self._keys.open(stored, ANSWER)) if stored else Answer(())

    async def conversation(
        self, db: AsyncSession, sender: Address, now: datetime, *, pushable: bool
    ) -> Conversation:
        """The sender's chat and courier, both locked, added if they are new.

        `pushable`: whether one may write first on the sender's channel.
        """
        row = (await db.execute(FIND_CHAT, _chat(sender))).one_or_none()
        if row is None:
            await self._add(db, sender, now, pushable=pushable)
            row = (await db.execute(FIND_CHAT, _chat(sender))).one()
        state = row.state, row.awaits, row.state_at
        memory = recall(self._keys, state, (row.pushed, row.pushed_at), now)
        courier = Courier(row.courier_id, row.id, row.locale)
        pending, person = bool(row.has_pending), bool(row.has_person)
        return Conversation(courier, memory, pending, row.spoken, person)

    async def save_state(
        self,
        db: AsyncSession,
        found: Conversation,
        reply: Reply,
        now: datetime,
        *,
        reachable: bool,
        spoken: str,
    ) -> None:
        """Keeps the reply's choices and `then`, its language, and the day of the last message."""
        values = {
            "of_chat": found.courier.chat_id,
            "to_state": seal_state(self._keys, reply),
            "to_at": now,
            "to_await": reply.then is not None and bool(reply.then.step),
            "to_reach": reachable,
        }
        await db.execute(SAVE_STATE, values)
        is_new_day = found.memory.at is None or found.memory.at.date() != now.date()
        if is_new_day or found.spoken != spoken:
            seen = update(CourierRow).where(CourierRow.id == found.courier.id)
            await db.execute(seen.values(seen_at=now, spoken=spoken))

    async def save_answer(
        self, db: AsyncSession, event: Event, chat_id: int, answer: Answer
    ) -> None:
        """Stores the answer under the claimed inbox key, so that a redelivery gets the same."""
        sealed = self._keys.seal(dump_answer(answer), ANSWER)
        values = {**_event(event), "of_chat": chat_id, "to_answer": sealed}
        await db.execute(SAVE_ANSWER, values)

    async def locale(self, db: AsyncSession, sender: Address) -> str | None:
        """The language that the sender has chosen."""
        return cast("str | None", await db.scalar(FIND_LOCALE, _chat(sender)))

    async def delete_expired(self, store: Store, now: datetime) -> None:
        """Deletes answers that no platform asks for again and states too old to count.

        A chat that a turn or a delivery holds just now waits for the next time.
        """
        old = InboxRow.received_at < now - INBOX_RETENTION
        await delete_in_batches(store, InboxRow, old, InboxRow.received_at)
        stale = (ChatRow.state_at < now - MEMORY) & ChatRow.state.is_not(None)
        await update_in_batches(store, ChatRow, stale, ChatRow.state_at, {"state": None})
        pushed = ChatRow.pushed_at < now - MEMORY
        none = {"pushed": None, "pushed_at": None}
        await update_in_batches(store, ChatRow, pushed, ChatRow.id, none)

    async def chats_above_limit(self, db: AsyncSession) -> list[int]:
        """Chats with more stored answers than are kept."""
        counted = select(INBOX.c.chat_id).where(INBOX.c.chat_id.is_not(None))
        many = counted.group_by(INBOX.c.chat_id).having(func.count() > ANSWERS_PER_CHAT)
        return [chat_id for chat_id in await db.scalars(many) if chat_id is not None]

    async def delete_above_limit(self, store: Store, chat_id: int) -> None:
        """Deletes the older ones of that chat's answers."""
        of_chat = InboxRow.chat_id == chat_id
        age = (InboxRow.received_at, InboxRow.event_id)
        newest_first = select(*age).where(of_chat).order_by(*(one.desc() for one in age))
        async with store.reading() as db:
            newest = newest_first.offset(ANSWERS_PER_CHAT).limit(1)
            last = (await db.execute(newest)).one_or_none()
        if last is not None:
            old = of_chat & (tuple_(*age) <= tuple(last))
            await delete_in_batches(store, InboxRow, old, InboxRow.event_id)

    async def _add(
        self, db: AsyncSession, sender: Address, now: datetime, *, pushable: bool
    ) -> None:
        """Adds courier and chat; when another replica was first, its chat is the one."""
        new = insert(CourierRow).values(created_at=now, seen_at=now).returning(CourierRow.id)
        courier_id = (await db.execute(new)).scalar_one()
        chat = self._insert(ChatRow).values(
            channel=sender.channel,
            external_id=sender.id,
            courier_id=courier_id,
            reachable=True,
            pushable=pushable,
            state_at=now,
        )
        added = chat.on_conflict_do_nothing().returning(ChatRow.id)
        if (await db.execute(added)).scalar_one_or_none() is None:
            await db.execute(delete(CourierRow).where(CourierRow.id == courier_id))


def _chat(sender: Address) -> dict[str, str]:
    return {"of_channel": sender.channel, "of_sender": sender.id}


def _event(event: Event) -> dict[str, str]:
    return {**_chat(event.sender), "of_event": event.id}
