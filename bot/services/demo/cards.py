"""Demo applications, to try 办卡进度 with: DEMO2026001 to DEMO2026004, digits 1234."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.common.clock import CHINA
from bot.services.cards.blind_index import number_fact
from bot.store.encryption import Keyring
from bot.store.models.cards import CardApplicationRow

FIRST: Final = "DEMO2026001"
DIGITS: Final = "1234"
OUTLET: Final = "DEMO-150102-02"
PAST: Final = (2, 2, 3, 3, 3, 4, 4, 6)
"""Days for which applications of the past were being checked."""
PAST_NUMBERS: Final = tuple(f"DEMO20259{at:02}" for at in range(len(PAST)))
NUMBERS: Final = (FIRST, "DEMO2026002", "DEMO2026003", "DEMO2026004", *PAST_NUMBERS)


async def seed_demo_cards(db: AsyncSession, keys: Keyring, now: datetime) -> None:
    """Brings them in, as if a bank had just reported; the second time does nothing."""
    index = CardApplicationRow.number_index.in_(keys.indexes(*number_fact(FIRST)))
    if await db.scalar(select(CardApplicationRow.id).where(index)) is not None:
        return
    # Not at the top: what takes a bank's reports is for the first start only.
    from bot.services.cards.ingest import take
    from bot.services.cards.records import CardRecord, RecordSource

    deadline = (now + timedelta(days=23)).astimezone(CHINA).date()
    one = CardRecord(
        FIRST,
        "待领取",
        as_of=now - timedelta(hours=16),
        at=now - timedelta(days=2),
        name="示例",
        phone=DIGITS,
        firm="示例快递",
        outlet_code=OUTLET,
        outlet_name="示例网点",
        office="示例支行",
        seal_by=deadline,
    )
    checked = replace(one, number="DEMO2026002", label="审核中", seal_by=None)
    incomplete = replace(checked, number="DEMO2026003", label="待补件", missing_docs="身份证复印件")
    sent = replace(checked, number="DEMO2026004", label="已寄出", parcel="SF0000000000")
    past = [replace(checked, number=number, at=now - timedelta(days=40)) for number in PAST_NUMBERS]
    await take(db, keys, [one, checked, incomplete, sent, *past], now, RecordSource.IMPORT)
    left = [
        replace(was, label="制卡中", at=now - timedelta(days=40 - days))
        for was, days in zip(past, PAST, strict=True)
    ]
    await take(db, keys, left, now, RecordSource.IMPORT)


async def remove_demo_cards(db: AsyncSession, keys: Keyring) -> None:
    """Removes them with whatever hangs on them."""
    indexes = [index for number in NUMBERS for index in keys.indexes(*number_fact(number))]
    where = CardApplicationRow.number_index.in_(indexes)
    await db.execute(delete(CardApplicationRow).where(where))
