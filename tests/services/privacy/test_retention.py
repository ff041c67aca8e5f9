"""What is past its time goes, with all that hangs on it; what is not stays."""

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, insert, select, update

from bot.services.cards.ingest import take
from bot.services.cards.records import RecordSource
from bot.services.dataset_version import Dataset, dataset_version
from bot.services.notifications.queue import Notice, Topic, enqueue
from bot.services.privacy import retention
from bot.services.privacy.retention import BATCH, RetentionPeriods, sweep
from bot.services.trainings.registrations import Registrations
from bot.services.trainings.seating import Seating
from bot.store.engine import Store, open_store
from bot.store.models.api import ApiRequestRow, ApiSignatureRow
from bot.store.models.attempts import AttemptRow
from bot.store.models.cards import (
    CardApplicationRow,
    CardBindingRow,
    CardFactRow,
    CardRequestRow,
    CardStageRow,
)
from bot.store.models.common import Table
from bot.store.models.conversation import ChatRow, InboxRow
from bot.store.models.couriers import CourierRow
from bot.store.models.notifications import OutboxRow
from bot.store.models.operators import AccessLogRow, OperatorNoteRow
from bot.store.models.stations import DemandRow
from bot.store.models.trainings import RegistrationRow
from tests.conftest import ManualClock
from tests.support import postgres
from tests.support.cards import KEYS, RECORD
from tests.support.trainings import create_couriers, create_training

PERIODS = RetentionPeriods(settled=timedelta(days=180), idle=timedelta(days=365))
DAY = timedelta(days=1)


async def count(store: Store, table: type[Table]) -> int:
    async with store.reading() as db:
        return await db.scalar(select(func.count()).select_from(table)) or 0


async def settle(store: Store, clock: ManualClock, *days_ago: int, label: str = "已激活") -> None:
    """One application for each, at that status since so long."""
    records = []
    for days in days_ago:
        at = clock() - days * DAY
        records.append(replace(RECORD, number=f"OLD{days:06}", label=label, at=at, as_of=at))
    async with store.writing() as db:
        await take(db, KEYS, records, clock(), RecordSource.IMPORT)


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
        notice = Notice("x", number, {}, Topic.SERVICE, f"x:{number}", seen, seen + DAY)
        await enqueue(db, notice, seen)


async def test_settled_applications_go_with_their_history_and_bindings(
    store: Store, clock: ManualClock
) -> None:
    await settle(store, clock, 179, 181, 200)
    await settle(store, clock, 182, label="制卡中")
    await courier(store, 1, clock())
    async with store.writing() as db:
        for found in list(await db.scalars(select(CardApplicationRow.id))):
            row = {"courier_id": 1, "application_id": found, "at": clock()}
            await db.execute(insert(CardBindingRow).values(row))
        before = await dataset_version(db, Dataset.CARDS)
    assert await sweep(store, PERIODS, clock()) == {"applications": 2}
    assert await count(store, CardApplicationRow) == 2
    for table, left in ((CardStageRow, 2), (CardFactRow, 4), (CardBindingRow, 2)):
        assert await count(store, table) == left
    async with store.reading() as db:
        assert await dataset_version(db, Dataset.CARDS) > before
    assert await sweep(store, PERIODS, clock()) == {}


async def test_an_application_that_the_bank_forgot_goes_too(
    store: Store, clock: ManualClock
) -> None:
    await settle(store, clock, 364, 366, label="待领取")
    assert await sweep(store, PERIODS, clock()) == {"applications": 1}
    assert await count(store, CardApplicationRow) == 1


async def test_an_idle_courier_goes_with_everything_and_nobody_can_say_who(
    store: Store, clock: ManualClock
) -> None:
    await courier(store, 1, clock() - 366 * DAY)
    await courier(store, 2, clock() - 364 * DAY)
    assert (await sweep(store, PERIODS, clock()))["couriers"] == 1
    for table in (CourierRow, ChatRow, InboxRow, DemandRow, CardRequestRow, OutboxRow):
        assert await count(store, table) == 1, table
    async with store.reading() as db:
        logged = (await db.scalars(select(AccessLogRow))).one()
    assert (logged.action, logged.purpose, logged.subject) == ("erase", "idle", b"")


