"""Money matters: topics, outlets that do them, and appointments with an outlet."""

import re
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import func, select

from bot.common.clock import CHINA
from bot.services.appointments import operations
from bot.services.appointments.statuses import AppointmentStatus
from bot.services.operators.access_log import AccessAction
from bot.store.models.administration.operators import AccessLogRow, OperatorNoteRow
from bot.store.models.appointments import AppointmentRow
from bot.store.models.couriers import ConsentRow
from tests.conftest import ManualClock
from tests.support.cards import KEYS
from tests.support.courier import Deployment, Line, lines
from tests.support.outlets import open_outlets
from tests.support.screens import Screen
from tests.support.stations import HERE

WARNING = "利率额度以网点为准"


@pytest.fixture(autouse=True)
async def outlets(deployment: Deployment) -> None:
    """Two outlets: both pay wages, one lends, the other finances firms."""
    await open_outlets(deployment)


async def test_an_outlet_that_lends_is_three_taps_from_the_first_screen(courier: Line) -> None:
    seen = await courier.arrives()
    assert "把位置发给我" in seen  # needs come first
    seen = await courier.picks("钱的事")
    assert WARNING in seen
    seen = await courier.picks("贷款")
    assert WARNING in seen
    seen = await courier.picks("哪个网点能办")
    assert "位置" in seen
    seen = await courier.shares(*HERE)
    assert "有贷款" in seen
    assert "新城支行驿站" in seen
    assert "车站驿站" not in seen


async def test_the_place_that_is_known_is_searched_at_once(terminal: Line) -> None:
    await terminal.shares(*HERE)
    await terminal.says("公司想融资")
    seen = await terminal.picks("哪个网点能办")
    assert "有企业融资" in seen
    assert "车站驿站" in seen
    assert "新城支行驿站" not in seen


async def test_an_outlet_that_is_closed_on_arrival_is_said_to_be(
    terminal: Line, clock: ManualClock
) -> None:
    clock.set(datetime(2026, 11, 23, 20, tzinfo=CHINA))
    await terminal.shares(*HERE)
    await terminal.says("能贷款不")
    seen = await terminal.picks("哪个网点能办")
    assert "附近带贷款的，骑到了都没开门" in seen


async def test_money_matters_in_english(deployment: Deployment) -> None:
    courier = lines(deployment, "web")[0]
    await courier.says("English")
    seen = await courier.says("can I get a loan")
    assert "Rates and amounts are what the outlet says" in seen
    assert {"Which outlet does it", "Ask for a call or a visit"} <= set(seen.labels)


async def fill_in(courier: Line) -> Screen:
    """The form up to the question for the outlet."""
    await courier.says("能贷款不")
    await courier.picks("约一下")
    await courier.says("李二梅")
    return await courier.says("139 0000 1111")


async def booked(courier: Line) -> str:
    """The number of an appointment at S1."""
    await fill_in(courier)
    await courier.shares(*HERE)
    await courier.picks("新城支行驿站")
    await courier.picks("给我打电话，上午")
    seen = await courier.picks("提交")
    found = re.search(r"YY-[2-9A-Z]{6}", seen.text)
    assert found
    return found[0]


async def test_an_appointment_lands_with_its_number(at_home: Line, deployment: Deployment) -> None:
    seen = await fill_in(at_home)
    assert "想去哪个网点" in seen
    seen = await at_home.shares(*HERE)
    assert "这些网点办“贷款”" in seen
    assert "车站驿站" not in seen.labels
    seen = await at_home.picks("新城支行驿站")
    assert "我去网点：11月24日 周二上午" in seen.labels
    seen = await at_home.picks(next(one for one in seen.labels if one.startswith("我去网点")))
    for words in ("贷款", "李二梅", "13900001111", "新城支行驿站", "只用来联系你这件事"):
        assert words in seen
    seen = await at_home.picks("提交")
    number = re.search(r"YY-[2-9A-Z]{6}", seen.text)
    assert number
    assert number[0] in await at_home.says("我的预约")
    assert "约网点的登记" in await at_home.says("你存了我什么")
    async with deployment.replicas[0].store.reading() as db:
        (row,) = await db.scalars(select(AppointmentRow))
        (note,) = await db.scalars(select(OperatorNoteRow))
        (consent,) = await db.scalars(select(ConsentRow))
    assert KEYS.open(row.name, "appointment.name") == "李二梅"
    assert KEYS.open(row.phone, "appointment.phone") == "13900001111"
    assert KEYS.open(row.wanted, "appointment.wanted").startswith("visit:2026-11-2")
    assert (row.topic, row.outlet_id, row.status) == ("loan", 1, "new")
    assert (note.kind, note.params) == (
        "appointment.new", {"appointment": row.id, "topic": "loan"},
    )  # fmt: skip
    assert (consent.purpose, consent.given) == ("appointment", True)


