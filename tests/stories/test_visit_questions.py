"""A courier rides to a station, is asked what they found, and everybody after them profits."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select

from bot.belief.model import ENTER
from bot.common.clock import CHINA
from bot.services.stations.feedback import outcomes, visit_questions
from bot.store.models.notifications import OutboxRow
from bot.store.models.observations import ObservationRow
from tests.conftest import ManualClock
from tests.support.courier import Deployment, Line, TelegramLine, WeChatLine, lines
from tests.support.screens import Screen
from tests.support.stations import HERE

QUESTION = "新城支行驿站怎么样？"
SORRY = "对不住，让你白跑了。新城支行驿站"
DOOR = (HERE[0] + 300 / 111_050, HERE[1])  # of 新城支行驿站


async def pass_time(deployment: Deployment, clock: ManualClock, minutes: float) -> None:
    """Lets time pass and does what is done every few seconds."""
    clock.forward(minutes=minutes)
    for app in deployment.replicas:
        await visit_questions.ask_due(app.store, clock())
    await deployment.deliver()
    clock.forward(minutes=0.5)  # who has no page open gets it with the next answer
    await deployment.deliver()
    await deployment.refresh()


async def rides(courier: Line, label: str = "第1家怎么进") -> None:
    """Shares where they are and chooses the first station."""
    await courier.shares(*HERE)
    await courier.picks(label)


async def observations(deployment: Deployment, fact: str = ENTER) -> list[bool]:
    """What was observed of a fact, the oldest first."""
    async with deployment.replicas[0].store.reading() as db:
        row = ObservationRow
        found = select(row.positive).where(row.fact == fact).order_by(row.id)
        return list(await db.scalars(found))


async def questions(deployment: Deployment) -> int:
    """How many questions were queued."""
    async with deployment.replicas[0].store.reading() as db:
        counted = select(func.count()).select_from(OutboxRow)
        return await db.scalar(counted.where(OutboxRow.kind == "station.visit")) or 0


async def asked(courier: Line, deployment: Deployment) -> Screen | None:
    """The question as it was pushed, or as it comes with the courier's next message."""
    if isinstance(courier, TelegramLine):
        pushed = deployment.telegram.messages[courier.chat][-1]
        rows = pushed.get("reply_markup", {}).get("inline_keyboard", [])
        return Screen(pushed["text"], [one["text"] for row in rows for one in row])
    return None


async def answers(courier: Line, deployment: Deployment, label: str) -> Screen:
    """Picks an answer of the question, wherever it is shown."""
    if isinstance(courier, WeChatLine):
        shown = deployment.wechat.shown["oFake0000-_openid"][-1]
        assert QUESTION in shown.words
        assert shown.sent_first
    elif not isinstance(courier, TelegramLine):
        assert QUESTION in await courier.says("帮助")
    return await courier.picks(label)


async def test_who_chose_a_station_is_asked_once_what_they_found_and_answers_by_one_tap(
    courier: Line, deployment: Deployment, clock: ManualClock
) -> None:
    await rides(courier)
    await pass_time(deployment, clock, 5)
    assert await questions(deployment) == 0
    await pass_time(deployment, clock, 10)
    assert await questions(deployment) == 1
    seen = await answers(courier, deployment, "✅开着")
    assert "谢谢！新城支行驿站开着" in seen
    assert await observations(deployment) == [True]
    await pass_time(deployment, clock, 10)
    await rides(courier)
    await pass_time(deployment, clock, 30)
    assert await questions(deployment) == 1


async def test_a_locked_door_by_one_tap_names_the_next_open_station_at_once(
    courier: Line, deployment: Deployment, clock: ManualClock
) -> None:
    await rides(courier)
    await pass_time(deployment, clock, 15)
    seen = await answers(courier, deployment, "🔒锁门")
    assert SORRY in seen
    assert "1. 鼓楼驿站" in seen
    assert await observations(deployment) == [False]


