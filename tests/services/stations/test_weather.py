"""Weather modes: declared for a league, over by themselves, told once to those who opted in."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import delete, insert, select

from bot.common.clock import CHINA
from bot.geo.places import Places
from bot.geo.point import Point
from bot.hours.calendar import Holidays
from bot.services.notifications.kinds import NoticeKind
from bot.services.notifications.queue import Topic, set_topic
from bot.services.stations.alerts import weather
from bot.services.stations.alerts.weather import PREFERRED, Weather
from bot.services.stations.results import MatchReason, SearchQuery, SearchResult, Travel
from bot.services.stations.search import StationSearch
from bot.store.engine import Store
from bot.store.models.couriers import CourierRow
from bot.store.models.notifications import OutboxRow
from bot.store.models.stations import DemandRow, FacilityRow, FavouriteRow
from tests.conftest import ManualClock
from tests.support.stations import HERE, create_stations

HOHHOT, CHIFENG = "150100", "150400"
PLACES = Places.load()


class Region:
    """Six stations in Hohhot, searched by two replicas, and couriers."""

    def __init__(self, store: Store, clock: ManualClock) -> None:
        self.store, self.clock = store, clock
        self.replicas = [
            StationSearch(store, Travel(1.3, 18), Holidays.from_csv(), clock, demo=False)
            for _ in range(2)
        ]

    async def refresh(self) -> None:
        for one in self.replicas:
            await one.refresh()

    async def declare(self, kind: Weather = Weather.COLD, days: float = 2, at: str = HOHHOT) -> int:
        """How many couriers are told."""
        now = self.clock()
        async with self.store.writing() as db:
            _, told = await weather.declare(db, at, kind, now + timedelta(days=days), "zhang", now)
        await self.refresh()
        return told

    def search(self, skip: int = 0) -> SearchResult:
        query = SearchQuery(Point(*HERE), self.clock(), skip=skip)
        first, second = (one.search(one.with_preference(query, PLACES)) for one in self.replicas)
        assert first == second
        return first

    async def courier(self, number: int, *, on: bool | None, league: str = HOHHOT) -> None:
        """A courier who searched in the league, with notices of stations on, off or unsaid."""
        async with self.store.writing() as db:
            now = self.clock()
            await db.execute(insert(CourierRow).values(id=number, created_at=now, seen_at=now))
            await db.execute(
                insert(DemandRow).values(
                    courier_id=number, at=now, cell="816:2235", league=league, outcome="found"
                )
            )
            if on is not None:
                await set_topic(db, number, Topic.STATION, now, on=on)

    async def notices(self) -> list[OutboxRow]:
        async with self.store.reading() as db:
            found = select(OutboxRow).where(OutboxRow.kind == NoticeKind.STATION_WEATHER)
            return list(await db.scalars(found.order_by(OutboxRow.courier_id)))


@pytest.fixture
async def region(store: Store, clock: ManualClock) -> Region:
    """S1, the nearest, has nothing but seats."""
    await create_stations(store, clock)
    async with store.writing() as db:
        useful = (FacilityRow.station_id == 1) & (FacilityRow.code != "seat")
        await db.execute(delete(FacilityRow).where(useful))
    opened = Region(store, clock)
    await opened.refresh()
    return opened


def ids(result: SearchResult) -> list[int]:
    return [one.id for one in result.listed]


async def test_cold_prefers_the_warm_station_and_says_why(region: Region) -> None:
    assert ids(region.search()) == [1, 2, 3]
    await region.declare()
    found = region.search()
    assert found.listed[0].id == 2  # a warm room and charging, three minutes further
    assert found.listed[0].reason is MatchReason.SUITS_WEATHER
    assert found.nearest is not None
    assert found.nearest.id == 1
    nearest = next(one for one in found.listed if one.id == 1)
    assert nearest.reason is MatchReason.NEAREST


async def test_a_preference_hides_no_station_and_pages_repeat_none(region: Region) -> None:
    plain = ids(region.search()) + ids(region.search(skip=3))
    await region.declare()
    preferred = ids(region.search()) + ids(region.search(skip=3))
    assert sorted(preferred) == sorted(plain)
    assert len({*preferred}) == len(preferred)


async def test_a_mode_ends_by_itself_and_counts_in_its_league_only(
    region: Region, clock: ManualClock
) -> None:
    await region.declare(at=CHIFENG)
    assert ids(region.search())[0] == 1
    await region.declare(days=1)
    assert ids(region.search())[0] == 2
    clock.forward(days=1)  # nothing is loaded again
    assert ids(region.search())[0] == 1


async def test_an_ended_mode_counts_no_more(region: Region, clock: ManualClock) -> None:
    await region.declare()
    await region.declare(Weather.DUST)
    async with region.store.writing() as db:
        assert await weather.end(db, HOHHOT, Weather.COLD, clock()) == 1
        assert await weather.end(db, HOHHOT, None, clock()) == 1
        assert await weather.end(db, HOHHOT, None, clock()) == 0
        assert await weather.in_force(db, clock()) == ()
    await region.refresh()
    assert ids(region.search())[0] == 1


async def test_who_opted_in_and_works_there_is_told_once(region: Region) -> None:
    await region.courier(1, on=True)
    await region.courier(2, on=False)
    await region.courier(3, on=None)
    await region.courier(4, on=True, league=CHIFENG)
    await region.courier(5, on=True, league=CHIFENG)
    async with region.store.writing() as db:
        now = region.clock()
        await db.execute(insert(FavouriteRow).values(courier_id=5, station_id=1, added_at=now))
    assert await region.declare() == 2
    assert [one.courier_id for one in await region.notices()] == [1, 5]
    assert await region.declare(days=5) == 0  # the same mode, longer
    assert len(await region.notices()) == 2


@pytest.mark.parametrize(
    ("hour", "due"), [(2, "07:30"), (10, "10:00"), (12, "13:00"), (18, "19:30"), (23, "07:30")]
)
async def test_it_is_told_at_a_decent_hour(
    region: Region, clock: ManualClock, hour: int, due: str
) -> None:
    clock.set(datetime(2026, 11, 23, hour, tzinfo=CHINA))
    await region.courier(1, on=True)
    await region.declare()
    (notice,) = await region.notices()
    assert f"{notice.due_at.astimezone(CHINA):%H:%M}" == due
    assert notice.not_after > notice.due_at


def test_each_kind_prefers_something() -> None:
    assert all(PREFERRED[kind] for kind in Weather)
