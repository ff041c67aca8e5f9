"""What operators do in Chromium, as couriers read it on the chat page."""

import re
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from playwright.async_api import Browser, expect
from sqlalchemy import select

from bot.console.parts import Parts
from bot.services.broadcasts.fan_out import fan_out
from bot.services.couriers.profiles import Profiles
from bot.services.honours.statuses import NominationStatus
from bot.services.operators.roles import Role
from bot.store.models.couriers import CourierRow
from tests.conftest import ManualClock
from tests.support.console import (
    DESK,
    KEYS,
    PHONE,
    ConsoleServer,
    add_operator,
    console_parts,
    fits,
)
from tests.support.console_chat import courier_page, heard, picks, says, with_stations
from tests.support.console_stations import HOHHOT
from tests.support.courier import Deployment, lines
from tests.support.honours import STORY, nominations, open_campaign
from tests.support.trainings import create_training

SIZES = pytest.mark.parametrize("viewport", [DESK, PHONE], ids=["desk", "phone"])
WORDS = "周六上午九点，新城区职工之家免费体检，带上身份证。"


@pytest.fixture
async def deployment(sqlite_url: str, clock: ManualClock) -> AsyncIterator[Deployment]:
    async with with_stations(sqlite_url, clock) as opened:
        yield opened


@pytest.fixture
async def console(deployment: Deployment, clock: ManualClock) -> Parts:
    """Over the database of the replicas."""
    return console_parts(deployment.replicas[0].store, clock)


@SIZES
async def test_a_training_is_called_off_with_the_message_that_the_courier_reads(
    chromium: Browser,
    server: ConsoleServer,
    deployment: Deployment,
    clock: ManualClock,
    viewport: dict[str, int],
) -> None:
    async with server.console.store.writing() as db:
        await create_training(db, clock() + timedelta(days=5), now=clock(), code="T1")
    trainer = await add_operator(server.console.store, clock, Role.TRAINER, [HOHHOT])
    chat, complaints = await courier_page(chromium, deployment.addresses[0])
    await says(chat, "培训", "冬季骑行安全")
    await picks(chat, "看第1场", "还有2个名额")
    await picks(chat, "报名", "姓名和手机号")
    await says(chat, "王小明 13800000001", "加密保存")
    await picks(chat, "同意并报名", "报上了")
    async with server.browser_of(chromium, trainer, viewport=viewport) as page:
        await page.goto("/")
        await page.get_by_role("link", name="培训").click()
        await page.get_by_role("link", name="冬季骑行安全").click()
        await page.get_by_role("link", name="取消这场").click()
        await expect(page.locator("h2").first).to_have_text("通知1位骑手")
        shown = await page.locator(".told li").all_text_contents()
        assert await fits(page) == []
        await page.get_by_role("button", name="确认取消，通知1位骑手").click()
        await expect(page.locator(".notice.good")).to_contain_text("已取消")
    assert await deployment.deliver() == 1
    read = await heard(chat, shown[0])
    assert all(line in read for line in shown)
    await says(chat, "我的培训", "没有报名")
    assert complaints == []
    await chat.context.close()


