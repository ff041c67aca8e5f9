"""Half-sent requests against a service that may open few files: nobody else notices."""

import asyncio
import json
import os
import re
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

import aiohttp

from bot.store.engine import open_store
from tests.conftest import ManualClock
from tests.support.fakes.telegram import TOKEN, FakeTelegram
from tests.support.fakes.web import WebLine
from tests.support.paths import ROOT
from tests.support.stations import HERE, create_stations

LIMIT = 300  # descriptors, the hard limit too
ATTACKERS = ("127.0.0.2", "127.0.0.3", "127.0.0.4")
SOCKETS = 150  # of each attacker
HALF = b"GET / HTTP/1.1\r\nHost: a.example\r\nX-Slow: "
PATIENCE = 30.0  # seconds


@dataclass
class Service:
    """A running `yizhan serve`; `logged` are its lines so far."""

    address: str
    logged: list[str] = field(default_factory=list)


@asynccontextmanager
async def service(**variables: str) -> AsyncIterator[Service]:
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("YIZHAN_")},
        "PYTHONPATH": str(ROOT),
        "YIZHAN_SECRET_KEYS": "1:" + "A" * 43 + "=",
        "YIZHAN_HTTP_PORT": "0",
        **{f"YIZHAN_{name}": value for name, value in variables.items()},
    }
    process = await asyncio.create_subprocess_exec(
        "sh",
        "-c",
        f'ulimit -n {LIMIT}; exec "$0" -m bot serve',
        sys.executable,
        env=environment,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    assert process.stdout is not None
    started = Service("")

    async def read() -> None:
        assert process.stdout is not None
        async for line in process.stdout:
            started.logged.append(line.decode())

    while line := (await asyncio.wait_for(process.stdout.readline(), PATIENCE)).decode():
        if found := re.search(r"http://[0-9.:]+", line):
            started.address = found[0]
            break
    reading = asyncio.create_task(read())
    try:
        yield started
    finally:
        with suppress(ProcessLookupError):
            process.send_signal(signal.SIGTERM)
        await process.wait()
        await reading


@asynccontextmanager
async def half_sent_requests(port: int) -> AsyncIterator[None]:
    """Sockets of all attackers, each with half of a request; those refused are tried again."""
    writers: list[asyncio.StreamWriter] = []

    async def open_one(address: str) -> None:
        with suppress(ConnectionError):
            _, writer = await asyncio.open_connection("127.0.0.1", port, local_addr=(address, 0))
            writers.append(writer)
            writer.write(HALF)
            await writer.drain()

    for _ in range(SOCKETS):
        await asyncio.gather(*(open_one(address) for address in ATTACKERS))
    try:
        yield
    finally:
        for writer in writers:
            writer.transport.abort()


async def test_half_sent_requests_leave_web_telegram_and_database_their_descriptors(
    sqlite_url: str, clock: ManualClock
) -> None:
    store = await open_store(sqlite_url)
    await create_stations(store, clock)
    await store.close()
    async with (
        FakeTelegram() as telegram,
        service(
            DATABASE_URL=sqlite_url, TELEGRAM_TOKEN=TOKEN, TELEGRAM_API_BASE=telegram.url
        ) as started,
    ):
        port = int(started.address.rpartition(":")[2])
        async with half_sent_requests(port), WebLine() as line:
            await line.connect(started.address)
            assert (await line.location(*HERE))["type"] == "answer"
            assert await telegram.location(7, *HERE)
            async with aiohttp.ClientSession() as http:
                for path in ("/readyz", "/"):
                    async with http.get(started.address + path) as answer:
                        assert answer.status == 200
    events = [_event(line) for line in started.logged]
    assert events.count("http.refused") == 1  # of some three hundred, within a minute
    assert len(started.logged) < 20
    assert not any("Traceback" in line for line in started.logged)


def _event(line: str) -> str:
    try:
        return str(json.loads(line)["event"])
    except (ValueError, KeyError):
        found = re.search(r"http\.[a-z_]+", line)
        return found[0] if found else line
