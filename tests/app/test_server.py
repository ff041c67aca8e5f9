"""The service stops in order: what was answered is confirmed before its channels close."""

import asyncio

from bot.app import server
from bot.app.bootstrap import build
from bot.config.settings import read_settings
from bot.store.encryption import new_key
from tests.conftest import ManualClock
from tests.support.fakes.telegram import FakeTelegram


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
