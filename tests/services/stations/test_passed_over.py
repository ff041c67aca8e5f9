"""A station that could be shown is in an answer, or the answer says why it is not."""

import random
from datetime import date, datetime, timedelta
from itertools import count

import pytest
from sqlalchemy import insert

from bot.common.clock import CHINA
from bot.common.facilities import FACILITIES
from bot.geo.ellipsoid import geodesic
from bot.geo.point import Point
from bot.hours.calendar import Holidays
from bot.hours.opening import status
from bot.services.dataset_version import Dataset, raise_version
from bot.services.stations.catalogue import schedule_of
from bot.services.stations.results import (
    LONG_RIDE,
    PAGE,
    SearchOutcome,
    SearchQuery,
    SearchResult,
    Travel,
)
from bot.services.stations.search import StationSearch
from bot.store.engine import Store, open_store
from bot.store.models.stations import FacilityRow, StationRow
from tests.conftest import ManualClock

HOURS = (
    "24/7",
    "Mo-Fr 09:00-12:00,13:30-17:00",
    "Mo-Su 08:00-20:00",
    "Mo-Su 18:00-02:00",
    "Sa-Su 10:00-16:00",
    None,
)
CODES = ("water", "charge", "microwave")
CENTRE = (40.84, 111.75)
STATIONS = 25
SEEDS = range(6)
QUERIES = 60


@pytest.mark.parametrize("seed", SEEDS)
async def test_every_station_open_on_arrival_is_listed_or_accounted_for(
    sqlite_url: str, clock: ManualClock, seed: int
) -> None:
    chance = random.Random(seed)
    travel = Travel(1.3, 18, 30_000.0, timedelta(minutes=chance.choice([0, 15, 45])))
    store = await open_store(sqlite_url)
    try:
        await _create(store, chance)
        search = StationSearch(store, travel, Holidays({}), clock, demo=False)
        await search.refresh()
        async with store.reading() as db:
            rows = (await db.execute(StationRow.__table__.select())).all()
            having = {row.id: 0 for row in rows}
            for one in (await db.execute(FacilityRow.__table__.select())).all():
                having[one.station_id] |= 1 << FACILITIES[one.code].bit
    finally:
        await store.close()
    for _ in range(QUERIES):
        query = _query(chance, [row.id for row in rows])
        pages = _pages(search, query)
        within = pages[0].within
        open_ones = set()
        good_without_filters = False
        for row in rows:
            metres = geodesic(query.point, Point(row.lat, row.lon))
            opening = status(
                schedule_of(row.hours, ()), Holidays({}), query.at + travel.ride(metres)
            )
            fits = having[row.id] & query.mask == query.mask and metres <= within
            if fits and opening.is_open and (row.hours == "24/7" or not query.round_the_clock):
                open_ones.add(row.id)
            stays = opening.until is None or opening.until - query.at - travel.ride(metres)
            is_near = metres <= travel.radius and travel.ride(metres) < LONG_RIDE
            if opening.is_open and is_near and row.id not in query.left_out:
                good_without_filters |= stays is True or stays >= travel.least_stay
        if not open_ones and good_without_filters:
            assert any(one.opening.is_open for one in pages[0].listed)
            assert pages[0].outcome is not SearchOutcome.FOUND
        _check(query, pages, open_ones)


def _check(query: SearchQuery, pages: list[SearchResult], open_ones: set[int]) -> None:
    listed = {one.id for page in pages for one in page.listed}
    named = {one.id for page in pages for one in (*page.brief, *page.left_out)}
    assert open_ones <= listed | named
    assert not listed & query.left_out
    first = pages[0]
    if not query.is_filtered and open_ones - query.left_out:
        assert first.outcome in {
            SearchOutcome.FOUND,
            SearchOutcome.FAR_RIDE,
            SearchOutcome.TOO_BRIEF,
        }
    if first.outcome is SearchOutcome.FOUND and query.within is None:
        near = [one for one in first.listed if one.ride < LONG_RIDE]
        assert len(near) in {0, len(first.listed)}
        assert not first.farther or near


def _pages(search: StationSearch, query: SearchQuery) -> list[SearchResult]:
    """All pages, as one who presses 更多 sees them."""
    pages = []
    skip = 0
    for _ in count():
        query = SearchQuery(
            query.point,
            query.at,
            query.mask,
            query.within,
            skip,
            query.round_the_clock,
            query.left_out,
        )
        result = search.search(query)
        pages.append(result)
        assert len(result.listed) <= PAGE
        if not result.more:
            return pages
        assert len(result.listed) > result.relaxed
        skip += len(result.listed) - result.relaxed
    raise AssertionError


async def _create(store: Store, chance: random.Random) -> None:
    async with store.writing() as db:
        for number in range(1, STATIONS + 1):
            lat = CENTRE[0] + chance.gauss(0, 0.12)
            lon = CENTRE[1] + chance.gauss(0, 0.15)
            await db.execute(
                insert(StationRow).values(
                    id=number,
                    code=f"S{number}",
                    name=f"站{number}",
                    raw_lat=lat,
                    raw_lon=lon,
                    datum="wgs84",
                    lat=lat,
                    lon=lon,
                    hours=chance.choice(HOURS),
                    verified_at=date(2026, 11, 3),
                    updated_at=datetime(2026, 11, 3, tzinfo=CHINA),
                )
            )
            for code in chance.sample(CODES, chance.randrange(3)):
                await db.execute(
                    insert(FacilityRow).values(station_id=number, code=code, state="ok", note="")
                )
        await raise_version(db, Dataset.STATIONS)


def _query(chance: random.Random, ids: list[int]) -> SearchQuery:
    point = Point(CENTRE[0] + chance.gauss(0, 0.15), CENTRE[1] + chance.gauss(0, 0.2))
    at = datetime(2026, 11, 23, tzinfo=CHINA) + timedelta(minutes=chance.randrange(7 * 1440))
    bits = 0
    for code in chance.sample(CODES, chance.choice([0, 0, 1, 2])):
        bits |= 1 << FACILITIES[code].bit
    return SearchQuery(
        point,
        at,
        bits,
        within=chance.choice([None, None, 2_000.0, 15_000.0]),
        round_the_clock=chance.random() < 0.15,
        left_out=frozenset(chance.sample(ids, chance.choice([0, 0, 1, 4]))),
    )
