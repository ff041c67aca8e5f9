"""What is no longer needed is erased: an hourly sweep, in small transactions.

What is late is looked for without a lock, and looked at again when it is locked: a long search
keeps no courier waiting. Replicas may sweep at once, each takes rows that no other holds.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, delete, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.services import attempts, privacy
from bot.services.card_intake import lock_cards
from bot.store.card_models import (
    AccessLogRow,
    ApiRequestRow,
    ApiSignatureRow,
    CardApplicationRow,
    CardRequestRow,
    OperatorNoteRow,
)
from bot.store.engine import Store
from bot.store.models import CourierRow, OutboxRow
from bot.store.station_models import DemandRow

BATCH: Final = 100
BATCHES: Final = 200
"""Of each kind in one sweep: what is left then goes in the next hour."""
ANSWERS_KEPT: Final = timedelta(days=2)
SIGNATURES_KEPT: Final = timedelta(hours=1)
LOG_KEPT: Final = timedelta(days=3 * 366)
NOTICES: Final = 1_000
"""Of one transaction: they have nothing that hangs on them, and a broadcast leaves very many."""
NOTICES_KEPT: Final = timedelta(days=30)
"""So long one can tell a courier who asks whether they were told."""
DOUBTS_KEPT: Final = timedelta(days=180)
"""What perhaps arrived, for the counts by which operators judge a channel."""


@dataclass(frozen=True, slots=True)
class Keep:
    """How long: a settled application, and what belongs to a courier nobody has heard of."""

    settled: timedelta
    idle: timedelta


async def sweep(
    store: Store, keep: Keep, now: datetime, settle: Sequence[privacy.Settle] = ()
) -> Mapping[str, int]:
    """Erases what is past its time; rows by kind, for the log."""
    done = {
        "applications": await _applications(store, keep, now),
        "couriers": await _couriers(store, keep, now, settle),
    }
    settled, idle = now - keep.settled, now - keep.idle
    handled = CardRequestRow.status != "new"
    for name, row, late, size in (
        ("requests", CardRequestRow, or_(
            CardRequestRow.created_at < idle, handled & (CardRequestRow.created_at < settled)
        ), BATCH),
        ("demand", DemandRow, DemandRow.at < idle, BATCH),
        ("notes", OperatorNoteRow, OperatorNoteRow.done_at < settled, BATCH),
        ("notices", OutboxRow, _finished(now), NOTICES),
        ("log", AccessLogRow, AccessLogRow.at < now - LOG_KEPT, BATCH),
    ):  # fmt: skip
        done[name] = await _rows(store, row, late, size)
    async with store.writing() as db:
        await attempts.forget(db, now)
        await db.execute(delete(ApiRequestRow).where(ApiRequestRow.at < now - ANSWERS_KEPT))
        await db.execute(delete(ApiSignatureRow).where(ApiSignatureRow.at < now - SIGNATURES_KEPT))
    return {name: count for name, count in done.items() if count}


async def _applications(store: Store, keep: Keep, now: datetime) -> int:
    """Settled ones, and those that the bank stopped reporting; history and bindings go too."""
    late = or_(
        CardApplicationRow.settled_at < now - keep.settled,
        CardApplicationRow.as_of < now - keep.idle,
    )
    total = 0
    for _ in range(BATCHES):
        async with store.reading() as db:
            ids = await _some(db, CardApplicationRow.id, late)
        if not ids:
            break
        async with store.writing() as db:
            await lock_cards(db)
            mine = CardApplicationRow.id.in_(ids) & late  # unless a newer report came in between
            await db.execute(delete(CardApplicationRow).where(mine))
        total += len(ids)
    return total


async def _couriers(
    store: Store, keep: Keep, now: datetime, settle: Sequence[privacy.Settle]
) -> int:
    """Those who wrote nothing for so long, with all that belongs to them."""
    late = CourierRow.seen_at < now - keep.idle

    async def erase(db: AsyncSession, ids: Sequence[int]) -> None:
        for courier_id in ids:
            await privacy.erase(db, courier_id, now, "idle", settle)

    return await _each(store, CourierRow, late, BATCH, erase)


async def _rows(store: Store, row: Any, late: ColumnElement[bool], size: int) -> int:
    async def erase(db: AsyncSession, ids: Sequence[int]) -> None:
        await db.execute(delete(row).where(row.id.in_(ids)))

    return await _each(store, row, late, size, erase)


async def _each(
    store: Store,
    row: Any,
    late: ColumnElement[bool],
    size: int,
    erase: Callable[[AsyncSession, Sequence[int]], Awaitable[None]],
) -> int:
    """Erases what is late, `size` rows in a transaction; how many."""
    total = last = 0
    for _ in range(BATCHES):
        async with store.reading() as db:
            ids = await _some(db, row.id, late & (row.id > last), size)
        if not ids:
            break
        last = ids[-1]
        async with store.writing() as db:
            still = select(row.id).where(row.id.in_(ids), late).order_by(row.id)
            mine = list(await db.scalars(still.with_for_update(skip_locked=True)))
            if mine:
                await erase(db, mine)
        total += len(mine)
    return total


async def _some(
    db: AsyncSession, column: Any, late: ColumnElement[bool], size: int = BATCH
) -> list[int]:
    return list(await db.scalars(select(column).where(late).order_by(column).limit(size)))


def _finished(now: datetime) -> ColumnElement[bool]:
    """Notices nothing more is done about; while one could still be planned again, it stays."""
    over = now - NOTICES_KEPT
    sure = (OutboxRow.status != "unknown") | (OutboxRow.done_at < now - DOUBTS_KEPT)
    return and_(OutboxRow.done_at < over, OutboxRow.not_after < over, sure)
