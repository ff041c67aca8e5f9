"""Tomorrow's closures: which are worth a message, who gets it, once."""

from datetime import date, datetime

import pytest
from sqlalchemy import insert, select, update

from bot.common.clock import CHINA
from bot.hours.calendar import Holidays
from bot.hours.opening import Change, Schedule
from bot.hours.parser import read
from bot.services.dataset_version import Dataset, raise_version
from bot.services.notifications.kinds import NoticeKind
from bot.services.notifications.queue import Topic, set_topic
from bot.services.stations.alerts.closures import closes_tomorrow, tell_closures
from bot.services.stations.results import Travel
from bot.services.stations.search import StationSearch
from bot.store.engine import Store
from bot.store.models.couriers import CourierRow
from bot.store.models.notifications import OutboxRow
from bot.store.models.stations import FavouriteRow, StationRow
from tests.conftest import ManualClock
from tests.support.stations import create_stations

HOLIDAYS = Holidays.from_csv()
EVENING = datetime(2026, 11, 30, 18, 5, tzinfo=CHINA)  # S5 is closed on 1 December


def schedule(hours: str, *changes: Change) -> Schedule:
    return Schedule(read(hours), changes)


CLOSED = Change(date(2026, 12, 1), date(2026, 12, 3), None, "装修")


@pytest.mark.parametrize(
    ("one", "tomorrow", "told"),
    [
        (schedule("周一至周五 9:00-17:00"), date(2026, 12, 1), False),
        (schedule("周一至周五 9:00-17:00"), date(2026, 11, 28), False),  # as each Saturday
        (schedule("周一至周五 9:00-17:00", CLOSED), date(2026, 12, 1), True),
        (schedule("周一至周五 9:00-17:00", CLOSED), date(2026, 12, 2), False),  # goes on
        (schedule("工作日 9:00-17:00"), date(2026, 10, 1), True),  # National Day
        (schedule("工作日 9:00-17:00"), date(2026, 10, 2), False),
        (schedule("每天 9:00-17:00"), date(2026, 10, 1), False),  # nothing is said of holidays
        (Schedule(None), date(2026, 12, 1), False),
        (Schedule(None, (CLOSED,)), date(2026, 12, 1), False),
    ],
)
def test_a_closure_is_told_before_its_first_day_where_it_is_no_usual_one(
    one: Schedule, tomorrow: date, told: bool
) -> None:
    assert closes_tomorrow(one, HOLIDAYS, tomorrow) is told


@pytest.fixture
async def search(store: Store, clock: ManualClock) -> StationSearch:
    """Couriers 1, 2 and 4 keep S5, 2 and 3 keep S1; 4 has switched notices off."""
    await create_stations(store, clock)
    async with store.writing() as db:
        now = clock()
        for number in range(1, 5):
            await db.execute(insert(CourierRow).values(id=number, created_at=now, seen_at=now))
        kept = [(1, 5), (2, 5), (2, 1), (3, 1), (4, 5)]
        rows = [
            {"courier_id": courier, "station_id": station, "added_at": now}
            for courier, station in kept
        ]
        await db.execute(insert(FavouriteRow), rows)
        await set_topic(db, 4, Topic.STATION, now, on=False)
    opened = StationSearch(store, Travel(1.3, 18), HOLIDAYS, clock, demo=False)
    await opened.refresh()
    clock.set(EVENING)
    return opened


async def told(store: Store) -> list[int]:
    async with store.reading() as db:
        kind = NoticeKind.STATION_CLOSED_TOMORROW
        found = select(OutboxRow.courier_id).where(OutboxRow.kind == kind)
        return sorted(await db.scalars(found))


async def test_each_courier_is_told_once_however_often_and_by_whom_it_is_run(
    store: Store, clock: ManualClock, search: StationSearch
) -> None:
    assert await tell_closures(store, search, clock()) == 2
    clock.forward(minutes=10)
    assert await tell_closures(store, search, clock()) == 0
    assert await told(store) == [1, 2]
    async with store.reading() as db:
        due = set(await db.scalars(select(OutboxRow.due_at)))
    assert {f"{one.astimezone(CHINA):%H:%M}" for one in due} == {"19:30"}


async def test_two_closed_stations_are_one_message(
    store: Store, clock: ManualClock, search: StationSearch
) -> None:
    async with store.writing() as db:
        closed = update(StationRow).where(StationRow.code == "S1")
        await db.execute(closed.values(hours="Mo-Su 09:00-17:00; 2026 Dec 1 off"))
        await raise_version(db, Dataset.STATIONS)
    await search.refresh()
    assert await tell_closures(store, search, clock()) == 3
    assert await told(store) == [1, 2, 3]


@pytest.mark.parametrize("hour", [0, 9, 17, 22])
async def test_it_is_looked_for_in_the_evening_only(
    store: Store, clock: ManualClock, search: StationSearch, hour: int
) -> None:
    clock.set(EVENING.replace(hour=hour))
    assert await tell_closures(store, search, clock()) == 0
    assert await told(store) == []


async def test_an_ordinary_day_tells_nobody(
    store: Store, clock: ManualClock, search: StationSearch
) -> None:
    clock.forward(days=1)
    assert await tell_closures(store, search, clock()) == 0
