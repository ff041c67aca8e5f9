"""Consents: rows are only ever added, and the latest of a purpose holds."""

from datetime import datetime
from enum import StrEnum
from typing import Final

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.store.models.couriers import ConsentRow

VERSION: Final = "1"
"""Raised when the text that is agreed to changes: then everybody is asked again."""


class Purpose(StrEnum):
    """What personal data may be used for; the values are stored."""

    CARD = "card"
    CARD_OVERSEAS = "card_abroad"
    """The same on a channel whose messages leave mainland China."""
    PRE_APPLICATION = "card_apply"
    APPOINTMENT = "appointment"
    """To pass name and phone to an outlet that is to call."""
    TRAINING = "training"
    USUAL_STATIONS = "usual_stations"
    """To see where the courier goes often from what they confirmed."""
    HONOUR = "honour"
    """To stand for election and, if honoured, to be named in public."""


async def given(db: AsyncSession, courier_id: int, purpose: Purpose) -> bool:
    """Whether the latest answer to the present version of the text is yes."""
    latest = (
        select(ConsentRow.given)
        .where(ConsentRow.courier_id == courier_id, ConsentRow.purpose == purpose)
        .where(ConsentRow.version == VERSION)
        .order_by(ConsentRow.id.desc())
    )
    return bool(await db.scalar(latest.limit(1)))


async def record(
    db: AsyncSession, courier_id: int, purpose: Purpose, channel: str, now: datetime, *, yes: bool
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
