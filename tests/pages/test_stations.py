"""The public page of a station over real HTTP."""

import re
from collections.abc import AsyncIterator
from datetime import datetime

import aiohttp
import pytest
from aiohttp import web
from sqlalchemy import delete, update

from bot.app.bootstrap import App, build
from bot.common.clock import CHINA
from bot.config.settings import read_settings
from bot.services.stations.public_codes import public_code
from bot.store.engine import open_store
from bot.store.models.stations import StationPhotoRow, StationRow
from tests.conftest import ManualClock
from tests.pages.test_routes import KEYS, Outside
from tests.support.photos import add_photo, opened
from tests.support.stations import create_stations

WECHAT = "Mozilla/5.0 (Linux; Android 14) Mobile Safari/537.36 MicroMessenger/8.0.50"
QQ = "Mozilla/5.0 (Linux; Android 14) MQQBrowser/6.2 Mobile Safari/537.36 V1_AND_SQ_9.0 QQ/9.0.17"


@pytest.fixture
async def app(sqlite_url: str, clock: ManualClock) -> AsyncIterator[App]:
    """One service with six stations."""
    store = await open_store(sqlite_url)
    await create_stations(store, clock)
    await store.close()
    settings = read_settings({"YIZHAN_DATABASE_URL": sqlite_url, "YIZHAN_SECRET_KEYS": KEYS})
    built = await build(settings, clock=clock, migrate=False)
    yield built
    await built.close()


@pytest.fixture
async def browser(app: App) -> AsyncIterator[aiohttp.ClientSession]:
    """A browser that speaks Chinese."""
    runner = web.AppRunner(app.http(), access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    address = f"http://127.0.0.1:{runner.addresses[0][1]}"
    async with aiohttp.ClientSession(address, headers={"Accept-Language": "zh-CN"}) as session:
        yield session
    await runner.cleanup()


async def test_a_station_has_a_page_with_its_door_hours_facilities_and_map_apps(
    browser: aiohttp.ClientSession,
) -> None:
    async with browser.get("/s/S2") as answer:
        page = await answer.text()
        assert answer.status == 200
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert "Set-Cookie" not in answer.headers
    for words in (
        "鼓楼驿站",
        "20:00关门",
        "临街正门",
        "每天",
        "08:00–20:00",
        "热水（坏了）",
        "取暖",
    ):
        assert words in page
    outside = Outside()
    outside.feed(page)
    for host in ("uri.amap.com/navigation", "apis.map.qq.com", "api.map.baidu.com", "tel:+86"):
        assert [one for one in outside.loaded if host in one], host
    assert "callnative=1" in page
    async with browser.get("/s/S2", headers={"User-Agent": "MQQBrowser/15.0 Mobile"}) as answer:
        assert "callnative=1" in await answer.text()
    assert "/?start=st-S2" in outside.loaded
    assert not re.search(r"<script|style=|\son\w+=", page)


@pytest.mark.parametrize("agent", [WECHAT, QQ], ids=["wechat", "qq"])
async def test_the_page_calls_no_app_in_the_browsers_of_wechat_and_qq(
    browser: aiohttp.ClientSession, agent: str
) -> None:
    async with browser.get("/s/S2", headers={"User-Agent": agent}) as answer:
        page = await answer.text()
    assert "callnative=0" in page
    assert "callnative=1" not in page


async def test_a_closed_station_says_when_it_opens_and_what_else_is_announced(
    browser: aiohttp.ClientSession, clock: ManualClock
) -> None:
    clock.set(datetime(2026, 11, 23, 20, tzinfo=CHINA))
    async with browser.get("/s/S5") as answer:
        page = await answer.text()
    assert '<p class="state shut">明天09:00开门' in page
    assert "12月1日" in page
    assert "盘点" in page


async def test_no_station_of_that_code_is_said(browser: aiohttp.ClientSession) -> None:
    for code in ("S99", "x-000000000000", "%3Cb%3E", "S1%2F..", "a" * 200):
        async with browser.get(f"/s/{code}") as answer:
            assert answer.status == 404, code
            assert "没有这个编号的驿站" in await answer.text()


async def test_a_code_that_links_cannot_carry_has_a_short_one(
    app: App, browser: aiohttp.ClientSession
) -> None:
    code = "呼市/新城 001"
    async with app.store.writing() as db:
        await db.execute(update(StationRow).where(StationRow.code == "S2").values(code=code))
    short = public_code(code)
    assert re.fullmatch(r"x-[0-9a-f]{12}", short)
    async with browser.get(f"/s/{short}") as answer:
        assert answer.status == 200
        assert "鼓楼驿站" in await answer.text()


@pytest.mark.parametrize(
    ("code", "fits"),
    [("S1", True), ("a" * 61, True), ("a" * 62, False), ("驿1", False), ("a.b", False)],
)
def test_a_code_that_fits_stands_for_itself(code: str, fits: bool) -> None:
    assert (public_code(code) == code) is fits
    assert re.fullmatch(r"[A-Za-z0-9_-]{1,61}", public_code(code))


async def test_photos_of_the_door_are_shown_and_served_while_they_are_there(
    app: App, browser: aiohttp.ClientSession, clock: ManualClock
) -> None:
    added = await add_photo(app.store, clock, "S2", 'in by "side" <b>', 1)
    other = await add_photo(app.store, clock, "S2", shade=80)
    async with browser.get("/s/S2") as answer:
        page = await answer.text()
    tags = re.findall(r"<img [^>]*photos[^>]*>", page)
    assert len(tags) == 2
    address = f"/s/photos/{added.name}.jpg"
    for part in (
        f'src="{address}"',
        'alt="in by &quot;side&quot; &lt;b&gt;"',
        'width="300"',
        'height="400"',
        'loading="lazy"',
    ):
        assert part in tags[0]
    assert 'alt="鼓楼驿站的门口，照片2"' in tags[1]
    assert "<figcaption>in by &quot;side&quot; &lt;b&gt;</figcaption>" in page
    assert not re.search(r"<script|style=|\son\w+=", page)
    async with browser.get(address) as answer:
        assert answer.status == 200
        assert answer.content_type == "image/jpeg"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Cache-Control"] == "private, max-age=86400, immutable"
        assert opened(await answer.read()).size == (300, 400)
    async with app.store.writing() as db:
        await db.execute(delete(StationPhotoRow).where(StationPhotoRow.name == added.name))
    async with browser.get(address) as answer:
        assert answer.status == 404
    async with app.store.writing() as db:
        await db.execute(delete(StationRow).where(StationRow.code == "S2"))
    async with browser.get(f"/s/photos/{other.name}.jpg") as answer:
        assert answer.status == 404


async def test_a_page_without_photos_has_no_room_for_them(browser: aiohttp.ClientSession) -> None:
    async with browser.get("/s/S2") as answer:
        assert 'id="photos"' not in await answer.text()
