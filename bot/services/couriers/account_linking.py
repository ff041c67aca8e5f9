"""One person on several channels: a one-time code joins the chat that sends it to another.

A code has 8 signs out of 27, so 2.8 × 10¹¹ of them. Whoever opens new chats without end to send
100 wrong ones a second, while 1,000 are valid, waits a month for the first that fits.
"""

import re
import secrets
import unicodedata
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Column, Row, and_, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from bot.services.couriers.errors import LinkRefused
from bot.services.notifications import queue
from bot.store.encryption import Keyring
from bot.store.models.conversation import ChatRow
from bot.store.models.couriers import CourierRow
from bot.store.models.linking import LinkCodeRow, LinkTryRow
from bot.store.models.registry import owned
from bot.store.upsert import upsert

SIGNS: Final = "23456789ACDEFGHJKMNPQRTVWXY"
LOOK_ALIKES: Final = str.maketrans("ZSBU", "258V")
LENGTH: Final = 8
VALID: Final = timedelta(minutes=10)
TRIES, TRIES_IN = 5, timedelta(minutes=10)
CODE: Final = re.compile(f"(?<![A-Z0-9])(?:[{SIGNS}][ -]?){{{LENGTH - 1}}}[{SIGNS}](?![A-Z0-9])")
PLACE: Final = "link_code.code_index"

Settle = Callable[[AsyncSession, int, int, datetime], Awaitable[None]]
"""What a subject puts right before the first courier becomes the second, in that transaction.

Rows that both have cannot both stay: whoever counts them elsewhere, as a session counts its seats,
gives the first one's back here."""


@dataclass(frozen=True, slots=True)
class Chat:
    """One chat of a courier; `used_at` is when they last wrote there."""

    id: int
    channel: str
    used_at: datetime


class Links:
    """Codes under these keys; `settle`: what subjects put right before two couriers become one."""

    def __init__(self, keys: Keyring, settle: Sequence[Settle] = ()) -> None:
        self._keys = keys
        self._settle = settle

    async def new_code(self, db: AsyncSession, courier_id: int, now: datetime) -> str:
        """A fresh code for this courier, 8 signs; the one before no longer works."""
        code = "".join(secrets.choice(SIGNS) for _ in range(LENGTH))
        values = {"code_index": self._keys.index(code, PLACE), "ends_at": now + VALID}
        row = upsert(db, LinkCodeRow).values(courier_id=courier_id, **values)
        key = [LinkCodeRow.courier_id]
        await db.execute(row.on_conflict_do_update(index_elements=key, set_=values))
        return code

    async def redeem(
        self, db: AsyncSession, chat_id: int, courier_id: int, text: str, now: datetime
    ) -> int:
        """Makes the sender of a code one person with its owner, whose id is returned.

        The owner's rows stay and the sender's follow, all their chats too. The turn holds the
        sender's lock already; it does not wait for the owner's, so that two couriers who send
        each other's codes at once cannot wait for each other. Raises `LinkRefused`.
        """
        await self._admit(db, chat_id, now)
        code = read_code(text)
        if code is None:
            raise LinkRefused("code")
        found = select(LinkCodeRow.courier_id).where(
            LinkCodeRow.code_index.in_(self._keys.indexes(code, PLACE)), LinkCodeRow.ends_at > now
        )
        owner = await db.scalar(found.with_for_update())
        if owner is None:
            await self._count_wrong(db, chat_id, now)
            raise LinkRefused("code")
        if owner == courier_id:
            raise LinkRefused("same")
        lock = select(CourierRow.id).where(CourierRow.id == owner)
        if await db.scalar(lock.with_for_update(key_share=True, skip_locked=True)) is None:
            raise LinkRefused("busy")
        used = LinkCodeRow.courier_id.in_((owner, courier_id))
        await db.execute(delete(LinkCodeRow).where(used))
        await db.execute(delete(LinkTryRow).where(LinkTryRow.chat_id == chat_id))
        for settle in self._settle:
            await settle(db, courier_id, owner, now)
        await join(db, courier_id, owner)
        return owner

    async def unlink(self, db: AsyncSession, courier_id: int, chat_id: int, now: datetime) -> bool:
        """Gives one of a courier's chats a courier of its own; what there is stays behind.

        False if the chat is not theirs or their only one.
        """
        chats = {one.id for one in await self.chats(db, courier_id)}
        if chat_id not in chats or len(chats) == 1:
            return False
        locale = select(CourierRow.locale).where(CourierRow.id == courier_id).scalar_subquery()
        fresh = insert(CourierRow).values(locale=locale, created_at=now, seen_at=now)
        alone = (await db.execute(fresh.returning(CourierRow.id))).scalar_one()
        moved = update(ChatRow).where(ChatRow.id == chat_id)
        blank = {"state": None, "awaits": False, "pushed": None, "pushed_at": None}
        await db.execute(moved.values(courier_id=alone, turns=ChatRow.turns + 1, **blank))
        await db.execute(delete(LinkCodeRow).where(LinkCodeRow.courier_id == courier_id))
        await queue.redirect(db, courier_id, chat_id)
        return True

    async def chats(self, db: AsyncSession, courier_id: int) -> list[Chat]:
        """All chats of a courier in the order in which they were first used."""
        rows = await db.execute(
            select(ChatRow.id, ChatRow.channel, ChatRow.state_at)
            .where(ChatRow.courier_id == courier_id)
            .order_by(ChatRow.id)
        )
        return [Chat(row.id, row.channel, row.state_at) for row in rows]

    async def _admit(self, db: AsyncSession, chat_id: int, now: datetime) -> None:
        full = select(LinkTryRow.chat_id).where(
            LinkTryRow.chat_id == chat_id,
            LinkTryRow.count >= TRIES,
            LinkTryRow.began_at > now - TRIES_IN,
        )
        if await db.scalar(full) is not None:
            raise LinkRefused("tries")

    async def _count_wrong(self, db: AsyncSession, chat_id: int, now: datetime) -> None:
        """One more; the turn's lock on its chat keeps two of them in line."""
        old = LinkTryRow.began_at <= now - TRIES_IN
        await db.execute(delete(LinkTryRow).where(LinkTryRow.chat_id == chat_id, old))
        row = upsert(db, LinkTryRow).values(chat_id=chat_id, count=1, began_at=now)
        more = {"count": LinkTryRow.count + 1}
        key = [LinkTryRow.chat_id]
        await db.execute(row.on_conflict_do_update(index_elements=key, set_=more))


