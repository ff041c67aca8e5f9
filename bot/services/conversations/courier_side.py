"""A courier's side: asking for a person, writing to them, and ending it. One conversation on all
channels, as it belongs to the courier and not to a chat."""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.common.values import value
from bot.services.conversations.statuses import (
    TEXT_LENGTH,
    Author,
    ClosedBy,
    PersonReason,
    PersonStatus,
)
from bot.store.encryption import Keyring
from bot.store.models.conversations import PersonConversationRow, PersonMessageRow
from bot.store.models.profiles import ProfileRow
from bot.store.models.stations import DemandRow
from bot.store.upsert import upsert

TEXT: Final = "person_message.text"
WAIT: Final = timedelta(days=3)
"""A conversation that nobody takes is closed after this."""
_ROW = PersonConversationRow
_OPEN = _ROW.status != PersonStatus.CLOSED


@value
class Opened:
    """A conversation that waits or is taken. `is_new`: this message asked for it; `ahead`: how many
    wait in front of it."""

    is_new: bool
    status: PersonStatus
    ahead: int


@value
class Current:
    """The courier's conversation, locked by their turn. `told`: they know that a person has it;
    `is_over`: the operator has done nothing for too long, so the bot takes over."""

    id: int
    status: PersonStatus
    told: bool
    awaits_answer: bool
    is_over: bool


class PersonConversations:
    """Conversations whose messages are sealed with these keys. `idle`: after so long without a word
    of the operator, or of the courier whom they answered, the bot takes over."""

    def __init__(self, keys: Keyring, idle: timedelta) -> None:
        self._keys = keys
        self._idle = idle

    async def open(
        self, db: AsyncSession, courier_id: int, channel: str, reason: PersonReason, now: datetime
    ) -> Opened:
        """Puts the courier into the queue; what they have open stays as it is."""
        league = await _league(db, courier_id)
        row = upsert(db, _ROW).values(
            courier_id=courier_id,
            league=league,
            reason=reason,
            channel=channel,
            status=PersonStatus.WAITING,
            opened_at=now,
            operator="",
            since=now,
            awaits_answer=True,
            told=False,
            seen_id=0,
            closed_by="",
        )
        added = await db.scalar(row.on_conflict_do_nothing().returning(_ROW.id))
        mine = select(_ROW.id, _ROW.status, _ROW.league).where(_ROW.courier_id == courier_id, _OPEN)
        found = (await db.execute(mine)).one()
        before = select(func.count()).select_from(_ROW).where(_ROW.id < found.id)
        waiting = (_ROW.status == PersonStatus.WAITING) & (_ROW.league == found.league)
        ahead = await db.scalar(before.where(waiting)) or 0
        return Opened(added is not None, PersonStatus(found.status), ahead)

    async def current(self, db: AsyncSession, courier_id: int, now: datetime) -> Current | None:
        """The courier's conversation, locked; None without one."""
        mine = select(_ROW).where(_ROW.courier_id == courier_id, _OPEN)
        row = (await db.scalars(mine.with_for_update())).one_or_none()
        if row is None:
            return None
        status = PersonStatus(row.status)
        is_over = now - row.since >= (self._idle if status is PersonStatus.TAKEN else WAIT)
        return Current(row.id, status, row.told, row.awaits_answer, is_over)

    async def write(
        self, db: AsyncSession, courier_id: int, found: Current, text: str, now: datetime
    ) -> None:
        """Keeps what the courier wrote for the operator."""
        sealed = self._keys.seal(text[:TEXT_LENGTH], TEXT)
        values = {
            "conversation_id": found.id,
            "courier_id": courier_id,
            "author": Author.COURIER,
            "at": now,
            "text": sealed,
        }
        await db.execute(insert(PersonMessageRow).values(values))
        if not found.awaits_answer:
            waits = update(_ROW).where(_ROW.id == found.id)
            await db.execute(waits.values(awaits_answer=True, since=now))

    async def mark_told(self, db: AsyncSession, found: Current) -> None:
        """The courier has been told that a person has the conversation."""
        await db.execute(update(_ROW).where(_ROW.id == found.id).values(told=True))

    async def end(
        self, db: AsyncSession, courier_id: int, by: ClosedBy, now: datetime
    ) -> PersonStatus | None:
        """Closes the courier's conversation; its state before that, None without one."""
        mine = select(_ROW.id, _ROW.status).where(_ROW.courier_id == courier_id, _OPEN)
        row = (await db.execute(mine.with_for_update())).one_or_none()
        if row is None:
            return None
        closed = update(_ROW).where(_ROW.id == row.id)
        await db.execute(
            closed.values(
                status=PersonStatus.CLOSED, closed_at=now, closed_by=by, awaits_answer=False
            )
        )
        return PersonStatus(row.status)

    async def text(self, db: AsyncSession, courier_id: int, message_id: int) -> str | None:
        """What an operator wrote to this courier; None once it is deleted."""
        row = PersonMessageRow
        mine = (row.id == message_id) & (row.courier_id == courier_id)
        sealed = await db.scalar(select(row.text).where(mine, row.author == Author.OPERATOR))
        return None if sealed is None else self._keys.open(sealed, TEXT)

    async def state(
        self, db: AsyncSession, courier_id: int, conversation_id: int
    ) -> tuple[PersonStatus, ClosedBy | None] | None:
        """How it stands with one of this courier's conversations; None once it is deleted."""
        mine = (_ROW.id == conversation_id) & (_ROW.courier_id == courier_id)
        row = (await db.execute(select(_ROW.status, _ROW.closed_by).where(mine))).one_or_none()
        if row is None:
            return None
        return PersonStatus(row.status), ClosedBy(row.closed_by) if row.closed_by else None


async def join(db: AsyncSession, courier_id: int, into: int, now: datetime) -> None:
    """Before two couriers become one: of two open conversations one is left, with all messages.

    The one that an operator has, else that of the courier who stays.
    """
    both = select(_ROW.id, _ROW.courier_id, _ROW.status).where(
        _ROW.courier_id.in_((courier_id, into)), _OPEN
    )
    found = (await db.execute(both.with_for_update())).all()
    if len(found) < 2:
        return
    kept = max(found, key=lambda one: (one.status == PersonStatus.TAKEN, one.courier_id == into))
    (left,) = (one for one in found if one.id != kept.id)
    message = PersonMessageRow
    moved = update(message).where(message.conversation_id == left.id)
    await db.execute(moved.values(conversation_id=kept.id))
    closed = update(_ROW).where(_ROW.id == left.id)
    at = {"closed_at": now, "closed_by": ClosedBy.COURIER}
    await db.execute(closed.values(status=PersonStatus.CLOSED, awaits_answer=False, **at))


async def _league(db: AsyncSession, courier_id: int) -> str:
    """Where the courier works: as they said for trainings, else where they last looked for a
    station; "" if neither is known."""
    said = select(ProfileRow.league).where(ProfileRow.courier_id == courier_id)
    if league := await db.scalar(said):
        return league
    looked = select(DemandRow.league).where(DemandRow.courier_id == courier_id)
    return await db.scalar(looked.order_by(DemandRow.at.desc()).limit(1)) or ""
