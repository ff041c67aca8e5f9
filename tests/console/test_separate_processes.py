"""Two replicas of the service and the console, each a process of its own over one PostgreSQL."""

import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass

import pytest
from playwright.async_api import Browser, BrowserContext, Page, expect

from bot.common.clock import system_clock
from bot.services.operators import sessions
from bot.services.operators.roles import Operator, Role
from bot.store.engine import Store, open_store
from tests.browser.chat_page import type_and_send
from tests.support.console import DESK, PHONE, add_operator
from tests.support.stations import create_stations
from tests.support.yizhan_process import address_of, yizhan

pytestmark = [pytest.mark.browser, pytest.mark.slow]
ANSWER = "您好，您说的情况我收到了，正在和站里核实，稍后在这里回复您。"


PATIENCE = 180  # they start in seconds; a busy machine is not a failure


@dataclass(frozen=True, slots=True)
class Processes:
    """Addresses of both replicas and of the console, and the database that they share."""

    chats: tuple[str, str]
    console: str
    store: Store


@pytest.fixture
async def processes(postgres_url: str) -> AsyncIterator[Processes]:
    store = await open_store(postgres_url)
    await create_stations(store, system_clock)
    async with AsyncExitStack() as running:
        started = [
            await running.enter_async_context(
                yizhan(command, DATABASE_URL=postgres_url, HTTP_PORT="0")
            )
            for command in ("serve", "serve", "console")
        ]
        one, other, console = [await address_of(process, PATIENCE) for process in started]
        yield Processes((one, other), console, store)
    await store.close()


async def opened(chromium: Browser, complaints: list[str], *, wide: bool = False) -> BrowserContext:
    """A browser of its own; what its pages complain of is added to the list."""
    size = DESK if wide else PHONE
    viewport = {"width": size["width"], "height": size["height"]}
    context = await chromium.new_context(locale="zh-CN", viewport=viewport)  # type: ignore[arg-type]
    context.on("weberror", lambda error: complaints.append(str(error.error)))
    context.on(
        "console",
        lambda said: complaints.append(said.text) if said.type in {"error", "warning"} else None,
    )
    return context


async def at_the_desk(
    chromium: Browser, processes: Processes, operator: Operator, complaints: list[str]
) -> Page:
    """The queue of conversations, signed in."""
    context = await opened(chromium, complaints, wide=True)
    async with processes.store.writing() as db:
        token = await sessions.begin(db, operator, system_clock())
    cookie = {"name": "yizhan-session", "value": token, "url": processes.console}
    await context.add_cookies([{**cookie, "httpOnly": True}])  # type: ignore[typeddict-item]
    page = await context.new_page()
    await page.goto(f"{processes.console}/conversations")
    return page


async def test_couriers_of_both_replicas_are_handed_to_a_person_and_back(
    chromium: Browser, processes: Processes
) -> None:
    complaints: list[str] = []
    duty = await add_operator(processes.store, system_clock, Role.DUTY)
    desk = await at_the_desk(chromium, processes, duty, complaints)
    for chat_address in processes.chats:
        courier = await opened(chromium, complaints)
        chat = await courier.new_page()
        body = chat.locator("body")
        await chat.goto(f"{chat_address}/")
        await type_and_send(chat, "转人工")
        await expect(body).to_contain_text("加密保存30天")
        take = desk.get_by_role("button", name="接入等得最久的一位")
        await expect(take).to_be_visible(timeout=30_000)
        await take.click()
        await type_and_send(chat, "门锁着")
        await expect(body).to_contain_text("机器人先不说话")
        await expect(desk.locator("#thread")).to_contain_text("门锁着", timeout=30_000)
        await desk.get_by_role("link", name="收到，正在核实").click()
        await expect(desk.locator("textarea")).to_have_value(ANSWER)
        await desk.get_by_role("button", name="发送").click()
        await expect(body).to_contain_text(f"【工作人员】{ANSWER}", timeout=60_000)
        await type_and_send(chat, "我被车撞了")
        await expect(body).to_contain_text("120")  # silent or not, it helps in an emergency
        await expect(desk.locator("#thread")).to_contain_text("紧急", timeout=30_000)
        await desk.get_by_role("button", name="结束会话").click()
        await expect(body).to_contain_text("工作人员已结束这次对话", timeout=60_000)
        await type_and_send(chat, "帮助")
        await expect(body).to_contain_text("你可以")
        await desk.get_by_role("link", name="回到待处理").click()
        await courier.close()
    await desk.context.close()
    assert complaints == []


async def test_of_two_operators_who_take_one_conversation_the_second_is_told(
    chromium: Browser, processes: Processes
) -> None:
    complaints: list[str] = []
    first = await add_operator(processes.store, system_clock, Role.DUTY, name="first")
    second = await add_operator(processes.store, system_clock, Role.DUTY, name="second")
    courier = await opened(chromium, complaints)
    chat = await courier.new_page()
    await chat.goto(f"{processes.chats[0]}/")
    await type_and_send(chat, "转人工")
    await expect(chat.locator("body")).to_contain_text("加密保存30天")
    assert complaints == []
    one = await at_the_desk(chromium, processes, first, complaints)
    other = await at_the_desk(chromium, processes, second, complaints)
    for desk in (one, other):
        await desk.get_by_role("link", name=re.compile(r"骑手 \d+ 号")).click()
        await expect(desk.get_by_role("button", name="接入这个会话")).to_be_visible()
    await one.get_by_role("button", name="接入这个会话").click()
    await expect(one.locator("textarea")).to_be_visible()
    await other.get_by_role("button", name="接入这个会话").click()
    await expect(other.get_by_role("alert")).to_have_text("first 先接入了这个会话。")
    await expect(other.locator("textarea")).to_have_count(0)
    assert [one for one in complaints if "409" not in one] == []
    for page in (chat, one, other):
        await page.context.close()