async def test_many_go_in_several_transactions(store: Store, clock: ManualClock) -> None:
    many = [{"id": number, "created_at": clock(), "seen_at": clock() - 400 * DAY}
            for number in range(1, BATCH + 31)]  # fmt: skip
    async with store.writing() as db:
        await db.execute(insert(CourierRow), many)
    assert (await sweep(store, PERIODS, clock()))["couriers"] == BATCH + 30
    assert await count(store, CourierRow) == 0


async def test_requests_demand_notes_and_records_go_each_in_their_time(
    store: Store, clock: ManualClock
) -> None:
    now = clock()
    await courier(store, 1, now)
    async with store.writing() as db:
        sealed = dict.fromkeys(("number", "name", "phone", "firm", "outlet"), b"x")
        for number, (status, days) in enumerate(
            [("passed", 181), ("passed", 179), ("new", 364), ("new", 366)], 10
        ):
            await db.execute(
                insert(CardRequestRow).values(
                    **sealed, number_index=bytes((number,)), courier_id=1, firm_code="",
                    consent="1", status=status, created_at=now - days * DAY,
                )
            )  # fmt: skip
        for days in (364, 366):
            db.add(
                DemandRow(
                    courier_id=1, at=now - days * DAY, cell="", league="", wanted="",
                    outcome="found",
                )
            )  # fmt: skip
        for number, done in enumerate((None, now - 179 * DAY, now - 181 * DAY)):
            old = now - 300 * DAY
            db.add(
                OperatorNoteRow(kind="x", dedupe_key=str(number), params={}, at=old, done_at=done)
            )
        for days in (1, 4 * 366):
            at = now - days * DAY
            db.add(
                AccessLogRow(at=at, actor="x", action="read", field="x", subject=b"", purpose="")
            )
        for hours in (1, 72):
            at = now - timedelta(hours=hours)
            db.add(ApiRequestRow(key=str(hours), body_hash=b"x", response=b"x", at=at))
            db.add(ApiSignatureRow(signature=bytes((hours,)), at=at - timedelta(minutes=-30)))
            row = {"scope": "chat", "key": bytes((hours,)), "count": 1, "began_at": at}
            await db.execute(insert(AttemptRow).values(row))
    assert await sweep(store, PERIODS, now) == {"requests": 2, "demand": 1, "notes": 1, "log": 1}
    assert await count(store, CardRequestRow) == 3
    assert await count(store, DemandRow) == 2
    assert await count(store, OperatorNoteRow) == 2
    for table in (AccessLogRow, ApiRequestRow, ApiSignatureRow, AttemptRow):
        assert await count(store, table) == 1, table


@pytest.mark.parametrize(
    ("status", "done_days", "over_days", "stays"),
    [
        ("sent", 29, 29, True),
        ("sent", 31, 31, False),
        ("sent", 31, -1, True),  # could still be planned a second time
        ("shown", 31, 31, False),
        ("cancelled", 31, 31, False),
        ("expired", 31, 31, False),
        ("dead", 31, 31, False),
        ("unknown", 31, 31, True),
        ("unknown", 181, 181, False),
        ("ready", None, 31, True),
        ("held", None, 31, True),
    ],
)
async def test_notices_of_a_courier_who_stays_are_erased_in_time(
    store: Store,
    clock: ManualClock,
    status: str,
    done_days: int | None,
    over_days: int,
    stays: bool,
) -> None:
    await courier(store, 1, clock())
    done_at = None if done_days is None else clock() - done_days * DAY
    async with store.writing() as db:
        said = {"status": status, "done_at": done_at, "not_after": clock() - over_days * DAY}
        await db.execute(update(OutboxRow).values(**said))
    assert await sweep(store, PERIODS, clock()) == ({} if stays else {"notices": 1})
    assert await count(store, OutboxRow) == int(stays)
    assert await count(store, CourierRow) == 1


async def test_many_notices_go_in_several_transactions_past_those_that_stay(
    store: Store, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "NOTICES", 3)
    await courier(store, 1, clock())
    old = clock() - 40 * DAY
    async with store.writing() as db:
        for number in range(20):
            notice = Notice("x", 1, {}, Topic.SERVICE, f"old:{number}", old, old + DAY)
            await enqueue(db, notice, old)
        finished = update(OutboxRow).where(OutboxRow.id % 2 == 0)
        await db.execute(finished.values(status="sent", done_at=old))
    assert await sweep(store, PERIODS, clock()) == {"notices": 10}
    assert await count(store, OutboxRow) == 11
    assert await sweep(store, PERIODS, clock()) == {}


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
        notice = Notice("x", told, {}, Topic.SERVICE, "x", now, now + DAY)
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
