"""A record of an application: how tests push it, and what is stored of it."""

from datetime import datetime, timedelta

from sqlalchemy import func, insert, select

from bot.common.clock import CHINA
from bot.services.cards.ingest import take
from bot.services.cards.records import CardRecord, RecordSource
from bot.store.encryption import new_key, parse_keys
from bot.store.engine import Store
from bot.store.models.cards import CardApplicationRow, CardBindingRow, CardStageRow
from bot.store.models.couriers import CourierRow
from bot.store.models.notifications import OutboxRow
from tests.conftest import ManualClock

FIRST = datetime(2026, 11, 2, 9, tzinfo=CHINA)
KEYS = parse_keys(new_key())
DAY = timedelta(days=1)
RECORD = CardRecord(
    number="NM20260001",
    label="已提交",
    as_of=FIRST + DAY,
    at=FIRST,
    name="王小强",
    phone="13812345678",
    id_last4="123X",
    outlet_code="S1",
    outlet_name="新城支行",
    office="新城支行",
)


def later(days: int, label: str, **fields: object) -> CardRecord:
    """The same application some days on; nothing else is said."""
    at = FIRST + days * DAY
    return CardRecord(number=RECORD.number, label=label, as_of=at + DAY, at=at, **fields)  # type: ignore[arg-type]


async def push(store: Store, clock: ManualClock, *records: CardRecord) -> list[str]:
    """Kinds of the outcomes, with the reasons of what was refused."""
    async with store.writing() as db:
        outcomes = await take(db, KEYS, records, clock(), RecordSource.API)
    return [f"{one.kind} {one.reason or ''}".strip() for one in outcomes]


async def bind(store: Store, clock: ManualClock) -> None:
    async with store.writing() as db:
        db.add(CourierRow(id=1, created_at=clock(), seen_at=clock()))
        await db.flush()
        found = await db.scalar(select(CardApplicationRow.id))
        await db.execute(
            insert(CardBindingRow).values(courier_id=1, application_id=found, at=clock())
        )


async def row(store: Store) -> CardApplicationRow:
    async with store.reading() as db:
        return (await db.scalars(select(CardApplicationRow))).one()


async def history(store: Store) -> list[tuple[str, datetime, bool]]:
    async with store.reading() as db:
        found = await db.scalars(select(CardStageRow).order_by(CardStageRow.at))
        return [(one.code, one.at, one.backwards) for one in found]


async def news(store: Store) -> int:
    async with store.reading() as db:
        return await db.scalar(select(func.count()).select_from(OutboxRow)) or 0


def opened(sealed: bytes | None, name: str) -> str:
    return KEYS.open(sealed, f"card_application.{name}") if sealed else ""
