"""Couriers whose card is on its way, for `bench.turns`: each chat of the bench is bound to one."""

from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import insert, select

from bot.app.bootstrap import App
from bot.services.cards.ingest import take
from bot.services.cards.records import CardRecord, RecordSource
from bot.store.models.cards import CardApplicationRow, CardBindingRow
from bot.store.models.conversation import ChatRow
from bot.store.models.couriers import CourierRow
from bot.store.models.stations import StationRow

CHATS = range(7001, 7257)
CASES = 400
"""Applications that have passed the stage: how long it usually takes is worked out each time."""


async def bind_cards(app: App, now: datetime) -> None:
    """Half of the couriers wait for a check, half may collect; all have asked before."""
    keys = app.keys
    begun = now - timedelta(days=40)
    async with app.store.writing() as db:
        outlet = await db.scalar(select(StationRow.code).order_by(StationRow.id).limit(1))
        past = CardRecord("", "审核中", begun, begun, phone="0000")
        done = [replace(past, number=f"BENCH{at:06}") for at in range(CASES)]
        await take(db, keys, done, now, RecordSource.IMPORT)
        ended = [begun + timedelta(days=2 + at % 5) for at in range(CASES)]
        moved = [
            replace(one, label="制卡中", at=at, as_of=at)
            for one, at in zip(done, ended, strict=True)
        ]
        await take(db, keys, moved, now, RecordSource.IMPORT)
        own = {
            chat: CardRecord(
                f"BENCH{chat}", "待领取" if chat % 2 else "审核中", now, now - timedelta(days=1),
                name="王强", phone="13800001234", outlet_code=outlet or "",
            )
            for chat in CHATS
        }  # fmt: skip
        await take(db, keys, list(own.values()), now, RecordSource.IMPORT)
        for chat, record in own.items():
            index = keys.index(record.number, "card_application.number")
            which = select(CardApplicationRow.id).where(CardApplicationRow.number_index == index)
            new = insert(CourierRow).values(created_at=now, seen_at=now).returning(CourierRow.id)
            courier = (await db.execute(new)).scalar_one()
            row = {"channel": "telegram", "external_id": str(chat), "courier_id": courier}
            await db.execute(insert(ChatRow).values(**row, reachable=True, state_at=now))
            bound = {"courier_id": courier, "application_id": await db.scalar(which), "at": now}
            await db.execute(insert(CardBindingRow).values(bound))