@SIZES
async def test_a_message_is_tried_out_scheduled_paused_and_cancelled(
    chromium: Browser,
    server: ConsoleServer,
    deployment: Deployment,
    clock: ManualClock,
    viewport: dict[str, int],
) -> None:
    editor = await add_operator(server.console.store, clock, Role.EDITOR, [HOHHOT])
    own, complaints = await courier_page(chromium, deployment.addresses[0])
    code = re.search(r"[A-Z0-9]{4}-[A-Z0-9]{4}", await says(own, "绑定码", "绑定码："))
    assert code is not None
    async with server.console.store.writing() as db:
        (courier,) = await db.scalars(select(CourierRow.id))
        await Profiles(KEYS).belong(db, courier, clock(), league=HOHHOT)
    async with server.browser_of(chromium, editor, viewport=viewport) as page:
        await page.goto("/")
        await page.get_by_role("link", name="消息").click()
        await page.get_by_role("link", name="写新消息").click()
        await page.get_by_label("骑手看到的内容").fill(WORDS)
        await page.get_by_role("button", name="下一步：预览").click()
        await page.get_by_label("绑定码").fill(code[0])
        await page.get_by_role("button", name="绑定我的会话").click()
        await page.get_by_role("button", name="发到我的会话").click()
        await expect(page.locator("[role=status]")).to_have_text("已发到你的网页。")
        await deployment.deliver()
        await heard(own, WORDS)
        assert await fits(page) == []
        await page.locator("[name=at]").fill("2026-11-24T09:00")
        await expect(page.get_by_label("定时")).to_be_checked()  # by filling in the time
        await page.get_by_role("button", name="发给1名骑手").click()
        await expect(page.locator("#progress")).to_contain_text("2026-11-24 09:00")
        await page.get_by_role("button", name="暂停").click()
        await expect(page.locator("#progress")).to_contain_text("已暂停")
        assert await fits(page) == []
        await page.get_by_role("button", name="继续").click()
        await page.get_by_role("button", name="取消").click()
        await expect(page.locator("#progress")).to_contain_text("已取消")
    clock.forward(days=1)
    await fan_out(server.console.store, clock())
    assert await deployment.deliver() == 0
    assert await own.locator(".theirs").filter(has_text=WORDS).count() == 1
    assert complaints == []
    await own.context.close()


@SIZES
async def test_a_courier_is_nominated_in_the_chat_decided_on_voted_for_and_honoured(
    chromium: Browser,
    server: ConsoleServer,
    deployment: Deployment,
    clock: ManualClock,
    viewport: dict[str, int],
) -> None:
    store = server.console.store
    await open_campaign(store, clock(), winners=1)
    editor = await add_operator(store, clock, Role.EDITOR, [HOHHOT])
    region = await add_operator(store, clock)
    nominator, complaints = await courier_page(chromium, deployment.addresses[0])
    nominee, more = await courier_page(chromium, deployment.addresses[1])
    await says(nominator, "提名别人", "姓名")
    await says(nominator, "王强", "哪家公司")
    await says(nominator, "顺丰", "哪个盟市")
    await says(nominator, "呼和浩特", "值得大家知道")
    await says(nominator, STORY, "本人同意之前谁也看不到")
    sent = re.search(r"ZM-[2-9A-Z]{10}", await picks(nominator, "提交", "ZM-"))
    assert sent is not None
    await says(nominee, sent[0], "有人提名你")
    await picks(nominee, "同意参选", "正在审核")
    async with server.browser_of(chromium, editor, viewport=viewport) as page:
        await page.goto("/")
        await page.get_by_role("link", name="评选").click()
        await page.get_by_role("link", name="2026年最美快递员").click()
        await page.get_by_role("button", name="看事迹").click()
        await expect(page.locator("main")).to_contain_text(STORY)
        await page.get_by_role("button", name="通过", exact=True).click()
        await page.get_by_role("button", name="列入候选名单").click()
        await expect(page.locator("h2").first).to_contain_text("已入围")
        assert await fits(page) == []
    (voter,) = lines(deployment, "telegram")
    await voter.says("投票")
    await voter.says("1")
    assert "投上了：王强" in await voter.picks("投他一票")
    clock.forward(days=18)
    async with server.browser_of(chromium, region, viewport=viewport) as page:
        await page.goto("/honours/2026-winter")
        await page.get_by_role("link", name="看结果并公布").click()
        await expect(page.locator("main")).to_contain_text("1票")
        assert await fits(page) == []
        await page.get_by_role("button", name="公布结果").click()
        await expect(page.locator("[role=status]")).to_contain_text("结果已公布")
    assert [one.status for one in await nominations(store)] == [NominationStatus.WINNER]
    await says(nominator, "最美快递员", "往届获奖")
    await picks(nominator, "往届获奖", "王强")
    assert complaints + more == []
    await nominator.context.close()
    await nominee.context.close()
