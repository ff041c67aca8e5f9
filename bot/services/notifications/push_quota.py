"""What may still be sent first to a chat, where the platform counts; replicas agree by the row."""

from datetime import datetime, timedelta
from functools import cache
from typing import Any, Final, cast

from sqlalchemy import ScalarSelect, Table, bindparam, case, literal, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.common.clock import Clock
from bot.common.push_quota import Grant
from bot.store.engine import Store
from bot.store.models.conversation import ChatRow
from bot.store.models.notifications import AllowanceRow
from bot.store.prepared import Prepared
from bot.store.upsert import upsert_for

MESSAGES, MESSAGES_LAST = 5, timedelta(hours=48)
CLICKS, CLICKS_LAST = 3, timedelta(minutes=1)
PAIR = timedelta(seconds=10)
ALLOWANCE: Final = cast("Table", AllowanceRow.__table__)
UNHEARD: Final = {"heard_event": "", "messages_left": 0, "clicks_left": 0, "place_kind": ""}
"""What a new row has where an event says nothing of it."""


class StoredPushQuota:
    """The counters of one channel's chats, `to` being the channel's own identifier.

    A chat that is not known yet has nothing left.
    """

    def __init__(self, store: Store, channel: str, clock: Clock) -> None:
        self._store = store
        self._channel = channel
        self._clock = clock

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

    def _chat(self, to: str) -> ScalarSelect[int]:
        return (
            select(ChatRow.id)
            .where(ChatRow.channel == self._channel, ChatRow.external_id == to)
            .scalar_subquery()
        )


async def record_push(
    db: AsyncSession,
    chat_id: int,
    event_id: str,
    at: datetime,
    grant: Grant | None,
    location_push: str,
) -> bool:
    """Fills the counter of the grant, once for each event, within the caller's transaction.

    False where another kind of push than `location_push` brought a location of this chat within ten
    seconds; the counter is filled in any case.
    """
    values: dict[str, Any] = {"chat_id": chat_id}
    if grant is not None:
        values |= {"heard_event": event_id, "heard_at": at}
    match grant:
        case Grant.CLICKS:
            values |= {"clicks_left": CLICKS, "clicks_until": at + CLICKS_LAST}
        case Grant.MESSAGES:
            values |= {"messages_left": MESSAGES, "messages_until": at + MESSAGES_LAST}
        case None:
            pass
    if location_push:
        values |= {"place_kind": location_push, "place_at": at}
        values |= {"pair_from": at - PAIR, "pair_until": at + PAIR}
    is_sqlite = db.get_bind().dialect.name == "sqlite"
    ((kind,),) = await _record(grant, bool(location_push), is_sqlite).rows(db, values)
    return not location_push or kind == location_push


@cache
def _record(grant: Grant | None, has_location: bool, is_sqlite: bool) -> Prepared:
    """The statement of `record_push`; it returns the kind of push of the last location.

    Built once: to build a statement takes the processor longer than to run it.
    """
    insert = upsert_for(ALLOWANCE, is_sqlite=is_sqlite)
    new, row = insert.excluded, ALLOWANCE.c
    is_new = (row.heard_event != new.heard_event) & (
        row.heard_at.is_(None) | (row.heard_at <= new.heard_at)
    )
    is_apart = (
        row.place_at.is_(None)
        | (row.place_kind == new.place_kind)
        | (row.place_at < bindparam("pair_from", type_=row.place_at.type))
        | (row.place_at > bindparam("pair_until", type_=row.place_at.type))
    )
    granted = {
        Grant.CLICKS: ("heard_event", "heard_at", "clicks_left", "clicks_until"),
        Grant.MESSAGES: ("heard_event", "heard_at", "messages_left", "messages_until"),
        None: (),
    }[grant]
    located = ("place_kind", "place_at") if has_location else ()
    changed = {name: case((is_new, new[name]), else_=row[name]) for name in granted}
    changed |= {name: case((is_apart, new[name]), else_=row[name]) for name in located}
    values: dict[str, Any] = {name: literal(nothing) for name, nothing in UNHEARD.items()}
    values |= {name: bindparam(name) for name in ("chat_id", *changed)}
    written = insert.values(values).on_conflict_do_update(
        index_elements=[row.chat_id], set_=changed
    )
    return Prepared(written.returning(row.place_kind))
