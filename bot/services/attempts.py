"""How often somebody may guess: counted in the turn's own transaction, for all replicas alike.

Three counts are kept: of the courier's chats, of the application number that was tried, and of
everybody. Chats and numbers are known by their blind index only, whether or not such a number
exists, so that a count tells nothing about it; and a chat's count outlives the deletion of its
courier, so that starting over gives no new tries.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import delete, select, tuple_, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from bot.services import notes
from bot.services.errors import TriesUsedUp
from bot.store.card_models import AttemptRow
from bot.store.models import ChatRow
from bot.store.sealed import Keyring

EVERYBODY: Final = b"all"


@dataclass(frozen=True, slots=True)
class Limit:
    """So many wrong answers within `window` lock for `lock`."""

    most: int
    window: timedelta
    lock: timedelta


DAY: Final = timedelta(hours=24)
HOUR: Final = timedelta(hours=1)
LIMITS: Final = {
    "chat": Limit(5, DAY, DAY),
    "number": Limit(5, DAY, DAY),
    "all": Limit(120, HOUR, HOUR),
}
KEPT: Final = DAY + DAY

Key = tuple[str, bytes]
"""Scope and blind index."""


async def admit(
    db: AsyncSession, keys: Keyring, courier_id: int, number: str, now: datetime
) -> list[Key]:
    """Locks and returns the counts of this try. Raises `TriesUsedUp` where one is used up."""
    counted = await _keys(db, keys, courier_id, number)
    upsert = sqlite.insert if db.get_bind().dialect.name == "sqlite" else postgresql.insert
    rows = [{"scope": scope, "key": key, "count": 0, "began_at": now} for scope, key in counted]
    await db.execute(upsert(AttemptRow).values(rows).on_conflict_do_nothing())
    # Everybody locks in the same order: two tries may wait for each other, never both.
    found = select(AttemptRow.scope, AttemptRow.locked_until)
    found = found.where(tuple_(AttemptRow.scope, AttemptRow.key).in_(counted))
    found = found.order_by(AttemptRow.scope.desc(), AttemptRow.key).with_for_update()
    locked = {scope for scope, until in await db.execute(found) if until and until > now}
    if locked:
        raise TriesUsedUp(everybody=locked == {"all"})
    return counted


async def count_wrong(
    db: AsyncSession, keys: Keyring, counted: Sequence[Key], now: datetime
) -> None:
    """Counts a wrong answer everywhere; a count that is full locks and leaves a note."""
    found = select(AttemptRow.scope, AttemptRow.key, AttemptRow.began_at, AttemptRow.count)
    found = found.where(tuple_(AttemptRow.scope, AttemptRow.key).in_(counted))
    for scope, key, began, before in (await db.execute(found)).all():
        limit = LIMITS[scope]
        counts = began > now - limit.window
        count = before + 1 if counts else 1
        full = count >= limit.most
        kept = {
            "count": 0 if full else count,
            "began_at": began if counts and not full else now,
            "locked_until": now + limit.lock if full else None,
        }
        here = (AttemptRow.scope == scope) & (AttemptRow.key == key)
        await db.execute(update(AttemptRow).where(here).values(kept))
        if full:
            # A lock comes once by itself; the key would say forever who it was.
            once = f"card.locked:{secrets.token_hex(8)}"
            await notes.write(db, keys, "card.locked", once, {"scope": scope}, now)


async def left(db: AsyncSession, keys: Keyring, courier_id: int, number: str, now: datetime) -> int:
    """How many wrong answers the courier has left for that number, whether or not it exists."""
    counted = await _keys(db, keys, courier_id, number)
    found = select(AttemptRow.scope, AttemptRow.began_at, AttemptRow.count, AttemptRow.locked_until)
    found = found.where(tuple_(AttemptRow.scope, AttemptRow.key).in_(counted))
    tries = []
    for scope, began, count, until in (await db.execute(found)).all():
        if scope in ("chat", "number"):  # what all others did is no news for one
            limit = LIMITS[scope]
            wrong = count if began > now - limit.window else 0
            tries.append(0 if until and until > now else limit.most - wrong)
    return min(tries, default=LIMITS["chat"].most)


async def forget(db: AsyncSession, now: datetime) -> None:
    """Deletes counts that lock nobody any more."""
    await db.execute(delete(AttemptRow).where(AttemptRow.began_at < now - KEPT))


async def _keys(db: AsyncSession, keys: Keyring, courier_id: int, number: str) -> list[Key]:
    """All chats of the courier, the number, everybody: in the one order that all insert in."""
    chats = select(ChatRow.channel, ChatRow.external_id).where(ChatRow.courier_id == courier_id)
    found = [
        keys.index(f"{channel}|{address}", "attempt.chat")
        for channel, address in await db.execute(chats)
    ]
    return [
        ("all", EVERYBODY),
        *(("chat", key) for key in sorted(found)),
        ("number", keys.index(number, "attempt.number")),
    ]
