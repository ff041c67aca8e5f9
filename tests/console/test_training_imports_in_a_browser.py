"""Importing a list of trainings in Chromium: a broken row, mended in the page, written, undone."""

import pytest
from playwright.async_api import Browser, expect

from tests.conftest import ManualClock
from tests.console.test_list_kinds import CARDS
from tests.console.test_training_imports import BROKEN, titles
from tests.support.console import DESK, KEYS, PHONE, ConsoleServer, add_operator, fits
from tests.support.console_trainings import add_trainings

SLOW = 120_000
"""Milliseconds for a process that starts, on a busy machine."""


@pytest.mark.parametrize("viewport", [DESK, PHONE], ids=["desk", "phone"])
async def test_a_broken_row_is_mended_and_the_list_written_and_undone(
    chromium: Browser, server: ConsoleServer, clock: ManualClock, viewport: dict[str, int]
) -> None:
    operator = await add_operator(server.console.store, clock)
    await add_trainings(server.console.store, KEYS, clock)
    before = await titles(server.console)
    file = {"name": "十二月培训.csv", "mimeType": "text/csv", "buffer": BROKEN}
    async with server.browser_of(chromium, operator, viewport=viewport) as page:
        await page.goto("/imports")
        assert await fits(page) == []
        await page.locator("input[type=file]").set_input_files(file)  # type: ignore[arg-type]
        await page.get_by_role("button", name="上传").click()
        await expect(page.locator(".large")).to_contain_text("写入3场培训", timeout=SLOW)
        await expect(page.locator(".head")).to_contain_text("培训清单")
        assert await fits(page) == []
        await page.get_by_role("link", name="改动").click()
        await page.get_by_text("通知3位骑手").last.click()
        await expect(page.locator("details .lines")).to_contain_text("新城区工会")
        await page.get_by_role("link", name="不能导入").click()
        await page.locator("input[value='下周六上午']").fill("2026-12-06 上午9点")
        await page.get_by_role("button", name="保存修改并重新检查").click()
        await page.get_by_role("button", name="写入4场培训").click(timeout=SLOW)
        await expect(page.locator(".notice.good")).to_contain_text("已写入4场培训", timeout=SLOW)
        assert await fits(page) == []
        assert {"N1", "N2", "N3"} <= set(await titles(server.console))
        async with page.expect_download() as downloaded:
            await page.get_by_role("link", name="下载标出问题的原表").click()
        assert (await downloaded.value).suggested_filename == "十二月培训-有问题待改.xlsx"
        await page.get_by_role("button", name="撤销这次导入").click()
        await expect(page.locator(".notice.good")).to_contain_text("已撤销", timeout=SLOW)
    assert await titles(server.console) == before


async def test_a_list_of_cards_dropped_at_the_same_place_leads_to_the_cards(
    chromium: Browser, server: ConsoleServer, clock: ManualClock
) -> None:
    operator = await add_operator(server.console.store, clock)
    file = {"name": "办卡名单.csv", "mimeType": "text/csv", "buffer": CARDS}
    async with server.browser_of(chromium, operator, viewport=PHONE) as page:
        await page.goto("/imports")
        await page.locator("input[type=file]").set_input_files(file)  # type: ignore[arg-type]
        await page.get_by_role("button", name="上传").click()
        await expect(page.locator(".large")).to_contain_text("银行的办卡名单", timeout=SLOW)
        assert await fits(page) == []
        await page.get_by_role("button", name="检查").click()
        await page.wait_for_url("**/cards/lists/1", timeout=SLOW)
        await expect(page.locator("main")).to_contain_text("新增 2")
