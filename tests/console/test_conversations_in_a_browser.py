"""Hand-over both ways in Chromium: a courier on the chat page, an operator in the console, and two
replicas of the service between them."""

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, expect

from bot.console.parts import Parts
from bot.services.operators.roles import Role
from tests.browser.chat_page import type_and_send
from tests.conftest import ManualClock
from tests.support.console import PHONE, ConsoleServer, add_operator, console_parts, fits
from tests.support.console_chat import courier_page, with_stations
from tests.support.courier import Deployment

READY = "您好，您说的情况我收到了，正在和站里核实，稍后在这里回复您。"


@pytest.fixture
async def deployment(sqlite_url: str, clock: ManualClock) -> AsyncIterator[Deployment]:
    async with with_stations(sqlite_url, clock) as opened:
        yield opened


@pytest.fixture
async def console(deployment: Deployment, clock: ManualClock) -> Parts:
    """Over the database of the replicas."""
    return console_parts(deployment.replicas[0].store, clock)


@pytest.mark.parametrize("replica", [0, 1])
async def test_a_courier_is_handed_to_a_person_and_back(
    chromium: Browser,
    server: ConsoleServer,
    deployment: Deployment,
    clock: ManualClock,
    replica: int,
) -> None:
    duty = await add_operator(server.console.store, clock, Role.DUTY)
    chat, complaints = await courier_page(chromium, deployment.addresses[replica])
    async with server.browser_of(chromium, duty, viewport=PHONE) as desk:
        await desk.goto("/conversations")
        await type_and_send(chat, "转人工")
        await expect(chat.locator("body")).to_contain_text("加密保存30天")
        take = desk.get_by_role("button", name="接入等得最久的一位")
        await expect(take).to_be_visible(timeout=15_000)  # the list looks by itself
        await take.click()
        await expect(desk.locator("h1")).to_contain_text("骑手")
        await type_and_send(chat, "门锁着，我的电话13812345678")
        await expect(chat.locator("body")).to_contain_text("机器人先不说话")
        await expect(desk.locator("#thread")).to_contain_text("门锁着，我的电话138****78")
        await desk.get_by_role("link", name="收到，正在核实").click()
        await expect(desk.locator("textarea")).to_have_value(
            "您好，您说的情况我收到了，正在和站里核实，稍后在这里回复您。"
        )
        await desk.fill("textarea", "我马上联系站长")
        await desk.get_by_role("button", name="发送").click()
        await expect(desk.locator("#thread")).to_contain_text("【工作人员】我马上联系站长")
        assert await deployment.deliver() == 1
        await expect(chat.locator("body")).to_contain_text("【工作人员】我马上联系站长")
        await type_and_send(chat, "帮助")
        await expect(desk.locator("#thread")).to_contain_text("帮助")
        assert await fits(desk) == []
        await type_and_send(chat, "找机器人")
        await expect(chat.locator("body")).to_contain_text("对话已结束")
        await expect(desk.locator("#thread")).to_contain_text("骑手结束")
        await type_and_send(chat, "帮助")
        await expect(chat.locator("body")).to_contain_text("你可以")
    assert complaints == []
    await chat.context.close()


async def test_without_javascript_the_operator_reloads(
    chromium: Browser, server: ConsoleServer, deployment: Deployment, clock: ManualClock
) -> None:
    duty = await add_operator(server.console.store, clock, Role.DUTY)
    chat, _ = await courier_page(chromium, deployment.addresses[0])
    await type_and_send(chat, "转人工")
    await expect(chat.locator("body")).to_contain_text("加密保存30天")
    async with server.browser_of(chromium, duty, javascript=False) as desk:
        await desk.goto("/conversations")
        await desk.get_by_role("button", name="接入等得最久的一位").click()
        await type_and_send(chat, "在吗")
        await expect(chat.locator("body")).to_contain_text("机器人先不说话")
        await desk.reload()
        await expect(desk.locator("#thread")).to_contain_text("在吗")
        await desk.get_by_label("回复").fill("在的")
        await desk.get_by_role("button", name="发送").click()
        await expect(desk.locator("#thread")).to_contain_text("【工作人员】在的")
        await desk.get_by_role("button", name="结束会话").click()
        await expect(desk.locator("[role=status]").first).to_contain_text("会话已结束")
    await chat.context.close()
