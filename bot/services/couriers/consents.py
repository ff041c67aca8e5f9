"""Consents: rows are only ever added, and the latest of a purpose holds."""

from datetime import datetime
from enum import StrEnum
from typing import Final, cast

from sqlalchemy import Table, bindparam, insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.store.models.couriers import ConsentRow
from bot.store.prepared import Prepared

VERSION: Final = "1"
"""Raised when the text that is agreed to changes: then everybody is asked again."""
_CONSENT: Final = cast(Table, ConsentRow.__table__)
LATEST: Final = Prepared(
    select(_CONSENT.c.given)
    .where(_CONSENT.c.courier_id == bindparam("of_courier"))
    .where(_CONSENT.c.purpose == bindparam("for_purpose"), _CONSENT.c.version == VERSION)
    .order_by(_CONSENT.c.id.desc())
    .limit(1)
)


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
    rows = await LATEST.rows(db, {"of_courier": courier_id, "for_purpose": purpose})
    return bool(rows and rows[0][0])


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
