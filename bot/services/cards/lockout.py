"""How often somebody may guess: counted in the turn's own transaction, for all replicas alike.

Four counts are kept: of the courier's chats, of the application number that was tried, of each
channel, and of everybody. A channel has its own, for new chats of the web page cost nothing: who
makes them up without end locks that page and nobody else; only three channels together can lock
everybody. Chats and numbers are known by their blind index only, whether or not such a number
exists, so that a count tells nothing about it; and a chat's count outlives the deletion of its
courier, so that starting over gives no new tries. Each is kept under every key that there is, so
that a new key gives none either.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import delete, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.services.cards.errors import TriesUsedUp
from bot.services.operators import notes
from bot.store.encryption import Keyring
from bot.store.models.attempts import AttemptRow
from bot.store.models.conversation import ChatRow
from bot.store.upsert import upsert

EVERYBODY: Final = b"all"
CHANNEL: Final = b"all:"
"""Followed by a channel's name; of the same scope as `EVERYBODY`."""


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
    "channel": Limit(120, HOUR, HOUR),
    "all": Limit(360, HOUR, HOUR),
}
KEPT: Final = DAY + DAY

Key = tuple[str, bytes]
"""Scope and blind index."""


async def admit(
    db: AsyncSession, keys: Keyring, courier_id: int, number: str, now: datetime
) -> list[Key]:
    """Locks and returns the counts of this try. Raises `TriesUsedUp` where one is used up."""
    counted = await _keys(db, keys, courier_id, number)
    rows = [{"scope": scope, "key": key, "count": 0, "began_at": now} for scope, key in counted]
    await db.execute(upsert(db, AttemptRow).values(rows).on_conflict_do_nothing())
    # Everybody locks in the same order: two tries may wait for each other, never both.
    found = select(AttemptRow.scope, AttemptRow.key, AttemptRow.locked_until)
    found = found.where(tuple_(AttemptRow.scope, AttemptRow.key).in_(counted))
    found = found.order_by(AttemptRow.scope.desc(), AttemptRow.key).with_for_update()
    shut = {(scope, key) for scope, key, until in await db.execute(found) if until and until > now}
    channels = {one for one in counted if _limit_of(*one) == "channel"}
    if not channels <= shut:  # a courier who writes from another channel too may go on there
        shut -= channels
    if shut:
        raise TriesUsedUp(everybody={scope for scope, _ in shut} == {"all"})
    return counted


async def count_wrong(
    db: AsyncSession, keys: Keyring, counted: Sequence[Key], now: datetime
) -> None:
    """Counts a wrong answer everywhere; a count that is full locks and leaves a note."""
    columns = (AttemptRow.scope, AttemptRow.key, AttemptRow.began_at, AttemptRow.count)
    found = select(*columns, AttemptRow.locked_until)
    found = found.where(tuple_(AttemptRow.scope, AttemptRow.key).in_(counted))
    noted: set[str] = set()
    for scope, key, began, before, until in (await db.execute(found)).all():
        if until is not None and until > now:
            continue
        named = _limit_of(scope, key)
        limit = LIMITS[named]
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
        if full and named not in noted:
            noted.add(named)
            # A lock comes once by itself; the key would say forever who it was.
            once = f"card.locked:{secrets.token_hex(8)}"
            told = {"scope": named}
            if named == "channel":
                told["channel"] = key.removeprefix(CHANNEL).decode()
            await notes.write(db, keys, "card.locked", once, told, now)


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


def _limit_of(scope: str, key: bytes) -> str:
    """The name of the limit that holds for a count."""
    return "channel" if scope == "all" and key != EVERYBODY else scope


async def _keys(db: AsyncSession, keys: Keyring, courier_id: int, number: str) -> list[Key]:
    """Everybody, all channels and chats of the courier, the number: all insert in this order."""
    chats = select(ChatRow.channel, ChatRow.external_id).where(ChatRow.courier_id == courier_id)
    found = (await db.execute(chats)).all()
    mine = [
        index
        for channel, address in found
        for index in keys.indexes(f"{channel}|{address}", "attempt.chat")
    ]
    return [
        ("all", EVERYBODY),
        *(("all", CHANNEL + one.encode()) for one in sorted({channel for channel, _ in found})),
        *(("chat", key) for key in sorted(mine)),
        *(("number", key) for key in sorted(keys.indexes(number, "attempt.number"))),
    ]
