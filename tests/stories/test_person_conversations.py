"""转人工: a courier talks with a person and the bot is silent; on every channel and both databases,
through two replicas."""

import asyncio

import pytest
from sqlalchemy import func, select

from bot.app.server import close_conversations, erase_old
from bot.services.conversations import desk
from bot.services.conversations.queue import Tab
from bot.services.conversations.statuses import ClosedBy, ConversationConflict
from bot.services.operators.roles import Operator, Role
from bot.store.engine import open_store
from bot.store.models.conversations import PersonConversationRow, PersonMessageRow
from tests.conftest import ManualClock
from tests.stories.test_linking import made_by, sent_by
from tests.support.courier import FIRST_CHAT, Deployment, Line, PageLine, WeChatLine, lines
from tests.support.person_conversations import Desk
from tests.support.screens import Screen, screen_of_page
from tests.support.stations import HERE, create_stations


@pytest.fixture
def at_desk(deployment: Deployment, clock: ManualClock) -> Desk:
    app = deployment.replicas[0]
    return Desk(app.store, app.keys, clock)


async def say(line: Line, text: str) -> Screen:
    """What the bot answers; on WeChat the answer may be empty."""
    if isinstance(line, WeChatLine):
        shown = (await line._fake.text(line._openid, text)).shown
        return Screen() if shown is None else Screen(f"{shown.title}\n{shown.words}")
    return await line.says(text)


async def received(deployment: Deployment, line: Line, channel: str) -> str:
    """What has come to the courier, pushed or with their next message."""
    if isinstance(line, PageLine):  # a page gets what is sent while it is open
        page = line._line
        await page.connect(deployment.addresses[0])
        sending = asyncio.create_task(deployment.deliver())
        while not page.notices:
            await page.receive()
        await sending
        await page.leave()
        return screen_of_page(page.notices.pop()["messages"]).text
    await deployment.deliver()
    if channel == "terminal":
        return (await say(line, "嗯嗯")).text
    return "\n".join(deployment.texts_sent())


async def deliver_all(deployment: Deployment, clock: ManualClock) -> None:
    """Also what waits a moment because the chat has just got another one."""
    for _ in range(2):
        await deployment.deliver()
        clock.forward(minutes=0.1)


async def test_both_sides_talk_and_the_bot_is_silent_until_it_is_closed(
    deployment: Deployment, courier: Line, channel: str, at_desk: Desk, clock: ManualClock
) -> None:
    await courier.shares(*HERE)
    asked = await courier.says("转人工")
    assert "30天" in asked
    assert "结束，找机器人" in asked.labels
    assert "已转给工作人员" in await say(courier, "站里的人不让我进")
    number = await at_desk.take()
    assert "已接入" in await say(courier, "我的电话13812345678")
    assert (await say(courier, "最近的驿站在哪")).text == ""
    assert (await say(courier, "帮助")).text == ""
    assert (await at_desk.read(number)) == [
        "站里的人不让我进",
        "我的电话138****78",
        "最近的驿站在哪",
        "帮助",
    ]
    await at_desk.answer(number, "我马上联系站长。")
    assert "【工作人员】我马上联系站长。" in await received(deployment, courier, channel)
    await at_desk.close(number)
    assert "工作人员已结束这次对话" in await received(deployment, courier, channel)
    assert "你可以" in await courier.says("帮助")
    assert await at_desk.listed(Tab.CLOSED)


async def test_emergencies_erasure_and_the_end_are_answered_by_the_bot(
    courier: Line, at_desk: Desk
) -> None:
    await courier.says("转人工")
    number = await at_desk.take()
    assert "马上打电话" in await say(courier, "我被车撞了，腿断了")
    assert (await at_desk.read(number)) == ["我被车撞了，腿断了"]
    assert "好，放下了" not in (await say(courier, "取消")).text
    asked = await courier.says("删除我的数据")
    assert "取消" in asked.labels
    assert (await courier.picks("取消")).text
    assert "对话已结束" in await courier.says("找机器人")
    assert [one.closed_by for one in await at_desk.listed(Tab.CLOSED)] == [ClosedBy.COURIER]
    await courier.says("转人工")
    await at_desk.take()
    await courier.says("删除我的数据")
    await courier.picks("确认全部删除")
    async with at_desk.store.reading() as db:
        for row in (PersonConversationRow, PersonMessageRow):
            assert await db.scalar(select(func.count()).select_from(row)) == 0


async def test_of_two_operators_one_gets_it(courier: Line, at_desk: Desk) -> None:
    await courier.says("投诉")
    number = await at_desk.take()
    other = Operator(2, "second", Role.DUTY)
    for deed in (desk.take, desk.close):
        async with at_desk.store.writing() as db:
            with pytest.raises(ConversationConflict) as refused:
                await deed(db, other, number, at_desk.clock())
        assert refused.value.operator == "duty"


async def test_a_restart_keeps_the_bot_silent(
    database_url: str, clock: ManualClock, channel: str
) -> None:
    store = await open_store(database_url)
    await create_stations(store, clock)
    await store.close()
    settings = {"YIZHAN_DATABASE_URL": database_url}
    async with Deployment(settings, clock) as first:
        line = lines(first, channel)[0]
        await line.says("转人工")
        app = first.replicas[1]
        number = await Desk(app.store, app.keys, clock).take()
        assert "已接入" in await say(line, "在吗")
        visitor = getattr(line, "_line", None), getattr(line, "_who", None)
    async with Deployment(settings, clock) as second:
        line = lines(second, channel)[0]
        if visitor[0] is not None:
            line._line.visitor = visitor[0].visitor  # type: ignore[attr-defined]
        if visitor[1] is not None:
            line._who, line._count = visitor[1], 100  # type: ignore[attr-defined]
        if channel in {"telegram", "wechat"}:  # platforms that number their events from 1 again
            for _ in range(2):
                await say(line, "转人工")
        assert (await say(line, "还在吗")).text == ""
        app = second.replicas[0]
        at_desk = Desk(app.store, app.keys, clock)
        assert await at_desk.read(number) == ["在吗", "还在吗"]
        await at_desk.answer(number, "在的")
        assert "在的" in await received(second, line, channel)


