"""A courier asks where their card is, and how to get one."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from bot.services.cards.statuses import LABELS
from bot.store.models.administration.operators import OperatorNoteRow
from bot.store.models.cards import CardBindingRow
from bot.store.models.couriers import ConsentRow
from tests.conftest import ManualClock
from tests.stories.card_conversation import WARNING, bind
from tests.support.cards import (
    DIGITS,
    KEYS,
    NUMBER,
    PHONE,
    RECORD,
    report,
    report_history,
)
from tests.support.courier import Deployment, Line, lines
from tests.support.screens import Screen
from tests.support.stations import HERE

pytestmark = pytest.mark.usefixtures("bank")


async def test_consent_two_facts_and_then_the_next_step(courier: Line, channel: str) -> None:
    seen = await bind(courier)
    for words in (
        "【奋斗卡】卡到网点了，来领吧",
        "带身份证原件，本人去领",
        "去哪：新城支行驿站",
        "今天：09:00–12:00、13:30–17:00（12:00关门）",
        "还剩23天，过了2026年12月16日就封存",
        "11月20日 14:00 卡到网点了，来领吧（新城支行）",
        "王* · 138****5678",
        "数据截至11月22日 18:00。密码、验证码谁都别给",
    ):
        assert words in seen
    assert WARNING not in seen  # said where something is asked; here once, and last
    assert len(seen.text) <= 500 or channel == "terminal"
    assert any("apis.map.qq.com" in link for link in seen.links)
    for whole in (NUMBER, PHONE, "王小强", "123X"):
        assert whole not in seen


@pytest.mark.parametrize(
    "typed",
    [
        f"申请编号{NUMBER}，后四位{DIGITS}",
        f"{DIGITS} {NUMBER}",
        f"{NUMBER.lower()}、手机尾号{DIGITS}",
        f"我手机{PHONE}，单号是{NUMBER}",
    ],
)
async def test_both_facts_in_one_message_are_enough(terminal: Line, typed: str) -> None:
    seen = await terminal.says(typed)
    assert "同意吗" in seen
    assert "【奋斗卡】" in await terminal.picks("同意")


async def test_both_facts_in_english_are_answered_in_english(terminal: Line) -> None:
    seen = await terminal.says(f"my application number is {NUMBER} and the last four are {DIGITS}")
    assert "May I use them" in seen
    assert "【奋斗卡】" in await terminal.picks("I agree")


async def test_only_what_is_missing_is_asked_for(courier: Line) -> None:
    await courier.says("我卡办到哪了")
    await courier.picks("同意")
    assert "申请编号呢" in await courier.says(f"后四位是{DIGITS}")
    assert "【奋斗卡】" in await courier.says(f"编号 {NUMBER[:2]} {NUMBER[2:6]} {NUMBER[6:]}")


async def test_a_mobile_number_is_no_application_number(courier: Line) -> None:
    await courier.says("我卡办到哪了")
    await courier.picks("同意")
    seen = await courier.says(PHONE)
    assert "这是手机号" in seen
    assert PHONE not in seen
    assert "【奋斗卡】" in await courier.says(NUMBER)


async def test_a_slip_in_form_costs_no_try_and_a_wrong_fact_is_mended_alone(
    courier: Line,
) -> None:
    await courier.says("我卡办到哪了")
    await courier.picks("同意")
    await courier.says(NUMBER)
    for slip in ("12345", "123", "嗯"):
        assert "只要四位" in await courier.says(slip)
    assert "还能再试4次" in await courier.says("0000")
    assert "【奋斗卡】" in await courier.says(DIGITS)


@pytest.mark.parametrize(
    ("typed", "answered"),
    [("带啥去", "身份证原件"), ("我忘了编号咋整", "没有编号也别急"), ("附近有厕所吗", "位置")],
)
async def test_a_question_in_between_is_answered_and_the_number_still_asked_for(
    terminal: Line, typed: str, answered: str
) -> None:
    await terminal.says("我卡办到哪了")
    await terminal.picks("同意")
    assert answered in await terminal.says(typed)
    assert "【奋斗卡】" in await terminal.says(f"{NUMBER} {DIGITS}")


@pytest.mark.parametrize("typed", ["算了 不办了", "我要退", "不查了"])
async def test_who_gives_up_is_heard_at_both_facts(terminal: Line, typed: str) -> None:
    await terminal.says("我卡办到哪了")
    await terminal.picks("同意")
    assert "那就不办了" in await terminal.says(typed)
    await terminal.says("我卡办到哪了")
    await terminal.says(NUMBER)
    assert "那就不办了" in await terminal.says(typed)


async def test_once_bound_it_answers_at_once(terminal: Line) -> None:
    await bind(terminal)
    seen = await terminal.says("卡到网点了我去哪取，带啥")
    assert "去哪：新城支行驿站" in seen


async def test_a_known_place_adds_the_distance(terminal: Line) -> None:
    await bind(terminal)
    await terminal.shares(*HERE)
    seen = await terminal.says("办卡进度")
    assert "离你300米，骑车约1分钟" in seen


async def test_the_digits_of_the_id_do_as_well_but_not_abroad(courier: Line, channel: str) -> None:
    seen = await bind(courier, digits="123x")
    if channel == "telegram":
        assert "编号和后四位对不上" in seen
    else:
        assert "【奋斗卡】" in seen


async def test_without_consent_nothing_is_asked(terminal: Line, deployment: Deployment) -> None:
    await terminal.says("我卡办到哪了")
    seen = await terminal.picks("不同意")
    assert "那我不查" in seen
    async with deployment.replicas[0].store.reading() as db:
        assert list(await db.scalars(select(ConsentRow.given))) == [False]
    assert "同意吗" in await terminal.says("我卡办到哪了")


async def test_abroad_says_so_before_it_asks(deployment: Deployment) -> None:
    telegram, web = lines(deployment, "telegram")[0], lines(deployment, "web")[0]
    assert "服务器在境外" in await telegram.says("我卡办到哪了")
    assert "境外" not in await web.says("我卡办到哪了")


async def test_a_whole_id_or_card_number_is_refused_and_forgotten(courier: Line) -> None:
    await courier.says("我卡办到哪了")
    await courier.picks("同意")
    for typed in ("15010219900307123X", "6222 0212 3456 7890 128"):
        seen = await courier.says(typed)
        assert "我没有记" in seen
        assert WARNING in seen
    assert "后四位" in await courier.says(NUMBER)
    assert "我没有记" in await courier.says("15010219900307123X")
    assert "【奋斗卡】" in await courier.says(DIGITS)


async def test_back_and_cancel_at_each_step(terminal: Line) -> None:
    await terminal.says("我卡办到哪了")
    await terminal.picks("同意")
    await terminal.says(NUMBER)
    assert "请打申请编号" in await terminal.picks("返回")
    await terminal.says(NUMBER)
    await terminal.picks("取消")
    assert "【奋斗卡】" not in await terminal.says(DIGITS)


async def test_several_applications_are_picked_from_a_list(
    terminal: Line, deployment: Deployment, clock: ManualClock
) -> None:
    second = replace(RECORD, number="NM20269999", label="制卡中", at=clock() - timedelta(days=9))
    await report(deployment.replicas[0].store, clock(), second)
    await bind(terminal)
    await terminal.picks("查别的申请")
    await terminal.says("NM20269999")
    assert "正在制卡" in await terminal.says(DIGITS)
    seen = await terminal.says("办卡进度")
    assert "****0815：卡到网点了，来领吧" in seen.labels
    assert "正在制卡" in await terminal.picks("****9999：正在制卡")


async def test_unbinding_ends_it_and_the_consent(terminal: Line, deployment: Deployment) -> None:
    await bind(terminal)
    assert "解绑了" in await terminal.picks("解绑")
    async with deployment.replicas[0].store.reading() as db:
        assert await db.scalar(select(func.count()).select_from(CardBindingRow)) == 0
    assert "同意吗" in await terminal.says("办卡进度")


async def test_usual_time_is_said_from_five_cases_on(
    terminal: Line, deployment: Deployment, clock: ManualClock
) -> None:
    store = deployment.replicas[0].store
    two_days_ago = clock() - timedelta(days=2)
    one = replace(RECORD, number="NM20268888", label="审核中", at=two_days_ago, as_of=clock())
    await report(store, clock(), one)
    await report_history(store, clock(), [2, 2, 3], "审核中")
    assert "一般" not in await bind(terminal, number="NM20268888")
    await report_history(store, clock(), [2, 2, 3, 4, 4, 9], "审核中")
    assert "这一步一般2–4天，你第3天" in await terminal.says("办卡进度")


async def test_every_status_has_its_words_in_both_languages(
    deployment: Deployment, clock: ManualClock
) -> None:
    courier, store = lines(deployment, "terminal")[0], deployment.replicas[0].store
    for number, labels in enumerate(LABELS.values()):
        one = replace(RECORD, number=f"NM2027{number:04}", label=labels[0])
        await report(store, clock(), one)
        headline, step = paragraphs(await bind(courier, one.number))
        assert len(headline) > 2
        assert len(step) > 2
        await courier.says("English")
        assert not re.search("[\u4e00-\u9fff]", "".join(paragraphs(await courier.says("my card"))))
        await courier.picks("Unbind")
        await courier.says("中文")


def paragraphs(seen: Screen) -> list[str]:
    """The status and the next step of an answer."""
    return seen.text.split("【奋斗卡】")[1].split("\n")[:2]


async def test_an_unknown_status_is_shown_as_given_and_reported(
    terminal: Line, deployment: Deployment, clock: ManualClock
) -> None:
    one = replace(RECORD, number="NM20266666", label="等待总行复核", at=clock(), as_of=clock())
    await report(deployment.replicas[0].store, clock(), one)
    seen = await bind(terminal, number="NM20266666")
    assert "“等待总行复核”" in seen
    assert "已经告诉工作人员" in seen
    async with deployment.replicas[0].store.reading() as db:
        (note,) = await db.scalars(select(OperatorNoteRow))
    assert note.kind == "card.label"
    assert KEYS.open(note.detail or b"", "operator_note.detail") == "等待总行复核"


async def test_a_move_is_told_once_with_the_next_message(
    deployment: Deployment, clock: ManualClock
) -> None:
    """A terminal cannot be pushed to: the news waits in the 待看箱."""
    courier, store = lines(deployment, "terminal")[0], deployment.replicas[0].store
    await bind(courier)
    clock.forward(hours=3)
    moved = replace(RECORD, label="已领取", at=clock(), as_of=clock())
    for _ in range(3):  # however often it is sent
        await report(store, clock(), moved)
    seen = await courier.says("谢谢")
    assert seen.text.count("你的卡有新进展") == 1
    assert "已领到，还没激活" in seen
    assert "你的卡有新进展" not in await courier.says("谢谢")


async def test_only_the_latest_of_several_moves_is_told(
    deployment: Deployment, clock: ManualClock
) -> None:
    courier, store = lines(deployment, "terminal")[0], deployment.replicas[0].store
    await bind(courier)
    for label in ("已领取", "已激活"):
        clock.forward(hours=1)
        await report(store, clock(), replace(RECORD, label=label, at=clock(), as_of=clock()))
    seen = await courier.says("谢谢")
    assert seen.text.count("你的卡有新进展") == 1
    assert "已激活，可以用" in seen
