"""Erasing what is past its time beside turns and other replicas."""

import asyncio
from datetime import timedelta

from sqlalchemy import insert, select, update

from bot.services.notifications.kinds import NoticeKind
from bot.services.notifications.queue import Notice, Topic, enqueue
from bot.services.privacy.retention import sweep
from bot.services.trainings.registrations import Registrations
from bot.services.trainings.seating import Seating
from bot.store.engine import Store, open_store
from bot.store.models.administration.operators import AccessLogRow
from bot.store.models.conversation import ChatRow
from bot.store.models.couriers import CourierRow
from bot.store.models.notifications import OutboxRow
from bot.store.models.stations import DemandRow
from bot.store.models.trainings import RegistrationRow
from tests.conftest import ManualClock
from tests.services.privacy.expired_rows import DAY, PERIODS, count, courier
from tests.support import postgres
from tests.support.trainings import create_couriers, create_training


async def test_several_replicas_may_sweep_at_once(store: Store, clock: ManualClock) -> None:
    old = clock() - 40 * DAY
    await courier(store, 1, clock())
    async with store.writing() as db:
        await db.execute(update(OutboxRow).values(status="sent", done_at=old, not_after=old))
    for number in range(2, 12):
        await courier(store, number, clock() - 366 * DAY)
    done = await asyncio.gather(*(sweep(store, PERIODS, clock()) for _ in range(3)))
    assert sum(one.get("couriers", 0) for one in done) == 10
    assert sum(one.get("notices", 0) for one in done) == 1


async def test_a_courier_who_only_opened_the_chat_is_erased_after_a_month(
    store: Store, clock: ManualClock
) -> None:
    now = clock()
    async with store.writing() as db:
        names = await create_couriers(db, 6, now - 31 * DAY)
        _arrived, searched, speaks, linked, told, recent = names
        when = {"at": now, "cell": "", "league": "", "wanted": "", "outcome": ""}
        await db.execute(insert(DemandRow).values(courier_id=searched, **when))
        english = update(CourierRow).where(CourierRow.id == speaks)
        await db.execute(english.values(locale="en"))
        other = ChatRow(channel="web", external_id="other", courier_id=linked, state_at=now)
        db.add(other)
        notice = Notice(NoticeKind.CARD_STAGE, told, {}, Topic.SERVICE, "x", now, now + DAY)
        await enqueue(db, notice, now)  # a broadcast to everybody is nothing that they asked for
        last_month = update(CourierRow).where(CourierRow.id == recent)
        await db.execute(last_month.values(seen_at=now - 29 * DAY))
    assert await sweep(store, PERIODS, now) == {"arrivals": 2}
    async with store.reading() as db:
        left = set(await db.scalars(select(CourierRow.id)))
        reasons = set(await db.scalars(select(AccessLogRow.purpose)))
    assert left == {searched, speaks, linked, recent}
    assert reasons == {"arrived"}


async def test_the_sweep_and_a_turn_that_wait_for_one_session_both_get_through(
    postgres_url: str, clock: ManualClock
) -> None:
    """The line that the turn moves holds couriers whom the sweep is about to erase."""
    store, now = await open_store(postgres_url), clock()
    registrations = Registrations(Seating(timedelta(hours=2)))
    async with store.writing() as db:
        session = await create_training(db, now + 3 * DAY, now=now, capacity=1)
        seat, *idle = await create_couriers(db, 3, now)
        for one in (seat, *idle):
            await registrations.register(db, session, one, now)
        forgotten = update(CourierRow).where(CourierRow.id.in_(idle))
        await db.execute(forgotten.values(seen_at=now - 400 * DAY))
    locked = asyncio.Event()

    async def turn() -> None:
        async with store.writing() as db:
            await registrations.seating.lock(db, session, now)
            locked.set()
            await postgres.until_somebody_waits(store)
            await registrations.withdraw(db, session, seat, now)

    turning = asyncio.create_task(turn())
    await locked.wait()
    assert await sweep(store, PERIODS, now, (registrations.forget,)) == {"couriers": 2}
    await turning
    async with store.reading() as db:
        assert set(await db.scalars(select(CourierRow.id))) == {seat}
        assert set(await db.scalars(select(RegistrationRow.status))) == {"withdrawn"}
    await store.close()


async def test_a_courier_whose_turn_is_running_is_not_erased(
    postgres_url: str, clock: ManualClock
) -> None:
    """A turn takes the chat first and then the courier: the sweep must not hold one of them."""
    store, now = await open_store(postgres_url), clock()
    await courier(store, 1, now - 400 * DAY)
    await courier(store, 2, now - 400 * DAY)
    async with store.writing() as db:
        await db.execute(select(ChatRow.id).where(ChatRow.id == 1).with_for_update(key_share=True))
        assert (await sweep(store, PERIODS, now))["couriers"] == 1
        me = select(CourierRow.id).where(CourierRow.id == 1)
        assert await db.scalar(me.with_for_update(key_share=True, nowait=True)) == 1
    assert (await sweep(store, PERIODS, now))["couriers"] == 1
    assert await count(store, CourierRow) == 0
    await store.close()
