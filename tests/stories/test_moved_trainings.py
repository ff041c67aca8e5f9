"""A training that is moved again and again before anybody may be told."""

from datetime import datetime, timedelta

from bot.common.clock import CHINA
from tests.conftest import ManualClock
from tests.support.courier import Deployment, Line
from tests.support.training_stories import SATURDAY, TrainingScenario, sign_up

NIGHT = datetime(2026, 11, 24, 2, tzinfo=CHINA)
ELEVEN = SATURDAY.replace(hour=11, minute=0)
SUNDAY = SATURDAY + timedelta(days=1)


def told(deployment: Deployment) -> list[str]:
    """The notices of a change that the courier got."""
    return [text for text in deployment.texts_sent() if "有变" in text]


async def test_moved_three_times_at_night_is_told_once_in_the_morning(
    deployment: Deployment, pushed_to: Line, scenario: TrainingScenario, clock: ManualClock
) -> None:
    await sign_up(pushed_to, "周六上午那场", "王强 13800000001")
    clock.set(NIGHT)
    for start in (SUNDAY, SUNDAY + timedelta(hours=2), ELEVEN):
        await scenario.move(scenario.safety, start)
    await deployment.deliver()
    assert told(deployment) == []
    await scenario.pass_time(hours=6)
    (only,) = told(deployment)
    assert "11:00" in only.split("\n")[0]
    assert "09:30" in only.split("\n")[1]


async def test_moved_and_moved_back_at_night_is_not_told(
    deployment: Deployment, pushed_to: Line, scenario: TrainingScenario, clock: ManualClock
) -> None:
    await sign_up(pushed_to, "周六上午那场", "王强 13800000001")
    clock.set(NIGHT)
    await scenario.move(scenario.safety, SUNDAY, "别处")
    await scenario.move(scenario.safety, SATURDAY, "工行新城支行二楼会议室")
    await scenario.pass_time(hours=6)
    assert told(deployment) == []
