"""Of the replicas that wait for one late answer, one sends it; none of them loses it."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from bot.outbox import repository
from bot.services.notifications.kinds import NoticeKind
from bot.services.notifications.late_answers import LEASE, LateAnswers
from bot.services.notifications.statuses import OutboxStatus, Reason
from bot.store.database_clock import from_now
from bot.store.encryption import new_key, parse_keys
from bot.store.engine import Store, open_store
from bot.store.models.notifications import OutboxRow
from tests.conftest import ManualClock
from tests.support.trainings import create_couriers

EVENT = ("telegram", "91", "m7")
REPEATS = frozenset({NoticeKind.LATE_ANSWER})


@pytest.fixture
async def late(store: Store, clock: ManualClock) -> LateAnswers:
    """One replica's, with a courier at the address of `EVENT`."""
    async with store.writing() as db:
        assert await create_couriers(db, 1, clock()) == [1]
    return LateAnswers(store, parse_keys(new_key()), clock)


async def row(store: Store) -> tuple[str, str | None, str]:
    async with store.reading() as db:
        found = (await db.execute(select(OutboxRow))).scalar_one()
    return found.status, found.owner, found.reason


async def test_of_replicas_that_begin_at_once_one_may_send(
    database_url: str, store: Store, clock: ManualClock, late: LateAnswers
) -> None:
    stores = [await open_store(database_url) for _ in range(3)]
    replicas = [late, *(LateAnswers(one, parse_keys(new_key()), clock) for one in stores)]
    begun = await asyncio.gather(*(one.begin(*EVENT) for one in replicas * 2))
    assert begun.count(True) == 1
    assert (await row(store))[0] == OutboxStatus.SENDING
    for one in stores:
        await one.close()


@pytest.mark.parametrize(("sent", "status"), [(True, "sent"), (False, "held")])
async def test_what_was_begun_ends_once_and_by_who_began_it(
    store: Store, clock: ManualClock, late: LateAnswers, sent: bool, status: str
) -> None:
    other = LateAnswers(store, parse_keys(new_key()), clock)
    assert await late.begin(*EVENT)
    await other.end(*EVENT, sent=not sent)
    assert (await row(store))[0] == OutboxStatus.SENDING
    await late.end(*EVENT, sent=sent)
    await late.end(*EVENT, sent=not sent)
    assert await row(store) == (status, None, "")
    assert not await other.begin(*EVENT)


async def test_what_a_dead_replica_began_is_left_to_the_delivery_worker(
    store: Store, clock: ManualClock, late: LateAnswers
) -> None:
    assert await late.begin(*EVENT)
    async with store.writing() as db:
        assert not await repository.lapsed(db)
        a_minute_ago = from_now(db, -LEASE)
        await db.execute(update(OutboxRow).values(lease_until=a_minute_ago))
        await repository.recover(db, REPEATS, clock() + timedelta(minutes=1))
    assert await row(store) == (OutboxStatus.READY, None, Reason.REPEATED)
    await late.end(*EVENT, sent=True)  # it was only slow, and comes too late
    assert (await row(store))[0] == OutboxStatus.READY


async def test_nobody_is_known_at_that_address(store: Store, late: LateAnswers) -> None:
    assert not await late.begin("telegram", "92", "m7")
    await late.end("telegram", "92", "m7", sent=True)
    async with store.reading() as db:
        assert list(await db.scalars(select(OutboxRow.id))) == []
