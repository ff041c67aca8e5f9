"""A message in Chromium, from its text to the page of a courier who has the web chat open."""

import pytest
from playwright.async_api import Browser, expect

from bot.app.console import parts
from bot.config.settings import Settings
from bot.services.broadcasts.fan_out import fan_out
from bot.services.operators.roles import Role
from tests.conftest import ManualClock
from tests.support.console import KEYS, PHONE, ConsoleServer, add_operator, fits
from tests.support.courier import Deployment

WORDS = "今晚大风降温，九点后请早点收工。"


@pytest.mark.parametrize("viewport", [None, PHONE], ids=["desk", "phone"])
async def test_a_message_goes_from_its_text_to_a_courier_on_the_web_page(
    chromium: Browser, sqlite_url: str, clock: ManualClock, viewport: dict[str, int] | None
) -> None:
    async with Deployment({"YIZHAN_DATABASE_URL": sqlite_url}, clock) as service:
        store = service.replicas[0].store
        console = ConsoleServer(parts(Settings(), store, KEYS, clock))
        trainer = await add_operator(store, clock, Role.TRAINER)
        courier = await chromium.new_page(locale="zh-CN", viewport=PHONE)  # type: ignore[arg-type]
        await courier.goto(service.addresses[0])
        await expect(courier.locator(".theirs").first).to_be_visible()
        opening = {"viewport": viewport} if viewport else {}
        async with (
            console.running(),
            console.browser_of(chromium, trainer, **opening) as page,  # type: ignore[arg-type]
        ):
            await page.goto("/")
            await page.get_by_role("link", name="消息").click()
            await page.get_by_role("link", name="写新消息").click()
            await page.get_by_label("骑手看到的内容").fill(WORDS)
            await page.get_by_role("button", name="下一步：预览").click()
            await expect(page.locator(".bubble").first).to_contain_text(WORDS)
            assert await fits(page) == []
            await page.get_by_role("button", name="发给1名骑手").click()
            await expect(page.locator("#progress")).to_contain_text("0/1")
            await fan_out(store, clock())
            await service.deliver()
            await expect(courier.locator(".theirs").last).to_contain_text("收工", timeout=10_000)
            await expect(page.locator("#progress")).to_contain_text("1/1", timeout=10_000)
            await fan_out(store, clock())
            await expect(page.locator("#pause")).to_have_count(0, timeout=10_000)
            assert await fits(page) == []
        await courier.close()
