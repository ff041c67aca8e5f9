"""A whole task without a mouse: every stop is reached by Tab and visible, Enter does it."""

import pytest
from playwright.async_api import Browser, Locator, Page, expect

from bot.services.operators.roles import Role
from tests.conftest import ManualClock
from tests.support.console import DESK, PASSWORD, PHONE, ConsoleServer, add_operator
from tests.support.console_stations import HOHHOT, add_stations

STOPS = 60
"""Presses of Tab after which something counts as out of reach."""
FOCUSED = """() => {
    const one = document.activeElement, style = getComputedStyle(one);
    const box = one.getBoundingClientRect();
    return [one === document.body || (style.outlineStyle !== "none"
        && parseFloat(style.outlineWidth) >= 2 && box.top >= 0
        && box.bottom <= innerHeight && box.width > 0), one.outerHTML.slice(0, 90)];
}"""
"""Whether what has the focus is on the screen with an outline, and what it is."""


async def tab_to(page: Page, wanted: Locator) -> int:
    """Presses Tab until it has the focus; how often. Each stop on the way has to be visible."""
    for pressed in range(1, STOPS):
        await page.keyboard.press("Tab")
        is_visible, what = await page.evaluate(FOCUSED)
        assert is_visible, what
        if await wanted.evaluate("one => one === document.activeElement"):
            return pressed
    raise AssertionError(f"{wanted} is not reached by {STOPS} presses of Tab")


@pytest.mark.parametrize("viewport", [DESK, PHONE], ids=["desk", "phone"])
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
async def test_a_station_is_closed_for_a_week_and_opened_again_by_the_keyboard(
    chromium: Browser,
    server: ConsoleServer,
    clock: ManualClock,
    viewport: dict[str, int],
    *,
    dark: bool,
) -> None:
    await add_operator(server.console.store, clock, Role.EDITOR, [HOHHOT], "clerk")
    await add_stations(server.console.store, clock)
    async with server.browser_of(chromium, None, viewport=viewport, dark=dark) as page:
        keys = page.keyboard
        await page.goto("/stations")
        await expect(page.locator("input[name=name]")).to_be_focused()
        await keys.type("clerk")
        await keys.press("Tab")
        await keys.type(PASSWORD)
        await keys.press("Enter")
        await expect(page.locator("h1")).to_have_text("驿站", timeout=20_000)
        await tab_to(page, page.locator("input[name=text]"))
        await keys.type("新城区")
        await expect(page.locator("#rows tbody tr")).to_have_count(1)
        await tab_to(page, page.locator("#rows a"))
        await keys.press("Enter")
        await expect(page.locator("h1")).to_have_text("新城区爱心驿站")
        await tab_to(page, page.get_by_role("link", name="临时关门几天"))
        await keys.press("Enter")  # leads past everything before the form
        reason = page.locator("#close input[name=reason]")
        assert await tab_to(page, reason) <= 10
        await keys.type("装修")
        await keys.press("Enter")
        save = page.get_by_role("button", name="保存")
        await expect(save).to_be_focused()
        await keys.press("Enter")
        await expect(page.get_by_role("status")).to_contain_text("已保存")
        await expect(page.locator(".head .tag").first).to_have_text("今天休息")
        await tab_to(page, page.get_by_role("button", name="恢复开放"))
        await keys.press("Enter")
        await expect(save).to_be_focused()
        await keys.press("Enter")
        await expect(page.locator(".head .tag").first).to_have_text("营业")
