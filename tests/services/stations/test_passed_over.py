"""A station that could be shown is in an answer, or the answer says why it is not."""

import random
from datetime import timedelta
from itertools import count

import pytest

from bot.common.facilities import FACILITIES
from bot.geo.ellipsoid import geodesic
from bot.geo.point import Point
from bot.hours.calendar import Holidays
from bot.hours.opening import status
from bot.services.stations.catalogue import schedule_of
from bot.services.stations.results import (
    FAR_RIDE,
    LONG_RIDE,
    PAGE,
    MatchReason,
    SearchOutcome,
    SearchQuery,
    SearchResult,
    Travel,
)
from bot.services.stations.search import StationSearch
from bot.store.engine import open_store
from bot.store.models.stations import FacilityRow, StationRow
from tests.conftest import ManualClock
from tests.services.stations.random_stations import (
    create_random_beliefs,
    create_random_stations,
    random_query,
)

SEEDS = range(6)
QUERIES = 60


@pytest.mark.parametrize("observed", [False, True], ids=["nothing observed", "observed"])
@pytest.mark.parametrize("seed", SEEDS)
async def test_every_station_open_on_arrival_is_listed_or_accounted_for(
    sqlite_url: str, clock: ManualClock, seed: int, observed: bool
) -> None:
    chance = random.Random(seed)
    travel = Travel(1.3, 18, 30_000.0, timedelta(minutes=chance.choice([0, 15, 45])))
    store = await open_store(sqlite_url)
    try:
        await create_random_stations(store, chance)
        if observed:
            await create_random_beliefs(store, chance, clock())
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
        query = random_query(chance, [row.id for row in rows])
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
    in_order = [one.id for page in pages for one in page.listed[page.relaxed :]]
    assert len(in_order) == len(set(in_order))
    first = pages[0]
    if not query.is_filtered and open_ones - query.left_out:
        assert first.outcome in {
            SearchOutcome.FOUND,
            SearchOutcome.FAR_RIDE,
            SearchOutcome.TOO_BRIEF,
        }
    if first.outcome in {SearchOutcome.FOUND, SearchOutcome.FAR_RIDE}:
        _check_the_nearest_is_named(first, pages)
    if first.outcome is SearchOutcome.FOUND and query.within is None:
        near = [one for one in first.listed if one.ride < LONG_RIDE]
        assert len(near) in {0, len(first.listed)}
        assert not first.farther or near


def _check_the_nearest_is_named(first: SearchResult, pages: list[SearchResult]) -> None:
    """It comes first, or the answer names it beside the one that does."""
    own = [one for page in pages for one in page.listed[page.relaxed :]]
    nearest = min(own, key=lambda one: (one.metres, one.id))
    if own[0].id == nearest.id:
        assert first.plain_nearest is None
        assert own[0].reason is MatchReason.NEAREST
    else:
        assert first.plain_nearest is not None
        assert first.plain_nearest.id == nearest.id
        assert nearest.id in first.mentioned
        assert own[0].reason is MatchReason.SURER
        assert own[0].metres <= max(nearest.metres, FAR_RIDE) or own[0].ride < LONG_RIDE
        assert own[0].certainty is not None


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