async def test_the_bot_takes_over_when_nobody_writes(
    deployment: Deployment, pushed_to: Line, at_desk: Desk, clock: ManualClock
) -> None:
    await pushed_to.says("转人工")
    number = await at_desk.take()
    await at_desk.answer(number, "稍等")
    clock.forward(minutes=29)
    await say(pushed_to, "好的")
    clock.forward(minutes=29)
    await close_conversations(deployment.replicas[0])
    assert [one.id for one in await at_desk.listed(Tab.MINE)] == [number]
    clock.forward(minutes=2)
    for app in deployment.replicas:
        await close_conversations(app)
    await deliver_all(deployment, clock)
    told = [one for one in deployment.texts_sent() if "先由我（机器人）接着回答" in one]
    assert len(told) == 1
    assert "你可以" in await pushed_to.says("帮助")


async def test_the_bot_takes_over_in_the_turn_that_finds_it_too_late(
    courier: Line, at_desk: Desk, clock: ManualClock
) -> None:
    await courier.says("转人工")
    await at_desk.take()
    clock.forward(minutes=30)
    answered = await courier.says("帮助")
    assert "先由我（机器人）接着回答" in answered
    assert "你可以" in answered


async def test_a_reopened_conversation_is_told_and_silent_again(
    deployment: Deployment, pushed_to: Line, at_desk: Desk, clock: ManualClock
) -> None:
    await pushed_to.says("转人工")
    number = await at_desk.take()
    await at_desk.close(number)
    await deployment.deliver()
    await at_desk.reopen(number)
    await deliver_all(deployment, clock)
    assert any("重新接入" in one for one in deployment.texts_sent())
    assert (await say(pushed_to, "谢谢")).text == ""
    assert await at_desk.read(number) == ["谢谢"]


async def test_a_linked_courier_has_one_conversation_on_both_channels(
    deployment: Deployment, at_desk: Desk
) -> None:
    first, second = lines(deployment, "telegram")[0], lines(deployment, "web")[0]
    await sent_by(second, await made_by(first))
    await second.says("转人工")
    number = await at_desk.take()
    await say(second, "从网页写的")
    assert (await say(first, "从电报写的")).text == ""
    assert await at_desk.read(number) == ["从网页写的", "从电报写的"]
    await at_desk.answer(number, "都看到了")
    await deployment.deliver()
    assert "都看到了" in deployment.telegram.messages[FIRST_CHAT][-1]["text"]


async def test_two_open_conversations_become_one_when_chats_are_linked(
    deployment: Deployment, at_desk: Desk
) -> None:
    first, second = lines(deployment, "telegram")[0], lines(deployment, "web")[0]
    for line in (first, second):
        await line.says("转人工")
        await say(line, "我要问个事")
    code = await made_by(first)
    assert len(await at_desk.listed(Tab.WAITING)) == 2
    await sent_by(second, code)
    assert len(await at_desk.listed(Tab.WAITING)) == 1
    number = await at_desk.take()
    assert (await at_desk.read(number)).count("我要问个事") == 2


async def test_outside_the_hours_of_duty_couriers_are_told_whom_to_call_and_may_leave_a_message(
    database_url: str, clock: ManualClock
) -> None:
    settings = {
        "YIZHAN_DATABASE_URL": database_url,
        "YIZHAN_DUTY_HOURS": "off",
        "YIZHAN_HUMAN_CONTACT": "站务热线 0471-1234567",
    }
    store = await open_store(database_url)
    await create_stations(store, clock)
    await store.close()
    async with Deployment(settings, clock) as closed:
        line = lines(closed, "terminal")[0]
        app = closed.replicas[0]
        at_desk = Desk(app.store, app.keys, clock)
        asked = await line.says("转人工")
        assert "0471-1234567" in asked
        assert "12351" in asked
        assert await at_desk.listed(Tab.WAITING) == []
        assert "留言" in asked.labels
        assert "留言" in await line.picks("留言")
        assert len(await at_desk.listed(Tab.WAITING)) == 1


async def test_what_is_kept_is_shown_sealed_and_deleted_after_thirty_days(
    deployment: Deployment, terminal: Line, at_desk: Desk, clock: ManualClock
) -> None:
    await terminal.says("转人工")
    await say(terminal, "金丝雀鸟鸣KANARIE")
    shown = await terminal.says("你存了我什么")
    assert "和工作人员的对话：1次" in shown
    async with at_desk.store.reading() as db:
        (sealed,) = list(await db.scalars(select(PersonMessageRow.text)))
    assert b"KANARIE" not in sealed
    clock.forward(days=31)
    await close_conversations(deployment.replicas[0])
    await erase_old(deployment.replicas[0])
    async with at_desk.store.reading() as db:
        assert await db.scalar(select(func.count()).select_from(PersonMessageRow)) == 0
    clock.forward(days=31)
    await erase_old(deployment.replicas[0])
    async with at_desk.store.reading() as db:
        assert await db.scalar(select(func.count()).select_from(PersonConversationRow)) == 0
