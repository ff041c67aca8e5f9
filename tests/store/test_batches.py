"""Very many rows are deleted or changed in transactions of a bounded size."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, event, func, insert, select

from bot.conversation.repository import ANSWERS_PER_CHAT, INBOX_RETENTION, TurnRepository
from bot.conversation.router import MEMORY
from bot.outbox import repository as outbox
from bot.services.notifications.kinds import NoticeKind
from bot.services.privacy import retention
from bot.services.privacy.retention import sweep
from bot.services.trainings import teams
from bot.store.batches import delete_in_batches, update_in_batches
from bot.store.engine import Store
from bot.store.models.api import ApiRequestRow, ApiSignatureRow
from bot.store.models.attempts import AttemptRow
from bot.store.models.common import Table
from bot.store.models.conversation import ChatRow, InboxRow
from bot.store.models.notifications import OutboxRow
from bot.store.models.trainings import TeamMemberRow, TeamRow
from tests.conftest import ManualClock
from tests.services.privacy.expired_rows import PERIODS, count
from tests.support.cards import KEYS
from tests.support.trainings import create_couriers, create_training

MANY = 25
SIZE = 10
DAY = timedelta(days=1)


async def add(store: Store, row: type[Table], *values: dict[str, Any]) -> None:
    async with store.writing() as db:
        await db.execute(insert(row), list(values))


def answers(at: datetime, number: int = MANY, chat: int | None = None) -> list[dict[str, Any]]:
    """Stored answers of one instant."""
    same = {"channel": "web", "sender": "a", "received_at": at, "chat_id": chat}
    return [{**same, "event_id": f"{at:%d}-{one:05}"} for one in range(number)]


@contextmanager
def largest_change(store: Store) -> Iterator[list[int]]:
    """The row counts of all statements that delete or update, meanwhile."""
    sizes: list[int] = []

    def note(_: Connection, cursor: Any, statement: str, *__: Any) -> None:
        if statement.startswith(("DELETE", "UPDATE")):
            sizes.append(cursor.rowcount)

    engine = store.writer.sync_engine
    event.listen(engine, "after_cursor_execute", note)
    yield sizes
    event.remove(engine, "after_cursor_execute", note)


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Transactions of ten rows."""
    for function in (delete_in_batches, update_in_batches):
        defaults = function.__kwdefaults__ or {}
        monkeypatch.setitem(defaults, "size", SIZE)
    monkeypatch.setattr(retention, "BATCH", SIZE)
    monkeypatch.setattr(outbox, "EXPIRED_AT_ONCE", SIZE)


async def test_rows_of_one_instant_go_in_batches_and_others_stay(
    store: Store, clock: ManualClock
) -> None:
    await add(store, InboxRow, *answers(clock()), *answers(clock() + DAY))
    expired = InboxRow.received_at <= clock()
    with largest_change(store) as sizes:
        done = await delete_in_batches(store, InboxRow, expired, InboxRow.received_at, size=SIZE)
    assert (done, sizes) == (MANY, [10, 10, 5])
    assert await count(store, InboxRow) == MANY


async def test_what_is_left_after_so_many_batches_waits_for_the_next_time(
    store: Store, clock: ManualClock
) -> None:
    await add(store, InboxRow, *answers(clock()))
    expired = InboxRow.received_at <= clock()
    by = InboxRow.received_at
    assert await delete_in_batches(store, InboxRow, expired, by, size=SIZE, batches=1) == SIZE
    assert await delete_in_batches(store, InboxRow, expired, by, size=SIZE) == MANY - SIZE


async def test_a_row_that_another_transaction_holds_is_passed_over(
    store: Store, clock: ManualClock
) -> None:
    if store.is_sqlite:
        pytest.skip("SQLite has one writer")
    await add(store, InboxRow, *answers(clock()))
    expired = InboxRow.received_at <= clock()
    async with store.writing() as db:
        held = select(InboxRow.event_id).order_by(InboxRow.event_id).limit(SIZE + 2)
        await db.execute(held.with_for_update())
        done = await delete_in_batches(store, InboxRow, expired, InboxRow.received_at, size=SIZE)
    assert done == MANY - SIZE - 2


@pytest.mark.usefixtures("small")
async def test_no_sweep_changes_more_than_a_batch_in_one_statement(
    store: Store, clock: ManualClock
) -> None:
    now, old = clock(), clock() - 400 * DAY
    numbers = range(MANY)
    async with store.writing() as db:
        training = await create_training(db, old, now=old, capacity=4)
        couriers = await create_couriers(db, 1, now)
        team = TeamRow(
            training_id=training, leader_id=couriers[0], mode="each", code="x", reserved=0,
            hold_until=old, created_at=old,
        )  # fmt: skip
        db.add(team)
        await db.flush()
        team_id = team.id
    counted = {"scope": "chat", "count": 1, "began_at": old}
    await add(store, AttemptRow, *({**counted, "key": bytes([one])} for one in numbers))
    batch = {"body_hash": b"x", "at": old}
    await add(store, ApiRequestRow, *({**batch, "key": f"{one}"} for one in numbers))
    await add(store, ApiSignatureRow, *({"signature": bytes([one]), "at": old} for one in numbers))
    member = {"team_id": team_id, "phone": b"x", "status": "invited"}
    await add(
        store,
        TeamMemberRow,
        *({**member, "code": f"{one}", "phone_index": bytes([one])} for one in numbers),
    )
    chat = {"channel": "web", "courier_id": couriers[0], "state": b"x", "pushed": b"x"}
    chat |= {"state_at": now - 2 * MEMORY, "pushed_at": now - 2 * MEMORY}
    await add(store, ChatRow, *({**chat, "external_id": f"{one}"} for one in numbers))
    notice = {"courier_id": couriers[0], "channel": "web", "kind": NoticeKind.CARD_STAGE}
    notice |= {"topic": "service", "params": {}, "priority": 1, "status": "held"}
    notice |= {"due_at": old, "not_after": now - DAY, "created_at": old}
    await add(store, OutboxRow, *({**notice, "dedupe_key": f"{one}"} for one in numbers))
    async with store.reading() as db:
        (chat_id, *_) = await db.scalars(select(ChatRow.id).order_by(ChatRow.id))
    await add(
        store, InboxRow, *answers(now - 2 * INBOX_RETENTION),
        *answers(now - DAY, ANSWERS_PER_CHAT + MANY, chat_id),
    )  # fmt: skip
    rows = TurnRepository(KEYS, is_sqlite=store.is_sqlite)
    with largest_change(store) as sizes:
        await rows.delete_expired(store, now)
        async with store.reading() as db:
            assert await rows.chats_above_limit(db) == [chat_id]
        await rows.delete_above_limit(store, chat_id)
        await teams.delete_old_members(store, now)
        async with store.writing() as db:
            assert await outbox.expire(db, now) == SIZE
        await sweep(store, PERIODS, now)
    assert max(sizes) == SIZE
    left = {AttemptRow: 0, ApiRequestRow: 0, ApiSignatureRow: 0, TeamMemberRow: 0}
    left |= {InboxRow: ANSWERS_PER_CHAT}
    assert {row: await count(store, row) for row in left} == left
    async with store.reading() as db:
        kept = select(func.count(ChatRow.state), func.count(ChatRow.pushed))
        assert tuple((await db.execute(kept)).one()) == (0, 0)
        newest = await db.scalar(select(func.min(InboxRow.event_id)))
        assert newest == answers(now - DAY, MANY + 1)[-1]["event_id"]
