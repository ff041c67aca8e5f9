"""Whether couriers would get a text that some of them got within a day."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.services.broadcasts.audience import Audience
from bot.services.broadcasts.statuses import BroadcastStatus
from bot.services.notifications.statuses import OutboxStatus
from bot.store.models.broadcasts import BroadcastRow

WITHIN: Final = timedelta(days=1)
_REACHED: Final = (OutboxStatus.SENT, OutboxStatus.SHOWN, OutboxStatus.UNKNOWN)


async def last_with_text(
    db: AsyncSession, texts: Mapping[str, str], audience: Audience, at: datetime, now: datetime
) -> BroadcastRow | None:
    """The latest broadcast that says one of these texts to some of the same couriers.

    It was made, or is sent, within a day of now or of `at`. One that was cancelled before anybody
    got it does not count; which topic it is about makes no difference to who reads it.
    """
    made = BroadcastRow.created_at > now - WITHIN
    sent = BroadcastRow.at.between(at - WITHIN, at + WITHIN)
    rows = await db.scalars(
        select(BroadcastRow)
        .where(made | sent, BroadcastRow.status != BroadcastStatus.DRAFT)
        .order_by(BroadcastRow.id.desc())
    )
    mine = {_folded(text) for text in texts.values()}
    return next(
        (
            row
            for row in rows
            if not mine.isdisjoint(map(_folded, row.texts.values()))
            and _overlap(audience, Audience.load(row.audience))
            and _was_sent(row)
        ),
        None,
    )


def _folded(text: str) -> str:
    return " ".join(text.split())


def _overlap(one: Audience, other: Audience) -> bool:
    pairs = (one.league, other.league), (one.firm, other.firm)
    return all(not mine or not theirs or mine == theirs for mine, theirs in pairs)


def _was_sent(row: BroadcastRow) -> bool:
    if row.status != BroadcastStatus.CANCELLED:
        return True
    states = row.counts.get("states", {})
    return any(states.get(status) for status in _REACHED)
