"""Claims, fences and leases, on both databases."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import select, text, update

from bot.outbox import repository
from bot.services.notifications import queue
from bot.services.notifications.queue import BulkNotice, Topic
from bot.services.notifications.statuses import OutboxStatus, Priority
from bot.store.engine import Store, open_store
from bot.store.models.couriers import CourierRow
from bot.store.models.notifications import OutboxRow
from tests.conftest import ManualClock
from tests.support.outbox import (
    CARD,
    REMIND,
    FakeChannel,
    couriers,
    let_leases_lapse,
    notice,
    rows,
    states,
    worker,
)

REPEATS = frozenset({REMIND})


@pytest.fixture
async def one(store: Store, clock: ManualClock) -> Store:
    """A courier with one due reminder."""
    await couriers(store, clock())
    await notice(store, clock())
    return store


async def claim(store: Store, clock: ManualClock, owner: str, lease: float = 60) -> list[int]:
    async with store.writing() as db:
        return await repository.claim(
            db, "telegram", repository.PRIORITY_CLASSES[1], 10, clock(), owner, lease
        )


async def test_due_and_urgent_first(store: Store, clock: ManualClock) -> None:
    await couriers(store, clock(), 4)
    await notice(store, clock(), 1, priority=Priority.BROADCAST)
    await notice(store, clock(), 2, priority=Priority.REMINDER, due_in=timedelta(minutes=-1))
    await notice(store, clock(), 3, priority=Priority.INTERACTIVE)
    await notice(store, clock(), 4, due_in=timedelta(minutes=1))
    channel = FakeChannel()
    await worker(store, clock, channel).run_once()
    assert [to for to, _ in channel.taken] == ["3", "2", "1"]
    clock.forward(minutes=1)
    await worker(store, clock, channel).run_once()
    assert channel.count("4") == 1


async def test_what_is_claimed_nobody_else_gets(one: Store, clock: ManualClock) -> None:
    assert await claim(one, clock, "a") == [1]
    assert await claim(one, clock, "b") == []


async def test_workers_side_by_side_never_claim_the_same(
    database_url: str, store: Store, clock: ManualClock
) -> None:
    await couriers(store, clock(), 60)
    for n in range(1, 61):
        await notice(store, clock(), n)
    stores = [await open_store(database_url) for _ in range(4)]
    channels = [FakeChannel() for _ in stores]
    workers = [worker(each, clock, channel) for each, channel in zip(stores, channels, strict=True)]
    await asyncio.gather(*(each.run_once() for each in workers))
    sent = [to for channel in channels for to, _ in channel.taken]
    assert sorted(sent, key=int) == [str(n) for n in range(1, 61)]
    assert set(await states(store)) == {"sent"}
    for each in stores:
        await each.close()


async def test_two_open_transactions_claim_different_notices(
    postgres_url: str, clock: ManualClock
) -> None:
    """The second neither waits for the first nor gets what that has taken and not committed."""
    stores = [await open_store(postgres_url) for _ in range(2)]
    await couriers(stores[0], clock(), 4)
    for n in range(1, 5):
        await notice(stores[0], clock(), n)
    reminders = repository.PRIORITY_CLASSES[1]
    async with stores[0].writing() as first, stores[1].writing() as second:
        await second.execute(text("SET LOCAL lock_timeout = '2s'"))
        mine = await repository.claim(first, "telegram", reminders, 2, clock(), "A", 60)
        theirs = await repository.claim(second, "telegram", reminders, 2, clock(), "B", 60)
    assert len(mine) == len(theirs) == 2
    assert not set(mine) & set(theirs)
    for store in stores:
        await store.close()


async def test_a_notice_that_somebody_is_changing_is_not_waited_for(
    postgres_url: str, clock: ManualClock
) -> None:
    stores = [await open_store(postgres_url) for _ in range(2)]
    await couriers(stores[0], clock())
    await notice(stores[0], clock())
    ids = await claim(stores[0], clock, "A")
    async with stores[1].writing() as changing, stores[0].writing() as db:
        await db.execute(text("SET LOCAL lock_timeout = '2s'"))
        await changing.execute(update(OutboxRow).values(attempts=OutboxRow.attempts))
        assert await repository.lock_claimed(db, ids, "A") == []
    for store in stores:
        await store.close()


async def test_a_late_owner_changes_nothing(one: Store, clock: ManualClock) -> None:
    """a sleeps through its lease, b takes over; whatever a then does is fenced off."""
    ids = await claim(one, clock, "a")
    await let_leases_lapse(one, clock())
    async with one.writing() as db:
        assert await repository.recover(db, REPEATS, clock()) == [("telegram", "released")]
    assert await claim(one, clock, "b") == ids
    async with one.writing() as db:
        assert await repository.lock_claimed(db, ids, "a") == []
        assert await repository.begin(db, ids, "a", 60) == set()
        assert (
            await repository.change(db, ids, "a", OutboxStatus.CLAIMED, {"status": "dead"}) == set()
        )
        await repository.release(db, "a")
    async with one.writing() as db:
        assert await repository.begin(db, ids, "b", 60) == set(ids)
    async with one.writing() as db:
        done = {"status": "sent", "done_at": clock()}
        assert await repository.change(db, ids, "a", OutboxStatus.SENDING, done) == set()
        assert await repository.change(db, ids, "b", OutboxStatus.SENDING, done) == set(ids)
        assert await repository.change(db, ids, "b", OutboxStatus.SENDING, done) == set()
    assert await rows(one, OutboxRow.status, OutboxRow.owner) == [("sent", None)]


async def test_leases_run_on_the_clock_of_the_database(one: Store, clock: ManualClock) -> None:
    """However far the service's own clock jumps, a lease neither ends nor lasts."""
    await claim(one, clock, "a", lease=3600)
    clock.forward(days=400)
    async with one.writing() as db:
        assert not await repository.lapsed(db)
        assert await repository.recover(db, REPEATS, clock()) == []
    clock.forward(days=-800)
    async with one.writing() as db:
        await db.execute(update(OutboxRow).values(status="ready"))
    await claim(one, clock, "b", lease=-1)
    async with one.writing() as db:
        await db.execute(update(OutboxRow).values(due_at=clock()))
        await db.execute(update(OutboxRow).values(status="ready"))
    await claim(one, clock, "b", lease=-1)
    async with one.reading() as db:
        assert await repository.lapsed(db)


