"""The first answer to a location on a small phone: three real stations in sight at once."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest
import pytest_asyncio
from aiohttp import web
from playwright.async_api import Browser, Geolocation, ViewportSize, expect

from bot.app.bootstrap import build
from bot.config.settings import read_settings
from bot.services.demo.stations import seed_demo

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

MORNING = datetime(2026, 11, 23, 2, tzinfo=UTC)  # 10:00 in Inner Mongolia
HOHHOT: Geolocation = {"latitude": 40.833, "longitude": 111.696}
SMALL_PHONE: ViewportSize = {"width": 390, "height": 600}
IN_SIGHT = """() => {
  const box = document.getElementById("log").getBoundingClientRect();
  const answer = [...document.querySelectorAll(".theirs")].at(-1);
  const nodes = [...answer.querySelectorAll(":scope > .paragraph, :scope > .card")].slice(0, 4);
  const places = nodes.map((node) => node.getBoundingClientRect());
  return {
    links: nodes.map((node) => node.querySelectorAll("a").length),
    above: places[0].top - box.top,
    below: box.bottom - places.at(-1).bottom,
  };
}"""


@pytest_asyncio.fixture(loop_scope="module")
async def url(sqlite_url: str) -> AsyncIterator[str]:
    """The whole service with the demo stations, at its public address."""
    settings = read_settings(
        {
            "YIZHAN_DATABASE_URL": sqlite_url,
            "YIZHAN_SECRET_KEYS": "1:" + "A" * 43 + "=",
            "YIZHAN_PUBLIC_URL": "https://yizhan.example.org",
        }
    )
    app = await build(settings, clock=lambda: MORNING, demo=True, migrate=False)
    async with app.store.writing() as db:
        await seed_demo(db, MORNING)
    await app.search.refresh()
    runner = web.AppRunner(app.http(), access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    await runner.cleanup()
    await app.close()


async def test_three_stations_with_a_way_there_each_are_in_sight(
    browser: Browser, url: str
) -> None:
    context = await browser.new_context(
        locale="zh-CN",
        viewport=SMALL_PHONE,
        reduced_motion="reduce",
        permissions=["geolocation"],
        geolocation=HOHHOT,
    )
    page = await context.new_page()
    await page.goto(url)
    await expect(page.locator(".theirs")).to_have_count(1)
    await page.click("#locate")
    await expect(page.locator(".places-card")).to_be_visible()
    seen = await page.evaluate(IN_SIGHT)
    await context.close()
    assert seen["links"] == [0, 4, 1, 1]
    assert seen["above"] >= 0
    assert seen["below"] >= 0


@pytest.mark.parametrize(("width", "height"), [(320, 568), (390, 844), (1280, 800)])
async def test_a_station_page_fits_its_window_and_leads_to_the_chat(
    browser: Browser, url: str, width: int, height: int
) -> None:
    context = await browser.new_context(locale="zh-CN", viewport={"width": width, "height": height})
    page = await context.new_page()
    requested: list[str] = []
    complaints: list[str] = []
    page.on("request", lambda request: requested.append(request.url))
    page.on("console", lambda message: complaints.append(message.text))
    await page.goto(f"{url}/s/DEMO-150102-01")
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    small = await page.evaluate(
        "[...document.querySelectorAll('a')]"
        ".filter((node) => node.getBoundingClientRect().height < 48).map((node) => node.text)"
    )
    assert small == []
    assert await page.evaluate("document.cookie") == ""
    assert complaints == []
    assert [one for one in requested if not one.startswith(url)] == []
    if width == 390:
        await page.get_by_role("link", name="在驿站小助手里看这家").click()
        await expect(page.get_by_text("暖心驿站】放心进")).to_be_visible()
        assert "start=" not in page.url
    await context.close()
