"""The keeper's page over real HTTP: what a GET does, what is refused, what is logged."""

import re
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from sqlalchemy import select, update
from structlog.testing import capture_logs

from bot.app.bootstrap import App, build
from bot.config.settings import read_settings
from bot.pages.keepers import BURST
from bot.services.stations import catalogue
from bot.services.stations.keepers import links
from bot.services.stations.statuses import FacilityStatus
from bot.store.engine import open_store
from bot.store.models.keepers import KeeperLinkRow
from bot.store.models.stations import StationRow
from tests.conftest import ManualClock
from tests.pages.test_routes import KEYS
from tests.support.stations import create_stations

FORM: dict[str, Any] = {
    "form": "a" * 32,
    "version": 1,
    "today": "open",
    "closes": "",
    "hours": {},
    "facilities": {"seat": "ok", "water": "broken"},
    "shown": {"seat": "ok", "water": "ok"},
}


@pytest.fixture
async def app(database_url: str, clock: ManualClock) -> AsyncIterator[App]:
    """One service with six stations."""
    store = await open_store(database_url)
    await create_stations(store, clock)
    await store.close()
    settings = read_settings({"YIZHAN_DATABASE_URL": database_url, "YIZHAN_SECRET_KEYS": KEYS})
    built = await build(settings, clock=clock, migrate=False)
    yield built
    await built.close()


@pytest.fixture
async def token(app: App, clock: ManualClock) -> str:
    """The link of S1."""
    async with app.store.writing() as db:
        return await links.issue(db, 1, clock())


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


async def post(
    browser: aiohttp.ClientSession, path: str, body: object, session: str = ""
) -> tuple[int, dict[str, Any]]:
    headers = {"Authorization": f"Bearer {session}"} if session else {}
    async with browser.post(path, json=body, headers=headers) as answer:
        assert answer.headers["Cache-Control"] == "no-store"
        assert "Set-Cookie" not in answer.headers
        return answer.status, await answer.json()


async def opened(browser: aiohttp.ClientSession, token: str) -> str:
    """A session."""
    status, answer = await post(browser, "/k/open", {"token": token})
    assert status == 200
    return str(answer["session"])


async def test_a_get_changes_nothing_and_loads_nothing_from_elsewhere(
    app: App, browser: aiohttp.ClientSession, token: str
) -> None:
    async with browser.get("/k") as answer:
        page = await answer.text()
        policy = answer.headers["Content-Security-Policy"]
        assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert "default-src 'none'" in policy
    assert "script-src 'self'; connect-src 'self'" in policy
    assert "unsafe" not in policy
    assert not re.search(r"<script>|style=|\son\w+=|https?://", page)
    for path in ("/k/open", "/k/save"):
        async with browser.get(f"{path}?token={token}") as answer:
            assert answer.status == 405
    async with app.store.reading() as db:
        assert await db.scalar(select(KeeperLinkRow.saved_at)) is None


async def test_other_pages_run_no_script(browser: aiohttp.ClientSession) -> None:
    async with browser.get("/s/S1") as answer:
        assert "script-src" not in answer.headers["Content-Security-Policy"]


async def test_a_form_is_saved_and_logged_without_its_token(
    app: App, browser: aiohttp.ClientSession, token: str
) -> None:
    with capture_logs() as logs:
        session = await opened(browser, token)
        status, answer = await post(browser, "/k/save", FORM, session)
    assert status == 200
    assert "保存好了" in answer["html"]
    async with app.store.reading() as db:
        station = (await catalogue.describe(db, [1]))[1]
    states = {one.code: one.state for one in station.facilities}
    assert states["water"] is FacilityStatus.BROKEN
    assert [one["event"] for one in logs] == ["keeper.opened", "keeper.saved"]
    assert token not in str(logs)
    assert session not in str(logs)


@pytest.mark.parametrize(
    "change",
    [
        {"today": "perhaps"},
        {"form": "short"},
        {"version": "1"},
        {"version": True},
        {"hours": []},
        {"hours": {"2026-11-24": 9}},
        {"facilities": {"water": "stolen"}},
        {"facilities": None},
        {"closes": "25:00"},
    ],
)
async def test_a_form_that_is_not_ours_is_refused(
    app: App, browser: aiohttp.ClientSession, token: str, change: dict[str, object]
) -> None:
    session = await opened(browser, token)
    status, answer = await post(browser, "/k/save", {**FORM, **change}, session)
    assert status == 400
    assert answer["error"]


async def test_bodies_that_are_no_json_objects_are_refused(
    browser: aiohttp.ClientSession, token: str
) -> None:
    for body in (b"", b"[]", b"{", b"[" * 5000, b'{"token": 5}', b"x" * 20_000):
        headers = {"Content-Type": "application/json"}
        async with browser.post("/k/open", data=body, headers=headers) as answer:
            assert answer.status == 400
    async with browser.post("/k/open", data={"token": token}) as answer:
        assert answer.status == 400  # a form of another site


async def test_without_a_session_nothing_is_saved(
    browser: aiohttp.ClientSession, token: str
) -> None:
    for session in ("", token, "1.2.3.4"):
        status, _ = await post(browser, "/k/save", FORM, session)
        assert status == 410


async def test_a_session_of_one_station_cannot_change_another(
    app: App, browser: aiohttp.ClientSession, token: str, clock: ManualClock
) -> None:
    session = await opened(browser, token)
    async with app.store.writing() as db:
        await links.issue(db, 2, clock())
    status, _ = await post(browser, "/k/save", FORM, session.replace("1.", "2.", 1))
    assert status == 410


async def test_one_station_is_opened_and_saved_so_often_only(
    browser: aiohttp.ClientSession, token: str
) -> None:
    statuses = {(await post(browser, "/k/open", {"token": token}))[0] for _ in range(BURST)}
    assert statuses == {200}
    status, answer = await post(browser, "/k/open", {"token": token})
    assert status == 429
    assert "等一分钟" in answer["error"]


async def test_names_are_escaped_in_the_form(
    app: App, browser: aiohttp.ClientSession, token: str
) -> None:
    name = '<img src=x onerror="1">'
    async with app.store.writing() as db:
        renamed = update(StationRow).where(StationRow.code == "S1")
        await db.execute(renamed.values(name=name, address=name))
    _, answer = await post(browser, "/k/open", {"token": token})
    assert "<img" not in answer["html"]
