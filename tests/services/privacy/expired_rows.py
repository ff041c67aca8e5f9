"""Couriers and rows whose time has come."""

from datetime import datetime, timedelta

from sqlalchemy import func, insert, select

from bot.services.notifications.kinds import NoticeKind
from bot.services.notifications.queue import Notice, Topic, enqueue
from bot.services.privacy.retention import RetentionPeriods
from bot.store.engine import Store
from bot.store.models.cards import (
    CardRequestRow,
)
from bot.store.models.common import Table
from bot.store.models.conversation import ChatRow, InboxRow
from bot.store.models.couriers import CourierRow
from bot.store.models.stations import DemandRow

PERIODS = RetentionPeriods(settled=timedelta(days=180), idle=timedelta(days=365))
DAY = timedelta(days=1)


async def count(store: Store, table: type[Table]) -> int:
    async with store.reading() as db:
        return await db.scalar(select(func.count()).select_from(table)) or 0


async def courier(store: Store, number: int, seen: datetime) -> None:
    """One with a chat, an answer, a notice, demand and a pre-application."""
    async with store.writing() as db:
        db.add(CourierRow(id=number, created_at=seen, seen_at=seen))
        await db.flush()
        db.add(
            ChatRow(
                id=number, channel="web", external_id=str(number), courier_id=number, state_at=seen
            )
        )
        await db.flush()
        db.add(
            InboxRow(
                channel="web", event_id=str(number), received_at=seen, answer=b"x", chat_id=number
            )
        )
        db.add(
            DemandRow(courier_id=number, at=seen, cell="x", league="", wanted="", outcome="found")
        )
        sealed = dict.fromkeys(("number", "name", "phone", "firm", "outlet"), b"x")
        await db.execute(
            insert(CardRequestRow).values(
                **sealed, number_index=bytes((number,)), courier_id=number, firm_code="",
                consent="1", status="new", created_at=seen,
            )
        )  # fmt: skip
        notice = Notice(
            NoticeKind.CARD_STAGE, number, {}, Topic.SERVICE, f"x:{number}", seen, seen + DAY
        )
        await enqueue(db, notice, seen)
