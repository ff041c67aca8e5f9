"""我常去的 lists where a courier goes often, and 这里应该有个站 counts where one is missing."""

from collections.abc import Sequence

import pytest
from sqlalchemy import select

from bot.geo.point import Point
from bot.services.stations.demand import coarse_cell
from bot.store.models.couriers import ConsentRow
from bot.store.models.stations import DemandRow
from tests.conftest import ManualClock
from tests.support.courier import Deployment, Line
from tests.support.stations import HERE


async def proposals(deployment: Deployment) -> Sequence[DemandRow]:
    """What was proposed, the oldest first."""
    async with deployment.replicas[0].store.reading() as db:
        proposed = select(DemandRow).where(DemandRow.outcome == "proposed")
        return list(await db.scalars(proposed.order_by(DemandRow.id)))


async def test_usual_stations_are_listed_after_a_yes_and_until_it_is_taken_back(
    courier: Line, deployment: Deployment, clock: ManualClock
) -> None:
    await courier.shares(*HERE)
    await courier.picks("第2家怎么进")
    await courier.picks("收藏这家")
    await courier.shares(*HERE)
    await courier.picks("第1家怎么进")
    clock.forward(minutes=5)
    assert "谢谢" in await courier.says("开着呢")
    asked = await courier.says("我常去的")
    assert "要列吗" in asked
    assert "新城支行驿站" not in asked
    seen = await courier.picks("好，列吧")
    assert "1. 新城支行驿站 · 12:00关门" in seen
    assert "2. 鼓楼驿站" in seen
    assert "1. 新城支行驿站" in await courier.says("常去的站")
    assert "【新城支行驿站】放心进" in await courier.picks("第1家怎么进")
    await courier.says("我常去的")
    assert "不再列" in await courier.picks("别再列了")
    assert "要列吗" in await courier.says("我常去的")
    async with deployment.replicas[0].store.reading() as db:
        assert [one.given for one in await db.scalars(select(ConsentRow))] == [True, False]


async def test_after_thirty_days_only_what_is_kept_is_usual(
    terminal: Line, clock: ManualClock
) -> None:
    await terminal.shares(*HERE)
    await terminal.picks("第1家怎么进")
    clock.forward(minutes=5)
    await terminal.says("开着呢")
    await terminal.says("我常去的")
    await terminal.picks("好，列吧")
    clock.forward(days=31)
    assert "还没有" in await terminal.says("我常去的")


async def test_a_station_proposed_here_is_counted_once_a_day_with_its_kind(
    courier: Line, deployment: Deployment
) -> None:
    await courier.shares(*HERE)
    for _ in range(2):
        assert "最需要哪样" in await courier.says("这里应该有个站")
        assert "谢谢，记上了：那里缺个有热水的站" in await courier.picks("热水")
    (only,) = await proposals(deployment)
    assert only.wanted == "water"
    assert only.cell.startswith("816:22")  # the square of HERE, which lies on its edge


@pytest.mark.parametrize("by_name", [False, True])
async def test_without_a_place_it_asks_where(
    terminal: Line, deployment: Deployment, by_name: bool
) -> None:
    assert "想在哪儿有个站" in await terminal.says("这里应该有个站")
    seen = await (terminal.says("海拉尔区") if by_name else terminal.shares(*HERE))
    assert "最需要哪样" in seen
    await terminal.picks("都要")
    (only,) = await proposals(deployment)
    assert only.wanted == "charge,seat,toilet,water"


async def test_a_place_and_kind_named_with_it_are_taken_at_once(
    terminal: Line, deployment: Deployment
) -> None:
    await terminal.shares(*HERE)
    assert "缺个有热水的站" in await terminal.says("海拉尔应该有个能接热水的驿站")
    (only,) = await proposals(deployment)
    assert only.cell != coarse_cell(Point(*HERE))
    assert only.wanted == "water"
