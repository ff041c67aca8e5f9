"""Mistakes that waitlists of other services made: each as a story, and that it does not happen."""

import asyncio
from datetime import datetime

import pytest
from sqlalchemy import func, select, text, update

from bot.app.server import maintain_trainings
from bot.common.clock import CHINA
from bot.store.models.conversation import ChatRow
from bot.store.models.notifications import OutboxRow
from tests.conftest import ManualClock
from tests.support.courier import Deployment, Line, TelegramLine, lines
from tests.support.screens import screen_of_calls
from tests.support.training_stories import TrainingScenario, introduce, sign_up

FIRST, SECOND, THIRD, FOURTH = (
    "王强 13800000001",
    "李四 13800000002",
    "张三 13800000003",
    "赵六 13800000004",
)
SATURDAY = "周六上午那场"
NAMED = "《冬季骑行安全》11月28日周六 09:30–11:30"


@pytest.fixture
async def line(deployment: Deployment, scenario: TrainingScenario) -> list[Line]:
    """Three couriers on Telegram: the first has the seat, the others wait in this order."""
    three = list(lines(deployment, "telegram", 3))
    for courier, who in zip(three, (FIRST, SECOND, THIRD), strict=True):
        await sign_up(courier, SATURDAY, who)
    return three


def pushed_to(deployment: Deployment, number: int, word: str) -> list[str]:
    """The messages sent to that courier that contain this word."""
    messages = deployment.telegram.messages[7000 + number]
    return [one["text"] for one in messages if word in one.get("text", "")]


async def give_back(courier: Line) -> None:
    """退 by free text, and yes."""
    await courier.says("周六来不了了 帮我退了")
    await courier.picks("确定退")


async def test_promoted_person_never_told(
    deployment: Deployment, line: list[Line], scenario: TrainingScenario, clock: ManualClock
) -> None:
    await give_back(line[0])
    await scenario.pass_time(minutes=1)
    assert len(pushed_to(deployment, 1, f"有空位了：{NAMED}")) == 1
    assert not pushed_to(deployment, 2, "有空位了")
    await scenario.pass_time(hours=3)  # no answer in time: the next is told, too
    assert len(pushed_to(deployment, 2, f"有空位了：{NAMED}")) == 1


async def test_confirmation_sent_to_one_who_had_cancelled_while_first_in_line(
    deployment: Deployment, line: list[Line], scenario: TrainingScenario
) -> None:
    await line[1].says("不去了 帮我退了")
    await line[1].picks("确定退出")
    await give_back(line[0])
    await scenario.pass_time(minutes=1)
    assert not pushed_to(deployment, 1, "有空位了")
    assert len(pushed_to(deployment, 2, "有空位了")) == 1


async def test_offer_already_queued_is_taken_back_when_its_owner_cancels(
    deployment: Deployment, line: list[Line], scenario: TrainingScenario, clock: ManualClock
) -> None:
    """The hold began in the rush, so that the offer was to be said at 13:00; by then it is moot."""
    clock.set(datetime(2026, 11, 23, 11, 30, tzinfo=CHINA))
    await give_back(line[0])
    await deployment.deliver()
    assert not pushed_to(deployment, 1, "有空位了")
    await line[1].says("我的培训")
    await line[1].picks("让出第1场")
    clock.set(datetime(2026, 11, 23, 13, 5, tzinfo=CHINA))
    await deployment.deliver()
    assert not pushed_to(deployment, 1, "有空位了")
    assert len(pushed_to(deployment, 2, "有空位了")) == 1


async def test_an_old_button_to_pass_an_offer_on_gives_an_accepted_seat_away(
    deployment: Deployment, line: list[Line], scenario: TrainingScenario
) -> None:
    await give_back(line[0])
    await deployment.deliver()
    await line[1].picks("要这个名额")
    old = await deployment.telegram.press(7001, f"training.pass:{scenario.safety}")
    assert "没有给你留的名额" in screen_of_calls(old)
    assert "✓ 有名额" in await line[1].says("我的培训")
    await scenario.pass_time(minutes=1)
    assert not pushed_to(deployment, 2, "有空位了")


