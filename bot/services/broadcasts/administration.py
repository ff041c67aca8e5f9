"""What operators do with broadcasts, each with its audit row, within their leagues.

A draft is a row that nobody gets: it is written, tried out and changed until it is started.
"""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Final

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.common.values import value
from bot.services.broadcasts import campaigns
from bot.services.broadcasts.audience import Audience
from bot.services.broadcasts.campaigns import OPEN, Broadcast, notices_of, report_of
from bot.services.broadcasts.errors import BroadcastRefusal, BroadcastRefused
from bot.services.broadcasts.statuses import ACTIVE, BroadcastStatus
from bot.services.notifications.statuses import OutboxStatus, Reason
from bot.services.operators import audit
from bot.services.operators.audit import Fields, SubjectKind
from bot.services.operators.roles import Operator, Right
from bot.store.models.broadcasts import BroadcastPartRow, BroadcastRow
from bot.store.models.notifications import OutboxRow

PAGE: Final = 30
COUNTED: Final = 100_000
"""Couriers up to whom every look counts all notices; of more only if it is asked for."""


@value
class Progress:
    """A broadcast in a list. `done`: couriers about whom nothing more will be done now."""

    id: int
    text: str
    audience: Audience
    at: datetime
    status: BroadcastStatus
    total: int
    done: int


@value
class Look:
    """One broadcast. `one.counts` are complete where `is_counted`, else empty."""

    one: Broadcast
    done: int
    is_counted: bool


async def listed(db: AsyncSession, operator: Operator, before: int | None = None) -> list[Progress]:
    """A page of those of the operator's leagues, newest first. Raises `NotAllowed`."""
    operator.require(Right.MESSAGES)
    rows = select(BroadcastRow).order_by(BroadcastRow.id.desc()).limit(PAGE)
    if operator.leagues:
        rows = rows.where(BroadcastRow.audience["league"].as_string().in_(operator.leagues))
    if before is not None:
        rows = rows.where(BroadcastRow.id < before)
    return [
        Progress(
            row.id,
            row.texts[campaigns.DEFAULT],
            Audience.load(row.audience),
            row.at,
            BroadcastStatus(row.status),
            row.total,
            await _done(db, row),
        )
        for row in list(await db.scalars(rows))
    ]


async def look(
    db: AsyncSession, operator: Operator, broadcast_id: int, *, count: bool = False
) -> Look:
    """How far it is; `count`: all notices, however many. Raises `BroadcastRefused` (gone)."""
    row = await db.get(BroadcastRow, broadcast_id, populate_existing=True)
    if row is None:
        raise BroadcastRefused(BroadcastRefusal.GONE, str(broadcast_id))
    _require(operator, row)
    done = await _done(db, row)
    if count or row.total <= COUNTED:
        return Look(await report_of(db, row), done, is_counted=True)
    states, reasons = (row.counts.get(name, {}) for name in ("states", "reasons"))
    one = Broadcast(
        row.id, row.texts, Audience.load(row.audience), row.at, row.not_after,
        BroadcastStatus(row.status), row.total,
        {OutboxStatus(name): n for name, n in states.items()},
        {Reason(name): n for name, n in reasons.items()},
    )  # fmt: skip
    return Look(one, done, is_counted=bool(states))


async def save_draft(
    db: AsyncSession,
    operator: Operator,
    texts: Mapping[str, str],
    audience: Audience,
    now: datetime,
    broadcast_id: int | None = None,
) -> int:
    """A new draft, or other words and another audience for one; its id.

    Raises `BroadcastRefused` (no_text, too_long; gone, state), `NotAllowed`.
    """
    operator.require(Right.MESSAGES, audience.league)
    campaigns.check_texts(texts)
    values = {"texts": dict(texts), "audience": asdict(audience), "at": now, "not_after": now}
    if broadcast_id is None:
        fresh = {"status": BroadcastStatus.DRAFT, "created_at": now, "cursor": 0, "total": 0}
        added = insert(BroadcastRow).values(values | fresh | {"counts": {}})
        number = (await db.execute(added.returning(BroadcastRow.id))).scalar_one()
        await _record(db, operator, "broadcast.draft", number, audience, now)
        return number
    row = await campaigns.locked(db, broadcast_id, (BroadcastStatus.DRAFT,))
    _require(operator, row)
    mine = BroadcastRow.id == broadcast_id
    await db.execute(update(BroadcastRow).where(mine).values(values))
    await _record(db, operator, "broadcast.change", broadcast_id, audience, now)
    return broadcast_id


