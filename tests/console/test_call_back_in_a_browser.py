"""约一下 in Chromium, from a courier's request on the chat page to the call back that is done."""

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, expect

from bot.console.parts import Parts
from bot.services.operators.roles import Role
from bot.store.engine import open_store
from tests.browser.chat_page import type_and_send
from tests.conftest import ManualClock
from tests.support.console import PHONE, ConsoleServer, add_operator, console_parts, fits
from tests.support.courier import Deployment
from tests.support.outlets import open_outlets
from tests.support.stations import create_stations

NAME, NUMBER = "李二梅", "13900001111"


@pytest.fixture
async def deployment(sqlite_url: str, clock: ManualClock) -> AsyncIterator[Deployment]:
    store = await open_store(sqlite_url)
    await create_stations(store, clock)
    await store.close()
    async with Deployment({"YIZHAN_DATABASE_URL": sqlite_url}, clock) as opened:
        await open_outlets(opened)
        yield opened


@pytest.fixture
async def console(deployment: Deployment, clock: ManualClock) -> Parts:
    """Over the database of the replicas."""
    return console_parts(deployment.replicas[0].store, clock)


@pytest.mark.parametrize("role", [Role.CARDS, Role.DUTY])
async def test_a_courier_asks_for_a_call_and_is_called_back(
    chromium: Browser, server: ConsoleServer, deployment: Deployment, clock: ManualClock, role: Role
) -> None:
    staff = await add_operator(server.console.store, clock, role)
    phone = {"width": PHONE["width"], "height": PHONE["height"]}
    courier = await chromium.new_context(locale="zh-CN", viewport=phone)  # type: ignore[arg-type]
    chat = await courier.new_page()
    await chat.goto(f"{deployment.addresses[0]}/")
    answer = chat.locator(".theirs").last
    for text, asked in (
        ("能贷款不", "约一下"),
        ("约一下", "姓名"),
        (NAME, "手机号"),
        (NUMBER, "想去哪个网点"),
        ("新城支行驿站", "什么时候方便"),
        ("给我打电话，上午", "看看对不对"),
        ("提交", "约好了"),
    ):
        await type_and_send(chat, text)
        await expect(answer).to_contain_text(asked)
    async with server.browser_of(chromium, staff, viewport=PHONE, dark=True) as desk:
        await desk.goto("/")
        await desk.get_by_role("link", name="骑手想约电话或上门").click()
        card = desk.locator("li.panel")
        await expect(card).to_contain_text("给我打电话，上午")
        assert NAME not in await desk.content()
        assert NUMBER not in await desk.content()
        await card.get_by_text("查看完整信息").click()
        await card.get_by_label("查看原因").select_option(label="现在给骑手打电话")
        await card.get_by_role("button", name="查看（会留记录）").click()
        number = desk.get_by_role("link", name=NUMBER)
        await expect(number).to_have_attribute("href", f"tel:{NUMBER}")
        assert await fits(desk) == []
        for state in ("未联系上", "已联系", "完成"):
            promised = desk.locator("ul.told li", has_text=state)
            told = (await promised.text_content() or "").removeprefix(state).strip()
            await desk.get_by_role("button", name=state, exact=True).click()
            await expect(desk.get_by_role("status")).to_contain_text(f"已改为“{state}”")
            assert NUMBER not in await desk.content()
            assert await deployment.deliver() == 1
            await expect(answer).to_contain_text(told)  # word for word what was shown before
            await desk.locator("[role=group]").get_by_role("link", name=state).click()
        assert await desk.locator("li.panel").get_by_role("button", name="完成").count() == 0
    await courier.close()
