"""What a turn reads and writes: inbox key, courier, chat state and stored answer."""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import (
    delete,
    func,
    insert,
    select,
    tuple_,
    update,
)
from sqlalchemy.ext.asyncio import AsyncSession

from bot.common.values import value
from bot.conversation.codec import dump_answer, load_answer
from bot.conversation.context import Courier
from bot.conversation.events import Address, Event
from bot.conversation.replies import Answer, Reply
from bot.conversation.router import MEMORY, Memory
from bot.conversation.state import recall, seal_state
from bot.conversation.statements import (
    ADD_ANSWER,
    FIND_ANSWER,
    FIND_CHAT,
    FIND_CHAT_AND_EVENT,
    FIND_LOCALE,
    INBOX,
    SAVE_ANSWER,
    SAVE_STATE,
    SAVE_STATE_AND_ANSWER,
    claim_and_find,
)
from bot.services.notifications.late_answers import ANSWER
from bot.services.notifications.push_quota import record_push
from bot.store.batches import delete_in_batches, update_in_batches
from bot.store.encryption import Keyring
from bot.store.engine import Store
from bot.store.models.conversation import ChatRow, InboxRow
from bot.store.models.couriers import CourierRow
from bot.store.upsert import upsert_for

INBOX_RETENTION: Final = timedelta(days=7)
"""No platform redelivers an event after so long."""
ANSWERS_PER_CHAT: Final = 100
"""The newest ones are kept: no platform delivers more of one chat at once (Telegram's `getUpdates`
gives 100, the others one), so that none of them asks for an older one again."""


@value
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
    """What a turn reads and writes, in the transaction that it is given.

    On SQLite a transaction has the write lock from the beginning: no copy of an event can come in
    between, and its row is written once, with the answer. On PostgreSQL the row is claimed first.
    """

    def __init__(self, keys: Keyring, *, is_sqlite: bool) -> None:
        self._keys = keys
        self._is_sqlite = is_sqlite

    async def begin(
        self, db: AsyncSession, event: Event, now: datetime, *, pushable: bool
    ) -> Conversation | None:
        """The sender's chat and courier, both locked, added if they are new; None for an event
        that was answered before.

        `pushable`: whether one may write first on the sender's channel. Waits while another copy
        of the same event is being answered.
        """
        key = _event(event)
        if self._is_sqlite:
            rows = await FIND_CHAT_AND_EVENT.rows(db, key)
            if rows[0][-1] if rows else await FIND_ANSWER.rows(db, key):
                return None
        else:
            rows = await claim_and_find().rows(db, {**key, "to_at": now})
            if not rows:
                return None
        if not rows or rows[0][0] is None:
            await self._add(db, event.sender, now, pushable=pushable)
            rows = await FIND_CHAT.rows(db, key)
        (row,) = rows
        (chat_id, courier_id, locale, spoken, sealed, at, awaits, pushed, pushed_at, *flags) = row
        pending, person, left_out = flags[:3]
        memory = recall(self._keys, (sealed, awaits, at), (pushed, pushed_at), now)
        courier = Courier(courier_id, chat_id, locale, left_out)
        return Conversation(courier, memory, pending, spoken, person)

    async def stored_answer(self, db: AsyncSession, event: Event) -> Answer:
        """The answer of an event that was answered before."""
        ((stored,),) = await FIND_ANSWER.rows(db, _event(event))
        return load_answer(self._keys.open(stored, ANSWER)) if stored else Answer(())

    async def record_push(self, db: AsyncSession, event: Event, chat_id: int) -> bool:
        """Adds to the push quota what the event grants. False for a location that another kind of
        push has brought already: it is not answered again."""
        if event.grant is None and not event.location_push:
            return True
        return await record_push(db, chat_id, event.id, event.at, event.grant, event.location_push)

    async def save(
        self,
        db: AsyncSession,
        event: Event,
        found: Conversation,
        reply: Reply,
        answer: Answer,
        now: datetime,
        *,
        reachable: bool,
        spoken: str,
    ) -> None:
        """Keeps the reply's choices and `then`, its language, and the day of the last message.

        Stores the answer under the event's key, so that a redelivery gets the same.
        """
        values = {
            **_event(event),
            "of_chat": found.courier.chat_id,
            "to_state": seal_state(self._keys, reply),
            "to_at": now,
            "to_await": reply.then is not None and bool(reply.then.step),
            "to_reach": reachable,
            "to_answer": self._keys.seal(dump_answer(answer), ANSWER),
        }
        if self._is_sqlite:
            await SAVE_STATE.rows(db, values)
            await ADD_ANSWER.rows(db, values)
        else:
            await SAVE_STATE_AND_ANSWER.write_last(db, values)
        is_new_day = found.memory.at is None or found.memory.at.date() != now.date()
        if is_new_day or found.spoken != spoken:
            seen = update(CourierRow).where(CourierRow.id == found.courier.id)
            await db.execute(seen.values(seen_at=now, spoken=spoken))

    async def save_answer(
        self, db: AsyncSession, event: Event, found: Conversation, answer: Answer, now: datetime
    ) -> None:
        """Stores the answer alone: the chat stays as it is."""
        sealed = self._keys.seal(dump_answer(answer), ANSWER)
        of_chat = found.courier.chat_id
        values = {**_event(event), "of_chat": of_chat, "to_answer": sealed, "to_at": now}
        await (ADD_ANSWER if self._is_sqlite else SAVE_ANSWER).rows(db, values)

    async def locale(self, db: AsyncSession, sender: Address) -> str | None:
        """The language that the sender has chosen."""
        rows = await FIND_LOCALE.rows(db, _chat(sender))
        return rows[0][0] if rows else None

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
        chat = upsert_for(ChatRow, is_sqlite=self._is_sqlite).values(
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