async def test_locked_twice_sends_the_third_courier_elsewhere_with_the_nearest_one_tap_away(
    deployment: Deployment, clock: ManualClock, channel: str
) -> None:
    first, second, third = lines(deployment, channel, 3)
    for courier in (first, second):
        await rides(courier)
    clock.forward(minutes=8)
    for courier in (first, second):
        await courier.shares(*DOOR)
        await courier.says("新城支行门锁着 没人")
    for app in deployment.replicas:
        await app.search.refresh_beliefs()
    seen = await third.shares(*HERE)
    assert "近的那家（新城支行驿站，300米）今天2人说锁门，待核实，先给你推更靠得住的" in seen
    assert "1. 鼓楼驿站" in seen
    place = (
        next(n for n in range(1, 4) if f"{n}. 新城支行驿站" in seen)
        if ("就去最近那家" not in seen.labels)
        else 0
    )
    label = f"第{place}家怎么进" if place else "就去最近那家"
    seen = await third.picks(label)
    assert "【新城支行驿站】放心进" in seen
    assert "今天2人说锁门，待核实" in seen


async def test_the_reporter_is_told_once_that_it_was_put_right(
    courier: Line, deployment: Deployment, clock: ManualClock
) -> None:
    await rides(courier)
    clock.forward(minutes=10)
    await courier.says("水机坏了")
    assert await observations(deployment, "water") == [False]
    clock.forward(hours=4, minutes=50)
    for _ in range(2):
        async with deployment.replicas[0].store.writing() as db:
            await outcomes.tell_resolved(db, 1, ["water"], clock())
    await deployment.deliver()
    clock.forward(minutes=0.5)
    await deployment.deliver()
    said = "你报的新城支行驿站的问题修好了：热水能用了"
    if isinstance(courier, TelegramLine):
        texts = [one.get("text", "") for one in deployment.telegram.messages[courier.chat]]
        assert sum(said in text for text in texts) == 1
    elif deployment.wechat.shown:
        assert said in [one.words for one in deployment.wechat.shown["oFake0000-_openid"]][-1]
    else:
        assert said in await courier.says("帮助")
    assert said not in await courier.says("帮助")


async def test_who_told_by_words_is_not_asked_any_more(
    courier: Line, deployment: Deployment, clock: ManualClock
) -> None:
    await rides(courier)
    clock.forward(minutes=9)
    assert "谢谢！新城支行驿站开着" in await courier.says("开着呢")
    await pass_time(deployment, clock, 10)
    assert await questions(deployment) == 0
    assert QUESTION not in await courier.says("帮助")
    await courier.picks("帮助")


async def test_the_button_of_an_old_message_counts_for_then_and_twice_is_once(
    deployment: Deployment, clock: ManualClock
) -> None:
    (courier,) = lines(deployment, "telegram")
    await rides(courier)
    await pass_time(deployment, clock, 15)
    moment = clock()
    clock.forward(hours=24)
    for _ in range(2):
        seen = await courier.picks("🔒锁门")
        assert "谢谢，新城支行驿站的情况记下了" in seen
    assert "新城支行驿站（最近）" in await courier.shares(*HERE)
    async with deployment.replicas[0].store.reading() as db:
        (only,) = await db.scalars(select(ObservationRow))
    assert only.at <= moment < only.at + timedelta(hours=1)


async def test_a_tap_from_yesterday_does_not_undo_what_was_said_today(
    deployment: Deployment, clock: ManualClock
) -> None:
    (courier,) = lines(deployment, "telegram")
    await rides(courier)
    await pass_time(deployment, clock, 15)
    clock.forward(hours=11)
    await courier.says("新城支行门锁着")
    await courier.picks("✅开着")
    assert await observations(deployment) == [False, True]


