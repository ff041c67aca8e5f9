"""What a claim takes and sees: priority classes, chat and topic, and the last instant."""

from datetime import timedelta

import pytest
from sqlalchemy import update

from bot.outbox import repository
from bot.services.notifications.queue import Topic
from bot.services.notifications.statuses import OutboxStatus, Priority, Reason
from bot.store.engine import Store
from bot.store.models.conversation import ChatRow
from bot.store.models.notifications import OutboxRow, TopicRow
from tests.conftest import ManualClock
from tests.support.outbox import couriers, notice, rows, states

LEASE = 60.0
INSTANT = timedelta(microseconds=1)


@pytest.mark.parametrize("at", range(3))
async def test_each_priority_is_of_one_class(store: Store, clock: ManualClock, at: int) -> None:
    await couriers(store, clock(), len(Priority))
    for n, priority in enumerate(Priority, 1):
        await notice(store, clock(), n, priority=priority)
    async with store.writing() as db:
        of_class = repository.PRIORITY_CLASSES[at]
        taken = await repository.claim(db, "telegram", of_class, 10, clock(), "a", LEASE)
    wanted = (
        {Priority.INTERACTIVE},
        {Priority.REMINDER},
        {one for one in Priority if one > Priority.REMINDER},
    )[at]
    found = dict(await rows(store, OutboxRow.id, OutboxRow.priority))
    assert {found[one] for one in taken} == wanted
    assert len(taken) == len(wanted)


async def test_a_claimed_notice_is_seen_with_its_chat_and_topic(
    store: Store, clock: ManualClock
) -> None:
    await couriers(store, clock(), 3)
    for n in (1, 2, 3):
        await notice(store, clock(), n)
    async with store.writing() as db:
        of_class = repository.PRIORITY_CLASSES[1]
        ids = await repository.claim(db, "telegram", of_class, 10, clock(), "a", LEASE)
        chats = update(ChatRow)
        await db.execute(chats.where(ChatRow.external_id == "1").values(turns=4))
        await db.execute(chats.where(ChatRow.external_id == "2").values(reachable=False))
    async with store.writing() as db:
        seen = {due.courier_id: due for due in await repository.lock_claimed(db, ids, "a")}
        assert await repository.lock_claimed(db, ids, "b") == []
    assert [(seen[n].turns, seen[n].address) for n in (1, 2, 3)] == [(4, "1"), (0, None), (0, "3")]
    assert all(due.written_at == clock() for due in seen.values())


async def test_a_topic_that_is_switched_off_is_seen_but_service_notices_are_always_wanted(
    store: Store, clock: ManualClock
) -> None:
    await couriers(store, clock(), 1)
    for n, topic in enumerate((Topic.TRAINING, Topic.SERVICE)):
        await notice(store, clock(), 1, topic=topic, n=n)
        async with store.writing() as db:
            db.add(TopicRow(courier_id=1, topic=topic, is_on=False, at=clock()))
    async with store.writing() as db:
        of_class = repository.PRIORITY_CLASSES[1]
        ids = await repository.claim(db, "telegram", of_class, 10, clock(), "a", LEASE)
        wanted = {due.id: due.wanted for due in await repository.lock_claimed(db, ids, "a")}
    topics = dict(await rows(store, OutboxRow.id, OutboxRow.topic))
    assert {topics[one]: is_wanted for one, is_wanted in wanted.items()} == {
        Topic.TRAINING: False,
        Topic.SERVICE: True,
    }


@pytest.mark.parametrize(
    ("late", "status", "reason"),
    [
        (-INSTANT, OutboxStatus.READY, Reason.NONE),
        (timedelta(0), OutboxStatus.READY, Reason.NONE),
        (INSTANT, OutboxStatus.EXPIRED, Reason.LATE),
    ],
)
async def test_a_waiting_notice_expires_after_its_last_instant(
    store: Store, clock: ManualClock, late: timedelta, status: OutboxStatus, reason: Reason
) -> None:
    await couriers(store, clock(), 1)
    await notice(store, clock(), 1)
    (last,) = await rows(store, OutboxRow.not_after)
    async with store.writing() as db:
        assert await repository.expire(db, last + late) == (status is OutboxStatus.EXPIRED)
    assert list(await states(store)) == [status]
    (found,) = await rows(store, OutboxRow.reason)
    assert Reason(found) is reason


@pytest.mark.parametrize("late", [-INSTANT, timedelta(0), INSTANT])
def test_an_unknown_outcome_is_repeated_once_and_until_the_last_instant(
    clock: ManualClock, late: timedelta
) -> None:
    again = repository.unknown_outcome_transition(
        "remind", Reason.NONE, clock(), {"remind"}, clock() + late
    )
    assert (again["status"] == OutboxStatus.READY) == (late <= timedelta(0))
    once = repository.unknown_outcome_transition(
        "card", Reason.NONE, clock(), {"remind"}, clock() + late
    )
    assert once["status"] == OutboxStatus.UNKNOWN


async def test_a_worker_that_stops_gives_back_what_it_has_not_begun(
    store: Store, clock: ManualClock
) -> None:
    """What it had begun may have arrived: that ends as an unknown outcome, not as a new try."""
    await couriers(store, clock(), 2)
    for n in (1, 2):
        await notice(store, clock(), n)
    of_class = repository.PRIORITY_CLASSES[1]
    async with store.writing() as db:
        ids = await repository.claim(db, "telegram", of_class, 2, clock(), "a", LEASE)
        assert await repository.begin(db, ids[:1], "a", LEASE) == {ids[0]}
    async with store.writing() as db:
        await repository.release(db, "a")
    found = dict(await rows(store, OutboxRow.id, OutboxRow.status))
    assert found == {ids[0]: OutboxStatus.SENDING, ids[1]: OutboxStatus.READY}


async def test_what_is_due_and_waits_is_counted_by_channel(
    store: Store, clock: ManualClock
) -> None:
    await couriers(store, clock(), 2)
    await couriers(store, clock(), 1, channel="web", first=3)
    for n in (1, 2, 3):
        await notice(store, clock(), n)
    await notice(store, clock(), 1, n=9, due_in=timedelta(hours=1))
    async with store.reading() as db:
        assert await repository.count_due(db, clock()) == {"telegram": 2, "web": 1}
