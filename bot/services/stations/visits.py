"""Stations that couriers chose: when each is expected there, and whether to ask what was found."""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import exists, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from bot.common.values import value
from bot.store.models.observations import VisitRow

SAME_VISIT: Final = timedelta(hours=3)
"""A station chosen again within this time is the same visit."""
ASKED_AFTER: Final = timedelta(minutes=12)
"""From the expected arrival: by then a courier knows whether the door is open."""
ASKED_WITHIN: Final = timedelta(hours=3)
"""From the expected arrival: later they do not remember, and what they found is no news."""
KEPT: Final = timedelta(days=2)


@value
class Visit:
    """A courier is expected at a station at `arrives_at`."""

    id: int
    courier_id: int
    station_id: int
    planned_at: datetime
    arrives_at: datetime

    def can_have_arrived(self, now: datetime) -> bool:
        """Whether half of the riding time has passed: some ride fast, or were nearly there."""
        return now >= self.planned_at + (self.arrives_at - self.planned_at) / 2


async def plan(
    db: AsyncSession, courier_id: int, station_id: int, ride: timedelta, now: datetime
) -> None:
    """The courier chose this station and rides so long; the same station again updates the visit.

    A visit they were asked about, or told of, stays done.
    """
    before = await _latest(db, courier_id, station_id, now - SAME_VISIT)
    when = {"chosen_at": now, "arrives_at": now + ride}
    if before is None:
        first = {"courier_id": courier_id, "station_id": station_id, "planned_at": now}
        await db.execute(insert(VisitRow).values(**first, **when))
    elif before.arrives_at > now:  # who is there already looks at it once more
        await db.execute(update(VisitRow).where(VisitRow.id == before.id).values(when))


async def due(db: AsyncSession, now: datetime, limit: int) -> list[Visit]:
    """Claims visits whose courier is to be asked now, the earliest first, `limit` at most.

    Each is returned once, whichever replica asks: it counts as asked when this transaction
    commits. Whoever chose another station before they arrived is asked about that one only.
    """
    other = aliased(VisitRow)
    went_elsewhere = exists().where(
        other.courier_id == VisitRow.courier_id,
        other.id != VisitRow.id,
        other.chosen_at > VisitRow.chosen_at,
        other.chosen_at < VisitRow.arrives_at,
    )
    waiting = select(VisitRow).where(
        VisitRow.done_at.is_(None),
        VisitRow.arrives_at <= now - ASKED_AFTER,
        VisitRow.arrives_at > now - ASKED_WITHIN,
        ~went_elsewhere,
    )
    some = waiting.order_by(VisitRow.arrives_at, VisitRow.id).limit(limit)
    claimed = some.with_for_update(of=VisitRow, skip_locked=True)
    found = [_visit(row) for row in await db.scalars(claimed)]
    asked = update(VisitRow).where(VisitRow.id.in_([one.id for one in found]))
    await db.execute(asked.values(done_at=now))
    return found


async def answered(db: AsyncSession, courier_id: int, station_id: int, now: datetime) -> None:
    """The courier told what they found there: they are not asked about this visit."""
    mine = (VisitRow.courier_id == courier_id) & (VisitRow.station_id == station_id)
    unasked = mine & VisitRow.done_at.is_(None)
    await db.execute(update(VisitRow).where(unasked).values(done_at=now))


async def latest(db: AsyncSession, courier_id: int, station_id: int, now: datetime) -> Visit | None:
    """The courier's last visit there of the days for which visits are kept."""
    found = await _latest(db, courier_id, station_id, now - KEPT)
    return None if found is None else _visit(found)


async def _latest(
    db: AsyncSession, courier_id: int, station_id: int, since: datetime
) -> VisitRow | None:
    mine = select(VisitRow).where(
        VisitRow.courier_id == courier_id,
        VisitRow.station_id == station_id,
        VisitRow.planned_at > since,
    )
    last = mine.order_by(VisitRow.planned_at.desc(), VisitRow.id.desc()).limit(1)
    return (await db.scalars(last.execution_options(populate_existing=True))).one_or_none()


def _visit(row: VisitRow) -> Visit:
    return Visit(row.id, row.courier_id, row.station_id, row.planned_at, row.arrives_at)
