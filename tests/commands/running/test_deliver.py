"""`yizhan deliver` as a process of its own."""

import asyncio
import os
import signal
import sys

from sqlalchemy import update

from bot.common.clock import system_clock
from bot.services.notifications.statuses import Priority
from bot.store.engine import Store, open_store
from bot.store.models.notifications import OutboxRow
from tests.support.killable_process import TOKEN
from tests.support.outbox import couriers, notice, states
from tests.support.platform_process import Platform


async def start(url: str, api: str, *arguments: str) -> asyncio.subprocess.Process:
    settings = {
        "YIZHAN_DATABASE_URL": url,
        "YIZHAN_SECRET_KEYS": "1:" + "A" * 43 + "=",
        "YIZHAN_TELEGRAM_TOKEN": TOKEN,
        "YIZHAN_TELEGRAM_API_BASE": api,
    }
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot", "deliver", *arguments,
        env=os.environ | settings,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip


async def test_it_sends_and_ends_in_order(store: Store, database_url: str) -> None:
    now = system_clock()
    await couriers(store, now)
    await notice(store, now, kind="reminders.sample", priority=Priority.INTERACTIVE)
    async with Platform(delay=0.2) as platform:
        platform.at_call[1] = called = asyncio.Event()
        process = await start(database_url, platform.url)
        await asyncio.wait_for(called.wait(), 30)
        process.send_signal(signal.SIGTERM)
        _, errors = await asyncio.wait_for(process.communicate(), 30)
        assert process.returncode == 0, errors.decode()
        assert sum(platform.accepted.values()) == 1
    assert await states(store) == ["sent"]


async def test_a_second_process_stands_by(postgres_url: str) -> None:
    store = await open_store(postgres_url)
    now = system_clock()
    await couriers(store, now, 40)
    for n in range(1, 41):
        await notice(store, now, n, kind="reminders.sample", priority=Priority.INTERACTIVE)
    async with store.writing() as db:
        await db.execute(update(OutboxRow).values(due_at=now))
    async with Platform() as platform:
        platform.at_call[40] = called = asyncio.Event()
        both = [await start(postgres_url, platform.url) for _ in range(2)]
        await asyncio.wait_for(called.wait(), 30)
        for process in both:
            process.send_signal(signal.SIGTERM)
        for process in both:
            await asyncio.wait_for(process.communicate(), 30)
        assert sum(platform.accepted.values()) == 40
    assert set(await states(store)) == {"sent"}
    await store.close()


async def test_a_port_that_is_taken_is_said(sqlite_url: str) -> None:
    async with Platform() as platform:
        port = platform.url.rsplit(":", 1)[1]
        process = await start(sqlite_url, platform.url, "--port", port)
        _, errors = await asyncio.wait_for(process.communicate(), 30)
    assert process.returncode == 1
    assert f"端口 {port} 用不了" in errors.decode()
