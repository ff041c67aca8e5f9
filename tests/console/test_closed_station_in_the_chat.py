"""A station that an operator closes, as a courier reads it: chat and console as two processes."""

import asyncio
from pathlib import Path
from time import monotonic

import pytest
from playwright.async_api import Browser, ConsoleMessage, Page, expect

from tests.support.console import DESK, PHONE
from tests.support.console_demo import demo_with_console

CODE = "DEMO-150102-01"
REASON = "示例装修停电"
PATIENCE_SECONDS = 60  # it takes three to ten; a busy machine is not a failure


async def answer_about(page: Page, chat: str) -> str:
    """What the chat says to somebody who scans the code at the station's door."""
    await page.goto(f"{chat}/?start=st-{CODE}")
    return await page.locator(".theirs").last.inner_text()


@pytest.mark.browser
@pytest.mark.slow
async def test_a_station_closed_for_a_week_is_told_closed_in_the_chat(
    chromium: Browser, tmp_path: Path
) -> None:
    complaints: list[str] = []

    def hear(said: ConsoleMessage) -> None:
        if said.type == "error":
            complaints.append(said.text)

    async with demo_with_console(tmp_path) as demo:
        desk = await chromium.new_context(locale="zh-CN", viewport=DESK)  # type: ignore[arg-type]
        phone = await chromium.new_context(locale="zh-CN", viewport=PHONE)  # type: ignore[arg-type]
        for context in (desk, phone):
            context.on("weberror", lambda error: complaints.append(str(error.error)))
            context.on("console", hear)
        courier, console = await phone.new_page(), await desk.new_page()
        assert "休息" not in await answer_about(courier, demo.chat)
        await console.goto(f"{demo.console}/sign-in?to=%2Fstations%2F{CODE}")
        await console.fill("input[name=name]", "admin")
        await console.fill("input[name=password]", demo.password)
        await console.keyboard.press("Enter")
        await console.fill("#close input[name=reason]", REASON)
        await console.locator("#close button").first.click()
        await console.get_by_role("button", name="保存").click()
        await expect(console.get_by_role("status")).to_be_visible()
        answer = ""
        until = monotonic() + PATIENCE_SECONDS
        while f"休息 {REASON}" not in answer and monotonic() < until:
            await asyncio.sleep(1)  # asking at once again runs into the limit of a visitor
            answer = await answer_about(courier, demo.chat)
        assert f"休息 {REASON}" in answer
        await desk.close()
        await phone.close()
    assert complaints == []
