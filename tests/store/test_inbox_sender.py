"""The revision that adds the sender to the inbox key keeps every row, on both databases."""

from datetime import UTC, datetime

from sqlalchemy import select, text

from bot.store import migrate
from bot.store.engine import Store
from bot.store.models.conversation import ChatRow, InboxRow
from bot.store.models.couriers import CourierRow

NOW = datetime(2026, 11, 23, 2, tzinfo=UTC)
CLAIM_OF_THE_VERSION_BEFORE = text("""
INSERT INTO inbox (channel, event_id, received_at) VALUES ('wechat', :event, '2026-11-23 02:00:00Z')
ON CONFLICT DO NOTHING RETURNING event_id
""")


async def add_chats(store: Store) -> None:
    async with store.writing() as db:
        db.add(CourierRow(id=1, created_at=NOW, seen_at=NOW))
        await db.flush()
        for number, sender in enumerate(("li", "wang"), 1):
            db.add(
                ChatRow(id=number, channel="wechat", external_id=sender, courier_id=1, state_at=NOW)
            )


def answered(sender: str, event: str, chat: int | None) -> InboxRow:
    return InboxRow(
        channel="wechat",
        sender=sender,
        event_id=event,
        received_at=NOW,
        answer=f"{sender}{event}".encode(),
        chat_id=chat,
    )


async def keys(store: Store) -> list[tuple[str, str, bytes | None]]:
    async with store.reading() as db:
        rows = await db.execute(
            select(InboxRow.sender, InboxRow.event_id, InboxRow.answer).order_by(
                InboxRow.sender, InboxRow.event_id
            )
        )
        return [(row.sender, row.event_id, row.answer) for row in rows]


async def test_a_row_of_the_version_before_gets_the_sender_of_its_chat(store: Store) -> None:
    await add_chats(store)
    async with store.writing() as db:
        db.add_all([answered("li", "1", 1), answered("wang", "2", 2), answered("gone", "3", None)])
    await migrate.downgrade(store, "0009")
    await migrate.migrate(store)
    assert await keys(store) == [("", "3", b"gone3"), ("li", "1", b"li1"), ("wang", "2", b"wang2")]
    assert await migrate.differences(store) == []


async def test_the_way_back_keeps_one_row_for_each_event(store: Store) -> None:
    await add_chats(store)
    async with store.writing() as db:
        db.add_all([answered("li", "1", 1), answered("wang", "1", 2)])
    await migrate.downgrade(store, "0009")
    await migrate.migrate(store)
    assert await keys(store) == [("wang", "1", b"wang1")]


async def test_a_replica_of_the_version_before_still_claims_events(store: Store) -> None:
    async with store.writing() as db:
        first = await db.scalar(CLAIM_OF_THE_VERSION_BEFORE, {"event": "1"})
        second = await db.scalar(CLAIM_OF_THE_VERSION_BEFORE, {"event": "1"})
    assert (first, second) == ("1", None)
