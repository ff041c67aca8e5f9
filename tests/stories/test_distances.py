"""A courier says how far they would ride, and hears from where a distance counts."""

import pytest

from tests.conftest import ManualClock
from tests.support.courier import Line

HERE = (40.8420, 111.7490)


@pytest.mark.parametrize(
    "typed", ["500米内", "一公里以内", "3公里内有没有", "附近2公里有驿站吗", "方圆五里地"]
)
async def test_a_distance_filters_the_place_that_is_known(courier: Line, typed: str) -> None:
    await courier.shares(*HERE)
    seen = await courier.says(typed)
    assert "没太听懂" not in seen
    mark = next(label for label in seen.labels if label.startswith("✓") and "内" in label)
    assert mark not in (await courier.picks(mark)).labels


@pytest.mark.parametrize("typed", ["500米内", "半里地", "3公里内有没有"])
async def test_a_distance_without_a_place_asks_for_one_and_is_kept(
    courier: Line, typed: str
) -> None:
    seen = await courier.says(typed)
    assert "没太听懂" not in seen
    assert "发个位置" in seen or "位置" in seen
    seen = await courier.shares(*HERE)
    assert [label for label in seen.labels if label.startswith("✓") and "内" in label]


async def test_a_distance_and_a_facility_are_kept_together(courier: Line) -> None:
    await courier.says("1公里内有热水的")
    seen = await courier.shares(*HERE)
    assert "✓热水" in seen.labels
    assert [label for label in seen.labels if label.startswith("✓") and "内" in label]


async def test_where_none_within_the_distance_is_open_the_distance_is_named(
    courier: Line, clock: ManualClock
) -> None:
    clock.forward(hours=17)
    await courier.shares(*HERE)
    seen = await courier.says("方圆五里地有热水的")
    assert "2.5公里内带热水的，骑到了都没开门。" in seen


@pytest.mark.parametrize("typed", ["北京", "我在北京"])
async def test_a_place_outside_hears_which_region_is_served_and_whom_to_call(
    courier: Line, typed: str
) -> None:
    seen = await courier.says(typed)
    assert "我只管内蒙古的驿站，在外地就打12351问当地工会" in seen


async def test_where_nothing_is_near_too_far_is_answered_by_what_was_found(courier: Line) -> None:
    seen = await courier.shares(42.0, 105.0)
    assert "30公里内没有驿站" in seen
    assert "30公里内没有驿站" in await courier.says("太远了")


@pytest.mark.usefixtures("bank")
async def test_an_outlet_is_so_far_from_the_place_that_was_typed(courier: Line) -> None:
    await courier.says("新城区")
    seen = await courier.says("怎么办卡")
    assert "离新城区中心" in seen
    assert "离你" not in seen
    await courier.shares(*HERE)
    seen = await courier.says("怎么办卡")
    assert "离你" in seen
    assert "新城区中心" not in seen


async def test_a_station_that_shuts_at_noon_says_when_it_opens_again(courier: Line) -> None:
    seen = await courier.shares(*HERE)
    assert "12:00关门" in seen
    assert "13:30再开" in seen
    assert "12:00关门，13:30再开" in await courier.says("几点关门")
