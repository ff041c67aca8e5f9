"""Applications that moved in the week, as a bank would report it day by day."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncSession

from bot.services.cards.blind_index import number_fact
from bot.services.cards.ingest import take
from bot.services.cards.labels import LABEL, mark
from bot.services.cards.records import CardRecord, RecordSource
from bot.services.demo.cards import DIGITS, OUTLET
from bot.services.storage import Database, Keys
from bot.store.models.administration.operators import OperatorNoteRow
from bot.store.models.cards import CardApplicationRow

NUMBERS: Final = tuple(f"DEMO20268{at:02}" for at in range(14))
LATE: Final = "DEMO2026899"
"""Stays in its stage for much longer than the others did."""
UNCLEAR: Final = "DEMO2026898"
UNCLEAR_LABEL: Final = "样例：待二次面签"
"""A status that nobody has said the meaning of."""
LATE_DAYS: Final = 16
STAGES: Final = (
    ("已提交", 9.0, 0.8),
    ("审核中", 6.4, 2.2),
    ("制卡中", 4.3, 1.4),
    ("已寄出", 2.4, 2.6),
    ("待领取", 0.9, 0.9),
)
"""A bank's label, how many days ago the first application reached it, and by how many hours each
was later than the one before."""


async def tell(store: Database, keys: Keys, now: datetime) -> None:
    """Reports each stage of all of them; every application is a little later than the one before.
    Of the late one only the stage that it is in: what is usual stays as it is. Reported twice it
    changes nothing."""
    first = [_record(number, now) for number in NUMBERS]
    for label, days, hours in STAGES:
        at = now - timedelta(days=days)
        moved = [
            replace(
                one,
                label=label,
                at=at + timedelta(hours=late * hours),
                as_of=at + timedelta(hours=late * hours + 1),
            )
            for late, one in enumerate(first)
        ]
        async with store.writing() as db:
            await take(db, keys, moved, now, RecordSource.IMPORT)
    since = now - timedelta(days=LATE_DAYS)
    late = replace(_record(LATE, now), label="审核中", at=since, as_of=since + timedelta(hours=1))
    asked = now - timedelta(hours=30)
    unclear = replace(_record(UNCLEAR, now), label=UNCLEAR_LABEL, at=asked, as_of=asked)
    async with store.writing() as db:
        await take(db, keys, [late, unclear], now, RecordSource.IMPORT)


async def remove(db: AsyncSession, keys: Keys) -> None:
    """Removes them with their history."""
    indexes = [
        index
        for number in (*NUMBERS, LATE, UNCLEAR)
        for index in keys.indexes(*number_fact(number))
    ]
    mine = CardApplicationRow.number_index.in_(indexes)
    await db.execute(delete(CardApplicationRow).where(mine))
    marks = [mark(index) for index in keys.indexes(UNCLEAR_LABEL, LABEL)]
    await db.execute(delete(OperatorNoteRow).where(OperatorNoteRow.dedupe_key.in_(marks)))


def _record(number: str, now: datetime) -> CardRecord:
    return CardRecord(
        number,
        "",
        as_of=now,
        name="示例",
        phone=DIGITS,
        firm="示例快递",
        outlet_code=OUTLET,
        outlet_name="示例网点",
        office="示例支行",
    )
