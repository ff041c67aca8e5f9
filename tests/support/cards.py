"""Applications that a bank reports, for stories about a courier's card."""

from dataclasses import replace
from datetime import date, datetime, timedelta

from sqlalchemy import insert, select

from bot.common.clock import CHINA
from bot.services.cards import ingest
from bot.services.cards.records import CardRecord, OutcomeKind, RecordSource
from bot.services.dataset_version import Dataset, raise_version
from bot.store.encryption import parse_keys
from bot.store.engine import Store
from bot.store.models.cards import CardApplicationRow
from bot.store.models.stations import FacilityRow
from tests.support.courier import Deployment

KEYS = parse_keys("1:" + "A" * 43 + "=")
"""The keys that `Deployment` sets."""

NUMBER = "NM20260815"
PHONE = "13812345678"
DIGITS = PHONE[-4:]
RECORD = CardRecord(
    number=NUMBER,
    label="待领取",
    as_of=datetime(2026, 11, 22, 18, tzinfo=CHINA),
    at=datetime(2026, 11, 20, 14, tzinfo=CHINA),
    name="王小强",
    phone=PHONE,
    id_last4="123X",
    firm="中通",
    outlet_code="S1",
    outlet_name="新城支行",
    office="新城支行",
    seal_by=date(2026, 12, 16),
)


async def report(store: Store, now: datetime, *records: CardRecord) -> None:
    """The bank reports, by the ingestion path of the API."""
    async with store.writing() as db:
        outcomes = await ingest.take(db, KEYS, records, now, RecordSource.API)
    assert not [one for one in outcomes if one.kind is OutcomeKind.REFUSED]


async def report_history(store: Store, now: datetime, days: list[int], label: str) -> None:
    """Others whose stage `label` lasted so many days each."""
    for number, lasted in enumerate(days):
        begun = now - timedelta(days=60)
        one = replace(RECORD, number=f"OTHER{number:05}", label=label, at=begun, as_of=begun)
        ended = begun + timedelta(days=lasted)
        await report(store, now, one)
        await report(store, now, replace(one, label="已激活", at=ended, as_of=ended))


async def application_id(store: Store, number: str = NUMBER) -> int:
    """The row of an application."""
    index = KEYS.index(number, "card_application.number")
    async with store.reading() as db:
        found = select(CardApplicationRow.id).where(CardApplicationRow.number_index == index)
        return (await db.execute(found)).scalar_one()


async def open_counters(deployment: Deployment, *stations: int) -> None:
    """These stations are bank outlets too."""
    async with deployment.replicas[0].store.writing() as db:
        for station in stations:
            row = {"station_id": station, "code": "bank", "state": "ok", "note": ""}
            await db.execute(insert(FacilityRow).values(row))
        await raise_version(db, Dataset.STATIONS)
    await deployment.refresh()
