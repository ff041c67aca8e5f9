"""`yizhan demo` and `serve` as processes of their own, as an operator starts them."""

import asyncio
import signal
from pathlib import Path

import aiohttp
from aiohttp import web

from bot.common.clock import system_clock
from bot.services.demo.stations import seed_demo
from bot.store.engine import open_store
from tests.conftest import ManualClock
from tests.support.fakes.bot_api_oracle import check_calls
from tests.support.fakes.telegram import TOKEN, FakeTelegram
from tests.support.fakes.web import WebLine
from tests.support.stations import HERE, create_stations
from tests.support.yizhan_process import address_of, yizhan

SECRET = "test-secret"


async def test_demo_answers_from_invented_stations(tmp_path: Path) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path}/demo.db"
    async with yizhan("demo", DATABASE_URL=url, HTTP_PORT="0") as process:
        base = await address_of(process)
        async with WebLine() as line:
            await line.connect(base)
            answer = await line.location(*HERE)
        assert "示例·" in str(answer)
        async with aiohttp.ClientSession() as http:
            for path in ("/healthz", "/readyz", "/metrics", "/"):
                assert (await http.get(base + path)).status == 200
        process.send_signal(signal.SIGTERM)
        assert await asyncio.wait_for(process.wait(), 20) == 0


async def test_demo_makes_its_keys_and_serve_does_not(tmp_path: Path) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path}/demo.db"
    async with yizhan("demo", DATABASE_URL=url, HTTP_PORT="0", SECRET_KEYS="") as process:
        assert await address_of(process)
    assert (tmp_path / "demo.keys").stat().st_mode & 0o777 == 0o600
    other = f"sqlite+aiosqlite:///{tmp_path}/other.db"
    async with yizhan("serve", DATABASE_URL=other, SECRET_KEYS="") as process:
        _, said = await asyncio.wait_for(process.communicate(), 30)
    assert process.returncode == 2
    assert "yizhan keys new" in said.decode()


async def test_serve_by_polling_with_a_token_and_no_public_address(
    sqlite_url: str, clock: ManualClock
) -> None:
    await _store_station(sqlite_url, clock)
    async with (
        FakeTelegram() as telegram,
        yizhan(
            "serve",
            DATABASE_URL=sqlite_url,
            HTTP_PORT="0",
            TELEGRAM_TOKEN=TOKEN,
            TELEGRAM_API_BASE=telegram.url,
        ) as process,
    ):
        await address_of(process)
        said = await telegram.location(7, *HERE)
        assert any(NAME in str(call.params) for call in said)
        check_calls(telegram.calls)


async def test_serve_by_webhook(sqlite_url: str, clock: ManualClock) -> None:
    await _store_station(sqlite_url, clock)
    async with FakeTelegram() as telegram:
        port = await _free_port()
        hook = f"http://127.0.0.1:{port}/telegram/webhook"
        async with yizhan(
            "serve",
            DATABASE_URL=sqlite_url,
            HTTP_PORT=str(port),
            TELEGRAM_TOKEN=TOKEN,
            TELEGRAM_API_BASE=telegram.url,
            TELEGRAM_WEBHOOK_URL=hook,
            TELEGRAM_WEBHOOK_SECRET=SECRET,
        ) as process:
            await address_of(process)
            await telegram.until(lambda: bool(telegram.called("setWebhook")))
            said = await telegram.location(7, *HERE)
            assert any(NAME in str(call.params) for call in said)


async def test_serve_refuses_demo_stations(sqlite_url: str) -> None:
    store = await open_store(sqlite_url)
    async with store.writing() as db:
        await seed_demo(db, system_clock())
    await store.close()
    async with yizhan("serve", DATABASE_URL=sqlite_url, HTTP_PORT="0") as process:
        _, said = await asyncio.wait_for(process.communicate(), 30)
    assert process.returncode == 1
    assert "--demo" in said.decode()
    async with yizhan("serve", "--demo", DATABASE_URL=sqlite_url, HTTP_PORT="0") as process:
        assert await address_of(process)


async def test_a_port_in_use_is_one_sentence(tmp_path: Path) -> None:
    runner = web.AppRunner(web.Application())
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = str(runner.addresses[0][1])
    url = f"sqlite+aiosqlite:///{tmp_path}/x.db"
    async with yizhan("demo", DATABASE_URL=url, HTTP_PORT=port) as process:
        _, said = await asyncio.wait_for(process.communicate(), 30)
    await runner.cleanup()
    assert process.returncode == 1
    assert "YIZHAN_HTTP_PORT" in said.decode()
    assert "Traceback" not in said.decode()


async def test_a_wrong_variable_is_named() -> None:
    async with yizhan("serve", HTTP_PORT="many") as process:
        _, said = await asyncio.wait_for(process.communicate(), 30)
    assert process.returncode == 2
    assert said.decode().startswith("YIZHAN_HTTP_PORT 不对")


async def test_a_wrong_database_address_keeps_its_password() -> None:
    async with yizhan("doctor", DATABASE_URL="mysql://me:hunter2@host/db") as process:
        _, said = await asyncio.wait_for(process.communicate(), 30)
    assert process.returncode == 2
    assert "YIZHAN_DATABASE_URL" in said.decode()
    assert "hunter2" not in said.decode()


async def test_a_database_that_is_away_is_one_sentence() -> None:
    url = "postgresql+asyncpg://nobody:hunter2@127.0.0.1:1/none"
    async with yizhan("serve", DATABASE_URL=url) as process:
        _, said = await asyncio.wait_for(process.communicate(), 30)
    assert process.returncode == 1
    assert "YIZHAN_DATABASE_URL" in said.decode()
    assert "hunter2" not in said.decode()
    assert "Traceback" not in said.decode()


NAME = "新城支行驿站"


async def _store_station(url: str, clock: ManualClock) -> None:
    store = await open_store(url)
    await create_stations(store, clock)
    async with store.writing() as db:
        from sqlalchemy import text

        await db.execute(text("UPDATE station SET hours = '24/7' WHERE id = 1"))
    await store.close()


async def _free_port() -> int:
    server = await asyncio.start_server(lambda _r, _w: None, "127.0.0.1", 0)
    port: int = server.sockets[0].getsockname()[1]
    server.close()
    await server.wait_closed()
    return port
