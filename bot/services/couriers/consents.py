"""What a courier agreed to: rows that are only ever added, the latest of a purpose holds."""

from datetime import datetime
from typing import Final

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.store.models.couriers import ConsentRow

VERSION: Final = "1"
"""Raised when the words that are agreed to change: then everybody is asked again."""


async def given(db: AsyncSession, courier_id: int, purpose: str) -> bool:
    """Whether the latest answer to the present words is yes."""
    latest = (
        select(ConsentRow.given)
        .where(ConsentRow.courier_id == courier_id, ConsentRow.purpose == purpose)
        .where(ConsentRow.version == VERSION)
        .order_by(ConsentRow.id.desc())
    )
    return bool(await db.scalar(latest.limit(1)))


async def record(
    db: AsyncSession, courier_id: int, purpose: str, channel: str, now: datetime, *, yes: bool
) -> None:
    """Adds one answer."""
    await db.execute(
        insert(ConsentRow).values(
            courier_id=courier_id,
            purpose=purpose,
            version=VERSION,
            given=yes,
            at=now,
            channel=channel,
        )
    )