def read_code(text: str) -> str | None:
    """The code in a message, however it is spaced and whatever is written around it."""
    plain = unicodedata.normalize("NFKC", text).upper().translate(LOOK_ALIKES)
    found = CODE.search(plain)
    return found[0].replace(" ", "").replace("-", "") if found else None


async def join(db: AsyncSession, old: int, into: int) -> None:
    """Moves everything that refers to one courier to another one, and deletes the first.

    A row that would break a key of its table, because the other has it already, stays with the
    first and goes as that table's own reference says: deleted, or left without an owner.
    """
    for column in owned():
        await _move(db, column, old, into)
    both = select(func.min(CourierRow.created_at), func.max(CourierRow.seen_at))
    first, last = (await db.execute(both.where(CourierRow.id.in_((old, into))))).one()
    spoken = select(CourierRow.locale).where(CourierRow.id == old).scalar_subquery()
    locale = func.coalesce(CourierRow.locale, spoken)
    kept = update(CourierRow).where(CourierRow.id == into)
    await db.execute(kept.values(locale=locale, created_at=first, seen_at=last))
    await db.execute(delete(CourierRow).where(CourierRow.id == old))


async def _move(db: AsyncSession, column: Column[Any], old: int, into: int) -> None:
    """All at once; where one of the rows cannot go, row by row."""
    move = update(column.table).values({column: into})
    with suppress(IntegrityError):
        async with db.begin_nested():
            await db.execute(move.where(column == old))
        return
    key = list(column.table.primary_key.columns)
    rows: Sequence[Row[Any]] = (await db.execute(select(*key).where(column == old))).all()
    for row in rows:
        one = and_(*(part == value for part, value in zip(key, row, strict=True)))
        with suppress(IntegrityError):
            async with db.begin_nested():
                await db.execute(move.where(one))