async def start(
    db: AsyncSession,
    operator: Operator,
    broadcast_id: int,
    at: datetime,
    not_after: datetime,
    now: datetime,
    *,
    again: bool,
) -> int:
    """Starts a draft at `at`; for how many couriers. Raises `BroadcastRefused` as
    `campaigns.create` does, (gone, state), and `NotAllowed`."""
    row = await campaigns.locked(db, broadcast_id, (BroadcastStatus.DRAFT,))
    _require(operator, row)
    audience = Audience.load(row.audience)
    total = await campaigns.admit(db, row.texts, audience, at, not_after, now, again=again)
    row.status, row.total = BroadcastStatus.RUNNING, total
    row.at, row.not_after, row.created_at = at, not_after, now
    after: Fields = {"couriers": total, "at": at.isoformat(), "again": again}
    await _record(db, operator, "broadcast.start", broadcast_id, audience, now, after)
    return total


async def discard(db: AsyncSession, operator: Operator, broadcast_id: int, now: datetime) -> None:
    """Deletes a draft. Raises `BroadcastRefused` (gone, state), `NotAllowed`."""
    row = await campaigns.locked(db, broadcast_id, (BroadcastStatus.DRAFT,))
    _require(operator, row)
    audience = Audience.load(row.audience)
    await db.execute(delete(BroadcastRow).where(BroadcastRow.id == broadcast_id))
    await _record(db, operator, "broadcast.discard", broadcast_id, audience, now)


async def pause(db: AsyncSession, operator: Operator, broadcast_id: int, now: datetime) -> None:
    """As `campaigns.pause`. Raises `BroadcastRefused`, `NotAllowed`."""
    audience = await _theirs(db, operator, broadcast_id)
    await campaigns.pause(db, broadcast_id)
    await _record(db, operator, "broadcast.pause", broadcast_id, audience, now)


async def resume(db: AsyncSession, operator: Operator, broadcast_id: int, now: datetime) -> None:
    """As `campaigns.resume`. Raises `BroadcastRefused`, `NotAllowed`."""
    audience = await _theirs(db, operator, broadcast_id)
    await campaigns.resume(db, broadcast_id, now)
    await _record(db, operator, "broadcast.resume", broadcast_id, audience, now)


async def cancel(db: AsyncSession, operator: Operator, broadcast_id: int, now: datetime) -> int:
    """As `campaigns.cancel`; how many couriers do not hear it. Raises `BroadcastRefused`,
    `NotAllowed`."""
    audience = await _theirs(db, operator, broadcast_id)
    spared = await campaigns.cancel(db, broadcast_id, now)
    after: Fields = {"spared": spared}
    await _record(db, operator, "broadcast.cancel", broadcast_id, audience, now, after)
    return spared


def _require(operator: Operator, row: BroadcastRow) -> None:
    operator.require(Right.MESSAGES, Audience.load(row.audience).league)


async def _theirs(db: AsyncSession, operator: Operator, broadcast_id: int) -> Audience:
    row = await db.get(BroadcastRow, broadcast_id)
    if row is None:
        raise BroadcastRefused(BroadcastRefusal.GONE, str(broadcast_id))
    _require(operator, row)
    return Audience.load(row.audience)


async def _done(db: AsyncSession, row: BroadcastRow) -> int:
    """Notices that were written, less those that are still to be sent: no notice that is over is
    counted, of which there may be millions."""
    mine = BroadcastPartRow.broadcast_id == row.id
    written = await db.scalar(select(func.sum(BroadcastPartRow.written)).where(mine)) or 0
    if row.status not in ACTIVE:
        return written
    waiting = select(func.count()).where(notices_of(row), OutboxRow.status.in_(OPEN))
    return max(0, written - (await db.scalar(waiting) or 0))


async def _record(
    db: AsyncSession,
    operator: Operator,
    action: str,
    number: int,
    audience: Audience,
    now: datetime,
    after: Fields | None = None,
) -> None:
    await audit.record(
        db, operator.name, action, SubjectKind.BROADCAST, str(number), now,
        league=audience.league, after=after,
    )  # fmt: skip