async def test_organisers_cancel_freed_no_place_and_a_newcomer_jumped_the_queue(
    deployment: Deployment, line: list[Line], scenario: TrainingScenario
) -> None:
    async with deployment.replicas[0].store.reading() as db:
        seated = await db.scalar(text("SELECT courier_id FROM registration WHERE status = 'seat'"))
    await scenario.withdraw(scenario.safety, int(seated))
    newcomer = lines(deployment, "terminal")[0]
    assert "你排第2位" in await sign_up(newcomer, SATURDAY, FOURTH)
    await deployment.deliver()
    assert len(pushed_to(deployment, 1, "有空位了")) == 1
    assert "排第1位" in await line[2].says("排队排到第几了")


async def test_event_cancelled_and_waitlisted_people_not_told(
    deployment: Deployment, line: list[Line], scenario: TrainingScenario
) -> None:
    assert await scenario.cancel(scenario.safety) == 3
    await deployment.deliver()
    for number in range(3):
        assert len(pushed_to(deployment, number, f"{NAMED}取消了")) == 1
    assert "没有报名的培训" in await line[1].says("我的培训")


async def test_withdrawn_people_told_of_changes(
    deployment: Deployment, line: list[Line], scenario: TrainingScenario
) -> None:
    await line[2].says("我的培训")
    await line[2].picks("退第1场")
    await line[2].picks("确定退出")
    moved = datetime(2026, 11, 28, 14, tzinfo=CHINA)
    assert await scenario.move(scenario.safety, moved, "工会三楼") == 2
    await deployment.deliver()
    for number in range(2):
        seen = pushed_to(deployment, number, "有变动：《冬季骑行安全》11月28日周六 14:00–16:00")
        assert len(seen) == 1
        assert "原定周六09:30开始" in seen[0]
        assert "新地点：工会三楼" in seen[0]
    assert "还没有名额" in pushed_to(deployment, 1, "有变动")[0]
    assert not pushed_to(deployment, 2, "有变动")


async def test_confirmed_text_sent_to_a_waitlisted_person_without_course_name(
    deployment: Deployment, line: list[Line], scenario: TrainingScenario
) -> None:
    joined = deployment.telegram.messages[7001][-1]["text"]
    assert f"满了：{NAMED}，你排第1位" in joined
    assert "报上了" not in joined
    assert "✓" not in joined
    await give_back(line[0])
    await deployment.deliver()
    offer = pushed_to(deployment, 1, "有空位了")[0]
    assert NAMED in offer
    assert "报上了" not in offer
    await line[1].picks("要这个名额")
    assert len(pushed_to(deployment, 1, f"✓ 报上了：{NAMED}")) == 1


@pytest.mark.parametrize("words", ["周六来不了了 帮我退了", "取消报名", "退课", "我不想去培训了"])
async def test_no_way_for_the_user_to_cancel_by_words(
    deployment: Deployment, scenario: TrainingScenario, words: str
) -> None:
    courier = lines(deployment, "terminal")[0]
    await sign_up(courier, SATURDAY, FIRST)
    assert f"确定退{NAMED}" in await courier.says(words)
    await courier.picks("不退，我来")
    await courier.says(words)
    assert f"已退：{NAMED}" in await courier.picks("确定退")


async def test_no_way_for_the_user_to_cancel_from_the_list(
    courier: Line, scenario: TrainingScenario
) -> None:
    await sign_up(courier, SATURDAY, FIRST)
    await courier.says("我的培训")
    await courier.picks("退第1场")
    assert f"已退：{NAMED}" in await courier.picks("确定退")
    assert "没有报名的培训" in await courier.says("我的培训")


async def test_waitlist_offer_stuck_and_its_state_unclear(
    deployment: Deployment, line: list[Line], scenario: TrainingScenario, clock: ManualClock
) -> None:
    await give_back(line[0])
    assert "有个名额给你留到今天12:00" in await line[1].says("排队排到第几了")
    async with deployment.replicas[0].store.reading() as db:
        query = text("SELECT count(*) FROM registration WHERE status = 'offered'")
        assert await db.scalar(query) == 1  # what the organiser's list is made from
    await deployment.deliver()
    clock.forward(hours=2, minutes=1)  # nothing ran meanwhile: the hold is over all the same
    assert "没有给你留的名额" in await line[1].picks("要这个名额")
    assert "有个名额给你留到" in await line[2].says("排队排到第几了")


