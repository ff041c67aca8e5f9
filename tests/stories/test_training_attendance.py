"""Reminders, check-in, stamps, certificates, feedback and the calendar file."""

import re
from datetime import datetime

import pytest
from sqlalchemy import insert, select, text

from bot.common.clock import CHINA
from bot.services.notifications import quiet_hours
from bot.services.trainings.registration_queries import COMMENT
from bot.store.models.couriers import CourierRow
from bot.store.models.trainings import RegistrationRow, WithdrawnCertificateRow
from tests.conftest import ManualClock
from tests.support.courier import Deployment, TelegramLine, lines
from tests.support.screens import Screen
from tests.support.training_stories import TrainingScenario, introduce, sign_up

WANG = "王强 13812345678"
LI = "李四 13900000000"


def assert_one_file(channel: str, seen: Screen, name: str, path: str) -> None:
    """A document of that name, or a link to it where the channel shows no documents."""
    if channel in {"telegram", "web"}:
        assert [name in one for one in seen.documents] == [True]
        assert seen.links == []
    else:
        assert seen.documents == []
        assert [path in one for one in seen.links] == [True]


async def test_checked_in_stamped_certified_and_verified(
    deployment: Deployment, channel: str, scenario: TrainingScenario, clock: ManualClock
) -> None:
    courier, stranger = lines(deployment, channel, 2)
    await sign_up(courier, "急救入门", WANG)
    seen = await courier.says("111111")  # two days early
    assert "还没到点：《急救入门》11月25日周三13:30–16:30能签到" in seen
    assert "大讲堂" in seen.labels
    clock.set(datetime(2026, 11, 25, 10, 0, tzinfo=CHINA))
    assert "今天13:30–16:30能签到" in await courier.says("111111")
    clock.set(datetime(2026, 11, 25, 13, 40, tzinfo=CHINA))
    assert "签到码不对，看清屏幕再发一次" in await courier.says("999999")
    assert "签到码是6位数字" in await courier.says("99999")  # still waits for the code
    assert "✓ 签到成功：《急救入门》今天 14:00–16:00。这是第1枚章" in await courier.arrives(
        "ci-111111"
    )
    assert "你签过到了" in await courier.says("签到 111111")
    seen = await courier.says("集章册")
    assert "1枚章，共2小时" in seen
    seen = await courier.picks("证书1")
    number = re.search(r"DJT-2026-[0-9A-Z]{6}-[0-9A-Z]{6}", seen.text)
    assert number is not None
    assert_one_file(channel, seen, f"{number[0]}.pdf", "/files/certificate.")
    seen = await stranger.says(number[0].lower())
    assert f"✓ 真证书：{number[0]}" in seen
    assert "王*，2026-11-25参加《急救入门》" in seen
    assert "王强" not in seen
    last = number[0][-1]
    other = number[0][:-1] + ("2" if last == "3" else "3")
    assert "查不到这个证书编号" in await stranger.says(other)


async def test_a_withdrawn_certificate_is_said_to_be_withdrawn(
    deployment: Deployment, channel: str, scenario: TrainingScenario, clock: ManualClock
) -> None:
    number = "DJT-2026-7K3M9P"
    async with deployment.replicas[0].store.writing() as db:
        void = {"number": number, "withdrawn_at": clock()}
        await db.execute(insert(WithdrawnCertificateRow).values(void))
    (stranger,) = lines(deployment, channel)
    day = clock().astimezone(CHINA).date().isoformat()
    assert f"已撤销：{number} 已于 {day} 撤销" in await stranger.says(number)


async def test_numbers_guessed_from_one_address_are_refused_whoever_sends_them(
    deployment: Deployment,
) -> None:
    """Twelve new visitors of the web page, answered by two replicas; other channels go on."""
    answers = []
    for at, visitor in enumerate(lines(deployment, "web", 12)):
        answers += [
            "查不到这个" in await visitor.says(f"DJT-2026-{at:03}{step:03}") for step in range(3)
        ]
    assert answers == [True] * 30 + [False] * 6
    assert "一小时" in await lines(deployment, "web")[0].says("DJT-2026-7K3M9P")
    assert "查不到这个证书编号" in await lines(deployment, "wechat")[0].says("DJT-2026-7K3M9P")


async def test_a_reminder_carries_its_answers(
    deployment: Deployment, scenario: TrainingScenario, clock: ManualClock
) -> None:
    courier = lines(deployment, "telegram")[0]
    await sign_up(courier, "急救入门", WANG)
    for moment in ((24, 14, 5), (25, 13, 5)):  # a day before; an hour before, after the rush
        clock.set(datetime(2026, 11, *moment, tzinfo=CHINA))
        await deployment.deliver()
    told = [
        one["text"] for one in deployment.telegram.messages[7000] if "提醒：" in one.get("text", "")
    ]
    assert len(told) == 2
    assert all("《急救入门》" in one and "14:00–16:00" in one for one in told)
    assert "到时见" in await courier.picks("我会来")
    assert "有名额，你说会来" in await courier.says("我的培训")
    clock.set(datetime(2026, 11, 25, 13, 20, tzinfo=CHINA))
    await courier.says("我的培训")
    assert "确定退《急救入门》" in await courier.picks("退第1场")


