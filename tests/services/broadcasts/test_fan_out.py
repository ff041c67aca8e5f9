"""How far ahead a broadcast is written, and when not."""

import asyncio
from collections import Counter
from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from sqlalchemy import event, select, text

from bot.common.clock import CHINA
from bot.services.broadcasts import (
    campaigns,
)
from bot.services.broadcasts import (
    fan_out as broadcast_fan_out,
)
from bot.services.broadcasts.fan_out import fan_out
from bot.services.notifications.kinds import NoticeKind
from bot.services.notifications.queue import Notice, Topic, enqueue
from bot.store.engine import Store
from bot.store.models.broadcasts import BroadcastPartRow, BroadcastRow
from bot.store.models.notifications import OutboxRow
from tests.conftest import ManualClock
from tests.support.broadcasts import (
    RecordingChannel,
    couriers_with_chats,
    start,
    states,
    worker,
)


async def test_it_is_written_a_little_ahead_and_goes_on_where_it_was(
    store: Store, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(broadcast_fan_out, "AHEAD", 10)
    monkeypatch.setattr(broadcast_fan_out, "PIECE", 4)
    couriers = await couriers_with_chats(store, clock(), 25)
    await start(store, clock())
    platform = RecordingChannel()
    delivery = worker(store, platform, clock)
    ahead = []
    while written := await fan_out(store, clock()):
        ahead.append((written, (await states(store))["ready"]))
        await delivery.run_once()
    assert ahead == [(10, 10), (10, 10), (5, 5)]
    assert Counter(to for to, _ in platform.sent) == {f"9{one}": 1 for one in couriers}
    async with store.reading() as db:
        parts = await db.execute(
            select(BroadcastPartRow.first, BroadcastPartRow.last).order_by(BroadcastPartRow.id)
        )
        seams = [tuple(row) for row in parts]
    assert all(before[1] + 1 == after[0] for before, after in pairwise(seams))


async def test_two_processes_write_nobody_twice(store: Store, clock: ManualClock) -> None:
    couriers = await couriers_with_chats(store, clock(), 30)
    await start(store, clock())
    written = await asyncio.gather(*(fan_out(store, clock()) for _ in range(4)))
    assert sum(written) == 30
    async with store.reading() as db:
        assert sorted(await db.scalars(select(OutboxRow.courier_id))) == couriers


async def test_nothing_is_written_in_quiet_hours_nor_when_it_is_too_late(
    store: Store, clock: ManualClock
) -> None:
    await couriers_with_chats(store, clock(), 2)
    night = datetime(2026, 11, 23, 22, tzinfo=CHINA)
    await start(store, clock(), at=night, hours=12)
    assert await fan_out(store, clock()) == 0
    assert await fan_out(store, night) == 0
    morning = night + timedelta(hours=10)
    assert await fan_out(store, morning) == 2
    other = await start(store, morning, hours=1)
    assert await fan_out(store, morning + timedelta(hours=2)) == 0
    async with store.reading() as db:
        assert (await campaigns.look(db, other)).status == "done"


async def test_a_reminder_overtakes_a_broadcast(store: Store, clock: ManualClock) -> None:
    couriers = await couriers_with_chats(store, clock(), 40)
    await start(store, clock())
    await fan_out(store, clock())
    clock.forward(minutes=1)
    async with store.writing() as db:
        late = clock() + timedelta(hours=1)
        params = {"broadcast": 1}
        reminder = Notice(
            NoticeKind.BROADCAST, couriers[-1], params, Topic.TRAINING, "reminder", clock(), late
        )
        assert await enqueue(db, reminder, clock())
    platform = RecordingChannel()
    await worker(store, platform, clock).run_once()
    assert platform.sent[0][0] == f"9{couriers[-1]}"
    assert len(platform.sent) == 41


async def test_only_a_large_piece_makes_the_database_count_anew(
    store: Store, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(broadcast_fan_out, "PIECE", 4)
    said: list[str] = []

    def hear(_1: object, _2: object, statement: str, *_3: object) -> None:
        said.append(statement)

    event.listen(store.writer.sync_engine, "before_cursor_execute", hear)
    await couriers_with_chats(store, clock(), 3)
    await start(store, clock())
    assert await fan_out(store, clock()) == 3
    assert "ANALYZE outbox" not in said
    clock.forward(minutes=1)
    await couriers_with_chats(store, clock(), 2)
    await start(store, clock())
    assert await fan_out(store, clock()) == 5
    assert "ANALYZE outbox" in said


async def test_the_notices_of_one_broadcast_are_found_by_an_index(
    store: Store, clock: ManualClock
) -> None:
    await couriers_with_chats(store, clock(), 3)
    number = await start(store, clock())
    await fan_out(store, clock())
    async with store.writing() as db:
        row = await db.get_one(BroadcastRow, number)
        found = select(OutboxRow.status).where(campaigns.notices_of(row))
        assert list(await db.scalars(found)) == ["ready"] * 3
        said = found.compile(db.get_bind(), compile_kwargs={"literal_binds": True})
        explain = "EXPLAIN QUERY PLAN" if store.is_sqlite else "EXPLAIN"
        if not store.is_sqlite:  # three rows are read faster whole
            await db.execute(text("SET LOCAL enable_seqscan = off"))
        statement = str(said).replace(":", "\\:")
        plan = "\n".join(str(line) for line in await db.execute(text(f"{explain} {statement}")))
    if store.is_sqlite:
        assert "ix_outbox_broadcast" in plan
    else:  # which of two indexes depends on the statistics that other tests left
        assert "Index Cond" in plan
        assert "Seq Scan" not in plan
