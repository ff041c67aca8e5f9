"""The first answer to a location on a phone: all of it in sight at once, and legible large."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import pytest
import pytest_asyncio
from aiohttp import web
from playwright.async_api import Browser, Geolocation, Page, ViewportSize, expect

from bot.app.bootstrap import build
from bot.config.settings import read_settings
from bot.services.demo.stations import seed_demo

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

MORNING = datetime(2026, 11, 23, 2, tzinfo=UTC)  # 10:00 in Inner Mongolia
HOHHOT: Geolocation = {"latitude": 40.833, "longitude": 111.696}
SMALL_PHONE: ViewportSize = {"width": 390, "height": 600}
PHONE: ViewportSize = {"width": 390, "height": 844}
NARROW_PHONE: ViewportSize = {"width": 320, "height": 568}
SHOWN = """() => {
  const box = document.getElementById("log").getBoundingClientRect();
  const answer = [...document.querySelectorAll(".theirs")].at(-1);
  const parts = answer.querySelectorAll(":scope > .paragraph, :scope > .card");
  const row = answer.querySelector(".choices").getBoundingClientRect();
  const bubble = answer.getBoundingClientRect();
  return {
    links: [...parts].map((node) => node.querySelectorAll("a").length),
    above: bubble.top - box.top,
    below: box.bottom - bubble.bottom,
    row: row.height,
    chips: [...answer.querySelectorAll(".chip")]
      .filter((node) => node.checkVisibility()).map((node) => node.textContent),
    field: innerHeight - document.getElementById("words").getBoundingClientRect().bottom,
    sketch: answer.querySelector(".sketch").checkVisibility(),
  };
}"""
CUT = """() => [...document.querySelectorAll("h1, #status, article, article *, footer *")]
  .filter((node) => node.checkVisibility() && !node.closest("svg, .unseen"))
  .filter((node) => getComputedStyle(node).display !== "inline")
  .filter((node) => getComputedStyle(node).overflowX !== "auto" || node.id === "words")
  .filter((node) => node.scrollWidth > node.clientWidth + 4
    || node.scrollHeight > node.clientHeight + 4)
  .map((node) => node.outerHTML)"""


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


@asynccontextmanager
async def located(
    browser: Browser,
    url: str,
    viewport: ViewportSize,
    root_size: str = "",
    locale: str = "zh-CN",
    agent: str = "",
) -> AsyncIterator[Page]:
    """The page after a location was shared; `root_size`: the letters that the courier has set."""
    context = await browser.new_context(
        locale=locale,
        user_agent=agent or None,
        viewport=viewport,
        reduced_motion="reduce",
        permissions=["geolocation"],
        geolocation=HOHHOT,
    )
    page = await context.new_page()
    await page.goto(url)
    await expect(page.locator(".theirs")).to_have_count(1)
    if root_size:
        await page.evaluate(f"document.documentElement.style.fontSize = '{root_size}'")
    await page.click("#locate")
    await expect(page.locator(".with-places")).to_be_visible()
    yield page
    await context.close()


@pytest.mark.parametrize("viewport", [SMALL_PHONE, PHONE], ids=["390x600", "390x844"])
async def test_the_whole_answer_is_in_sight_with_a_way_to_each_station_chips_and_the_field(
    browser: Browser, url: str, viewport: ViewportSize
) -> None:
    async with located(browser, url, viewport) as page:
        seen = await page.evaluate(SHOWN)
    is_small = viewport is SMALL_PHONE
    assert seen["links"] == [0, 4, 1, 1]
    assert seen["above"] >= 0
    assert seen["below"] >= 0
    assert seen["field"] >= 0
    assert seen["row"] < 2 * 48
    assert seen["chips"][:3] == ["第1家怎么进", "第2家怎么进", "第3家怎么进"]
    assert {"热水", "厕所", "充电", "热饭", "取暖", "更多"} <= set(seen["chips"])
    assert ("看地图" in seen["chips"]) is is_small
    assert seen["sketch"] is not is_small


async def test_the_last_chip_of_the_row_is_reached_by_scrolling_it_and_by_the_keyboard(
    browser: Browser, url: str
) -> None:
    async with located(browser, url, SMALL_PHONE) as page:
        last = page.locator(".with-places .chip").last
        assert await page.evaluate("log.scrollWidth <= log.clientWidth")
        await last.focus()
        box = await last.bounding_box()
        assert box is not None
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= SMALL_PHONE["width"]
        await last.click()
        await expect(page.get_by_text("再远一点的")).to_be_visible()


async def test_a_small_phone_opens_the_map_by_a_chip(browser: Browser, url: str) -> None:
    async with located(browser, url, SMALL_PHONE) as page:
        await page.get_by_role("button", name="看地图", exact=True).click()
        await expect(page.locator("#sheet-list li")).to_have_count(3)


@pytest.mark.parametrize("locale", ["zh-CN", "en-GB"])
@pytest.mark.parametrize("viewport", [SMALL_PHONE, NARROW_PHONE], ids=["390x600", "320x568"])
async def test_letters_of_twice_the_size_are_not_cut(
    browser: Browser, url: str, viewport: ViewportSize, locale: str
) -> None:
    async with located(browser, url, viewport, "212.5%", locale) as page:
        assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert await page.evaluate("log.scrollWidth <= log.clientWidth")
        assert await page.evaluate(CUT) == []


@pytest.mark.parametrize(("agent", "calls"), [("", 1), ("Mobile MicroMessenger/8.0.50", 0)])
async def test_a_map_app_is_called_except_from_wechats_browser(
    browser: Browser, url: str, agent: str, calls: int
) -> None:
    async with located(browser, url, SMALL_PHONE, agent=agent) as page:
        link = await page.locator(".link[href*='uri.amap.com']").first.get_attribute("href")
    assert link is not None
    assert link.endswith(f"&callnative={calls}")
    assert ",%E7%A4%BA%E4%BE%8B" in link  # nothing else of it is changed


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