async def test_who_is_quiet_all_day_finds_the_reminder_with_the_next_answer(
    deployment: Deployment, scenario: TrainingScenario, clock: ManualClock
) -> None:
    courier = lines(deployment, "telegram")[0]
    await courier.arrives()
    async with deployment.replicas[0].store.writing() as db:
        who = (await db.scalars(select(CourierRow.id))).one()
        await quiet_hours.set_own_quiet(db, who, quiet_hours.OwnQuiet((7 * 60, 22 * 60)))
    await sign_up(courier, "急救入门", WANG)
    clock.set(datetime(2026, 11, 24, 15, tzinfo=CHINA))
    await deployment.deliver()
    assert not [
        one for one in deployment.telegram.messages[7000] if "提醒：" in one.get("text", "")
    ]
    assert "提醒：《急救入门》" in await courier.says("帮助")


async def test_no_reminder_at_noon_or_night(
    deployment: Deployment, scenario: TrainingScenario, clock: ManualClock
) -> None:
    """What was not said in the day is not said in the night; the next one comes at its hour."""
    courier = lines(deployment, "telegram")[0]
    await sign_up(courier, "周六上午那场", WANG)
    for hour in (22, 23):
        clock.set(datetime(2026, 11, 27, hour, tzinfo=CHINA))
        await deployment.deliver()
    assert not any("提醒：" in one.get("text", "") for one in deployment.telegram.messages[7000])
    clock.set(datetime(2026, 11, 28, 8, 35, tzinfo=CHINA))
    await deployment.deliver()
    count = sum("提醒：" in one.get("text", "") for one in deployment.telegram.messages[7000])
    assert count == 1


async def test_who_cannot_come_frees_the_seat_from_the_reminder(
    deployment: Deployment, scenario: TrainingScenario, clock: ManualClock
) -> None:
    first, second = lines(deployment, "telegram", 2)
    await sign_up(first, "周六上午那场", WANG)
    await sign_up(second, "周六上午那场", LI)
    clock.set(datetime(2026, 11, 27, 9, 35, tzinfo=CHINA))
    await deployment.deliver()
    assert "名额马上给排队的下一位" in await first.picks("来不了")
    await first.picks("确定退")
    await deployment.deliver()
    assert "✓ 报上了" in await second.picks("要这个名额")


async def test_feedback_is_asked_after_the_end(
    deployment: Deployment, scenario: TrainingScenario, clock: ManualClock
) -> None:
    courier = lines(deployment, "terminal")[0]
    await sign_up(courier, "急救入门", WANG)
    clock.set(datetime(2026, 11, 25, 13, 50, tzinfo=CHINA))
    await courier.says("111111")
    clock.set(datetime(2026, 11, 25, 19, 40, tzinfo=CHINA))
    assert "《急救入门》讲得怎么样" in await courier.says("帮助")
    assert "想说一句吗" in await courier.picks("4分")
    assert "记下了" in await courier.says("老师讲得明白")
    async with deployment.replicas[0].store.reading() as db:
        row = (await db.execute(text("SELECT score, comment FROM registration"))).one()
    assert row.score == 4
    assert "老师".encode() not in bytes(row.comment)


@pytest.mark.parametrize(
    ("typed", "score", "comment"),
    [
        ("5", 5, None),
        ("1", 1, None),
        ("4分", 4, None),
        ("给五星", 5, None),
        ("满分 老师讲得明白", 5, "老师讲得明白"),
        ("2，后排听不清", 2, "后排听不清"),
    ],
)
async def test_a_typed_digit_is_the_score_that_it_says(
    deployment: Deployment,
    channel: str,
    scenario: TrainingScenario,
    clock: ManualClock,
    typed: str,
    score: int,
    comment: str | None,
) -> None:
    """Also where the question comes below the choices of another answer."""
    courier = lines(deployment, channel)[0]
    await sign_up(courier, "急救入门", WANG)
    clock.set(datetime(2026, 11, 25, 13, 50, tzinfo=CHINA))
    await courier.says("111111")
    clock.set(datetime(2026, 11, 25, 19, 40, tzinfo=CHINA))
    await deployment.deliver()
    if channel in {"terminal", "web"}:
        assert "《急救入门》讲得怎么样" in await courier.says("帮助")
    seen = await courier.says(typed)
    assert ("记下了" if comment else "★" * score) in seen
    async with deployment.replicas[1].store.reading() as db:
        row = (await db.execute(select(RegistrationRow))).scalar_one()
        keys = deployment.replicas[1].keys
        written = keys.open(row.comment, COMMENT) if row.comment else None
    assert (row.score, written) == (score, comment)