@pytest.mark.parametrize(
    ("begins", "later", "times"),
    [
        ("10:50", 15, 0),  # would come at 11:05, and the peak lasts too long
        ("12:40", 15, 0),  # waits for the end of the peak
        ("12:40", 25, 1),
        ("21:20", 20, 0),
    ],
)
async def test_nobody_is_asked_in_riding_peaks_or_at_night_nor_later(
    deployment: Deployment, clock: ManualClock, begins: str, later: int, times: int
) -> None:
    hour, minute = map(int, begins.split(":"))
    clock.set(datetime(2026, 11, 23, hour, minute, tzinfo=CHINA))
    (courier,) = lines(deployment, "telegram")
    assert isinstance(courier, TelegramLine)
    await courier.shares(*HERE)
    await courier.says("去鼓楼那家" if hour == 12 else "就去第一家")
    await courier.picks("第2家怎么进") if hour == 12 else None
    for minutes in (later, 0):
        await pass_time(deployment, clock, minutes)
    texts = [one.get("text", "") for one in deployment.telegram.messages[courier.chat]]
    assert sum("怎么样？点一下" in text for text in texts) == times


@pytest.mark.parametrize("words", ["去这家", "就去第一家", "怎么走", "第一家怎么走"])
async def test_who_says_to_go_there_or_asks_the_way_has_chosen_it(
    terminal: Line, deployment: Deployment, clock: ManualClock, words: str
) -> None:
    await terminal.shares(*HERE)
    await terminal.says(words)
    await pass_time(deployment, clock, 15)
    assert await questions(deployment) == 1


@pytest.mark.parametrize("words", ["几点关门", "远不远", "第二家电话", "谢谢"])
async def test_who_only_asks_about_stations_has_chosen_none(
    terminal: Line, deployment: Deployment, clock: ManualClock, words: str
) -> None:
    await terminal.shares(*HERE)
    await terminal.says(words)
    await pass_time(deployment, clock, 15)
    assert await questions(deployment) == 0


async def test_only_facilities_that_the_station_claims_are_asked_about(
    deployment: Deployment, clock: ManualClock
) -> None:
    (courier,) = lines(deployment, "telegram")
    await rides(courier, "第2家怎么进")  # its water is out of order
    await pass_time(deployment, clock, 16)
    seen = await asked(courier, deployment)
    assert seen is not None
    assert seen.labels == ["✅开着", "🔒锁门", "🔌充不了", "其他"]


async def test_something_else_asks_what_and_takes_a_tap_or_words(
    deployment: Deployment, clock: ManualClock
) -> None:
    (courier,) = lines(deployment, "telegram")
    await rides(courier)
    await pass_time(deployment, clock, 15)
    assert "新城支行驿站哪儿不对" in await courier.picks("其他")
    assert SORRY in await courier.says("厕所锁着")
    await courier.picks("其他")
    assert "12351" in await courier.picks("不让进")
    assert await observations(deployment, "toilet") == [False]


async def test_details_tell_each_fact_and_from_when(
    deployment: Deployment, clock: ManualClock
) -> None:
    first, second, third = lines(deployment, "telegram", 3)
    for courier in (first, second):
        await courier.says("帮助")
    clock.forward(days=7)  # what couriers say whom nobody knows yet is not shown
    for courier in (first, second):
        await rides(courier)
    await pass_time(deployment, clock, 15)
    await first.picks("✅开着")
    await second.picks("🚰没热水")
    await rides(third)
    seen = await third.picks("第1家怎么进")
    assert "上次核实27天前" in seen
    assert "能不能进：2人今天10:15确认" in seen
    assert "热水：今天有人说用不了" in seen


async def test_who_stopped_station_notices_is_not_asked(
    deployment: Deployment, clock: ManualClock
) -> None:
    (courier,) = lines(deployment, "telegram")
    await courier.says("停驿站")
    await rides(courier)
    await pass_time(deployment, clock, 15)
    assert await questions(deployment) == 0


async def test_on_wechat_outside_of_its_window_the_question_is_dropped(
    deployment: Deployment, clock: ManualClock
) -> None:
    (courier,) = lines(deployment, "wechat")
    await rides(courier)
    await pass_time(deployment, clock, 70)
    assert QUESTION not in await courier.says("帮助")


async def test_with_nothing_shown_any_more_the_station_chosen_lately_is_meant(
    terminal: Line, deployment: Deployment, clock: ManualClock
) -> None:
    await rides(terminal)
    await terminal.says("取消")
    assert SORRY in await terminal.says("门锁着")
