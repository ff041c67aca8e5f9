"""A courier asks where their card is, and how to get one."""

import re
from contextlib import redirect_stdout
from dataclasses import replace
from datetime import datetime, timedelta
from io import StringIO

import pytest
from sqlalchemy import func, select

from bot.commands.cards.cards import release as release_card
from bot.commands.cli import parser
from bot.common.clock import CHINA
from bot.common.i18n import load_languages
from bot.services.cards.statuses import LABELS
from bot.store.models.cards import CardBindingRow, CardRequestRow
from bot.store.models.couriers import ConsentRow
from bot.store.models.operators import OperatorNoteRow
from tests.conftest import WallClock
from tests.support.cards import (
    DIGITS,
    KEYS,
    NUMBER,
    PHONE,
    RECORD,
    open_counters,
    report,
    report_history,
)
from tests.support.courier import Deployment, Line, lines
from tests.support.screens import Screen
from tests.support.stations import HERE

ENGLISH = load_languages().of("en", "en")
WARNING = "工作人员不会向你要密码、完整卡号、验证码"


@pytest.fixture(autouse=True)
async def bank(deployment: Deployment, clock: WallClock) -> None:
    """Two outlets, and one application that waits at the first."""
    await open_counters(deployment, 1, 5)
    await report(deployment.replicas[0].store, clock(), RECORD)


@pytest.fixture
def someone(deployment: Deployment) -> Line:
    """A courier where it does not matter on which channel."""
    return lines(deployment, "terminal")[0]


async def bind(courier: Line, number: str = NUMBER, digits: str = DIGITS) -> Screen:
    """All the way from the first question to the answer."""
    seen = await courier.says("我卡办到哪了")
    if "同意" in seen.labels:
        seen = await courier.picks("同意")
    elif "查一笔申请" in seen.labels:
        seen = await courier.picks("查一笔申请")
    assert "请打申请编号" in seen
    assert WARNING in seen
    seen = await courier.says(number)
    assert "后四位" in seen
    assert WARNING in seen
    return await courier.says(digits)


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


async def test_once_bound_it_answers_at_once(someone: Line) -> None:
    await bind(someone)
    seen = await someone.says("卡到网点了我去哪取，带啥")
    assert "去哪：新城支行驿站" in seen


async def test_a_known_place_adds_the_distance(someone: Line) -> None:
    await bind(someone)
    await someone.shares(*HERE)
    seen = await someone.says("办卡进度")
    assert "离你300米，骑车约1分钟" in seen


async def test_the_digits_of_the_id_do_as_well_but_not_abroad(courier: Line, channel: str) -> None:
    seen = await bind(courier, digits="123x")
    if channel == "telegram":
        assert "编号和后四位对不上" in seen
    else:
        assert "【奋斗卡】" in seen


async def test_without_consent_nothing_is_asked(someone: Line, deployment: Deployment) -> None:
    await someone.says("我卡办到哪了")
    seen = await someone.picks("不同意")
    assert "那我不查" in seen
    async with deployment.replicas[0].store.reading() as db:
        assert list(await db.scalars(select(ConsentRow.given))) == [False]
    assert "同意吗" in await someone.says("我卡办到哪了")


async def test_abroad_says_so_before_it_asks(deployment: Deployment) -> None:
    telegram, web = lines(deployment, "telegram")[0], lines(deployment, "web")[0]
    assert "服务器在境外" in await telegram.says("我卡办到哪了")
    assert "境外" not in await web.says("我卡办到哪了")


async def test_a_wrong_fact_and_no_such_record_look_the_same(
    deployment: Deployment, channel: str
) -> None:
    one, other = lines(deployment, channel, 2)
    for left in (4, 3, 2, 1):
        wrong = await bind(one, digits="0000")
        none = await bind(other, number="NM99999999")
        assert "对不上，或者银行的消息还没到" in wrong
        assert f"还能再试{left}次" in wrong
        assert (wrong.text, wrong.labels) == (none.text, none.labels)
    wrong, none = await bind(one, digits="0000"), await bind(other, number="NM99999999")
    assert "先锁24小时" in wrong
    assert (wrong.text, wrong.labels) == (none.text, none.labels)


