"""A number or a word typed after a notice means what the notice offered, until one has spoken."""

import pytest

from bot.channels.wechat.channel import WeChatChannel
from bot.conversation.replies import Answer
from tests.conftest import ManualClock
from tests.support.courier import Deployment, Line, lines
from tests.support.stations import HERE
from tests.support.training_stories import TrainingScenario, sign_up

WHO, OPENID = "王强 13800000001", "oFake0000-_openid"
COMING, LEAVING = "到时见", "名额马上给排队的下一位"


@pytest.fixture
async def school(deployment: Deployment, clock: ManualClock) -> TrainingScenario:
    """One seat on Saturday, many on Wednesday at 14:00."""
    one = TrainingScenario(deployment, clock)
    await one.open(seats=1)
    return one


@pytest.fixture
async def courier(deployment: Deployment, school: TrainingScenario) -> Line:
    """Registered for Wednesday, on a channel without buttons."""
    one = lines(deployment, "wechat")[0]
    assert "急救入门" in await sign_up(one, "急救入门", WHO)
    return one


def pushed(deployment: Deployment) -> str:
    """The notice that came last, as it is shown."""
    shown = deployment.wechat.shown[OPENID][-1]
    assert shown.sent_first
    return shown.words


@pytest.mark.parametrize(
    ("typed", "answered"), [("1", COMING), ("2", LEAVING), ("来不了", LEAVING)]
)
async def test_the_number_or_label_of_a_pushed_reminder(
    deployment: Deployment, courier: Line, school: TrainingScenario, typed: str, answered: str
) -> None:
    await school.pass_time(hours=28, minutes=1)
    assert "1. 我会来" in pushed(deployment)
    assert answered in await courier.says(typed)


async def test_an_offer_is_taken_by_its_number(
    deployment: Deployment, school: TrainingScenario
) -> None:
    other, courier = lines(deployment, "telegram")[0], lines(deployment, "wechat")[0]
    await sign_up(other, "周六上午那场", "李四 13800000002")
    await sign_up(courier, "周六上午那场", WHO)
    await other.says("周六来不了了 帮我退了")
    await other.picks("确定退")
    await school.pass_time(minutes=31)
    assert "有空位了" in pushed(deployment)
    assert "报上了" in await courier.says("1")


async def test_who_has_spoken_since_means_the_newer_list(
    deployment: Deployment, courier: Line, school: TrainingScenario
) -> None:
    await school.pass_time(hours=28, minutes=1)
    assert "1. 我会来" in pushed(deployment)
    await courier.shares(*HERE)
    seen = await courier.says("1")
    assert "新城支行驿站】放心进" in seen
    assert COMING not in seen


async def test_who_speaks_while_it_is_on_its_way_means_the_newer_list(
    deployment: Deployment,
    courier: Line,
    school: TrainingScenario,
    clock: ManualClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    deliver = WeChatChannel.deliver

    async def speak_first(self: WeChatChannel, to: str, answer: Answer, kind: str = "") -> None:
        await deliver(self, to, answer, kind)
        await courier.shares(*HERE)

    monkeypatch.setattr(WeChatChannel, "deliver", speak_first)
    await school.pass_time(hours=28, minutes=1)
    assert "新城支行驿站】放心进" in await courier.says("1")


async def test_a_flow_keeps_its_step_and_its_numbers(
    deployment: Deployment, courier: Line, school: TrainingScenario, clock: ManualClock
) -> None:
    clock.forward(hours=27, minutes=50)
    await courier.says("输入绑定码")
    await school.pass_time(minutes=11)
    assert "1. 我会来" in pushed(deployment)
    assert LEAVING not in (seen := await courier.says("2"))
    assert "不弄了" in seen
    await courier.says("输入绑定码")
    assert "这个码用不了" in await courier.says("K7QA-9XYR")


async def test_a_push_in_the_midst_of_a_flow_takes_no_words_from_it(
    deployment: Deployment, courier: Line, school: TrainingScenario, clock: ManualClock
) -> None:
    clock.forward(hours=27, minutes=50)
    await courier.says("输入绑定码")
    await school.pass_time(minutes=11)
    assert "1. 我会来" in pushed(deployment)
    assert "这个码用不了" in await courier.says("K7QA-9XYR")


async def test_in_the_midst_of_a_flow_a_notice_is_answered_by_its_words(
    deployment: Deployment, courier: Line, school: TrainingScenario, clock: ManualClock
) -> None:
    clock.forward(hours=27, minutes=50)
    await courier.says("输入绑定码")
    await school.pass_time(minutes=11)
    assert COMING in await courier.says("我会来")


async def test_a_flow_of_this_morning_gives_way(
    deployment: Deployment, courier: Line, school: TrainingScenario, clock: ManualClock
) -> None:
    clock.forward(hours=26)
    await courier.says("输入绑定码")
    await school.pass_time(hours=2, minutes=1)
    assert "1. 我会来" in pushed(deployment)
    assert COMING in await courier.says("1")


async def test_what_waited_is_picked_by_the_number_it_is_shown_with(
    deployment: Deployment, school: TrainingScenario
) -> None:
    """Nothing is pushed to a terminal: the notice comes with the next answer, numbered on."""
    courier = lines(deployment, "terminal")[0]
    await sign_up(courier, "急救入门", WHO)
    await school.pass_time(hours=28, minutes=1)
    seen = await courier.says("帮助")
    assert "之前有这些消息" in seen
    assert COMING in await courier.picks("我会来")
    assert COMING not in await courier.says("1")
