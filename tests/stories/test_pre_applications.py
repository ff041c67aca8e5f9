"""How to get a card, and the pre-application form."""

import re
from datetime import datetime

import pytest
from sqlalchemy import func, select

from bot.common.clock import CHINA
from bot.store.models.administration.operators import OperatorNoteRow
from bot.store.models.cards import CardRequestRow
from tests.conftest import ManualClock
from tests.support.cards import (
    KEYS,
)
from tests.support.courier import Deployment, Line, lines
from tests.support.screens import Screen
from tests.support.stations import HERE

pytestmark = pytest.mark.usefixtures("bank")


async def test_how_to_get_a_card_names_the_nearest_outlet(courier: Line) -> None:
    seen = await courier.says("奋斗卡咋办 要啥材料")
    assert "以银行说的为准" in seen
    seen = await courier.shares(*HERE)
    assert "最近的网点" in seen
    assert "新城支行驿站" in seen
    assert "离你300米" in seen


async def fill_in(courier: Line) -> Screen:
    """The form up to the question for the outlet."""
    await courier.says("怎么办卡")
    await courier.picks("先登记")
    await courier.says("李二梅")
    await courier.says("139 0000 1111")
    return await courier.picks("中通")


async def test_a_pre_application_lands_with_its_number(
    at_home: Line, deployment: Deployment
) -> None:
    seen = await fill_in(at_home)
    assert "想去哪个网点" in seen
    seen = await at_home.shares(*HERE)
    nearest, second = seen.labels[:2]
    assert nearest.startswith("新城支行驿站")
    assert second.startswith("车站驿站")
    seen = await at_home.picks(nearest)
    for words in ("李二梅", "13900001111", "中通", "新城支行驿站", "只用来联系你办卡"):
        assert words in seen
    seen = await at_home.picks("提交")
    number = re.search(r"YQ-[2-9A-Z]{6}", seen.text)
    assert number
    assert "已收到" in await at_home.says("办卡进度")
    assert f"{number[0]}" in await at_home.says("你存了我什么")
    async with deployment.replicas[0].store.reading() as db:
        (row,) = await db.scalars(select(CardRequestRow))
        (note,) = await db.scalars(select(OperatorNoteRow))
    assert KEYS.open(row.name, "card_request.name") == "李二梅"
    assert KEYS.open(row.phone, "card_request.phone") == "13900001111"
    assert (row.firm_code, row.outlet_id, row.status) == ("zhongtong", 1, "new")
    assert (note.kind, note.params) == ("card.request", {"request": row.id})


async def test_a_pre_application_in_free_words_at_a_terminal(deployment: Deployment) -> None:
    courier = lines(deployment, "terminal")[0]
    await courier.says("怎么办卡")
    await courier.picks("先登记")
    assert "只打姓名" in await courier.says("138")
    await courier.says("阿拉坦·其其格")
    assert "11位" in await courier.says("1390000")
    await courier.says("+86 13900001111")
    await courier.says("蒙马配送")
    seen = await courier.says("新城区")
    assert "离新城区最近的" in seen
    assert "看看对不对" in await courier.says("鼓楼那家工行")
    seen = await courier.picks("提交")
    assert "登记好了" in seen
    assert "已经登记过了" in await pick_after(courier, "怎么办卡", "先登记")
    seen = await courier.says("办卡进度")
    (label,) = [one for one in seen.labels if one.startswith("撤回")]
    assert "撤回了" in await courier.picks(label)
    async with deployment.replicas[0].store.reading() as db:
        for table in (CardRequestRow, OperatorNoteRow):
            assert await db.scalar(select(func.count()).select_from(table)) == 0


async def pick_after(courier: Line, words: str, label: str) -> Screen:
    """Says something, then picks from the answer."""
    await courier.says(words)
    return await courier.picks(label)


