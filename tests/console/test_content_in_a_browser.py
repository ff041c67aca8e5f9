"""A piece of content is changed in Chromium: form, preview, saved, undone."""

import pytest
from playwright.async_api import Browser, expect

from tests.conftest import ManualClock
from tests.support.console import DESK, PHONE, ConsoleServer, add_operator, fits
from tests.support.content import article, put_content


@pytest.mark.parametrize("viewport", [DESK, PHONE], ids=["desk", "phone"])
async def test_a_piece_is_changed_after_a_preview_and_changed_back(
    chromium: Browser, server: ConsoleServer, clock: ManualClock, viewport: dict[str, int]
) -> None:
    await put_content(server.console.store, clock, article())
    operator = await add_operator(server.console.store, clock)
    async with server.browser_of(chromium, operator, viewport=viewport) as page:
        await page.goto("/content")
        await page.get_by_role("link", name="冬天怎么停车").click()
        assert await fits(page) == []
        await page.get_by_text("修改", exact=True).click()
        await page.locator("textarea[name=text]").fill("停在**屋里**。\n\n# 标题")
        await page.get_by_role("button", name="看看效果").click()
        await expect(page.locator(".notice.bad")).to_contain_text("第3行")
        await page.locator("textarea[name=text]").fill("停在**屋里**。")
        await page.get_by_role("button", name="看看效果").click()
        await expect(page.locator(".as-page strong").first).to_have_text("屋里")
        assert await fits(page) == []
        await page.get_by_role("button", name="保存").click()
        await expect(page.locator(".notice.good")).to_contain_text("已保存")
        await page.get_by_role("button", name="撤销").first.click()
        await expect(page.locator(".notice.good")).to_contain_text("已撤销")
