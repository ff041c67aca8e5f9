"""Readiness: the database answers, takes writes, and the clock can be believed."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest
from aiohttp import ClientSession
from aiohttp.test_utils import TestServer
from sqlalchemy import Connection, event, text

from bot.app.bootstrap import App, build
from bot.config.settings import read_settings
from bot.conversation.events import Address, Event, Text, Unavailable
from bot.store.sqlite_turns import SqliteTurns
from bot.store.write_probe import can_write
from tests.conftest import ManualClock


@pytest.fixture
async def app(database_url: str, clock: ManualClock) -> AsyncIterator[App]:
    settings = read_settings(
        {"YIZHAN_DATABASE_URL": database_url, "YIZHAN_SECRET_KEYS": "1:" + "A" * 43 + "="}
    )
    app = await build(settings, clock=clock, migrate=False)
    yield app
    await app.close()


async def readiness(app: App) -> tuple[int, str]:
    """Status and text of `/readyz`."""
    async with TestServer(app.http()) as server, ClientSession() as http:
        answer = await http.get(server.make_url("/readyz"))
        return answer.status, await answer.text()


@asynccontextmanager
async def no_writes(app: App) -> AsyncIterator[None]:
    """Meanwhile the application can only read."""
    forbid = "PRAGMA query_only=ON" if app.store.is_sqlite else "SET TRANSACTION READ ONLY"

    def begin(connection: Connection) -> None:
        connection.exec_driver_sql(forbid)

    def end(connection: Connection) -> None:
        if app.store.is_sqlite:
            connection.exec_driver_sql("PRAGMA query_only=OFF")

    writer = app.store.writer.sync_engine
    event.listen(writer, "begin", begin)
    event.listen(writer, "rollback", end)
    if isinstance(app.store.turns, SqliteTurns):
        (await app.store.turns.connection()).execute(forbid)
    else:
        await set_turns(app, "READ ONLY")
    yield
    if isinstance(app.store.turns, SqliteTurns):
        (await app.store.turns.connection()).execute("PRAGMA query_only=OFF")
    else:
        await set_turns(app, "READ WRITE")
    event.remove(writer, "begin", begin)
    event.remove(writer, "rollback", end)


async def set_turns(app: App, mode: str) -> None:
    """How the connection that the next turn gets begins its transactions."""
    async with app.store.turn() as db:
        await db.execute(text(f"SET SESSION CHARACTERISTICS AS TRANSACTION {mode}"))


async def test_a_database_that_takes_writes_is_ready(app: App) -> None:
    assert await readiness(app) == (200, "ready")


async def test_a_database_that_takes_no_writes_is_not_ready(app: App) -> None:
    async with no_writes(app):
        assert await readiness(app) == (503, "the database cannot be written to")
    assert await readiness(app) == (200, "ready")


async def test_messages_that_wait_for_the_database_are_named(app: App) -> None:
    slow = replace(app.channels["web"], waiting=lambda: (3, 41.6))
    app.health.channels = {**app.channels, "telegram": slow}
    assert await readiness(app) == (
        200,
        "ready\ntelegram: 3 messages wait for the database, 42 s by now",
    )


async def test_a_failed_write_of_a_turn_makes_it_not_ready_though_small_writes_succeed(
    app: App, clock: ManualClock
) -> None:
    assert (await readiness(app))[0] == 200
    message = Event("1", Address("web", "li"), clock(), Text("你好"))
    async with no_writes(app):
        with pytest.raises(Unavailable):
            await app.turn(message)
    assert await can_write(app.store)
    assert await readiness(app) == (503, "the database cannot be written to")
