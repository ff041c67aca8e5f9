"""Importing a list in Chromium: a broken file, mended in the page, written and undone."""

import pytest
from playwright.async_api import Browser, expect

from tests.conftest import ManualClock
from tests.console.test_imports import BROKEN, codes
from tests.support.console import DESK, PHONE, ConsoleServer, add_operator, fits
from tests.support.console_stations import add_stations

SLOW = 60_000
"""Milliseconds for a process that starts, on a busy machine."""


@pytest.mark.parametrize("viewport", [DESK, PHONE], ids=["desk", "phone"])
async def test_a_broken_list_is_mended_written_and_undone(
    chromium: Browser, server: ConsoleServer, clock: ManualClock, viewport: dict[str, int]
) -> None:
    operator = await add_operator(server.console.store, clock)
    await add_stations(server.console.store, clock)
    file = {"name": "二季度站点.csv", "mimeType": "text/csv", "buffer": BROKEN}
    async with server.browser_of(chromium, operator, viewport=viewport) as page:
        await page.goto("/imports")
        assert await fits(page) == []
        await page.locator("input[type=file]").set_input_files(file)  # type: ignore[arg-type]
        await page.get_by_role("button", name="上传").click()
        await expect(page.locator("h2").first).to_have_text("坐标是从哪种地图来的？", timeout=SLOW)
        assert await fits(page) == []
        await page.get_by_label("手机 GPS").check()
        await page.get_by_role("button", name="下一步").click()
        await expect(page.locator(".large")).to_contain_text("写入4个驿站", timeout=SLOW)
        await page.get_by_role("link", name="不能导入").click()
        assert await fits(page) == []
        await page.locator("input[value='饮水器皿']").fill("饮水机")
        await page.locator("input[value='看情况']").fill("8:00-20:00")
        await page.get_by_role("button", name="保存修改并重新检查").click()
        await expect(page.locator(".tabs [aria-current]")).to_have_text("不能导入 1", timeout=SLOW)
        await page.get_by_role("button", name="写入4个驿站").click()
        await expect(page.locator(".notice.good")).to_contain_text("已写入4个驿站", timeout=SLOW)
        assert await fits(page) == []
        assert {"N1", "N2", "N3", "N4"} <= await codes(server.console)
        async with page.expect_download() as downloaded:
            await page.get_by_role("link", name="下载标出问题的原表").click()
        assert (await downloaded.value).suggested_filename == "二季度站点-有问题待改.xlsx"
        await page.get_by_role("button", name="撤销这次导入").click()
        await expect(page.locator(".notice.good")).to_contain_text("已撤销", timeout=SLOW)
    assert await codes(server.console) == {"H1", "H2", "B1", "X1"}
