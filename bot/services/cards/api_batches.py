"""Batches that a bank pushes: each signature counts once, each idempotency key is answered once.

The request is claimed first, in a transaction of its own; then records are taken in pieces, so
that nobody waits long for the database; then the answer is kept. A process that dies in between
leaves a claim which may be taken over after a while: taking a record twice does nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.services.cards.ingest import PIECE, take
from bot.services.cards.records import CardRecord, Outcome, RecordSource
from bot.store.encryption import Keyring
from bot.store.engine import Store
from bot.store.models.api import ApiRequestRow, ApiSignatureRow
from bot.store.upsert import upsert

RESPONSE: Final = "api_request.response"
ABANDONED: Final = timedelta(minutes=2)
"""A batch takes its next piece within seconds: one that stopped for so long has died."""


@dataclass(frozen=True, slots=True)
class Fresh:
    """Nobody has sent this before: take it."""


@dataclass(frozen=True, slots=True)
class Answered:
    """The same was sent before, and this was the answer."""

    response: str


@dataclass(frozen=True, slots=True)
class Refused:
    """`reason`: replayed, key_reused or in_progress."""

    reason: str


Claim = Fresh | Answered | Refused


async def claim(
    db: AsyncSession, keys: Keyring, key: str, body_hash: bytes, signature: bytes, now: datetime
) -> Claim:
    """Whether a batch is to be taken. The same key and body are one batch, signed anew or not."""
    # The key first: of two at once, the second waits here until the first is committed.
    new = upsert(db, ApiRequestRow).values(key=key, body_hash=body_hash, at=now)
    made = await db.scalar(new.on_conflict_do_nothing().returning(ApiRequestRow.key))
    used = upsert(db, ApiSignatureRow).values(signature=signature, at=now).on_conflict_do_nothing()
    first = await db.scalar(used.returning(ApiSignatureRow.signature))
    if made:
        if first:
            return Fresh()
        await db.execute(delete(ApiRequestRow).where(ApiRequestRow.key == key))
        return Refused("replayed")
    found = select(ApiRequestRow.body_hash, ApiRequestRow.response, ApiRequestRow.at)
    row = (await db.execute(found.where(ApiRequestRow.key == key).with_for_update())).one()
    if row.body_hash != body_hash:
        return Refused("key_reused")
    if row.response is not None:
        return Answered(keys.open(row.response, RESPONSE))
    if row.at > now - ABANDONED:
        return Refused("in_progress")
    await _touch(db, key, now)
    return Fresh()


async def take_batch(
    store: Store, keys: Keyring, key: str, records: Sequence[CardRecord], now: datetime
) -> list[Outcome]:
    """Takes the records, piece by piece; those of one number stay together. In their order."""
    groups: dict[str, list[int]] = {}
    for place, record in enumerate(records):
        groups.setdefault(record.number, []).append(place)
    outcomes: dict[int, Outcome] = {}
    piece: list[int] = []
    waiting = list(groups.values())
    for number, places in enumerate(waiting, 1):
        piece += places
        if len(piece) >= PIECE or number == len(waiting):
            async with store.writing() as db:
                done = await take(db, keys, [records[one] for one in piece], now, RecordSource.API)
                await _touch(db, key, now)
            outcomes |= dict(zip(piece, done, strict=True))
            piece = []
    return [outcomes[place] for place in range(len(records))]


async def answer(db: AsyncSession, keys: Keyring, key: str, response: str, now: datetime) -> None:
    """Keeps what a batch was answered."""
    mine = update(ApiRequestRow).where(ApiRequestRow.key == key)
    await db.execute(mine.values(response=keys.seal(response, RESPONSE), at=now))


async def abandon(db: AsyncSession, key: str, now: datetime) -> None:
    """Lets a batch that failed be taken over at once."""
    unanswered = (ApiRequestRow.key == key) & ApiRequestRow.response.is_(None)
    await db.execute(update(ApiRequestRow).where(unanswered).values(at=now - ABANDONED))


async def _touch(db: AsyncSession, key: str, now: datetime) -> None:
    await db.execute(update(ApiRequestRow).where(ApiRequestRow.key == key).values(at=now))
