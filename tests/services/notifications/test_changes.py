"""Notices of one subject that nobody has seen are told as one, or not at all."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from bot.services.notifications import queue
from bot.services.notifications.changes import Change
from bot.services.notifications.queue import Notice, Topic
from bot.services.notifications.statuses import OutboxStatus, Reason
from bot.store.engine import Store
from bot.store.models.notifications import OutboxRow
from tests.conftest import ManualClock
from tests.support.outbox import REMIND, couriers


@pytest.fixture
async def two(store: Store, clock: ManualClock) -> Store:
    """Two couriers."""
    await couriers(store, clock(), 2)
    return store


async def moved(
    store: Store,
    clock: ManualClock,
    before: dict[str, queue.Plain],
    after: dict[str, queue.Plain],
    *,
    courier: int = 1,
    subject: str = "training:1",
    key: str = "",
) -> bool:
    """One change of that subject, planned under a key of its own."""
    now = clock()
    one = Notice(
        kind=REMIND,
        courier_id=courier,
        params={"training": 1},
        topic=Topic.SERVICE,
        dedupe_key=key or f"{subject}:{courier}:{before}:{after}",
        due_at=now,
        not_after=now + timedelta(hours=20),
        change=Change(subject, before, after),
    )
    async with store.writing() as db:
        return await queue.enqueue(db, one, now)


async def told(store: Store, courier: int = 1) -> list[dict[str, Any]]:
    """The `params` of what that courier will be told."""
    waiting = (OutboxStatus.READY, OutboxStatus.HELD, OutboxStatus.SENDING, OutboxStatus.SENT)
    async with store.reading() as db:
        rows = select(OutboxRow.params).where(OutboxRow.courier_id == courier)
        rows = rows.where(OutboxRow.status.in_(waiting)).order_by(OutboxRow.id)
        return list(await db.scalars(rows))


async def set_states(store: Store, status: OutboxStatus, reason: Reason = Reason.NONE) -> None:
    async with store.writing() as db:
        await db.execute(update(OutboxRow).values(status=status, reason=reason))


@pytest.mark.parametrize("waits", [OutboxStatus.READY, OutboxStatus.CLAIMED, OutboxStatus.HELD])
async def test_three_changes_are_told_as_one_from_the_first_to_the_last(
    two: Store, clock: ManualClock, waits: OutboxStatus
) -> None:
    assert await moved(two, clock, {"at": "A"}, {"at": "B", "place": "x"})
    await set_states(two, waits)
    assert await moved(two, clock, {"at": "B"}, {"at": "C", "place": "x"})
    assert await moved(two, clock, {"at": "C", "place": "x"}, {"at": "D", "place": "y"})
    assert await told(two) == [{"training": 1, "at": "A", "place": "x"}]


async def test_a_change_that_was_taken_back_is_not_told(two: Store, clock: ManualClock) -> None:
    await moved(two, clock, {"at": "A"}, {"at": "B"})
    await moved(two, clock, {"at": "B"}, {"at": "C"})
    assert not await moved(two, clock, {"at": "C"}, {"at": "A"})
    assert await told(two) == []


async def test_what_changed_back_is_left_out_of_what_is_told(
    two: Store, clock: ManualClock
) -> None:
    await moved(two, clock, {"at": "A"}, {"at": "B", "place": "x"})
    await moved(two, clock, {"at": "B", "place": "x"}, {"at": "A", "place": "y"})
    assert await told(two) == [{"training": 1, "place": "x"}]


@pytest.mark.parametrize("status", [OutboxStatus.SENT, OutboxStatus.SENDING])
async def test_what_was_sent_is_known_and_the_way_back_is_told(
    two: Store, clock: ManualClock, status: OutboxStatus
) -> None:
    await moved(two, clock, {"at": "A"}, {"at": "B"})
    await set_states(two, status)
    assert await moved(two, clock, {"at": "B"}, {"at": "A"})
    assert await told(two) == [{"training": 1, "at": "A"}, {"training": 1, "at": "B"}]


async def test_what_may_have_arrived_stays_and_the_way_back_is_told(
    two: Store, clock: ManualClock
) -> None:
    await moved(two, clock, {"at": "A"}, {"at": "B"})
    await set_states(two, OutboxStatus.READY, Reason.REPEATED)
    assert await moved(two, clock, {"at": "B"}, {"at": "A"})
    assert len(await told(two)) == 2


async def test_other_subjects_and_other_couriers_keep_theirs(
    two: Store, clock: ManualClock
) -> None:
    await moved(two, clock, {"at": "A"}, {"at": "B"})
    await moved(two, clock, {"at": "A"}, {"at": "B"}, courier=2)
    await moved(two, clock, {"at": "B"}, {"at": "A"}, subject="training:2")
    assert await told(two) == [{"training": 1, "at": "A"}, {"training": 1, "at": "B"}]
    assert await told(two, 2) == [{"training": 1, "at": "A"}]


async def test_the_same_change_planned_twice_is_told_once(two: Store, clock: ManualClock) -> None:
    assert await moved(two, clock, {"at": "A"}, {"at": "B"}, key="changed:1")
    assert not await moved(two, clock, {"at": "A"}, {"at": "B"}, key="changed:1")
    assert await told(two) == [{"training": 1, "at": "A"}]
