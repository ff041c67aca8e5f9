"""The dashboard's figures: counted right on both databases, without what is below five."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest
from sqlalchemy import insert, select

from bot.belief.model import ENTER, Source
from bot.geo.places import Places
from bot.services.operators.roles import NotAllowed, Operator, Role
from bot.services.overview.dashboard import stored
from bot.services.overview.dashboard.figures import Figure, Figures, masked, rounded
from bot.services.stations.demand import DemandOutcome
from bot.store.engine import Store
from bot.store.models.dashboards import DashboardRow
from bot.store.models.notifications import OutboxRow
from bot.store.models.observations import ObservationRow
from bot.store.models.stations import DemandRow, StationRow
from bot.store.models.trainings import RegistrationRow, TrainingRow
from tests.conftest import ManualClock
from tests.support.console_stations import BAOTOU, HOHHOT, add_stations
from tests.support.trainings import create_couriers

ADMIN = Operator(1, "admin", Role.ADMINISTRATOR)
CELL = "816:2233"  # around 40.8 N, 111.7 E
FOUND, NONE_OPEN = DemandOutcome.FOUND, DemandOutcome.NONE_OPEN


def search(
    courier: int, at: datetime, outcome: str, league: str = HOHHOT, cell: str = CELL
) -> dict[str, object]:
    hour = at.replace(minute=0, second=0, microsecond=0)
    return {
        "courier_id": courier, "at": hour, "cell": cell, "league": league,
        "outcome": outcome, "wanted": "",
    }  # fmt: skip


async def couriers_of(store: Store, clock: ManualClock, count: int) -> Sequence[int]:
    async with store.writing() as db:
        return await create_couriers(db, count, clock())


async def add_searches(store: Store, rows: Sequence[dict[str, object]]) -> None:
    async with store.writing() as db:
        await db.execute(insert(DemandRow), list(rows))


async def counted(store: Store, clock: ManualClock, days: int = 7, league: str = "") -> Figures:
    await stored.refresh(store, Places.load(), clock(), always=True)
    async with store.reading() as db:
        found = await stored.figures(db, ADMIN, days, league)
    assert found is not None
    return found


def rows_of(found: Figures, figure: Figure) -> dict[str, tuple[object, ...]]:
    return {row.key: row.counts for row in found.tables[figure]}


async def test_searches_are_counted_by_the_day_in_china_and_by_league(
    store: Store, clock: ManualClock
) -> None:
    couriers = await couriers_of(store, clock, 6)
    late = clock().replace(hour=0) - timedelta(minutes=60)  # 23:00 the day before: 15:00 UTC
    early = clock().replace(hour=0)  # 00:00 that day: 16:00 UTC of the day before
    await add_searches(
        store,
        [
            *(search(one, late, FOUND) for one in couriers),
            *(search(one, early, NONE_OPEN) for one in couriers),
            *(search(one, early, FOUND, BAOTOU, "800:2200") for one in couriers[:5]),
            search(couriers[0], early, DemandOutcome.PROPOSED),
            search(couriers[0], clock() - timedelta(days=40), FOUND),
        ],
    )
    region = await counted(store, clock)
    by_day = rows_of(region, Figure.SEARCHES)
    assert len(by_day) == 7
    assert by_day["2026-11-22"] == (6, 0, 0)
    assert by_day["2026-11-23"] == (5, 6, 0)
    assert rows_of(region, Figure.COURIERS)["2026-11-23"] == (6,)
    assert rows_of(region, Figure.LEAGUES)[""][1:] == (6, 20, 10, 10, 0)
    baotou = await counted(store, clock, league=BAOTOU)
    assert rows_of(baotou, Figure.SEARCHES)["2026-11-23"] == (5, 0, 0)
    assert list(rows_of(baotou, Figure.LEAGUES)) == [BAOTOU]
    assert [cell.couriers for cell in baotou.cells] == [5]
    assert len(rows_of(await counted(store, clock, days=90), Figure.SEARCHES)) == 90


async def test_fewer_than_five_are_stored_nowhere(store: Store, clock: ManualClock) -> None:
    couriers = await couriers_of(store, clock, 4)
    await add_searches(store, [search(one, clock(), NONE_OPEN) for one in couriers])
    found = await counted(store, clock)
    assert rows_of(found, Figure.SEARCHES)["2026-11-23"] == (0, None, 0)
    assert rows_of(found, Figure.COURIERS)["2026-11-23"] == (None,)
    assert rows_of(found, Figure.LEAGUES)[HOHHOT][1:5] == (None, None, 0, None)
    assert found.cells == ()


async def test_a_square_shows_searches_in_vain_of_five_couriers_only(
    store: Store, clock: ManualClock
) -> None:
    couriers = await couriers_of(store, clock, 6)
    vain = [search(one, clock(), NONE_OPEN) for one in couriers[:4] for _ in range(3)]
    await add_searches(store, [*(search(one, clock(), FOUND) for one in couriers), *vain])
    (cell,) = (await counted(store, clock)).cells
    assert (cell.couriers, cell.searches, cell.in_vain) == (6, 18, None)
    await add_searches(store, [search(couriers[4], clock(), NONE_OPEN)])
    (cell,) = (await counted(store, clock)).cells
    assert cell.in_vain == 13


async def test_what_couriers_found_is_weighed_against_the_list(
    store: Store, clock: ManualClock
) -> None:
    await add_stations(store, clock)
    (courier,) = await couriers_of(store, clock, 1)
    async with store.writing() as db:
        ids = dict((await db.execute(select(StationRow.code, StationRow.id))).all())
        told = [
            {
                "station_id": ids["H1"], "fact": fact, "positive": positive,
                "source": Source.COURIER, "at": clock() - timedelta(days=day), "cell": CELL,
                "weight": 0.5, "courier_id": courier,
            }
            for day, fact, positive in (
                *((number % 5, ENTER, False) for number in range(5)),
                *((number, ENTER, True) for number in range(2)),
                (1, "water", True),
            )
        ]  # fmt: skip
        await db.execute(insert(ObservationRow), told)
    found = await counted(store, clock)
    # One station each, which is fewer than five: what is shown is that there is something.
    assert rows_of(found, Figure.BELIEF) == {ENTER: (0, None, 0), "water": (0, None, 0)}
    trips = rows_of(found, Figure.TRIPS)
    assert sum(1 for counts in trips.values() if counts != (0, 0)) == 5
    assert rows_of(found, Figure.LEAGUES)[HOHHOT][5] == 10
    assert rows_of(found, Figure.LEAGUES)[BAOTOU][5] == 0


async def test_stations_are_counted_by_owner_and_league_with_the_age_of_their_check(
    store: Store, clock: ManualClock
) -> None:
    await add_stations(store, clock)
    found = await counted(store, clock)
    assert rows_of(found, Figure.FRESHNESS) == {"": (1, 0, 3)}
    assert rows_of(await counted(store, clock, league=HOHHOT), Figure.FRESHNESS) == {"": (1, 0, 1)}
    assert rows_of(found, Figure.LEAGUES)[BAOTOU][0] == 1


async def test_seats_attendance_and_deliveries_are_counted(
    store: Store, clock: ManualClock
) -> None:
    couriers = await couriers_of(store, clock, 9)
    starts = clock() - timedelta(days=2)
    async with store.writing() as db:
        training = TrainingRow(
            code="T1", title="t", topic="急救", league=HOHHOT, starts_at=starts,
            ends_at=starts + timedelta(hours=1), deadline=starts, capacity=30, taken=9,
            checkin_code="123456", updated_at=starts, status="done",
        )  # fmt: skip
        db.add(training)
        await db.flush()
        for number, courier in enumerate(couriers):
            db.add(
                RegistrationRow(
                    training_id=training.id,
                    courier_id=courier,
                    status="seat",
                    attended_at=starts if number < 6 else None,
                    created_at=starts,
                    updated_at=starts,
                )
            )
            db.add(
                OutboxRow(
                    dedupe_key=f"n{courier}",
                    courier_id=courier,
                    channel="wechat",
                    kind="training.reminder",
                    topic="training",
                    created_at=starts,
                    status="sent" if number < 5 else "dead",
                    due_at=starts,
                    not_after=starts,
                )
            )
    found = await counted(store, clock)
    assert rows_of(found, Figure.TRAININGS) == {"急救": (30, 9, 6)}
    assert rows_of(found, Figure.DELIVERY) == {"wechat": (5, 0, 0, None)}
    of_league = await counted(store, clock, league=HOHHOT)
    assert rows_of(of_league, Figure.TRAININGS) == {"急救": (30, 9, 6)}
    assert Figure.DELIVERY not in of_league.tables


async def test_counting_is_repeated_after_an_hour_and_by_one_replica(
    store: Store, clock: ManualClock
) -> None:
    places = Places.load()
    assert await stored.refresh(store, places, clock())
    assert not await stored.refresh(store, places, clock())
    clock.forward(minutes=61)
    assert await stored.refresh(store, places, clock())
    async with store.writing() as db:  # it took long: once a day is enough
        row = await db.get_one(DashboardRow, (0, ""))
        row.figures = {"seconds": 300.0}
    clock.forward(hours=2)
    assert not await stored.refresh(store, places, clock())


async def test_an_operator_of_a_league_reads_that_league_only(
    store: Store, clock: ManualClock
) -> None:
    await counted(store, clock)
    editor = Operator(2, "editor", Role.EDITOR, frozenset({HOHHOT}))
    async with store.reading() as db:
        assert await stored.figures(db, editor, 7, HOHHOT) is not None
        for other in ("", BAOTOU):
            with pytest.raises(NotAllowed):
                await stored.figures(db, editor, 7, other)


@pytest.mark.parametrize(
    ("count", "shown", "total"),
    [(0, 0, 0), (1, None, None), (4, None, None), (5, 5, 10), (12, 12, 10), (996, 996, 1000)],
)
def test_small_counts_are_masked_and_totals_in_tens(
    count: int, shown: int | None, total: int | None
) -> None:
    assert (masked(count), rounded(count)) == (shown, total)