async def test_a_number_of_my_trainings_is_that_training(
    deployment: Deployment, channel: str, scenario: TrainingScenario
) -> None:
    courier = lines(deployment, channel)[0]
    await sign_up(courier, "急救入门", WANG)
    await courier.says("报名冬季骑行安全")
    await courier.picks("对，报名")
    seen = await courier.says("我的培训")
    assert "2. 冬季骑行安全" in seen
    assert "【冬季骑行安全】" in await courier.says("2")


async def test_who_stands_at_the_door_without_a_seat_is_offered_one_that_is_left(
    deployment: Deployment, channel: str, scenario: TrainingScenario, clock: ManualClock
) -> None:
    courier = lines(deployment, channel)[0]
    clock.set(datetime(2026, 11, 25, 14, 10, tzinfo=CHINA))  # after deadline and start
    if isinstance(courier, TelegramLine):
        await introduce(courier, WANG)
    seen = await courier.says("111111")
    assert "你还没报名，还有30个空位。现在报上，直接签到？" in seen
    seen = await courier.picks("现在报名")
    if channel != "telegram":
        assert "只问这一次" in seen
        await courier.says(WANG)
        seen = await courier.picks("同意并报名")
    assert "✓ 报上了，也签到了：《急救入门》" in seen
    assert "1枚章" in await courier.says("集章册")


async def test_the_cancellation_brings_the_file_that_takes_it_out_of_the_calendar(
    deployment: Deployment, scenario: TrainingScenario, clock: ManualClock
) -> None:
    courier = lines(deployment, "terminal")[0]
    await sign_up(courier, "急救入门", WANG)
    await scenario.cancel(scenario.first_aid)
    seen = await courier.says("帮助")
    assert "加过日历的话，打开下面这个文件，这场就从日历里去掉了" in seen
    assert any("/files/calendar." in link for link in seen.links)
    pushed = lines(deployment, "telegram")[0]
    await sign_up(pushed, "冬季骑行安全", LI)
    await scenario.cancel(scenario.safety)
    await deployment.deliver()
    assert any("document" in one for one in deployment.telegram.messages[7000])
    assert any(
        "这场就从日历里去掉了" in one.get("text", "") for one in deployment.telegram.messages[7000]
    )


async def test_reminders_planned_while_the_bot_was_blocked_go_out_after_the_return(
    deployment: Deployment, scenario: TrainingScenario, clock: ManualClock
) -> None:
    courier = lines(deployment, "telegram")[0]
    assert isinstance(courier, TelegramLine)
    await sign_up(courier, "急救入门", WANG)
    await courier.leaves()
    await scenario.move(scenario.first_aid, datetime(2026, 11, 25, 15, tzinfo=CHINA))
    clock.forward(minutes=1)
    await deployment.telegram.unblock(7000)
    clock.set(datetime(2026, 11, 24, 15, 5, tzinfo=CHINA))
    await deployment.deliver()
    told = [one.get("text", "") for one in deployment.telegram.messages[7000]]
    assert sum("提醒：《急救入门》" in one for one in told) == 1


@pytest.mark.parametrize(
    ("at", "promised"),
    [
        (datetime(2026, 11, 23, 10, tzinfo=CHINA), "前一天和课前1小时我提醒你"),
        (datetime(2026, 11, 25, 8, tzinfo=CHINA), "课前1小时我提醒你"),
        (datetime(2026, 11, 25, 13, 20, tzinfo=CHINA), ""),
    ],
)
async def test_only_reminders_that_can_still_come_are_promised(
    deployment: Deployment,
    channel: str,
    scenario: TrainingScenario,
    clock: ManualClock,
    at: datetime,
    promised: str,
) -> None:
    clock.set(at)
    seen = await sign_up(lines(deployment, channel)[0], "急救入门", WANG)
    if channel in {"web", "terminal"}:
        promised = "提醒先存着" if promised else ""
    elif channel == "wechat" and at.day == 23:  # an hour before is beyond the 48 hours
        promised = "前一天我提醒你"
    assert promised in seen
    assert ("提醒" in seen) == bool(promised)


async def test_the_calendar_file(
    deployment: Deployment, channel: str, scenario: TrainingScenario
) -> None:
    courier = lines(deployment, channel)[0]
    await sign_up(courier, "急救入门", WANG)
    seen = await courier.picks("加到日历")
    assert_one_file(channel, seen, "培训-11月25日.ics", "/files/calendar.")
