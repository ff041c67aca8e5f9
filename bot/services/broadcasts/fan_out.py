"""A broadcast's notices, written to the outbox a little ahead of the sending.

While it runs, some thousand notices of it stand in the outbox and no more, so that a million
couriers cost no more memory, and a pause takes effect at once. Each is an ordinary notice of the
lowest priority: quiet hours, switched-off topics and the 待看箱 hold for it too, and it never
overtakes a reminder or an answer.
"""

from datetime import datetime
from typing import Any, Final

from sqlalchemy import (
    String,
    case,
    func,
    literal,
    select,
    text,
)
from sqlalchemy.ext.asyncio import AsyncSession

from bot.services.broadcasts.audience import Audience, best_chat, is_off, meant
from bot.services.broadcasts.campaigns import OPEN, notices_of, park, tally
from bot.services.broadcasts.statuses import ACTIVE, BroadcastStatus
from bot.services.notifications.kinds import NoticeKind
from bot.services.notifications.quiet_hours import USUAL
from bot.services.notifications.statuses import OutboxStatus, Priority, Reason
from bot.store.engine import Store
from bot.store.models.broadcasts import BroadcastPartRow, BroadcastRow
from bot.store.models.couriers import CourierRow
from bot.store.models.notifications import OutboxRow
from bot.store.upsert import upsert

AHEAD: Final = 5_000
"""Notices that wait in the outbox at most: some three minutes of sending."""
PIECE: Final = 1_000
"""Notices of one transaction: couriers who write meanwhile wait for it, so it must be short."""


async def fan_out(store: Store, now: datetime) -> int:
    """Writes the next notices of every running broadcast, and ends those that are finished.

    To be called every few seconds, by any number of processes; how many notices were written.
    """
    alive = select(BroadcastRow.id).where(BroadcastRow.status.in_(ACTIVE))
    async with store.reading() as db:
        ids = list(await db.scalars(alive.where(BroadcastRow.at <= now).order_by(BroadcastRow.id)))
    total = 0
    for broadcast_id in ids:
        while True:
            async with store.writing() as db:
                written = await _step(db, broadcast_id, now)
            total += written
            if not written:
                break
    if total >= PIECE:
        # Or the planner goes on believing that the table is empty. Not for each trickle: it would
        # interrupt PostgreSQL's own cleaning of the table again and again.
        async with store.writing() as db:
            if store.is_sqlite:
                await db.execute(text("PRAGMA analysis_limit=1000"))
            await db.execute(text("ANALYZE outbox"))
    return total


async def _step(db: AsyncSession, broadcast_id: int, now: datetime) -> int:
    found = select(BroadcastRow).where(
        BroadcastRow.id == broadcast_id, BroadcastRow.status.in_(ACTIVE)
    )
    row = (await db.scalars(found.with_for_update(skip_locked=True))).one_or_none()
    if row is None:
        return 0  # another process is at it
    if row.status == BroadcastStatus.PAUSED:
        await park(db, row)  # what a worker had in its hands and gave back
        if now <= row.not_after:
            return 0
    open_ = func.count().filter(OutboxRow.status == OutboxStatus.READY), func.count()
    counted = select(*open_).where(notices_of(row), OutboxRow.status.in_(OPEN))
    ready, unfinished = (await db.execute(counted)).one()
    if now <= row.not_after:
        room = min(PIECE, AHEAD - ready)
        if room <= 0 or USUAL.covers(now):
            return 0
        last = await _last(db, row, room)
        if last is not None:
            return await _write(db, row, last, now)
    if not unfinished:
        counts, reasons = await tally(db, row)
        row.status = BroadcastStatus.DONE
        row.counts = {"states": counts, "reasons": reasons}
    return 0


async def _last(db: AsyncSession, row: BroadcastRow, room: int) -> int | None:
    """The last courier of the next piece."""
    piece = _next(row).order_by(CourierRow.id).limit(room).subquery()
    return await db.scalar(select(func.max(piece.c.id)))


async def _write(db: AsyncSession, row: BroadcastRow, last: int, now: datetime) -> int:
    first = row.cursor + 1
    chat = best_chat((first, last))
    courier = _next(row).where(CourierRow.id <= last).subquery()
    name = literal(f"{NoticeKind.BROADCAST}:{row.id}:", String) + courier.c.id.cast(String)
    values: dict[str, Any] = {
        "dedupe_key": name,
        "courier_id": courier.c.id,
        "chat_id": chat.c.id,
        "channel": func.coalesce(chat.c.channel, ""),
        "kind": literal(NoticeKind.BROADCAST, String),
        "params": literal({"broadcast": row.id}, OutboxRow.params.type),
        "topic": literal(str(row.audience["topic"])),
        "priority": literal(Priority.BROADCAST, OutboxRow.priority.type),
        "status": case(
            (chat.c.id.is_(None), literal(OutboxStatus.HELD, String)),
            else_=literal(OutboxStatus.READY, String),
        ),
        "due_at": literal(now, OutboxRow.due_at.type),
        "not_after": literal(row.not_after, OutboxRow.not_after.type),
        "attempts": literal(0),
        "reason": case(
            (chat.c.id.is_(None), literal(Reason.UNREACHABLE, String)),
            else_=literal(Reason.NONE, String),
        ),
        "created_at": literal(now, OutboxRow.created_at.type),
    }
    notices = (
        select(*values.values())
        .select_from(courier)
        .outerjoin(chat, (chat.c.courier_id == courier.c.id) & (chat.c.place == 1))
        .where(literal(True))  # or SQLite would read ON CONFLICT as the join's
    )
    written = upsert(db, OutboxRow).from_select(list(values), notices).on_conflict_do_nothing()
    result = await db.execute(written)
    count = int(getattr(result, "rowcount", 0))
    db.add(BroadcastPartRow(broadcast_id=row.id, first=first, last=last, written=count, at=now))
    row.cursor = last
    return max(1, count)


def _next(row: BroadcastRow) -> Any:
    """Ids of the couriers who are meant and come after the cursor."""
    audience = Audience.load(row.audience)
    return select(CourierRow.id).where(
        *meant(audience, row.created_at), ~is_off(audience), CourierRow.id > row.cursor
    )