async def test_five_wrong_tries_lock_for_a_day_on_every_channel(
    courier: Line, deployment: Deployment, clock: WallClock
) -> None:
    for digits in ("0000", "0001", "0002", "0003"):
        assert "对不上" in await bind(courier, digits=digits)
    assert "先锁24小时" in await bind(courier, digits="0004")
    assert "先锁24小时" in await bind(courier)
    other = lines(deployment, "web", 2)[1]
    assert "先锁24小时" in await bind(other)  # the number is locked, whoever asks
    async with deployment.replicas[0].store.reading() as db:
        kinds = list(await db.scalars(select(OperatorNoteRow.kind)))
    assert kinds == ["card.locked", "card.locked"]  # the chat's and the number's
    clock.forward(hours=23, minutes=55)
    assert "先锁24小时" in await bind(courier)
    clock.forward(minutes=6)
    assert "【奋斗卡】" in await bind(courier)


async def release(deployment: Deployment, clock: WallClock, number: str = NUMBER) -> str:
    """What `yizhan cards release` prints."""
    args = parser(ENGLISH).parse_args(["cards", "release", number])
    printed = StringIO()
    with redirect_stdout(printed):
        store = deployment.replicas[0].store
        code = await release_card(args, store, KEYS, ENGLISH, clock=clock)
    assert code == 0
    found = re.search(r"Release code: ([A-Z0-9]{4}-[A-Z0-9]{4})", printed.getvalue())
    assert found is not None
    return found[1]


async def test_whom_others_locked_out_gets_in_by_a_release_code(
    courier: Line, deployment: Deployment, clock: WallClock
) -> None:
    for at in range(5):
        stranger = lines(deployment, "terminal")[0]
        assert "对不上" in await bind(stranger, digits=f"000{at}") or at == 4
    seen = await bind(courier)
    assert "先锁24小时" in seen
    assert "放行码" in seen
    code = await release(deployment, clock)
    assert "对不上" in await bind(lines(deployment, "terminal")[0], "NM99999999", code)
    assert "【奋斗卡】" in await bind(courier, digits=f"放行码是 {code.lower()}")
    assert "先锁24小时" in await bind(lines(deployment, "terminal")[0], digits=code)
    assert "【奋斗卡】" in await courier.says("办卡进度")


def sent(deployment: Deployment) -> list[str]:
    """The texts that the first Telegram chat was sent."""
    return [one["text"] for one in deployment.telegram.messages[7000] if "text" in one]


async def test_the_owner_is_told_of_another_chat_that_is_bound(
    deployment: Deployment, clock: WallClock
) -> None:
    """Once an hour, by a push; who was bound last is told nothing, nor is who unbound."""
    owner, second = lines(deployment, "telegram", 2)
    await bind(owner)
    assert await deployment.deliver() == 0  # nobody else was bound
    others = [*lines(deployment, "web", 2), second]
    assert "【奋斗卡】" in await bind(others[0])
    await deployment.deliver()
    told = [text for text in sent(deployment) if "另一个聊天" in text]
    assert len(told) == 1
    assert NUMBER not in told[0]
    assert "****0815" in told[0]
    await bind(others[1])
    await deployment.deliver()
    told = [text for text in sent(deployment) if "另一个聊天" in text]
    assert len(told) == 1
    await owner.says("办卡进度")
    await owner.picks("解绑")
    clock.forward(hours=1)
    await bind(others[2])
    await deployment.deliver()
    told = [text for text in sent(deployment) if "另一个聊天" in text]
    assert len(told) == 1
    assert "另一个聊天" in await others[0].says("办卡进度")  # held: a closed page gets no push


async def test_binding_again_tells_nobody(
    someone: Line, deployment: Deployment, clock: WallClock
) -> None:
    owner = lines(deployment, "telegram")[0]
    await bind(owner)
    await bind(someone)
    assert await deployment.deliver() == 1
    clock.forward(hours=1)
    await someone.picks("查别的申请")
    await someone.says(NUMBER)
    assert "【奋斗卡】" in await someone.says(DIGITS)
    assert await deployment.deliver() == 0


