"""What a search lists and why, from the stations that the stories use."""

from datetime import datetime, timedelta

import pytest

from bot.common.clock import CHINA
from bot.common.facilities import mask
from bot.geo.point import Point
from bot.hours.calendar import Holidays
from bot.services.dataset_version import Dataset, raise_version
from bot.services.stations.results import SearchQuery, SearchResult, Travel
from bot.services.stations.search import StationSearch
from bot.services.stations.snapshot import ROUND_THE_CLOCK_BIT
from bot.store.engine import Store
from bot.store.models.stations import StationRow
from tests.conftest import ManualClock
from tests.support.stations import GOBI, HERE, NOON, create_stations

NIGHT = datetime(2026, 11, 23, 3, tzinfo=CHINA)
EVENING = datetime(2026, 11, 23, 19, 30, tzinfo=CHINA)
HOT_FOOD = mask(["microwave"])


@pytest.fixture
async def stations(store: Store, clock: ManualClock) -> StationSearch:
    """The six stations around HERE, searched at 18 km/h within 30 km."""
    await create_stations(store, clock)
    search = StationSearch(store, Travel(1.3, 18, 30_000.0), Holidays({}), clock, demo=False)
    await search.refresh()
    return search


def listed(result: SearchResult) -> list[tuple[int, str | None]]:
    """Id and reason of each station listed."""
    return [(one.id, one.reason) for one in result.listed]


def query(
    at: datetime, point: tuple[float, float] = HERE, bits: int = 0, **more: int
) -> SearchQuery:
    return SearchQuery(Point(*point), at, bits, skip=more.get("skip", 0))


async def test_the_nearest_open_ones_are_listed_with_a_further_page(
    stations: StationSearch,
) -> None:
    result = stations.search(query(NOON))
    assert result.outcome == "found"
    assert [number for number, _ in listed(result)] == [1, 2, 3]
    assert result.listed[0].reason == "nearest"
    assert result.more
    assert result.nearest is not None
    assert result.nearest.id == 1


async def test_one_with_hot_water_is_named_where_the_nearest_has_none(
    stations: StationSearch,
) -> None:
    result = stations.search(query(EVENING))  # 鼓楼 has no water
    assert listed(result) == [(2, "nearest"), (4, "has_water")]


async def test_a_page_behind_the_last_lists_nothing(stations: StationSearch) -> None:
    result = stations.search(query(NOON, skip=6))
    assert (result.outcome, result.listed, result.more) == ("no_more", (), False)


async def test_where_all_with_the_facility_are_closed_one_without_is_listed_before_the_next_to_open(
    stations: StationSearch,
) -> None:
    result = stations.search(query(NIGHT, bits=HOT_FOOD))
    assert (result.outcome, result.relaxed) == ("none_open", 1)
    assert listed(result) == [(4, None), (3, "opens_next")]


async def test_unknown_hours_of_the_nearest_are_named_beside_the_first_to_open(
    stations: StationSearch,
) -> None:
    north = (HERE[0] + 600 / 111_050, HERE[1])
    asked = SearchQuery(Point(*north), NIGHT, mask(["water"]), within=500.0)
    result = stations.search(asked)
    assert result.outcome == "none_open"
    assert listed(result) == [(4, None), (1, "opens_next"), (6, "unknown_hours")]


async def test_beyond_the_radius_the_nearest_is_listed(stations: StationSearch) -> None:
    near = stations.search(query(NOON, (HERE[0] - 0.4, HERE[1])))
    assert (near.outcome, listed(near)) == ("none_near", [(1, "nearest")])
    assert near.within == 30_000.0


async def test_a_position_hundreds_of_kilometres_away_is_doubted(
    stations: StationSearch,
) -> None:
    far = stations.search(query(NOON, GOBI))
    assert (far.outcome, far.listed) == ("doubtful_position", ())
    assert far.nearest is not None


async def test_no_station_anywhere_has_the_facility(stations: StationSearch) -> None:
    result = stations.search(query(NOON, bits=mask(["psych"])))
    assert (result.outcome, result.nearest) == ("no_station", None)


async def test_a_long_ride_in_the_night_names_the_first_nearby_to_open(
    stations: StationSearch,
) -> None:
    south = (HERE[0] - 0.085, HERE[1])  # 9.7 km south of the first, 12 km of the one open all night
    result = stations.search(query(NIGHT, south))
    assert (result.outcome, listed(result)) == ("far_ride", [(4, "nearest")])
    assert result.opens_next is not None
    assert result.opens_next.id == 1
    assert result.mentioned == [4, 1]


@pytest.mark.parametrize(("skip", "within"), [(1, None), (0, 29_000.0)])
async def test_a_named_radius_or_a_further_page_is_not_warned_of_a_long_ride(
    stations: StationSearch, skip: int, within: float | None
) -> None:
    south = Point(HERE[0] - 0.085, HERE[1])
    result = stations.search(SearchQuery(south, NOON, within=within, skip=skip))
    assert result.outcome == "found"


async def test_round_the_clock_lists_those_that_do_not_close(stations: StationSearch) -> None:
    asked = SearchQuery(Point(*HERE), EVENING, round_the_clock=True)
    assert listed(stations.search(asked)) == [(4, "nearest")]


async def test_where_none_is_round_the_clock_the_last_to_close_is_listed(
    stations: StationSearch,
) -> None:
    asked = SearchQuery(Point(*HERE), NOON + timedelta(hours=1), HOT_FOOD, round_the_clock=True)
    result = stations.search(asked)
    assert result.outcome == "none_round_the_clock"
    assert listed(result) == [(3, "open_latest"), (4, None)]


@pytest.mark.parametrize(
    ("closure", "counts"),
    [("2024 Feb 1-2024 Feb 9", True), ("2026 Dec 1-2026 Dec 9", False)],
)
async def test_a_closure_that_is_over_leaves_a_station_round_the_clock(
    store: Store, stations: StationSearch, closure: str, counts: bool
) -> None:
    async with store.writing() as db:
        row = await db.get_one(StationRow, 3)
        row.hours = f"24/7; {closure} off"
        await raise_version(db, Dataset.STATIONS)
    await stations.refresh()
    always = stations.around(Point(*HERE), NOON, ROUND_THE_CLOCK_BIT, 10)
    assert (3 in {one.id for one in always}) is counts