async def test_the_form_goes_back_step_by_step_and_can_be_left(
    at_home: Line, deployment: Deployment
) -> None:
    await fill_in(at_home)
    assert "哪家公司" in await at_home.picks("返回")
    assert "百世" in (await at_home.picks("更多公司")).labels
    assert "哪个手机号" in await at_home.picks("返回")
    assert "你的姓名" in await at_home.picks("返回")
    await at_home.says("李三")
    await at_home.says("13900002222")
    await at_home.says("顺丰")
    await at_home.picks("呼和浩特")
    seen = await at_home.picks("新城支行驿站")
    assert "13900002222" in seen
    await at_home.picks("取消")
    async with deployment.replicas[0].store.reading() as db:
        assert await db.scalar(select(func.count()).select_from(CardRequestRow)) == 0


async def test_names_and_phones_are_not_taken_abroad(deployment: Deployment) -> None:
    courier = lines(deployment, "telegram")[0]
    seen = await courier.says("怎么办卡")
    assert "先登记" not in seen.labels
    assert "不收姓名和手机号" in seen
    assert "公众号" in seen


async def test_the_web_page_is_named_abroad_where_there_is_one(
    database_url: str, clock: ManualClock, deployment: Deployment
) -> None:
    settings = {"YIZHAN_DATABASE_URL": database_url, "YIZHAN_PUBLIC_URL": "https://yizhan.example"}
    async with Deployment(settings, clock) as public:
        seen = await lines(public, "telegram")[0].says("怎么办卡")
    assert "登记请用网页版" in seen
    assert "https://yizhan.example/" in seen.links


@pytest.mark.parametrize("typed", ["我没有编号", "不知道", "编号忘了", "没收到短信"])
async def test_who_has_no_number_is_told_where_to_go(terminal: Line, typed: str) -> None:
    await terminal.says("我卡办到哪了")
    await terminal.picks("同意")
    seen = await terminal.says(typed)
    assert "没有编号也别急" in seen
    assert {"最近的网点", "转人工"} <= set(seen.labels)
    assert "位置" in await terminal.picks("最近的网点")
    assert "新城支行驿站" in await terminal.shares(*HERE)


async def test_the_form_takes_answers_only(at_home: Line) -> None:
    await at_home.says("怎么办卡")
    await at_home.picks("先登记")
    assert "这不像姓名" in await at_home.says("随便问问")
    await at_home.says("敖特根·巴雅尔")
    assert "11位" in await at_home.says("一会儿说")
    seen = await at_home.says("１３８ ００１３ ８００１")
    assert "哪家公司" in seen
    for digits in ("１３８００１３８００１", "138 0013 8001"):
        assert "公司名" in await at_home.says(digits)
    assert "这不像公司名" in await at_home.says("我想一想")
    assert "点一个盟市" in await at_home.says("饿了么")
    assert "没找到叫这个的网点" in await at_home.says("我想一想")
    assert "请打地名" in await at_home.says("13800138001")
    seen = await at_home.says("鼓楼那家工行")
    for words in ("敖特根·巴雅尔", "13800138001", "饿了么", "鼓楼那家工行"):
        assert words in seen
    assert "登记好了" in await at_home.says("对")


@pytest.mark.parametrize(
    ("typed", "answered"),
    [
        ("今天好冷", "位置"),
        ("给我找个客服", "12351"),
        ("等一下 我先找个厕所", "位置"),
        ("带啥去", "身份证原件"),
        ("要钱吗", "不收一分钱"),
        ("要我电话干啥", "加密"),
    ],
)
async def test_a_question_in_the_midst_is_answered_and_the_form_goes_on(
    at_home: Line, typed: str, answered: str
) -> None:
    await fill_in(at_home)
    await at_home.picks("返回")
    seen = await at_home.says(typed)
    assert answered in seen
    assert "哪家公司" in seen
    assert "哪个网点" in await at_home.says("中通")


@pytest.mark.parametrize("step", range(5))
@pytest.mark.parametrize("typed", ["我不想办了", "算了 不办了", "我要退"])
async def test_who_gives_up_is_heard_at_every_question(
    at_home: Line, deployment: Deployment, typed: str, step: int
) -> None:
    await at_home.says("怎么办卡")
    await at_home.picks("先登记")
    for answer in ("李二梅", "13900001111", "中通", "鼓楼那家工行")[:step]:
        await at_home.says(answer)
    assert "都没存" in await at_home.says(typed)
    assert "没有填到一半的" in await at_home.says("继续")
    async with deployment.replicas[0].store.reading() as db:
        assert await db.scalar(select(func.count()).select_from(CardRequestRow)) == 0


