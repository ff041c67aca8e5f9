"""What is no longer needed is erased: an hourly sweep, in small transactions.

What is late is looked for without a lock, and looked at again when it is locked: a long search
keeps no courier waiting. Replicas may sweep at once, each takes rows that no other holds. A courier
goes in a transaction of their own, and whoever is in the middle of something stays until the next
hour: so nobody's turn waits for more than one erasure, and none waits for a turn that waits for it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, delete, exists, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.services.cards import lockout
from bot.services.dataset_version import Dataset, raise_version
from bot.services.privacy import erasure
from bot.store.engine import Store
from bot.store.models.api import ApiRequestRow, ApiSignatureRow
from bot.store.models.cards import CardApplicationRow, CardRequestRow
from bot.store.models.conversation import ChatRow
from bot.store.models.couriers import CourierRow
from bot.store.models.notifications import OutboxRow
from bot.store.models.operators import AccessLogRow, OperatorNoteRow
from bot.store.models.registry import owned
from bot.store.models.stations import DemandRow

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
UNKNOWN_RETENTION: Final = timedelta(days=180)
"""What perhaps arrived, for the counts by which operators judge a channel."""
ARRIVALS_KEPT: Final = timedelta(days=30)
"""Somebody who opened the chat and did nothing there of which anything is kept."""
PASSING: Final = frozenset({"chat", "outbox", "link_code"})
"""Tables whose rows come without a courier's wish, or end by themselves."""


@dataclass(frozen=True, slots=True)
class Keep:
    """How long: a settled application, and what belongs to a courier nobody has heard of."""

    settled: timedelta
    idle: timedelta


async def sweep(
    store: Store, keep: Keep, now: datetime, settle: Sequence[erasure.Settle] = ()
) -> Mapping[str, int]:
    """Erases what is past its time; rows by kind, for the log."""
    done = {
        "applications": await _applications(store, keep, now),
        "couriers": await _couriers(
            store, CourierRow.seen_at < now - keep.idle, now, "idle", settle
        ),
        "arrivals": await _couriers(store, _only_arrived(now), now, "arrived", settle),
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
        await lockout.forget(db, now)
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
            await raise_version(db, Dataset.CARDS)
            mine = CardApplicationRow.id.in_(ids) & late  # unless a newer report came in between
            await db.execute(delete(CardApplicationRow).where(mine))
        total += len(ids)
    return total


async def _couriers(
    store: Store,
    late: ColumnElement[bool],
    now: datetime,
    reason: str,
    settle: Sequence[erasure.Settle],
) -> int:
    """Those to whom `late` applies, with all that belongs to them."""
    total, last = 0, 0
    for _ in range(BATCHES):
        async with store.reading() as db:
            ids = await _some(db, CourierRow.id, late & (CourierRow.id > last))
        for courier_id in ids:
            async with store.writing() as db:
                if await _is_free(db, courier_id, late):
                    await erasure.erase(db, courier_id, now, reason, settle)
                    total += 1
        if len(ids) < BATCH:
            break
        last = ids[-1]
    return total


async def _is_free(db: AsyncSession, courier_id: int, late: ColumnElement[bool]) -> bool:
    """Locks a courier and all their chats; False if somebody has one, or just wrote.

    Other transactions may go on pointing at the courier, such as a line that moves in the session
    which the erasure waits for.
    """
    me = select(CourierRow.id).where(CourierRow.id == courier_id, late)
    if await db.scalar(me.with_for_update(key_share=True, skip_locked=True)) is None:
        return False
    chats = select(ChatRow.id).where(ChatRow.courier_id == courier_id)
    locked = chats.with_for_update(key_share=True, skip_locked=True)
    return set(await db.scalars(locked)) == set(await db.scalars(chats))


def _only_arrived(now: datetime) -> ColumnElement[bool]:
    """Nothing refers to them but their one chat and what was sent there."""
    kept = (column for column in owned() if column.table.name not in PASSING)
    chats = select(func.count()).select_from(ChatRow).where(ChatRow.courier_id == CourierRow.id)
    return and_(
        CourierRow.seen_at < now - ARRIVALS_KEPT,
        CourierRow.locale.is_(None),
        chats.scalar_subquery() <= 1,
        *(~exists().where(column == CourierRow.id) for column in kept),
    )


async def _rows(store: Store, row: Any, late: ColumnElement[bool], size: int) -> int:
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
                await db.execute(delete(row).where(row.id.in_(mine)))
        total += len(mine)
    return total


async def _some(
    db: AsyncSession, column: Any, late: ColumnElement[bool], size: int = BATCH
) -> list[int]:
    return list(await db.scalars(select(column).where(late).order_by(column).limit(size)))


def _finished(now: datetime) -> ColumnElement[bool]:
    """Notices nothing more is done about; while one could still be planned again, it stays."""
    over = now - NOTICES_KEPT
    sure = (OutboxRow.status != "unknown") | (OutboxRow.done_at < now - UNKNOWN_RETENTION)
    return and_(OutboxRow.done_at < over, OutboxRow.not_after < over, sure)