async def test_a_hundred_tries_through_three_channels_learn_nothing(deployment: Deployment) -> None:
    """Wrong and missing look the same on each, before the lock and after it."""
    came: dict[str, set[str]] = {}
    right = 0
    for at in range(35):
        number = NUMBER if at % 2 else "NM99999999"
        for channel in ("telegram", "web", "terminal"):
            attacker = lines(deployment, channel, at + 1)[at]
            seen = await bind(attacker, number, f"{at:04}")
            said = re.sub(r"\s+", " ", seen.text).strip()
            came.setdefault(f"{channel} {number}", set()).add(f"{said} {seen.labels}")
            right += "【奋斗卡】" in seen
    assert right == 0
    for channel in ("telegram", "web", "terminal"):
        assert came[f"{channel} {NUMBER}"] == came[f"{channel} NM99999999"]
        assert any("先锁24小时" in said for said in came[f"{channel} {NUMBER}"])
    async with deployment.replicas[0].store.reading() as db:
        assert await db.scalar(select(func.count()).select_from(CardBindingRow)) == 0


async def test_deleting_ones_data_gives_no_new_tries(someone: Line) -> None:
    for digits in ("0000", "0001", "0002", "0003", "0004"):
        await bind(someone, number="NM77777777", digits=digits)
    await someone.says("删除我的数据")
    await someone.picks("确认全部删除")
    assert "先锁24小时" in await bind(someone)


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


async def test_back_and_cancel_at_each_step(someone: Line) -> None:
    await someone.says("我卡办到哪了")
    await someone.picks("同意")
    await someone.says(NUMBER)
    assert "请打申请编号" in await someone.picks("返回")
    await someone.says(NUMBER)
    await someone.picks("取消")
    assert "【奋斗卡】" not in await someone.says(DIGITS)


async def test_several_applications_are_picked_from_a_list(
    someone: Line, deployment: Deployment, clock: WallClock
) -> None:
    second = replace(RECORD, number="NM20269999", label="制卡中", at=clock() - timedelta(days=9))
    await report(deployment.replicas[0].store, clock(), second)
    await bind(someone)
    await someone.picks("查别的申请")
    await someone.says("NM20269999")
    assert "正在制卡" in await someone.says(DIGITS)
    seen = await someone.says("办卡进度")
    assert "****0815：卡到网点了，来领吧" in seen.labels
    assert "正在制卡" in await someone.picks("****9999：正在制卡")


async def test_unbinding_ends_it_and_the_consent(someone: Line, deployment: Deployment) -> None:
    await bind(someone)
    assert "解绑了" in await someone.picks("解绑")
    async with deployment.replicas[0].store.reading() as db:
        assert await db.scalar(select(func.count()).select_from(CardBindingRow)) == 0
    assert "同意吗" in await someone.says("办卡进度")


async def test_a_forged_button_shows_nothing(deployment: Deployment) -> None:
    owner, stranger = lines(deployment, "terminal", 2)
    await bind(owner)
    web = lines(deployment, "web")[0]
    for action in ("card.show:1", "card.show:999", "card.unbind:1", "card.show:x"):
        seen = await web._ask({"type": "press", "action": action})  # type: ignore[attr-defined]
        assert "按钮" in seen
        assert "奋斗卡" not in seen
    assert "【奋斗卡】" not in await stranger.says("办卡进度")


async def test_usual_time_is_said_from_five_cases_on(
    someone: Line, deployment: Deployment, clock: WallClock
) -> None:
    store = deployment.replicas[0].store
    two_days_ago = clock() - timedelta(days=2)
    one = replace(RECORD, number="NM20268888", label="审核中", at=two_days_ago, as_of=clock())
    await report(store, clock(), one)
    await report_history(store, clock(), [2, 2, 3], "审核中")
    assert "一般" not in await bind(someone, number="NM20268888")
    await report_history(store, clock(), [2, 2, 3, 4, 4, 9], "审核中")
    assert "这一步一般2–4天，你第3天" in await someone.says("办卡进度")


async def test_every_status_has_its_words_in_both_languages(
    deployment: Deployment, clock: WallClock
) -> None:
    courier, store = lines(deployment, "terminal")[0], deployment.replicas[0].store
    for number, labels in enumerate(LABELS.values()):
        one = replace(RECORD, number=f"NM2027{number:04}", label=labels[0])
        await report(store, clock(), one)
        headline, step = told(await bind(courier, one.number))
        assert len(headline) > 2
        assert len(step) > 2
        await courier.says("English")
        assert not re.search("[\u4e00-\u9fff]", "".join(told(await courier.says("my card"))))
        await courier.picks("Unbind")
        await courier.says("中文")