@pytest.mark.parametrize(
    ("kind", "became"), [(REMIND, ["ready", "held"]), (CARD, ["unknown", "unknown"])]
)
async def test_unknown_by_kind(
    store: Store, clock: ManualClock, kind: str, became: list[str]
) -> None:
    """A reminder goes once more, then waits for the courier; a card's status never goes again."""
    await couriers(store, clock())
    await notice(store, clock(), kind=kind)
    for expected in became:
        ids = await claim(store, clock, "a")
        async with store.writing() as db:
            await repository.begin(db, ids, "a", 60)
        await let_leases_lapse(store, clock())
        async with store.writing() as db:
            await repository.recover(db, REPEATS, clock())
        assert await states(store) == [expected]


async def test_unknown_and_too_late_to_repeat(store: Store, clock: ManualClock) -> None:
    await couriers(store, clock())
    await notice(store, clock(), lasts=timedelta(hours=1))
    ids = await claim(store, clock, "a")
    async with store.writing() as db:
        await repository.begin(db, ids, "a", 60)
    await let_leases_lapse(store, clock())
    clock.forward(hours=2)
    async with store.writing() as db:
        await repository.recover(db, REPEATS, clock())
    assert await states(store) == ["unknown"]


async def test_taken_back_between_claim_and_call(one: Store, clock: ManualClock) -> None:
    ids = await claim(one, clock, "a")
    async with one.writing() as db:
        await queue.set_topic(db, 1, Topic.TRAINING, clock(), on=False)
    async with one.writing() as db:
        assert await repository.begin(db, ids, "a", 60) == set()
    assert await states(one) == ["cancelled"]


async def test_everybody_is_told_by_one_statement(store: Store, clock: ManualClock) -> None:
    await couriers(store, clock(), 5)
    async with store.writing() as db:
        await queue.set_topic(db, 2, Topic.TRAINING, clock(), on=False)
        db.add(CourierRow(id=6, created_at=clock(), seen_at=clock()))
    crowd = BulkNotice(
        REMIND, {"n": 7}, Topic.TRAINING, "crowd:1", clock(), clock() + timedelta(hours=1)
    )
    async with store.writing() as db:
        assert await queue.enqueue_all(db, select(CourierRow.id), crowd, clock()) == 5
        assert await queue.enqueue_all(db, select(CourierRow.id), crowd, clock()) == 0
    channel = FakeChannel()
    await worker(store, clock, channel).run_once()
    assert channel.taken == [(str(n), "7 zh_CN") for n in (1, 3, 4, 5)]
    assert sorted(await states(store)) == ["held", "sent", "sent", "sent", "sent"]


async def test_late_rows_are_put_away(store: Store, clock: ManualClock) -> None:
    await couriers(store, clock(), 2)
    await notice(store, clock(), 1)
    await notice(store, clock(), 2, due_in=timedelta(days=2))
    clock.forward(hours=6)
    async with store.writing() as db:
        assert await repository.expire(db, clock()) == 1
    assert await states(store) == ["expired", "ready"]
