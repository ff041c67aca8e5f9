"""Stations at exactly the radius that is asked for, and at the limits of the index's arithmetic."""

import pytest

from bot.geo.ellipsoid import geodesic
from bot.geo.point import Point
from bot.geo.spatial_index import SpatialIndex
from tests.geo.index_snapshots import WORLD, snapshot_of

HERE = Point(40.0, 111.0)
NEAR, TOWN, REGION, FAR = (40.0001, 111.0), (40.1, 111.2), (41.5, 113.0), (20.0, 90.0)


@pytest.mark.parametrize("place", [NEAR, TOWN, REGION, FAR], ids=["10 m", "20 km", "200 km", "far"])
@pytest.mark.parametrize(("beyond", "found"), [(-1e-6, 0), (0.0, 1), (1e-6, 1)])
def test_a_station_at_exactly_the_radius_is_within_it(
    place: tuple[float, float], beyond: float, found: int
) -> None:
    metres = geodesic(HERE, Point(*place))
    assert len(snapshot_of([place]).nearest(HERE, 1, within=metres + beyond)) == found


@pytest.mark.parametrize("k", [1, 2, 3])
def test_of_stations_at_exactly_the_radius_the_lower_ids_are_given(k: int) -> None:
    """Two to the east and the west, as far as each other to the last bit, and one a bit beyond."""
    step = 1.0 / 64.0
    snapshot = snapshot_of([(40.0, 111.0 + step), (40.0, 111.0 - step), (40.0, 111.0 + 2 * step)])
    metres = geodesic(HERE, Point(40.0, 111.0 + step))
    assert metres == geodesic(HERE, Point(40.0, 111.0 - step))
    hits = snapshot.nearest(HERE, k, within=metres)
    assert [hit.id for hit in hits] == [10, 11][:k]
    assert [hit.metres for hit in hits] == pytest.approx([metres] * len(hits), abs=2e-4)


@pytest.mark.parametrize(("within", "found"), [(0.0, [10, 12]), (5e-324, [10, 12])])
def test_a_radius_of_nothing_finds_who_is_right_there(within: float, found: list[int]) -> None:
    snapshot = snapshot_of([(40.0, 111.0), NEAR, (40.0, 111.0)])
    assert [hit.id for hit in snapshot.nearest(HERE, 5, within=within)] == found


def test_the_usual_radius_is_three_hundred_kilometres() -> None:
    inside, outside = (42.69, 111.0), (42.71, 111.0)
    assert geodesic(HERE, Point(*inside)) < 300_000.0 < geodesic(HERE, Point(*outside))
    assert [hit.id for hit in snapshot_of([inside, outside]).nearest(HERE, 5)] == [10]


@pytest.mark.parametrize("lat", [90.0, -90.0])
@pytest.mark.parametrize("lon", [180.0, -180.0])
def test_the_ends_of_the_earth_are_on_it(lat: float, lon: float) -> None:
    snapshot = snapshot_of([(lat, lon)])
    assert [hit.id for hit in snapshot.nearest(HERE, 1, within=WORLD)] == [10]


@pytest.mark.parametrize(
    ("lat", "lon", "why"),
    [(90.001, 0.0, "latitude"), (0.0, 180.001, "longitude"), (-90.001, 0.0, "latitude")],
)
def test_beyond_the_ends_of_the_earth_is_refused(lat: float, lon: float, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        snapshot_of([(lat, lon)])


def test_what_is_kept_is_told_the_metres_up_to_300_km_and_nearly_so_beyond() -> None:
    snapshot = snapshot_of([NEAR, TOWN, REGION, FAR])
    told: list[float] = []

    def keep(_: int, metres: float) -> bool:
        told.append(metres)
        return True

    hits = snapshot.nearest(HERE, 4, keep=keep, within=WORLD)
    exact = [geodesic(HERE, Point(*place)) for place in (NEAR, TOWN, REGION, FAR)]
    assert [hit.metres for hit in hits] == pytest.approx(exact, abs=2e-4)
    assert told[:3] == pytest.approx(exact[:3], abs=2e-4)
    assert told[-1] == pytest.approx(exact[3], rel=0.01)


@pytest.mark.parametrize("place", [(20.0, 90.0), (-10.0, 20.0), (-39.0, -70.0)])
def test_where_all_stations_are_far_the_metres_are_told_to_one_per_cent(
    place: tuple[float, float],
) -> None:
    told: list[float] = []

    def keep(_: int, metres: float) -> bool:
        told.append(metres)
        return True

    assert snapshot_of([place]).nearest(HERE, 1, keep=keep, within=WORLD)
    assert told == pytest.approx([geodesic(HERE, Point(*place))], rel=0.01)


def test_all_of_many_are_found_though_most_are_not_kept() -> None:
    """Only the last of a thousand is kept: the list is read on until it is reached."""
    snapshot = snapshot_of([(40.0 + i / 1000, 111.0) for i in range(1000)])
    assert [hit.row for hit in snapshot.nearest(HERE, 1, keep=lambda row, _: row == 999)] == [999]
    only = snapshot.nearest(HERE, 2, keep=lambda row, _: row in {7, 999})
    assert [hit.row for hit in only] == [7, 999]


def test_an_index_of_a_facility_is_grown_once(monkeypatch: pytest.MonkeyPatch) -> None:
    grown: list[int] = []
    snapshot = SpatialIndex.build(1, [1, 2], [40.0, 40.1], [111.0, 111.0], [1, 3])
    having = snapshot._having
    assert len(snapshot.nearest(HERE, 2)) == 2
    assert having.cache_info().misses == 0  # type: ignore[attr-defined]
    for _ in range(3):
        assert [hit.id for hit in snapshot.nearest(HERE, 2, mask=2)] == [2]
        grown.append(having.cache_info().misses)  # type: ignore[attr-defined]
    assert grown == [1, 1, 1]
    assert having.cache_info().maxsize == 64  # type: ignore[attr-defined]