def told(seen: Screen) -> list[str]:
    """The status and the next step of an answer."""
    return seen.text.split("【奋斗卡】")[1].split("\n")[:2]


async def test_an_unknown_status_is_shown_as_given_and_reported(
    someone: Line, deployment: Deployment, clock: WallClock
) -> None:
    one = replace(RECORD, number="NM20266666", label="等待总行复核", at=clock(), as_of=clock())
    await report(deployment.replicas[0].store, clock(), one)
    seen = await bind(someone, number="NM20266666")
    assert "“等待总行复核”" in seen
    assert "已经告诉工作人员" in seen
    async with deployment.replicas[0].store.reading() as db:
        (note,) = await db.scalars(select(OperatorNoteRow))
    assert note.kind == "card.label"
    assert KEYS.open(note.detail or b"", "operator_note.detail") == "等待总行复核"


async def test_a_move_is_told_once_with_the_next_message(
    deployment: Deployment, clock: WallClock
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
    deployment: Deployment, clock: WallClock
) -> None:
    courier, store = lines(deployment, "terminal")[0], deployment.replicas[0].store
    await bind(courier)
    for label in ("已领取", "已激活"):
        clock.forward(hours=1)
        await report(store, clock(), replace(RECORD, label=label, at=clock(), as_of=clock()))
    seen = await courier.says("谢谢")
    assert seen.text.count("你的卡有新进展") == 1
    assert "已激活，可以用" in seen


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


@pytest.fixture
def at_home(deployment: Deployment) -> Line:
    """A courier whose words stay in the country."""
    return lines(deployment, "web")[0]


async def test_a_pre_application_lands_with_its_number(
    at_home: Line, deployment: Deployment
) -> None:
    seen = await fill_in(at_home)
    assert "想去哪个网点" in seen
    seen = await at_home.shares(*HERE)
    assert seen.labels[:2] == ["新城支行驿站", "车站驿站"]
    seen = await at_home.picks("新城支行驿站")
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
    database_url: str, clock: WallClock, deployment: Deployment
) -> None:
    settings = {"YIZHAN_DATABASE_URL": database_url, "YIZHAN_PUBLIC_URL": "https://yizhan.example"}
    async with Deployment(settings, clock) as public:
        seen = await lines(public, "telegram")[0].says("怎么办卡")
    assert "登记请用网页版" in seen
    assert "https://yizhan.example/" in seen.links


@pytest.mark.parametrize("said", ["我没有编号", "不知道", "编号忘了", "没收到短信"])
async def test_who_has_no_number_is_told_where_to_go(someone: Line, said: str) -> None:
    await someone.says("我卡办到哪了")
    await someone.picks("同意")
    seen = await someone.says(said)
    assert "没有编号也别急" in seen
    assert {"最近的网点", "转人工"} <= set(seen.labels)
    assert "位置" in await someone.picks("最近的网点")
    assert "新城支行驿站" in await someone.shares(*HERE)


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
    assert "这不像网点名" in await at_home.says("我想一想")
    assert "请打地名" in await at_home.says("13800138001")
    seen = await at_home.says("鼓楼那家工行")
    for words in ("敖特根·巴雅尔", "13800138001", "饿了么", "鼓楼那家工行"):
        assert words in seen
    assert "登记好了" in await at_home.says("对")


@pytest.mark.parametrize(
    ("said", "answered"),
    [
        ("今天好冷", "没存"),
        ("给我找个客服", "12351"),
        ("我不想办了", "都没存"),
        ("哪里有厕所", "位置"),
    ],
)
async def test_who_asks_for_something_else_leaves_the_form(
    at_home: Line, said: str, answered: str
) -> None:
    await fill_in(at_home)
    await at_home.picks("返回")
    seen = await at_home.says(said)
    assert answered in seen
    assert "没存" in seen
    assert "哪个网点" not in await at_home.says("中通")


async def test_a_form_is_forgotten_after_a_day(at_home: Line, clock: WallClock) -> None:
    await fill_in(at_home)
    clock.set(datetime(2026, 11, 25, 10, tzinfo=CHINA))
    assert "看看对不对" not in await at_home.says("新城支行驿站")
