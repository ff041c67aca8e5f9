"""A courier decides what may be written first, and gets what could not be pushed."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from bot.common.clock import CHINA
from bot.services.notifications import queue
from bot.services.notifications.kinds import NoticeKind
from bot.services.notifications.queue import Notice, Topic
from bot.services.notifications.statuses import Priority
from bot.store.models.couriers import CourierRow
from tests.conftest import ManualClock
from tests.support.courier import Deployment, Line, TelegramLine, lines

ON = ("· 培训：开", "· 办卡进度：开", "· 驿站：开")


def pushed(deployment: Deployment) -> list[str]:
    """The texts that Telegram took and shows, the oldest first."""
    return [one["text"] for one in deployment.telegram.messages[7000] if "text" in one]


async def only_courier(deployment: Deployment) -> int:
    async with deployment.replicas[0].store.reading() as db:
        return (await db.scalars(select(CourierRow.id))).one()


def card_notice(courier_id: int, now: datetime) -> Notice:
    """A notice that keeps to quiet hours, with the words of the sample."""
    return Notice(
        kind=NoticeKind.REMINDER_SAMPLE,
        courier_id=courier_id,
        params={},
        topic=Topic.CARD,
        dedupe_key=f"quiet:{now.isoformat()}",
        due_at=now,
        not_after=now + timedelta(days=4),
        priority=Priority.REMINDER,
    )


async def test_everything_is_on_until_one_says_otherwise(courier: Line) -> None:
    seen = await courier.says("提醒设置")
    for line in ON:
        assert line in seen
    assert "21:30–7:30" in seen
    assert "返回" in seen.labels


@pytest.mark.parametrize(
    ("typed", "stopped", "left"),
    [
        ("停卡", {"办卡进度"}, {"培训", "驿站"}),
        ("停培训", {"培训"}, {"办卡进度", "驿站"}),
        ("退订培训", {"培训"}, {"办卡进度", "驿站"}),
        ("停驿站", {"驿站"}, {"培训", "办卡进度"}),
        ("停培训和驿站", {"培训", "驿站"}, {"办卡进度"}),
        ("关闭培训提醒", {"培训"}, {"办卡进度", "驿站"}),
        ("全停", {"培训", "办卡进度", "驿站"}, set()),
    ],
)
async def test_one_word_stops_a_topic_and_the_answer_says_what_stays(
    deployment: Deployment, typed: str, stopped: set[str], left: set[str]
) -> None:
    courier = lines(deployment, "terminal")[0]
    seen = await courier.says(typed)
    assert "停了：" in seen
    for topic in stopped:
        assert f"· {topic}：停" in seen
    for topic in left:
        assert f"· {topic}：开" in seen
    assert "想再开，说“" in seen
    word = seen.text.split("想再开，说“")[1].split("”")[0]
    again = await courier.says(word)
    assert "恢复了：" in again
    if typed == "全停":
        assert "停" not in "".join(line for line in again.text.split("\n") if line[:1] == "·")


async def test_a_message_may_mix_on_and_off(courier: Line) -> None:
    await courier.says("全停")
    seen = await courier.says("停培训 开卡")
    assert "· 培训：停" in seen
    assert "· 办卡进度：开" in seen
    assert "· 驿站：停" in seen


async def test_stop_without_a_topic_asks_which(courier: Line) -> None:
    seen = await courier.says("别老给我发消息 烦")
    assert "要停哪一类" in seen
    for line in ON:
        assert line in seen
    seen = await courier.picks("停驿站")
    assert "· 驿站：停" in seen
    seen = await courier.picks("开驿站")
    assert "· 驿站：开" in seen


USUAL = "· 不打扰：21:30–7:30；跑单高峰11:00–13:00、17:00–19:30"


async def test_own_quiet_hours_by_word_button_and_back(courier: Line) -> None:
    assert USUAL in await courier.says("提醒设置")
    assert "不打扰：21:30–8:00；跑单高峰11:00" in await courier.says("22点到8点别发")
    await courier.picks("免打扰时间")
    assert "没看懂" in await courier.says("随便吧您看着办")
    seen = await courier.picks("13:00–17:00")
    assert "不打扰：21:30–7:30、11:00–19:30" in seen  # with the rush on both sides
    assert "跑单高峰" not in seen
    await courier.picks("免打扰时间")
    assert "不打扰：21:30–9:00；" in await courier.says("晚上11点半到早上9点")
    await courier.picks("免打扰时间")
    assert "不打扰：21:30–9:00；" in await courier.picks("返回")
    await courier.picks("免打扰时间")
    assert USUAL in await courier.picks("不另设")


async def test_hours_that_leave_no_time_and_hours_that_change_nothing(courier: Line) -> None:
    for typed in ("8点到7点别发", "0点到24点别发", "全天别打扰"):
        seen = await courier.says(typed)
        assert "没时间可发" in seen
        assert USUAL in seen
    seen = await courier.says("半夜别发")
    assert "本来就不发" in seen
    assert USUAL in seen
    assert "不打扰：20:00–9:00；" in await courier.says("晚上8点到早上9点别发")
    await courier.says("提醒设置")
    await courier.picks("免打扰时间")
    assert "没时间可发" in await courier.says("0点到24点")
    await courier.picks("免打扰时间")
    assert USUAL in await courier.says("不用")


BY_NIGHT = "· 不打扰：7:30–19:30；夜里可以发"


async def test_who_rides_at_night_has_a_quiet_day_and_is_written_to_at_night(
    courier: Line, channel: str, deployment: Deployment, clock: ManualClock
) -> None:
    clock.set(datetime(2026, 11, 24, 2, 0, tzinfo=CHINA))
    seen = await courier.says("我夜里跑单 白天别发")
    assert "7:30到17:00不发，夜里可以发" in seen
    assert BY_NIGHT in seen
    who = await only_courier(deployment)
    async with deployment.replicas[0].store.writing() as db:
        await queue.enqueue(db, card_notice(who, clock()), clock())
    await deployment.deliver()
    if channel == "telegram":
        assert [text for text in pushed(deployment) if "试发" in text]
    seen = await courier.picks("夜里也别发")
    assert "21:30到7:30不发" in seen
    assert "；夜里可以发" not in seen
    assert "19:30–21:30" not in seen  # what is left is not quiet
    seen = await courier.picks("夜里可以发")
    assert BY_NIGHT in seen


async def test_a_quiet_day_alone_offers_the_night(courier: Line) -> None:
    seen = await courier.says("白天睡觉 别吵我")
    assert "7:30到17:00不发，其余照常" in seen
    assert "夜里可以发" in seen.labels
    assert BY_NIGHT in await courier.picks("夜里可以发")


@pytest.mark.parametrize(
    ("typed", "days"),
    [
        ("周末别发", "周六、周日"),
        ("周六周日别打扰", "周六、周日"),
        ("周一到周三不要给我发消息", "周一、周二、周三"),
    ],
)
async def test_whole_days_are_kept_and_said_back(courier: Line, typed: str, days: str) -> None:
    seen = await courier.says(typed)
    assert f"{days}整天不发" in seen
    assert f"{USUAL}；{days}整天" in seen
    assert "；" + days not in (await courier.says(f"{days.replace('、', '')}可以发")).text


async def test_nothing_is_pushed_on_a_quiet_weekend(
    deployment: Deployment, clock: ManualClock
) -> None:
    courier = lines(deployment, "telegram")[0]
    clock.set(datetime(2026, 11, 28, 9, 0, tzinfo=CHINA))  # a Saturday
    await courier.says("周末别发")
    who = await only_courier(deployment)
    async with deployment.replicas[0].store.writing() as db:
        await queue.enqueue(db, card_notice(who, clock()), clock())
    for day in (28, 29):
        clock.set(datetime(2026, 11, day, 20, 0, tzinfo=CHINA))
        await deployment.deliver()
        assert not any("试发" in text for text in pushed(deployment))
    clock.set(datetime(2026, 11, 30, 9, 0, tzinfo=CHINA))
    await deployment.deliver()
    assert [text for text in pushed(deployment) if "试发" in text]


async def test_what_cannot_be_kept_is_said_and_what_can_be_is_offered(courier: Line) -> None:
    seen = await courier.says("周六晚上8点以后别发")
    assert "分不到那么细" in seen
    assert "周六整天" not in await courier.picks("每天20:00–7:30")
    assert "不打扰：20:00–7:30；" in await courier.says("提醒设置")
    seen = await courier.says("这周末别发")
    assert "只能每周都这样" in seen
    assert "；周六、周日整天" in await courier.picks("周六、周日整天不发")
    assert "没时间可发" in await courier.says("周一到周五别发")


async def test_a_notice_is_pushed_or_comes_with_the_next_answer(
    courier: Line, channel: str, deployment: Deployment, clock: ManualClock
) -> None:
    await courier.says("提醒设置")
    await courier.picks("发一条试试")
    clock.forward(minutes=1)
    await deployment.deliver()
    arrived = "试发：提醒能发到你这里。"
    if channel == "telegram":
        assert pushed(deployment)[-1] == arrived
    seen = await courier.says("帮助")
    assert (arrived in seen) == (channel not in {"telegram", "wechat"})  # those were pushed
    assert arrived not in await courier.says("帮助")  # once is enough


async def test_what_a_blocked_bot_could_not_push_is_shown_on_return(deployment: Deployment) -> None:
    courier = lines(deployment, "telegram")[0]
    assert isinstance(courier, TelegramLine)
    await courier.says("提醒设置")
    await courier.picks("发一条试试")
    deployment.telegram.block_silently(7000)
    await deployment.deliver()
    assert not any("试发" in text for text in pushed(deployment))
    await deployment.telegram.unblock(7000)
    assert [text for text in pushed(deployment) if "之前有这些消息" in text and "试发" in text]
    assert "试发" not in await courier.says("帮助")


async def test_restart_in_telegram_greets_once_and_start_each_time(deployment: Deployment) -> None:
    """Its client lets the bot write again and then sends /start: two updates, one greeting."""
    courier = lines(deployment, "telegram")[0]
    await courier.arrives()
    await courier.leaves()
    before = len(pushed(deployment))
    assert await deployment.telegram.unblock(7000) == []
    assert "我是驿站小助手" in await courier.arrives()
    assert sum("我是驿站小助手" in text for text in pushed(deployment)[before:]) == 1
    assert "我是驿站小助手" in await courier.arrives()


async def test_two_replicas_push_it_once(deployment: Deployment) -> None:
    courier = lines(deployment, "telegram")[0]
    await courier.says("提醒设置")
    await courier.picks("发一条试试")
    for _ in range(3):
        await deployment.deliver()
    assert pushed(deployment).count("试发：提醒能发到你这里。") == 1
