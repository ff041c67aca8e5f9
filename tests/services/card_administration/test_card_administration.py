"""The SQL of card administration on both databases: leagues, pages, lists, retention."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from bot.geo.places import Places
from bot.services.card_administration import overdue, pushes, requests, uploads
from bot.services.card_administration.uploads import ListState
from bot.services.cards.ingest import take
from bot.services.cards.pre_applications import Draft, PreApplications, PreApplicationStatus
from bot.services.cards.records import RecordSource
from bot.services.operators.roles import NotAllowed, Operator, Role
from bot.services.privacy.retention import RetentionPeriods, sweep
from bot.store.engine import Store
from bot.store.models.administration.card_lists import BankPushRow, CardListPartRow, CardListRow
from bot.store.models.stations import StationRow
from tests.conftest import ManualClock
from tests.support.cards import KEYS, RECORD, report_history
from tests.support.console_stations import HOHHOT, add_stations
from tests.support.trainings import create_couriers

REGION = Operator(1, "region", Role.CARDS)
LEAGUE = Operator(2, "league", Role.CARDS, frozenset({HOHHOT}))
PLACES = Places.load()
PERIODS = RetentionPeriods(timedelta(days=90), timedelta(days=730))
LIST = "申请编号,姓名,手机号,状态\nNM20269999,王小强,13812345678,审核中\n".encode()


async def test_pre_applications_come_in_pages_of_ones_leagues(
    store: Store, clock: ManualClock
) -> None:
    await add_stations(store, clock)
    async with store.writing() as db:
        (courier,) = await create_couriers(db, 1, clock())
        found = await db.execute(select(StationRow.code, StationRow.id))
        ids: dict[str, int] = dict(found.all())
        for number in range(requests.PAGE + 2):
            station = ids["H1"] if number % 2 else ids["B1"]
            draft = Draft("王强", "13812345678", "中通", station, "支行")
            await PreApplications(KEYS).submit(db, courier, draft, clock())
    new = PreApplicationStatus.NEW
    async with store.writing() as db:
        first = await requests.page(db, KEYS, PLACES, REGION, new, None, clock())
        assert len(first) == requests.PAGE
        rest = await requests.page(db, KEYS, PLACES, REGION, None, first[-1].id, clock())
        assert len(rest) == 2
        mine = await requests.page(db, KEYS, PLACES, LEAGUE, new, None, clock())
        assert {one.outlet_code for one in mine} == {"H1"}
        half = (requests.PAGE + 2) // 2
        assert await requests.counts(db, PLACES, LEAGUE) == {new: half}
        passed, closed = PreApplicationStatus.PASSED, PreApplicationStatus.CLOSED
        theirs = next(one.id for one in first if one.outlet_code == "B1")
        with pytest.raises(NotAllowed):
            await requests.set_status(db, PLACES, LEAGUE, theirs, new, passed, clock())
        own = mine[0].id
        assert await requests.set_status(db, PLACES, LEAGUE, own, new, closed, clock())
        exported = await requests.export(db, KEYS, PLACES, LEAGUE, new, clock(), mark_passed=True)
        assert len(exported) == half - 1
        counted = await requests.counts(db, PLACES, LEAGUE)
        assert counted == {passed: half - 1, closed: 1}


async def test_late_applications_come_in_pages_and_by_outlet(
    store: Store, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    await add_stations(store, clock)
    await report_history(store, clock(), [3, 3, 4, 4, 5], "审核中")
    late = [
        replace(
            RECORD,
            number=f"LATE{number:05}",
            label="审核中",
            at=clock() - timedelta(days=30 + number % 3),
            as_of=clock(),
            outlet_code="H1" if number % 2 else "B1",
        )
        for number in range(overdue.PAGE + 4)
    ]
    async with store.writing() as db:
        await take(db, KEYS, late, clock(), RecordSource.API)
    usual = (await overdue.usual_days(store, clock())).days
    async with store.writing() as db:
        every = await overdue.by_outlet(db, PLACES, REGION, usual, clock())
        outlets = every.outlets
        half = len(late) // 2
        assert {one.code: one.late for one in outlets} == {"B1": half, "H1": half}
        (mine,) = (await overdue.by_outlet(db, PLACES, LEAGUE, usual, clock())).outlets
        assert mine.code == "H1"
        first = await overdue.page(db, KEYS, PLACES, REGION, usual, None, None, clock())
        last = first[-1]
        rest = await overdue.page(
            db, KEYS, PLACES, REGION, usual, None, (last.since, last.id), clock()
        )
        assert len({one.id for one in (*first, *rest)}) == len(late)
        only = await overdue.page(db, KEYS, PLACES, LEAGUE, usual, "B1", None, clock())
        assert only == []
        monkeypatch.setattr(overdue, "OUTLETS", 1)
        fewer = await overdue.by_outlet(db, PLACES, REGION, usual, clock())
        assert (len(fewer.outlets), fewer.late) == (1, len(late))


async def test_a_list_is_imported_and_its_file_deleted(store: Store, clock: ManualClock) -> None:
    with pytest.raises(NotAllowed):
        await uploads.add(store, KEYS, LEAGUE, "a.csv", LIST, clock(), clock())
    number = await uploads.add(store, KEYS, REGION, "a.csv", LIST, clock(), clock())
    await uploads.import_list(store, KEYS, REGION, number, clock())
    async with store.reading() as db:
        one = await uploads.view(db, REGION, number)
        assert one.state is ListState.APPLIED
        assert one.summary.counts["new"] == 1
        assert await db.scalar(select(func.count()).select_from(CardListPartRow)) == 0


async def test_a_forgotten_list_is_deleted_after_a_day_and_counts_after_a_year(
    store: Store, clock: ManualClock
) -> None:
    await uploads.add(store, KEYS, REGION, "a.csv", LIST, clock(), clock())
    async with store.writing() as db:
        db.add(BankPushRow(at=clock(), records=1, counts={"new": 1}))

    async def left() -> list[int | None]:
        async with store.reading() as db:
            rows = (CardListPartRow, CardListRow, BankPushRow)
            return [await db.scalar(select(func.count()).select_from(row)) for row in rows]

    clock.forward(hours=23)
    await sweep(store, PERIODS, clock())
    assert await left() == [1, 1, 1]
    clock.forward(hours=2)
    await sweep(store, PERIODS, clock())
    assert await left() == [0, 1, 1]
    clock.forward(days=366)
    await sweep(store, PERIODS, clock())
    assert await left() == [0, 0, 0]


async def test_pushes_are_listed_newest_first(store: Store, clock: ManualClock) -> None:
    async with store.writing() as db:
        for records in (1, 2, 3):
            db.add(BankPushRow(at=clock(), records=records, counts={}))
            await db.flush()
    async with store.reading() as db:
        found = await pushes.page(db, REGION, None)
        assert [one.records for one in found] == [3, 2, 1]
        older = await pushes.page(db, REGION, found[1].id)
        assert [one.records for one in older] == [1]
