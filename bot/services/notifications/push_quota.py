"""What may still be sent first to a chat, where the platform counts; replicas agree by the row."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.common.clock import Clock
from bot.common.location_push import LocationPush
from bot.common.push_quota import Grant
from bot.store.engine import Store
from bot.store.models.conversation import ChatRow
from bot.store.models.notifications import AllowanceRow
from bot.store.upsert import upsert

MESSAGES, MESSAGES_LAST = 5, timedelta(hours=48)
CLICKS, CLICKS_LAST = 3, timedelta(minutes=1)
PAIR = timedelta(seconds=10)


class StoredPushQuota:
    """The counters of one channel's chats, `to` being the channel's own identifier.

    A chat that is not known yet has nothing left.
    """

    def __init__(self, store: Store, channel: str, clock: Clock) -> None:
        self._store = store
        self._channel = channel
        self._clock = clock

    async def record_event(self, to: str, event_id: str, at: datetime, *, click: bool) -> None:
        """Fills the counter that goes with the event, once for each event."""
        async with self._store.writing() as db:
            chat_id = await db.scalar(select(self._chat(to)))
            if chat_id is not None:
                await self._grant(db, chat_id, event_id, at, click=click)

    async def take(self, to: str) -> Grant | None:
        """One less of what ends sooner; None where nothing is left."""
        now = self._clock()
        row = update(AllowanceRow).where(AllowanceRow.chat_id == self._chat(to))
        clicks = row.where(AllowanceRow.clicks_left > 0, AllowanceRow.clicks_until > now)
        messages = row.where(AllowanceRow.messages_left > 0, AllowanceRow.messages_until > now)
        spent: tuple[tuple[Grant, Any], ...] = (
            (Grant.CLICKS, clicks.values(clicks_left=AllowanceRow.clicks_left - 1)),
            (Grant.MESSAGES, messages.values(messages_left=AllowanceRow.messages_left - 1)),
        )
        async with self._store.writing() as db:
            for grant, less in spent:
                if (await db.execute(less.returning(AllowanceRow.chat_id))).first() is not None:
                    return grant
        return None

    async def give_back(self, to: str, grant: Grant) -> None:
        """Undoes `take`; never more than a full grant."""
        row = update(AllowanceRow).where(AllowanceRow.chat_id == self._chat(to))
        match grant:
            case Grant.CLICKS:
                row = row.where(AllowanceRow.clicks_left < CLICKS)
                row = row.values(clicks_left=AllowanceRow.clicks_left + 1)
            case Grant.MESSAGES:
                row = row.where(AllowanceRow.messages_left < MESSAGES)
                row = row.values(messages_left=AllowanceRow.messages_left + 1)
        async with self._store.writing() as db:
            await db.execute(row)

    async def close(self, to: str) -> None:
        """Nothing is left until the courier does something."""
        row = update(AllowanceRow).where(AllowanceRow.chat_id == self._chat(to))
        async with self._store.writing() as db:
            await db.execute(row.values(clicks_left=0, messages_left=0))

    async def classify_location_push(
        self, to: str, kind: str, event_id: str, at: datetime, *, message: bool
    ) -> LocationPush:
        """`SECOND` where another kind of push shared a place of this chat within ten seconds.

        A `message` grants what it grants in the same transaction, whichever push it is.
        """
        apart = (
            AllowanceRow.place_at.is_(None)
            | (AllowanceRow.place_kind == kind)
            | (AllowanceRow.place_at < at - PAIR)
            | (AllowanceRow.place_at > at + PAIR)
        )
        async with self._store.writing() as db:
            chat_id = await db.scalar(select(self._chat(to)))
            if chat_id is None:
                return LocationPush.STRANGER
            if message:
                await self._grant(db, chat_id, event_id, at, click=False)
            location = {"place_kind": kind, "place_at": at}
            is_first = await self._put(db, chat_id, location, apart)
            return LocationPush.FIRST if is_first else LocationPush.SECOND

    async def _grant(
        self, db: AsyncSession, chat_id: int, event_id: str, at: datetime, *, click: bool
    ) -> None:
        values: dict[str, Any] = {"heard_event": event_id, "heard_at": at}
        if click:
            values |= {"clicks_left": CLICKS, "clicks_until": at + CLICKS_LAST}
        else:
            values |= {"messages_left": MESSAGES, "messages_until": at + MESSAGES_LAST}
        is_new = (AllowanceRow.heard_event != event_id) & (
            AllowanceRow.heard_at.is_(None) | (AllowanceRow.heard_at <= at)
        )
        await self._put(db, chat_id, values, is_new)

    async def _put(
        self, db: AsyncSession, chat_id: int, values: dict[str, Any], where: ColumnElement[bool]
    ) -> bool:
        """Writes the values where `where` holds or no row is; False where it does not hold."""
        row = upsert(db, AllowanceRow).values(chat_id=chat_id, **values)
        key = [AllowanceRow.chat_id]
        written = row.on_conflict_do_update(index_elements=key, set_=values, where=where)
        return (await db.execute(written.returning(AllowanceRow.chat_id))).first() is not None

    def _chat(self, to: str) -> ScalarSelect[int]:
        return (
            select(ChatRow.id)
            .where(ChatRow.channel == self._channel, ChatRow.external_id == to)
            .scalar_subquery()
        )
