"""What two couriers found at a station, the third one is spared: on every channel and replica."""

from tests.conftest import ManualClock
from tests.support.courier import Deployment, Line, lines
from tests.support.stations import HERE


def two_others(deployment: Deployment) -> list[Line]:
    """Two couriers beside the one of the story, each on a channel of their own."""
    return [lines(deployment, channel, 2)[1] for channel in ("telegram", "web")]


async def find_locked(courier: Line, clock: ManualClock) -> None:
    """The courier is shown the nearest station, rides there and finds it locked."""
    await courier.shares(*HERE)
    clock.forward(minutes=10)
    assert "新城支行驿站今天不给你推了" in await courier.says("门锁着")


async def test_where_two_found_the_door_locked_the_third_is_sent_elsewhere(
    deployment: Deployment, courier: Line, clock: ManualClock
) -> None:
    others = two_others(deployment)
    for other in others:
        await other.says("你好")
    clock.forward(days=28)
    for other in others:
        await find_locked(other, clock)
    await deployment.refresh()
    seen = [await courier.shares(*HERE) for _ in deployment.replicas]
    for screen in seen:
        assert "1. 鼓楼驿站" in screen
    assert "新城支行驿站" in await courier.says("更多")
    clock.forward(days=1, hours=4)
    assert "1. 新城支行驿站（最近）" in await courier.shares(*HERE)


async def test_two_accounts_of_today_that_are_not_at_the_door_do_not_sink_a_station(
    deployment: Deployment, terminal: Line, clock: ManualClock
) -> None:
    for other in two_others(deployment):
        await find_locked(other, clock)
    await deployment.refresh()
    assert "1. 新城支行驿站（最近）" in await terminal.shares(*HERE)


async def test_a_report_that_is_taken_back_counts_no_more(
    deployment: Deployment, terminal: Line, clock: ManualClock
) -> None:
    others = two_others(deployment)
    for other in others:
        await other.says("你好")
    clock.forward(days=28)
    for other in others:
        await find_locked(other, clock)
        await other.picks("新城支行驿站没问题，放回来")
    await deployment.refresh()
    assert "1. 新城支行驿站（最近）" in await terminal.shares(*HERE)
