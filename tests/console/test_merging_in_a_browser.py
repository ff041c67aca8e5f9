"""Two stations that are one, in Chromium: from the first page to the merge and the undo."""

import re

import pytest
from playwright.async_api import Browser, expect

from bot.console import background
from bot.services.operators.roles import Role
from tests.conftest import ManualClock
from tests.support.console import DESK, PHONE, ConsoleServer, add_operator, fits
from tests.support.console_stations import HOHHOT, add_duplicate, add_stations


@pytest.mark.parametrize(("viewport", "javascript"), [(DESK, True), (PHONE, True), (PHONE, False)])
async def test_a_duplicate_is_found_today_merged_and_taken_apart_again(
    chromium: Browser,
    server: ConsoleServer,
    clock: ManualClock,
    viewport: dict[str, int],
    *,
    javascript: bool,
) -> None:
    store = server.console.store
    await add_stations(store, clock)
    await add_duplicate(store, clock)
    editor = await add_operator(store, clock, Role.EDITOR, [HOHHOT])
    opening = {"viewport": viewport, "javascript": javascript}
    async with server.browser_of(chromium, editor, **opening) as page:  # type: ignore[arg-type]
        await page.goto("/")
        await background.finished()
        await page.reload()
        await page.get_by_role("link", name="可能重复登记").click()
        assert await fits(page) == []
        await page.get_by_role("link", name="对照").click()
        assert await fits(page) == []
        hours = page.get_by_role("group", name="服务时间")
        await hours.get_by_role("radio").nth(1).check()
        await page.get_by_role("button", name="合并成一个").click()
        await expect(page.get_by_role("status")).to_contain_text("已合并成一个")
        await expect(page).to_have_url(re.compile("/stations/H1$"))
        await expect(page.locator(".told")).to_contain_text("每天 08:00–20:00")
        assert await fits(page) == []
        await page.goto("/stations/H9")
        await expect(page.get_by_role("status")).to_contain_text("H9已并入本站")
        await page.get_by_role("button", name="撤销").click()
        await expect(page.get_by_role("status")).to_contain_text("已撤销")
        await page.goto("/stations/H9")
        await expect(page.locator("h1")).to_have_text("爱心驿站（新城区）")
