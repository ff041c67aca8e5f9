"""What couriers and keepers find at stations changes what others are answered."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from bot.belief.model import Source
from bot.geo.point import Point
from bot.hours.calendar import Holidays
from bot.services.operators import notes
from bot.services.operators.notes import NoteKind
from bot.services.privacy import erasure
from bot.services.privacy.erasure import ErasureReason
from bot.services.privacy.retention import sweep
from bot.services.stations import catalogue
from bot.services.stations.evidence.left_out import left_out
from bot.services.stations.observations import Known, known, resolve
from bot.services.stations.reports import StationProblem, StationReporter
from bot.services.stations.results import MatchReason, SearchQuery, SearchResult, Travel
from bot.services.stations.search import StationSearch
from bot.services.stations.statuses import StationStatus
from bot.store.engine import Store
from bot.store.models.observations import BeliefRow, ObservationRow, VisitRow
from bot.store.models.stations import StationRow
from tests.conftest import ManualClock
from tests.services.privacy.expired_rows import PERIODS
from tests.support.cards import KEYS
from tests.support.observations import (
    LOCKED,
    OBSERVER,
    OPEN,
    create_couriers,
    refresh,
    ride_and_tell,
    tell,
)
from tests.support.stations import HERE, create_stations

NEAREST, SECOND = 1, 2
MINUTE = timedelta(minutes=1)


@pytest.fixture
async def replicas(store: Store, clock: ManualClock) -> list[StationSearch]:
    """Two, over six stations; couriers 1 to 9 have been here for two months."""
    await create_stations(store, clock)
    async with store.writing() as db:
        await create_couriers(db, range(1, 10), clock())
    found = []
    for _ in range(2):
        search = StationSearch(store, Travel(1.3, 18, 30_000.0), Holidays({}), clock, demo=False)
        await search.refresh()
        found.append(search)
    return found


def near(search: StationSearch, clock: ManualClock) -> SearchResult:
    """What somebody is answered who asks at HERE now."""
    return search.search(SearchQuery(Point(*HERE), clock()))


async def fact(store: Store, clock: ManualClock, name: str = "enter") -> Known | None:
    """What is known of one fact of the nearest station."""
    async with store.reading() as db:
        found = (await known(db, [NEAREST], clock()))[NEAREST]
    return next((one for one in found if one.fact == name), None)


async def test_after_two_locked_doors_the_third_courier_is_sent_elsewhere(
    store: Store, clock: ManualClock, replicas: list[StationSearch]
) -> None:
    assert near(replicas[0], clock).listed[0].id == NEAREST
    first = await ride_and_tell(store, 1, NEAREST, LOCKED, clock())
    clock.forward(minutes=50)
    second = await ride_and_tell(store, 2, NEAREST, LOCKED, clock())
    assert (first.needs_check, second.needs_check) == (False, True)
    await refresh(*replicas)
    for replica in replicas:
        result = near(replica, clock)
        assert result.listed[0].id != NEAREST
        assert result.listed[0].reason is MatchReason.SURER
        assert result.plain_nearest is not None
        assert result.plain_nearest.id == NEAREST
        assert NEAREST in result.mentioned
        assert result.nearest == result.plain_nearest


@pytest.mark.parametrize(
    ("days", "hours"), [(2, 4), (56, 0)], ids=["two days later", "at that hour of a day"]
)
async def test_the_order_passes_by_itself_and_nothing_is_closed(
    store: Store, clock: ManualClock, replicas: list[StationSearch], days: int, hours: int
) -> None:
    for courier_id in (1, 2):
        await ride_and_tell(store, courier_id, NEAREST, LOCKED, clock(), at_door=True)
    await refresh(*replicas)
    assert near(replicas[0], clock).listed[0].id != NEAREST
    clock.forward(days=days, hours=hours)
    assert near(replicas[0], clock).listed[0].id == NEAREST
    async with store.reading() as db:
        assert (await db.get_one(StationRow, NEAREST)).status == StationStatus.OPEN


async def test_two_at_the_door_count_fully_on_the_day_they_joined(
    store: Store, clock: ManualClock, replicas: list[StationSearch]
) -> None:
    async with store.writing() as db:
        await create_couriers(db, (21, 22), clock(), days=0)
    await ride_and_tell(store, 21, NEAREST, LOCKED, clock(), at_door=True)
    observed = await ride_and_tell(store, 22, NEAREST, LOCKED, clock(), at_door=True)
    assert observed.needs_check
    async with store.reading() as db:
        assert set(await db.scalars(select(ObservationRow.weight))) == {1.0}
    await refresh(*replicas)
    assert [near(one, clock).listed[0].id for one in replicas] == [SECOND, SECOND]


async def test_one_courier_counts_once_however_often_they_say_it(
    store: Store, clock: ManualClock, replicas: list[StationSearch]
) -> None:
    for _ in range(5):
        observed = await ride_and_tell(store, 1, NEAREST, LOCKED, clock(), at_door=True)
        assert not observed.needs_check
        clock.forward(minutes=5)
    found = await fact(store, clock)
    assert found is not None
    assert (found.positive, found.people, found.is_doubted) == (False, 1, False)


@pytest.mark.parametrize(("days", "firm"), [(0, ""), (200, "meituan")], ids=["fresh", "firm"])
async def test_fifty_accounts_that_never_asked_do_not_move_a_station(
    store: Store, clock: ManualClock, replicas: list[StationSearch], days: float, firm: str
) -> None:
    async with store.writing() as db:
        await create_couriers(db, range(100, 150), clock(), days=days, firm=firm)
    before = near(replicas[0], clock)
    for courier_id in range(100, 150):
        observed = await tell(store, courier_id, NEAREST, LOCKED, clock())
        assert not observed.needs_check
    await refresh(*replicas)
    after = near(replicas[0], clock)
    assert [one.id for one in after.listed] == [one.id for one in before.listed]
    moved = [one.listed[0].certainty or 0.0 for one in (before, after)]
    print(f"50 accounts, {days} days old, firm “{firm}”: {moved[0]:.3f} → {moved[1]:.3f}")  # noqa: T201 - shown by pytest -s
    assert moved[0] - moved[1] < 0.06
    assert await fact(store, clock) is None


async def test_a_firm_whose_people_were_shown_the_way_counts_little_after_the_first(
    store: Store, clock: ManualClock, replicas: list[StationSearch]
) -> None:
    async with store.writing() as db:
        await create_couriers(db, range(100, 120), clock(), firm="meituan")
    for courier_id in range(100, 120):
        await ride_and_tell(store, courier_id, NEAREST, LOCKED, clock())
    async with store.reading() as db:
        weights = list(await db.scalars(select(ObservationRow.weight).order_by(ObservationRow.id)))
    assert sum(weights) < 2 * weights[0]


async def test_a_new_account_after_each_erasure_is_still_counted_as_one_group(
    store: Store, clock: ManualClock, replicas: list[StationSearch]
) -> None:
    for courier_id in range(100, 110):
        async with store.writing() as db:
            await create_couriers(db, [courier_id], clock(), days=0)
        await ride_and_tell(store, courier_id, NEAREST, LOCKED, clock())
        async with store.writing() as db:
            await erasure.erase(db, courier_id, clock(), ErasureReason.REQUESTED)
    async with store.reading() as db:
        weights = list(await db.scalars(select(ObservationRow.weight).order_by(ObservationRow.id)))
    assert sum(weights) < 2 * weights[0]


async def test_a_keeper_who_praises_every_day_does_not_outweigh_two_at_the_door(
    store: Store, clock: ManualClock, replicas: list[StationSearch]
) -> None:
    for _ in range(20):
        await tell(store, None, NEAREST, OPEN, clock(), Source.KEEPER)
        clock.forward(days=1)
    found = await fact(store, clock, "exists")
    assert found is not None
    assert (found.positive, found.people, found.by_keeper) == (True, 0, True)
    clock.set(clock().replace(hour=10))
    while clock().weekday() > 4:
        clock.forward(days=1)
    for courier_id in (1, 2):
        await ride_and_tell(store, courier_id, NEAREST, LOCKED, clock(), at_door=True)
        await tell(store, None, NEAREST, OPEN, clock(), Source.KEEPER)
    await refresh(*replicas)
    assert near(replicas[0], clock).listed[0].id != NEAREST


async def test_what_is_known_says_how_many_and_from_when(
    store: Store, clock: ManualClock, replicas: list[StationSearch]
) -> None:
    await ride_and_tell(store, 1, NEAREST, [("water", True)], clock())
    clock.forward(minutes=130)
    await ride_and_tell(store, 2, NEAREST, [("water", True)], clock())
    assert await fact(store, clock, "water") == Known("water", True, 2, clock(), False)
    confirmed = clock()
    clock.forward(hours=1)
    await ride_and_tell(store, 3, NEAREST, [("water", False)], clock())
    assert await fact(store, clock, "water") == Known("water", False, 1, clock(), False)
    async with store.writing() as db:
        await OBSERVER.withdraw(db, 3, NEAREST, clock())
    found = await fact(store, clock, "water")
    assert found == Known("water", True, 2, confirmed.replace(minute=0), False)


async def test_contradictions_within_an_hour_are_neither_yes_nor_no(
    store: Store, clock: ManualClock, replicas: list[StationSearch]
) -> None:
    await ride_and_tell(store, 1, NEAREST, OPEN, clock())
    await ride_and_tell(store, 2, NEAREST, LOCKED, clock())
    found = await fact(store, clock)
    assert found is not None
    assert found.positive is None


async def test_only_the_hour_and_a_coarse_cell_are_kept(
    store: Store, clock: ManualClock, replicas: list[StationSearch]
) -> None:
    clock.forward(minutes=37)
    await ride_and_tell(store, 1, NEAREST, LOCKED, clock(), at_door=True)
    async with store.reading() as db:
        row = (await db.scalars(select(ObservationRow))).one()
    assert row.at == clock().replace(minute=0)
    assert row.cell == "816:2235"


async def test_two_reports_at_once_are_both_counted(
    store: Store, clock: ManualClock, replicas: list[StationSearch]
) -> None:
    observed = await asyncio.gather(
        *(ride_and_tell(store, one, NEAREST, LOCKED, clock(), at_door=True) for one in (1, 2))
    )
    assert sorted(one.needs_check for one in observed) == [False, True]
    async with store.reading() as db:
        belief = await db.get_one(BeliefRow, (NEAREST, "enter"))
        assert (belief.people, belief.positive) == (2, False)
        found = await notes.waiting(db, KEYS, "clerk", clock())
    assert [one.kind for one in found] == [NoteKind.STATION_CHECK]


async def test_a_report_leaves_the_station_out_and_is_observed_in_one_call(
    store: Store, clock: ManualClock, replicas: list[StationSearch]
) -> None:
    reporter = StationReporter(KEYS, OBSERVER)
    async with store.writing() as db:
        station = (await catalogue.describe(db, [NEAREST]))[NEAREST]
        for problem in StationProblem:
            await reporter.report(db, 1, station, problem, "坏了", clock(), facilities=["water"])
        assert await left_out(db, 1, clock()) == {NEAREST}
        rows = (await db.execute(select(ObservationRow.fact, ObservationRow.positive))).all()
        assert {tuple(row) for row in rows} == {
            ("enter", False),
            ("exists", False),
            ("water", False),
        }
        await reporter.take_back(db, 1, NEAREST, clock())
        assert await left_out(db, 1, clock()) == frozenset()
        assert await db.scalar(select(func.count()).select_from(ObservationRow)) == 0
        assert set(await db.scalars(select(BeliefRow.logit))) == {0.0}


async def test_a_courier_who_found_it_open_is_sent_there_again(
    store: Store, clock: ManualClock, replicas: list[StationSearch]
) -> None:
    await ride_and_tell(store, 1, NEAREST, LOCKED, clock())
    await ride_and_tell(store, 1, NEAREST, OPEN, clock() + MINUTE)
    async with store.reading() as db:
        assert await left_out(db, 1, clock()) == frozenset()


async def test_who_reported_a_fact_is_told_once_that_it_was_put_right(
    store: Store, clock: ManualClock, replicas: list[StationSearch]
) -> None:
    for courier_id in (1, 2):
        await ride_and_tell(store, courier_id, NEAREST, [("water", False)], clock())
    await ride_and_tell(store, 3, NEAREST, [("water", True)], clock())
    async with store.writing() as db:
        assert await resolve(db, NEAREST, "water", clock()) == [1, 2]
        assert await resolve(db, NEAREST, "water", clock()) == []


async def test_a_version_that_is_loaded_stepwise_equals_one_that_is_loaded_at_once(
    store: Store, clock: ManualClock, replicas: list[StationSearch]
) -> None:
    stepwise, late = replicas
    for courier_id, station_id in ((1, 1), (2, 1), (3, 2), (4, 4)):
        await ride_and_tell(store, courier_id, station_id, LOCKED, clock())
        assert await stepwise.refresh_beliefs()
    assert not await stepwise.refresh_beliefs()
    await late.refresh_beliefs()
    asked = SearchQuery(Point(*HERE), clock())
    assert stepwise.search(asked) == late.search(asked)


async def test_an_erased_courier_leaves_observations_of_nobody_and_no_visits(
    store: Store, clock: ManualClock, replicas: list[StationSearch]
) -> None:
    await ride_and_tell(store, 1, NEAREST, LOCKED, clock())
    async with store.writing() as db:
        await erasure.erase(db, 1, clock(), ErasureReason.REQUESTED)
    async with store.reading() as db:
        assert (await db.scalars(select(ObservationRow))).one().courier_id is None
        assert await db.scalar(select(func.count()).select_from(VisitRow)) == 0


async def test_observations_are_of_nobody_after_thirty_days_and_visits_gone_after_two(
    store: Store, clock: ManualClock, replicas: list[StationSearch]
) -> None:
    await ride_and_tell(store, 1, NEAREST, LOCKED, clock())
    assert await sweep(store, PERIODS, clock() + timedelta(days=1)) == {}
    assert await sweep(store, PERIODS, clock() + timedelta(days=3)) == {"visits": 1}
    assert await sweep(store, PERIODS, clock() + timedelta(days=29)) == {}
    done = await sweep(store, PERIODS, clock() + timedelta(days=31))
    assert done["observation_couriers"] == 1
    async with store.reading() as db:
        assert (await db.scalars(select(ObservationRow))).one().courier_id is None
