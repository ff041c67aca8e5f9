"""The keeper's page in a browser: filled, saved, tapped twice; links that no longer work."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import pytest
import pytest_asyncio
from aiohttp import web
from playwright.async_api import Browser, Page, expect

from bot.app.bootstrap import App, build
from bot.config.settings import read_settings
from bot.services.stations import catalogue
from bot.services.stations.catalogue import Station
from bot.services.stations.keepers import links
from bot.services.stations.statuses import FacilityStatus
from bot.store.engine import open_store
from tests.browser.chat_page import PHONE
from tests.conftest import ManualClock
from tests.support.stations import create_stations

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

KEYS = "1:" + "A" * 43 + "="


@dataclass
class Keeping:
    """The service, the keeper of S1, and what the browser asked for."""

    app: App
    clock: ManualClock
    browser: Browser
    url: str
    requested: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    async def link(self) -> str:
        async with self.app.store.writing() as db:
            return f"{self.url}/k#{await links.issue(db, 1, self.clock())}"

    async def visit(self, address: str, **options: Any) -> Page:
        context = await self.browser.new_context(
            **{"locale": "zh-CN", "viewport": PHONE, **options}
        )
        context.on("request", lambda request: self.requested.append(request.url))
        context.on("weberror", lambda error: self.complaints.append(str(error.error)))
        page = await context.new_page()
        await page.goto(address)
        return page

    async def station(self) -> Station:
        async with self.app.store.reading() as db:
            return (await catalogue.describe(db, [1]))[1]


@pytest_asyncio.fixture(loop_scope="module")
async def keeping(browser: Browser, sqlite_url: str, clock: ManualClock) -> AsyncIterator[Keeping]:
    store = await open_store(sqlite_url)
    await create_stations(store, clock)
    await store.close()
    settings = read_settings({"YIZHAN_DATABASE_URL": sqlite_url, "YIZHAN_SECRET_KEYS": KEYS})
    app = await build(settings, clock=clock, migrate=False)
    runner = web.AppRunner(app.http(), access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    opened = Keeping(app, clock, browser, url)
    yield opened
    for context in browser.contexts:
        await context.close()
    await runner.cleanup()
    await app.close()
    assert [one for one in opened.requested if not one.startswith(url)] == []
    assert opened.complaints == []


async def choose(page: Page, group: str, label: str) -> None:
    """Presses a large button of a question."""
    await page.locator("fieldset", has_text=group).get_by_role("radio", name=label).click()


async def test_all_right_takes_one_tap(keeping: Keeping) -> None:
    page = await keeping.visit(await keeping.link())
    await expect(page.locator("h1")).to_have_text("新城支行驿站")
    await page.get_by_role("button", name="都对，保存").click()
    await expect(page.locator(".verdict")).to_have_text("保存好了")
    assert (await keeping.station()).verified_at == keeping.clock().date()
    assert await page.context.cookies() == []
    assert await page.evaluate("localStorage.length + sessionStorage.length") == 0


async def test_what_is_filled_in_is_stored(keeping: Keeping) -> None:
    page = await keeping.visit(await keeping.link())
    await choose(page, "今天开着吗", "早点关")
    await page.get_by_label("几点关").fill("15:00")
    await choose(page, "热水", "坏了")
    await choose(page, "充电", "没有了")
    await page.get_by_label("周二").fill("不开")
    await page.get_by_role("button", name="都对，保存").click()
    await expect(page.locator(".verdict")).to_have_text("保存好了")
    station = await keeping.station()
    states = {one.code: one.state for one in station.facilities}
    assert (states["water"], states["charge"]) == (FacilityStatus.BROKEN, FacilityStatus.EMPTY)
    assert [str(one.hours) for one in station.schedule.changes] == [
        "Mo-Su 09:00-12:00,13:30-15:00",
        "None",
    ]
    await page.get_by_role("button", name="再改一下").click()
    await expect(page.get_by_label("周二")).to_have_value("不开")


async def test_a_double_tap_saves_once(keeping: Keeping) -> None:
    page = await keeping.visit(await keeping.link())
    await choose(page, "热水", "坏了")
    before = keeping.app.search.version
    await page.get_by_role("button", name="都对，保存").dblclick()
    await expect(page.locator(".verdict")).to_have_text("保存好了")
    assert sum(one.endswith("/k/save") for one in keeping.requested) == 1
    await keeping.app.search.refresh()
    assert keeping.app.search.version == before + 1


async def test_hours_that_are_not_understood_are_said_at_the_row_and_kept(
    keeping: Keeping,
) -> None:
    page = await keeping.visit(await keeping.link())
    await page.get_by_label("周二").fill("看情况")
    await page.get_by_role("button", name="都对，保存").click()
    await expect(page.get_by_role("alert")).to_contain_text("“看情况”看不懂")
    await expect(page.get_by_label("周二")).to_be_focused()
    await page.get_by_label("周二").fill("10:00-12:00")
    await page.get_by_role("button", name="都对，保存").click()
    await expect(page.locator(".verdict")).to_have_text("保存好了")


async def test_an_expired_a_revoked_and_a_broken_link_say_what_to_do(keeping: Keeping) -> None:
    address = await keeping.link()
    page = await keeping.visit(address)
    await expect(page.get_by_role("button", name="都对，保存")).to_be_visible()
    async with keeping.app.store.writing() as db:
        await links.revoke(db, 1, keeping.clock())
    await page.get_by_role("button", name="都对，保存").click()
    await expect(page.locator("#keeper")).to_contain_text("已作废")
    page = await keeping.visit(address)
    await expect(page.locator("#keeper")).to_contain_text("已作废")
    page = await keeping.visit(f"{keeping.url}/k")
    await expect(page.locator("#keeper")).to_contain_text("再扫一次")
    page = await keeping.visit(f"{keeping.url}/k#{'x' * 43}")
    await expect(page.locator("#keeper")).to_contain_text("不能用")
    address = await keeping.link()
    keeping.clock.forward(days=181)
    page = await keeping.visit(address)
    await expect(page.locator("#keeper")).to_contain_text("过期")
    assert (await keeping.station()).verified_at != keeping.clock().date()


async def test_without_a_network_the_form_stays_and_is_saved_later(keeping: Keeping) -> None:
    page = await keeping.visit(await keeping.link())
    await choose(page, "今天开着吗", "今天不开")
    await page.context.set_offline(True)
    await page.get_by_role("button", name="都对，保存").click()
    await expect(page.get_by_role("alert")).to_contain_text("没连上网")
    await page.context.set_offline(False)
    await page.get_by_role("button", name="都对，保存").click()
    await expect(page.locator(".verdict")).to_have_text("保存好了")
    assert len((await keeping.station()).schedule.changes) == 1


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(
    "size", [PHONE, {"width": 1280, "height": 800}, {"width": 320, "height": 568}]
)
async def test_nothing_is_cut_off_and_all_can_be_touched(
    keeping: Keeping, scheme: str, size: dict[str, int]
) -> None:
    page = await keeping.visit(await keeping.link(), viewport=size, color_scheme=scheme)
    await expect(page.get_by_role("button", name="都对，保存")).to_be_visible()
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    low = await page.evaluate(
        "[...document.querySelectorAll('.choice span, #answer > button, .row:not([hidden]) input')]"
        ".filter(one => one.getBoundingClientRect().height < 47.5).length"
    )
    assert low == 0