async def test_an_appointment_in_english_at_a_terminal(
    deployment: Deployment, terminal: Line
) -> None:
    await terminal.says("English")
    await terminal.says("can I get a loan")
    assert "Your name" in await terminal.picks("Ask for a call or a visit")
    await terminal.says("李二梅")
    await terminal.says("13900001111")
    await terminal.shares(*HERE)
    seen = await terminal.picks("新城支行驿站")
    assert "I come on 11/24 Tue, in the morning" in seen.labels
    seen = await terminal.picks("call me, at any time")
    assert "About: Loans" in seen
    assert "Noted. Your number: YY-" in await terminal.picks("Send")
    assert "new, with the operators" in await terminal.says("my appointments")


async def test_a_firm_asks_for_financing_by_the_same_form(
    at_home: Line, deployment: Deployment
) -> None:
    await at_home.says("站点想贷款周转")
    await at_home.picks("约一下")
    await at_home.says("王强")
    assert "哪家公司" in await at_home.says("13900002222")
    assert "想去哪个网点" in await at_home.says("草原飞马速递有限公司")
    seen = await at_home.shares(*HERE)
    assert "车站驿站" in seen.labels
    await at_home.picks("车站驿站")
    seen = await at_home.says("周五下午三点后")
    for words in ("企业融资", "王强", "草原飞马速递有限公司", "周五下午三点后"):
        assert words in seen
    assert "约好了" in await at_home.says("对")
    async with deployment.replicas[0].store.reading() as db:
        (row,) = await db.scalars(select(AppointmentRow))
    assert KEYS.open(row.firm, "appointment.firm") == "草原飞马速递有限公司"


async def test_an_appointment_is_cancelled_in_one_tap(
    at_home: Line, deployment: Deployment
) -> None:
    number = await booked(at_home)
    await at_home.says("我的预约")
    assert "取消了，也删了" in await at_home.picks(f"取消{number}")
    async with deployment.replicas[0].store.reading() as db:
        for table in (AppointmentRow, OperatorNoteRow):
            assert await db.scalar(select(func.count()).select_from(table)) == 0


async def test_a_change_of_state_is_pushed_and_can_be_answered(
    deployment: Deployment, clock: ManualClock
) -> None:
    courier = lines(deployment, "wechat")[0]  # can be written to first, and takes names
    number = await booked(courier)
    store = deployment.replicas[0].store
    for first in (True, False):  # setting it twice tells nobody twice
        async with store.writing() as db:
            changed = await operations.set_status(
                db, KEYS, number.lower(), AppointmentStatus.UNREACHED, clock()
            )
        assert changed is first
        await deployment.deliver()
    told = [one for one in deployment.texts_sent() if "未联系上" in one]
    assert len(told) == 1
    assert f"你的预约{number}（贷款）：未联系上" in told[0]
    assert "网点打来找谁" in await courier.says("1")


async def test_a_change_of_a_cancelled_one_is_not_pushed(
    deployment: Deployment, clock: ManualClock
) -> None:
    courier = lines(deployment, "wechat")[0]
    number = await booked(courier)
    async with deployment.replicas[0].store.writing() as db:
        await operations.set_status(db, KEYS, number, AppointmentStatus.CONTACTED, clock())
    await courier.says("我的预约")
    await courier.picks(f"取消{number}")
    await deployment.deliver()
    assert not [one for one in deployment.texts_sent() if "已联系" in one]


async def test_a_finished_appointment_takes_no_other_state(
    deployment: Deployment, at_home: Line, clock: ManualClock
) -> None:
    number = await booked(at_home)
    store = deployment.replicas[0].store
    async with store.writing() as db:
        await operations.set_status(db, KEYS, number, AppointmentStatus.DONE, clock())
    with pytest.raises(operations.ChangeRefused):
        async with store.writing() as db:
            await operations.set_status(db, KEYS, number, AppointmentStatus.CONTACTED, clock())
    with pytest.raises(operations.AppointmentUnknown):
        async with store.writing() as db:
            await operations.set_status(db, KEYS, "YY-222222", AppointmentStatus.DONE, clock())


