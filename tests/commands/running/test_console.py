"""`yizhan console`, and the console beside `yizhan demo`."""

import asyncio
import re
import signal
import socket
from pathlib import Path

import httpx
import pytest
from sqlalchemy import func, select

from bot.commands.running.console import fill_demo
from bot.services.demo import week_deliveries
from bot.services.demo.stations import seed_demo
from bot.services.operators.roles import Operator, Role
from bot.services.overview.dashboard import stored
from bot.services.overview.dashboard.figures import Figure
from bot.store.engine import open_store
from bot.store.models.couriers import CourierRow
from tests.conftest import ManualClock
from tests.support.console import console_parts
from tests.support.yizhan_process import address_of, yizhan


async def line_with(process: asyncio.subprocess.Process, word: str) -> str:
    """The first line of its output from here on that has the word."""
    assert process.stdout is not None
    while line := (await asyncio.wait_for(process.stdout.readline(), 60)).decode():
        if word in line:
            return line
    raise AssertionError(f"it ended without saying {word}")


async def is_closed(url: str) -> bool:
    """Waits until nothing listens there any more."""
    async with asyncio.timeout(30), httpx.AsyncClient() as http:
        while True:
            try:
                await http.get(url)
            except httpx.TransportError:
                return True


async def test_the_demo_prints_a_password_that_leads_straight_to_the_pages(tmp_path: Path) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path}/demo.db"
    async with yizhan("demo", DATABASE_URL=url, HTTP_PORT="0") as process:
        await address_of(process)
        said = await line_with(process, "控制台：")
        found = re.fullmatch(r"控制台：(http://127\.0\.0\.1:\d+)/ 用户 admin 密码 (\S+)\n", said)
        assert found is not None, said
        base, password = found[1], found[2]
        async with httpx.AsyncClient(base_url=base, follow_redirects=True) as http:
            form = {"name": "admin", "password": password}
            page = await http.post("/sign-in", data=form, headers={"Origin": base})
        assert (page.status_code, page.url.path) == (200, "/")
        process.send_signal(signal.SIGKILL)
        await process.wait()
        assert await is_closed(base)


async def test_a_taken_port_costs_the_console_and_not_the_chat(tmp_path: Path) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path}/demo.db"
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        async with yizhan("demo", DATABASE_URL=url, HTTP_PORT="0", CONSOLE_PORT=port) as process:
            base = await address_of(process)
            assert process.stderr is not None
            said = await asyncio.wait_for(process.stderr.readline(), 60)
            while "控制台" not in said.decode():
                said = await asyncio.wait_for(process.stderr.readline(), 60)
            assert "YIZHAN_CONSOLE_PORT" in said.decode()
            async with httpx.AsyncClient() as http:
                assert (await http.get(f"{base}/healthz")).status_code == 200


async def test_in_production_accounts_are_added_by_command(sqlite_url: str) -> None:
    async with yizhan("operators", "add", "dorji", DATABASE_URL=sqlite_url) as adding:
        said, _ = await asyncio.wait_for(adding.communicate(), 60)
    assert adding.returncode == 0
    password = re.search(r"[a-z2-9]{4}(-[a-z2-9]{4}){3}", said.decode())
    assert password is not None
    async with yizhan("console", DATABASE_URL=sqlite_url) as process:
        base = await address_of(process)
        async with httpx.AsyncClient(base_url=base, follow_redirects=True) as http:
            form = {"name": "dorji", "password": password[0]}
            page = await http.post("/sign-in", data=form, headers={"Origin": base})
        assert page.url.path == "/account/password"
        process.send_signal(signal.SIGTERM)
        assert await asyncio.wait_for(process.wait(), 30) == 0


async def test_the_demo_fills_its_dashboard_and_again_after_it_was_interrupted(
    sqlite_url: str, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = await open_store(sqlite_url)
    parts = console_parts(store, clock)
    async with store.writing() as db:
        await seed_demo(db, clock())
    with monkeypatch.context() as broken:
        broken.setattr(week_deliveries, "NOTICES", -1.0)  # range() refuses it: half is told
        await fill_demo(parts)
    await fill_demo(parts)
    reader = Operator(1, "reader", Role.READER)
    async with store.reading() as db:
        found = await stored.figures(db, reader, 7, "")
        couriers = await db.scalar(select(func.count()).select_from(CourierRow))
    await store.close()
    assert found is not None
    assert found.tables[Figure.DELIVERY]
    assert couriers == 268
