"""What is past its time goes, with all that hangs on it; what is not stays."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import insert, select, update

from bot.services.cards.ingest import take
from bot.services.cards.records import RecordSource
from bot.services.dataset_version import Dataset, dataset_version
from bot.services.notifications.kinds import NoticeKind
from bot.services.notifications.queue import Notice, Topic, enqueue
from bot.services.operators import revisions
from bot.services.operators.revisions import Record, RevisionKind
from bot.services.privacy import retention
from bot.services.privacy.retention import BATCH, sweep
from bot.store.engine import Store
from bot.store.models.administration.operators import (
    AccessLogRow,
    OperatorNoteRow,
    RevisionRecordRow,
    RevisionRow,
)
from bot.store.models.api import ApiRequestRow, ApiSignatureRow
from bot.store.models.attempts import AttemptRow
from bot.store.models.cards import (
    CardApplicationRow,
    CardBindingRow,
    CardFactRow,
    CardRequestRow,
    CardStageRow,
)
from bot.store.models.conversation import ChatRow, InboxRow
from bot.store.models.couriers import CourierRow
from bot.store.models.notifications import OutboxRow
from bot.store.models.stations import DemandRow, LeftOutStationRow, StationRow
from tests.conftest import ManualClock
from tests.services.privacy.expired_rows import DAY, PERIODS, count, courier
from tests.support.cards import KEYS, RECORD
from tests.support.stations import create_stations


async def settle(store: Store, clock: ManualClock, *days_ago: int, label: str = "已激活") -> None:
    """One application for each, at that status since so long."""
    records = []
    for days in days_ago:
        at = clock() - days * DAY
        records.append(replace(RECORD, number=f"OLD{days:06}", label=label, at=at, as_of=at))
    async with store.writing() as db:
        await take(db, KEYS, records, clock(), RecordSource.IMPORT)


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
            notice = Notice(
                NoticeKind.CARD_STAGE, 1, {}, Topic.SERVICE, f"old:{number}", old, old + DAY
            )
            await enqueue(db, notice, old)
        finished = update(OutboxRow).where(OutboxRow.id % 2 == 0)
        await db.execute(finished.values(status="sent", done_at=old))
    assert await sweep(store, PERIODS, clock()) == {"notices": 10}
    assert await count(store, OutboxRow) == 11
    assert await sweep(store, PERIODS, clock()) == {}


async def test_a_reported_station_is_left_out_no_longer_than_said(
    store: Store, clock: ManualClock
) -> None:
    await create_stations(store, clock)
    await courier(store, 1, clock())
    async with store.writing() as db:
        first, second = list(await db.scalars(select(StationRow.id).limit(2)))
        for station, until in ((first, clock()), (second, clock() + timedelta(hours=1))):
            row = {"courier_id": 1, "station_id": station, "until": until}
            await db.execute(insert(LeftOutStationRow).values(row))
    await sweep(store, PERIODS, clock())
    async with store.reading() as db:
        assert list(await db.scalars(select(LeftOutStationRow.station_id))) == [second]


async def test_revisions_are_kept_for_four_hundred_days(store: Store, clock: ManualClock) -> None:
    for days in (401, 399):
        async with store.writing() as db:
            await revisions.record(
                db,
                RevisionKind.STATIONS,
                revisions.UNNAMED_IMPORT,
                (Record(f"A{number}", {"phone": "1"}, {"phone": "2"}) for number in range(1_500)),
                clock() - timedelta(days=days),
            )
    assert await sweep(store, PERIODS, clock()) == {"revisions": 1}
    assert await count(store, RevisionRow) == 1
    assert await count(store, RevisionRecordRow) == 1_500
