"""The service stops in order, and keeps what it answers from up to date while it runs."""

import asyncio

import pytest

from bot.app import server
from bot.app.bootstrap import App, build
from bot.config.settings import read_settings
from bot.geo.point import Point
from bot.services.stations.results import MatchReason, SearchQuery
from bot.store.encryption import new_key
from bot.store.engine import open_store
from tests.conftest import ManualClock
from tests.support.fakes.telegram import FakeTelegram
from tests.support.observations import LOCKED, create_couriers, ride_and_tell
from tests.support.stations import HERE, create_stations


async def test_an_answered_update_is_confirmed_when_the_service_stops(
    sqlite_url: str, clock: ManualClock
) -> None:
    async with FakeTelegram() as telegram:
        variables = {
            "DATABASE_URL": sqlite_url,
            "SECRET_KEYS": new_key(),
            "TELEGRAM_TOKEN": telegram.token,
            "TELEGRAM_API_BASE": telegram.url,
            "HTTP_PORT": "0",
        }
        settings = read_settings({f"YIZHAN_{name}": value for name, value in variables.items()})
        app = await build(settings, clock=clock)
        stop = asyncio.Event()
        serving = asyncio.create_task(server.serve(app, stop, lambda _: None, delivery=False))
        update = telegram.push(telegram.message(5501, {"text": "帮助"}))
        await telegram.until(lambda: bool(telegram.called("sendMessage")))
        stop.set()
        assert await serving
        await app.close()
    assert update.settled


async def test_a_serving_replica_answers_by_what_another_one_was_told_within_seconds(
    sqlite_url: str, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert server.BELIEFS_SECONDS <= 2.5  # with the turn that is running, 5 s are kept
    monkeypatch.setattr(server, "BELIEFS_SECONDS", 0.01)
    loaded = asyncio.Event()
    refresh = server.refresh_beliefs

    async def watched(app: App) -> None:
        await refresh(app)
        result = app.search.search(SearchQuery(Point(*HERE), clock()))
        if result.listed[0].reason is MatchReason.SURER:
            loaded.set()

    monkeypatch.setattr(server, "refresh_beliefs", watched)
    variables = {"DATABASE_URL": sqlite_url, "SECRET_KEYS": new_key(), "HTTP_PORT": "0"}
    settings = read_settings({f"YIZHAN_{name}": value for name, value in variables.items()})
    other = await open_store(sqlite_url)
    await create_stations(other, clock)
    async with other.writing() as db:
        await create_couriers(db, (1, 2), clock())
    app = await build(settings, clock=clock)
    stop = asyncio.Event()
    serving = asyncio.create_task(server.serve(app, stop, lambda _: None, delivery=False))
    for courier_id in (1, 2):
        await ride_and_tell(other, courier_id, 1, LOCKED, clock())
    async with asyncio.timeout(60):
        await loaded.wait()
    stop.set()
    assert await serving
    await app.close()
    await other.close()