async def test_a_hold_ends_in_the_night(
    deployment: Deployment, line: list[Line], scenario: TrainingScenario, clock: ManualClock
) -> None:
    clock.set(datetime(2026, 11, 23, 20, 30, tzinfo=CHINA))
    await give_back(line[0])
    await deployment.deliver()
    assert (
        "留到明天08:30" in pushed_to(deployment, 1, "有空位了")[0]
    )  # an hour of the evening, one of the morning
    clock.set(datetime(2026, 11, 24, 7, tzinfo=CHINA))
    await scenario.pass_time(minutes=1)
    assert not pushed_to(deployment, 2, "有空位了")


async def test_timers_lost_at_restart(
    database_url: str,
    clock: ManualClock,
    deployment: Deployment,
    line: list[Line],
    scenario: TrainingScenario,
) -> None:
    await give_back(line[0])
    clock.forward(hours=2, minutes=1)
    async with Deployment({"YIZHAN_DATABASE_URL": database_url}, clock) as restarted:
        await maintain_trainings(restarted.replicas[0])
        async with restarted.replicas[1].store.reading() as db:
            rows = await db.execute(text("SELECT status FROM registration ORDER BY id"))
            assert [row.status for row in rows] == ["withdrawn", "expired", "offered"]


async def test_last_place_taken_twice_at_once(
    deployment: Deployment, channel: str, scenario: TrainingScenario
) -> None:
    both = lines(deployment, channel, 2)
    for courier, who in zip(both, (FIRST, SECOND), strict=True):
        if isinstance(courier, TelegramLine):
            await introduce(courier, who)  # names are not asked for there
        await courier.says(f"报名 {who} {SATURDAY}")
    yes = "对，报名" if channel == "telegram" else "同意并报名"
    seen = await asyncio.gather(*(courier.picks(yes) for courier in both))
    assert sorted("报上了" in one for one in seen) == [False, True]
    assert sorted("你排第1位" in one for one in seen) == [False, True]


async def test_message_to_someone_who_never_started_the_bot(
    deployment: Deployment, line: list[Line], scenario: TrainingScenario
) -> None:
    """Kept for their next message, and not tried for ever."""
    async with deployment.replicas[0].store.writing() as db:
        away = update(ChatRow).where(ChatRow.external_id == "7001")
        await db.execute(away.values(reachable=False))
    await give_back(line[0])
    for _ in range(3):
        await scenario.pass_time(minutes=10)
    assert not pushed_to(deployment, 1, "有空位了")
    async with deployment.replicas[0].store.reading() as db:
        held = select(func.count()).where(
            OutboxRow.kind == "training.offer", OutboxRow.status == "held", OutboxRow.attempts == 0
        )
        assert await db.scalar(held) == 1
    assert f"有空位了：{NAMED}" in await line[1].says("你好")


async def test_two_offers_for_one_seat_raise_the_number_of_seats(
    deployment: Deployment, line: list[Line], scenario: TrainingScenario
) -> None:
    """One seat given back and one added: two offers, in order, and no third."""
    newcomer = lines(deployment, "terminal")[0]
    await sign_up(newcomer, SATURDAY, FOURTH)
    await give_back(line[0])
    await scenario.resize(scenario.safety, 2)
    await scenario.pass_time(minutes=1)
    assert [len(pushed_to(deployment, number, "有空位了")) for number in range(3)] == [0, 1, 1]
    assert "排第1位" in await newcomer.says("排队排到第几了")


async def test_two_couriers_wait_for_each_other_for_ever(
    deployment: Deployment, scenario: TrainingScenario
) -> None:
    """Each turn locks its courier, and the line writes to other couriers: no deadlock, no error."""
    crowd = lines(deployment, "terminal", 8)
    for number, courier in enumerate(crowd):
        await sign_up(courier, SATURDAY, f"王强 1380000010{number}")
    for _ in range(3):
        seen = await asyncio.gather(*(courier.says("帮我退了") for courier in crowd))
        assert all("？" in one for one in seen)
        left = [
            courier.picks("确定退" if "确定退" in one.labels else "确定退出")
            for courier, one in zip(crowd, seen, strict=True)
        ]
        assert all("已退" in one for one in await asyncio.gather(*left))
        asked = await asyncio.gather(*(courier.says(f"报名 {SATURDAY}") for courier in crowd))
        back = await asyncio.gather(
            *(
                courier.picks("对，报名" if "对，报名" in one.labels else "对，排队")
                for courier, one in zip(crowd, asked, strict=True)
            )
        )
        assert sum("报上了" in one for one in back) == 1
        assert sum("满了" in one for one in back) == len(crowd) - 1
