"""Account linking: a one-time code makes the chats of two couriers the chats of one.

A code has 8 characters out of 27, which makes 2.8 × 10¹¹ codes. An attacker who opens new chats
without end and sends 100 guesses a second, while 1,000 codes are valid, needs a month for a match.
"""

import secrets
import unicodedata
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Column, Row, and_, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from bot.common.lazy_pattern import LazyPattern
from bot.common.values import value
from bot.services.couriers.errors import LinkRefusal, LinkRefused
from bot.services.lockout import counters
from bot.services.lockout.counters import Counter, Limit, Scope
from bot.services.notifications import queue
from bot.store.encryption import Keyring
from bot.store.models.conversation import ChatRow
from bot.store.models.couriers import CourierRow
from bot.store.models.linking import LinkCodeRow
from bot.store.models.registry import owned
from bot.store.upsert import upsert

ALPHABET: Final = "23456789ACDEFGHJKMNPQRTVWXY"
LOOK_ALIKES: Final = str.maketrans("ZSBU", "258V")
LENGTH: Final = 8
VALID: Final = timedelta(minutes=10)
LIMIT: Final = Limit(5, timedelta(minutes=10), timedelta(minutes=10))
LOCKOUT_LABEL: Final = "attempt.link"
"""Keeps wrong codes apart from the wrong facts of the same chat."""
CODE: Final = LazyPattern(
    f"(?<![A-Z0-9])(?:[{ALPHABET}][ -]?){{{LENGTH - 1}}}[{ALPHABET}](?![A-Z0-9])"
)
CODE_LABEL: Final = "link_code.code_index"

BeforeMerge = Callable[[AsyncSession, int, int, datetime], Awaitable[None]]
"""Called before the first courier is merged into the second, in that transaction.

Of rows that both have, only one can stay: a feature that counts them elsewhere, as a session counts
its seats, gives the first courier's back here."""


@value
class Chat:
    """One chat of a courier; `used_at` is when they last wrote there."""

    id: int
    channel: str
    used_at: datetime


class AccountLinking:
    """Linking codes, indexed under these keys."""

    def __init__(self, keys: Keyring, before_merge: Sequence[BeforeMerge] = ()) -> None:
        self._keys = keys
        self._before_merge = before_merge

    async def new_code(self, db: AsyncSession, courier_id: int, now: datetime) -> str:
        """A new code of 8 characters for this courier; the one before no longer works."""
        code = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
        values = {"code_index": self._keys.index(code, CODE_LABEL), "ends_at": now + VALID}
        row = upsert(db, LinkCodeRow).values(courier_id=courier_id, **values)
        key = [LinkCodeRow.courier_id]
        await db.execute(row.on_conflict_do_update(index_elements=key, set_=values))
        return code

    async def redeem(
        self, db: AsyncSession, chat_id: int, courier_id: int, text: str, now: datetime
    ) -> int:
        """Merges the sender of a code into its owner, whose id is returned.

        The owner's rows stay and the sender's follow, all their chats too. The turn holds the
        sender's lock already; it does not wait for the owner's, so that two couriers who send
        each other's codes at once cannot wait for each other. Raises `LinkRefused`.
        """
        charged = await self._counters(db, chat_id)
        if await counters.admit(db, charged, now):
            raise LinkRefused(LinkRefusal.TRIES)
        code = read_code(text)
        if code is None:
            raise LinkRefused(LinkRefusal.CODE)
        found = select(LinkCodeRow.courier_id).where(
            LinkCodeRow.code_index.in_(self._keys.indexes(code, CODE_LABEL)),
            LinkCodeRow.ends_at > now,
        )
        owner = await db.scalar(found.with_for_update())
        if owner is None:
            await counters.count_wrong(db, charged, now)
            raise LinkRefused(LinkRefusal.CODE)
        if owner == courier_id:
            raise LinkRefused(LinkRefusal.SAME)
        lock = select(CourierRow.id).where(CourierRow.id == owner)
        if await db.scalar(lock.with_for_update(key_share=True, skip_locked=True)) is None:
            raise LinkRefused(LinkRefusal.BUSY)
        used = LinkCodeRow.courier_id.in_((owner, courier_id))
        await db.execute(delete(LinkCodeRow).where(used))
        await counters.reset(db, charged)
        for hook in self._before_merge:
            await hook(db, courier_id, owner, now)
        await merge(db, courier_id, owner)
        return owner

    async def unlink(self, db: AsyncSession, courier_id: int, chat_id: int, now: datetime) -> bool:
        """Gives one of a courier's chats a new courier; all data stay with the old one.

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

    async def _counters(self, db: AsyncSession, chat_id: int) -> tuple[Counter, ...]:
        """Those of the chat's address, which a chat that is deleted and opened again still has."""
        found = select(ChatRow.channel, ChatRow.external_id).where(ChatRow.id == chat_id)
        channel, address = (await db.execute(found)).one()
        subject = f"{channel}|{address}"
        return counters.of_subject(self._keys, Scope.CHAT, subject, LOCKOUT_LABEL, LIMIT)


async def courier_of_code(
    db: AsyncSession, keys: Keyring, operator: str, text: str, now: datetime
) -> int:
    """The courier whose code an operator was told; it is used up. Raises `LinkRefused`.

    Wrong codes count for that operator as they do for a chat.
    """
    charged = counters.of_subject(keys, Scope.CHAT, f"operator|{operator}", LOCKOUT_LABEL, LIMIT)
    if await counters.admit(db, charged, now):
        raise LinkRefused(LinkRefusal.TRIES)
    code = read_code(text)
    mine = LinkCodeRow.code_index.in_(keys.indexes(code or "", CODE_LABEL))
    used = delete(LinkCodeRow).where(mine, LinkCodeRow.ends_at > now)
    courier_id: int | None = None
    if code:
        courier_id = await db.scalar(used.returning(LinkCodeRow.courier_id))
    if courier_id is None:
        await counters.count_wrong(db, charged, now)
        raise LinkRefused(LinkRefusal.CODE)
    await counters.reset(db, charged)
    return courier_id


def read_code(text: str) -> str | None:
    """The code in a message, with any spacing and any text around it; None without one."""
    plain = unicodedata.normalize("NFKC", text).upper().translate(LOOK_ALIKES)
    found = CODE.search(plain)
    return found[0].replace(" ", "").replace("-", "") if found else None


async def merge(db: AsyncSession, old: int, into: int) -> None:
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
