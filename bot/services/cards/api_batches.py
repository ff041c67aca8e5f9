"""Batches that a bank sends: each idempotency key is processed once, each signature counts once.

The key is claimed first, in a transaction of its own; then the records are applied chunk by chunk,
so that nobody waits long for the database; then the response is stored. A process that dies in
between leaves a claim which may be taken over after a while: applying a record twice does nothing.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from sqlalchemy import delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.common.values import value
from bot.services.cards.ingest import PIECE, take
from bot.services.cards.record_parser import Fault
from bot.services.cards.records import (
    CardRecord,
    FaultCode,
    Outcome,
    OutcomeKind,
    RecordRefusal,
    RecordSource,
)
from bot.services.errors import DomainError
from bot.store.encryption import Keyring
from bot.store.engine import Store
from bot.store.models.administration.card_lists import BankPushRow
from bot.store.models.api import ApiRequestRow, ApiSignatureRow
from bot.store.upsert import upsert

RESPONSE: Final = "api_request.response"
ABANDONED: Final = timedelta(minutes=2)
"""A batch takes its next chunk within seconds: one without progress for so long has died."""


class BatchRefusal(StrEnum):
    """Why a signed batch is not processed."""

    REPLAYED = "replayed"
    KEY_REUSED = "key_reused"
    IN_PROGRESS = "in_progress"


class BatchRefused(DomainError):
    """The batch may not be processed now, or under this idempotency key."""

    def __init__(self, reason: BatchRefusal) -> None:
        super().__init__()
        self.reason = reason


@value
class BatchRequest:
    """What identifies a request: its idempotency key, the hash of its body, its signature."""

    key: str
    body_hash: bytes
    signature: bytes


@value
class ItemResult:
    """What became of one item: the outcome of its record, or the fault that made it unreadable."""

    kind: OutcomeKind
    reason: RecordRefusal | FaultCode | None = None
    field: str = ""


async def process(
    store: Store,
    keys: Keyring,
    request: BatchRequest,
    items: Iterable[CardRecord | list[Fault]],
    to_response: Callable[[list[ItemResult]], str],
    now: datetime,
) -> str:
    """The response to a batch: a new one is applied, a repeated one gets the stored response.

    `items` are read only once the batch is claimed; `to_response` makes the text that is stored,
    from one result for each item, in their order. Raises `BatchRefused`. Any other error releases
    the claim, so that the same batch can be sent again at once.
    """
    async with store.writing() as db:
        claimed = await _claim(db, keys, request, now)
    match claimed:  # after the commit: the signature of a refused request is used up as well
        case BatchRefusal():
            raise BatchRefused(claimed)
        case str():
            return claimed
        case None:
            pass
    try:
        results = await _apply(store, keys, request.key, items, now)
        response = to_response(results)
        async with store.writing() as db:
            await _store_response(db, keys, request.key, response, now)
            counts = Counter(one.kind.value for one in results)
            row = {"at": now, "records": len(results), "counts": dict(counts)}
            await db.execute(insert(BankPushRow).values(row))
    except Exception:
        async with store.writing() as db:
            await _release(db, request.key, now)
        raise
    return response


async def _claim(
    db: AsyncSession, keys: Keyring, request: BatchRequest, now: datetime
) -> str | BatchRefusal | None:
    """None where the batch is to be processed, else its stored response or why it is refused.

    The same key and body are one batch, whether signed anew or not.
    """
    # The key first: of two at once, the second waits here until the first is committed.
    new = upsert(db, ApiRequestRow).values(key=request.key, body_hash=request.body_hash, at=now)
    made = await db.scalar(new.on_conflict_do_nothing().returning(ApiRequestRow.key))
    used = upsert(db, ApiSignatureRow).values(signature=request.signature, at=now)
    first = await db.scalar(used.on_conflict_do_nothing().returning(ApiSignatureRow.signature))
    if made:
        if first:
            return None
        await db.execute(delete(ApiRequestRow).where(ApiRequestRow.key == request.key))
        return BatchRefusal.REPLAYED
    found = select(ApiRequestRow.body_hash, ApiRequestRow.response, ApiRequestRow.at)
    row = (await db.execute(found.where(ApiRequestRow.key == request.key).with_for_update())).one()
    if row.body_hash != request.body_hash:
        return BatchRefusal.KEY_REUSED
    if row.response is not None:
        return keys.open(row.response, RESPONSE)
    if row.at > now - ABANDONED:
        return BatchRefusal.IN_PROGRESS
    await _touch(db, request.key, now)
    return None


async def _apply(
    store: Store,
    keys: Keyring,
    key: str,
    items: Iterable[CardRecord | list[Fault]],
    now: datetime,
) -> list[ItemResult]:
    """Applies the readable items; the first fault of each of the others is its result."""
    results: dict[int, ItemResult] = {}
    records: dict[int, CardRecord] = {}
    for index, item in enumerate(items):
        if index % PIECE == 0:
            await asyncio.sleep(0)  # couriers are answered in between
        if isinstance(item, CardRecord):
            records[index] = item
        else:
            results[index] = ItemResult(OutcomeKind.REFUSED, item[0].code, item[0].field)
    outcomes = await _apply_records(store, keys, key, list(records.values()), now)
    results |= {
        index: ItemResult(outcome.kind, outcome.reason)
        for index, outcome in zip(records, outcomes, strict=True)
    }
    return [results[index] for index in range(len(results))]


async def _apply_records(
    store: Store, keys: Keyring, key: str, records: Sequence[CardRecord], now: datetime
) -> list[Outcome]:
    """Applies the records chunk by chunk; those of one number stay together. In their order."""
    groups: dict[str, list[int]] = {}
    for place, record in enumerate(records):
        groups.setdefault(record.number, []).append(place)
    outcomes: dict[int, Outcome] = {}
    chunk: list[int] = []
    waiting = list(groups.values())
    for number, places in enumerate(waiting, 1):
        chunk += places
        if len(chunk) >= PIECE or number == len(waiting):
            async with store.writing() as db:
                done = await take(db, keys, [records[one] for one in chunk], now, RecordSource.API)
                await _touch(db, key, now)
            outcomes |= dict(zip(chunk, done, strict=True))
            chunk = []
    return [outcomes[place] for place in range(len(records))]


async def _store_response(
    db: AsyncSession, keys: Keyring, key: str, response: str, now: datetime
) -> None:
    mine = update(ApiRequestRow).where(ApiRequestRow.key == key)
    await db.execute(mine.values(response=keys.seal(response, RESPONSE), at=now))


async def _release(db: AsyncSession, key: str, now: datetime) -> None:
    """Lets a batch that failed be claimed again at once."""
    unanswered = (ApiRequestRow.key == key) & ApiRequestRow.response.is_(None)
    await db.execute(update(ApiRequestRow).where(unanswered).values(at=now - ABANDONED))


async def _touch(db: AsyncSession, key: str, now: datetime) -> None:
    await db.execute(update(ApiRequestRow).where(ApiRequestRow.key == key).values(at=now))