async def test_what_operators_see_is_in_the_access_log(
    deployment: Deployment, at_home: Line, clock: ManualClock
) -> None:
    number = await booked(at_home)
    async with deployment.replicas[0].store.writing() as db:
        (one,) = await operations.listed(
            db, KEYS, "cli:test", AccessAction.EXPORT, clock(), statuses=list(AppointmentStatus)
        )
    assert (one.number, one.name, one.phone, one.outlet_code) == (
        number, "李二梅", "13900001111", "S1",
    )  # fmt: skip
    assert (one.masked().name, one.masked().phone) == ("李*", "139****1111")
    async with deployment.replicas[0].store.reading() as db:
        fields = set(await db.scalars(select(AccessLogRow.field)))
    assert {"appointment.name", "appointment.phone", "appointment.number"} <= fields


async def test_names_and_phones_are_not_taken_abroad(deployment: Deployment) -> None:
    courier = lines(deployment, "telegram")[0]
    await courier.says("能贷款不")
    seen = await courier.picks("约一下")
    assert "不收姓名和手机号" in seen
    assert "公众号" in seen


async def test_the_web_page_is_named_abroad_where_there_is_one(
    database_url: str, clock: ManualClock, deployment: Deployment
) -> None:
    settings = {"YIZHAN_DATABASE_URL": database_url, "YIZHAN_PUBLIC_URL": "https://yizhan.example"}
    async with Deployment(settings, clock) as public:
        courier = lines(public, "telegram")[0]
        await courier.says("能贷款不")
        seen = await courier.picks("约一下")
    assert "https://yizhan.example/" in seen.links


@pytest.mark.parametrize(
    ("typed", "answered"),
    [
        ("利息多少", "只有网点说了算"),
        ("要钱吗", "不收一分钱"),
        ("谁给我打电话", "不会要验证码"),
        ("等一下 我先找个厕所", "位置"),
        ("有人让我先交钱", "骗局特征"),
    ],
)
async def test_a_question_in_the_midst_is_answered_and_the_form_goes_on(
    at_home: Line, typed: str, answered: str
) -> None:
    await at_home.says("能贷款不")
    await at_home.picks("约一下")
    await at_home.says("李二梅")
    seen = await at_home.says(typed)
    assert answered in seen
    assert "哪个手机号" in seen
    assert "哪个网点" in await at_home.says("13900001111")


async def test_a_form_that_was_left_is_taken_up_within_a_day(
    at_home: Line, clock: ManualClock
) -> None:
    await fill_in(at_home)
    await at_home.says("我的收藏")
    clock.forward(hours=5)
    assert "哪个网点" in await at_home.says("继续")
    seen = await at_home.says("新城区")
    assert "新城支行驿站" in seen.labels


@pytest.mark.parametrize("step", range(4))
async def test_who_gives_up_is_heard_at_every_question(
    at_home: Line, deployment: Deployment, step: int
) -> None:
    await at_home.says("能贷款不")
    await at_home.picks("约一下")
    for answer in ("李二梅", "13900001111", "鼓楼那家工行", "明天下午")[:step]:
        await at_home.says(answer)
    assert "都没存" in await at_home.says("算了 不办了")
    async with deployment.replicas[0].store.reading() as db:
        assert await db.scalar(select(func.count()).select_from(AppointmentRow)) == 0


async def test_nobody_has_more_than_three_open_ones(at_home: Line) -> None:
    for _ in range(3):
        await booked(at_home)
    await fill_in(at_home)
    await at_home.says("鼓楼那家工行")
    await at_home.says("随时")
    seen: Any = await at_home.picks("提交")
    assert "已经到上限" in seen


async def test_erasure_takes_appointments_with_it(at_home: Line, deployment: Deployment) -> None:
    await booked(at_home)
    await at_home.says("删除我的数据")
    await at_home.picks("确认全部删除")
    async with deployment.replicas[0].store.reading() as db:
        for table in (AppointmentRow, OperatorNoteRow):
            assert await db.scalar(select(func.count()).select_from(table)) == 0