async def test_a_form_that_was_left_is_taken_up_within_a_day(
    at_home: Line, clock: ManualClock
) -> None:
    await fill_in(at_home)
    await at_home.says("厕所")
    seen = await at_home.shares(*HERE)
    assert "离你" in seen  # the stations that were asked for, not outlets
    assert "说“继续”接着填" in seen
    clock.forward(hours=5)
    assert "接着填" not in await at_home.says("我的收藏")
    assert "哪个网点" in await at_home.says("继续")
    await at_home.shares(*HERE)
    seen = await at_home.picks("新城支行驿站")
    assert "李二梅" in seen
    assert "登记好了" in await at_home.picks("提交")
    assert "没有填到一半的" in await at_home.says("继续")


async def test_a_form_is_not_taken_up_after_a_day(at_home: Line, clock: ManualClock) -> None:
    await fill_in(at_home)
    await at_home.says("我的收藏")
    clock.forward(hours=20)
    await at_home.says("谢谢")
    clock.forward(hours=5)
    assert "没有填到一半的" in await at_home.says("继续")


async def test_everything_in_one_message_leaves_only_the_outlet(at_home: Line) -> None:
    await at_home.says("怎么办卡")
    await at_home.picks("先登记")
    assert "哪个网点" in await at_home.says("李二梅，13900001111，美团外卖")
    seen = await at_home.says("鼓楼那家工行")
    for words in ("李二梅", "13900001111", "美团", "鼓楼那家工行"):
        assert words in seen


@pytest.mark.parametrize(
    ("typed", "answered"),
    [
        ("中通快递", "是快递公司"),
        ("海拉尔", "离海拉尔区最近的"),
        ("北京", "内蒙古"),
        ("星巴克", "没找到叫这个的网点"),
        ("新城区的工行", "离新城区最近的"),
    ],
)
async def test_what_is_no_outlet_is_not_taken_as_one(
    at_home: Line, typed: str, answered: str
) -> None:
    await fill_in(at_home)
    seen = await at_home.says(typed)
    assert answered in seen
    assert "看看对不对" not in seen


async def test_a_place_is_not_taken_as_a_firm(at_home: Line) -> None:
    await fill_in(at_home)
    await at_home.picks("返回")
    assert "这不像公司名" in await at_home.says("呼和浩特")


async def test_the_summary_survives_stray_words_and_takes_corrections(at_home: Line) -> None:
    await fill_in(at_home)
    await at_home.says("鼓楼那家工行")
    for stray in ("嗯嗯那个", "好冷啊", "带啥去"):
        seen = await at_home.says(stray)
        assert "看看对不对" in seen
        assert "李二梅" in seen
    assert "13900002222" in await at_home.says("电话是13900002222")
    assert "美团" in await at_home.says("美团")
    assert "哪项不对" in await at_home.says("不对")
    assert "你的姓名" in await at_home.says("名字错了")
    seen = await at_home.says("李三")
    for words in ("看看对不对", "李三", "13900002222", "美团", "鼓楼那家工行"):
        assert words in seen
    assert "登记好了" in await at_home.says("对")


async def test_the_firms_with_most_couriers_come_first(at_home: Line) -> None:
    await at_home.says("怎么办卡")
    await at_home.picks("先登记")
    await at_home.says("李二梅")
    seen = await at_home.says("13900001111")
    assert seen.labels[:6] == ["美团", "饿了么", "京东", "顺丰", "中通", "圆通"]


async def test_a_form_is_forgotten_after_a_day(at_home: Line, clock: ManualClock) -> None:
    await fill_in(at_home)
    clock.set(datetime(2026, 11, 25, 10, tzinfo=CHINA))
    assert "看看对不对" not in await at_home.says("新城支行驿站")
