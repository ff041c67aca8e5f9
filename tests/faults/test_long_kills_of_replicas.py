"""Two replicas killed over and over while couriers register and the platform repeats updates.

Long: `make faults`. Prints what was lost, doubled and oversold, and how long a replica was away.
"""

import asyncio
import os
import random
import signal
import socket
import statistics
import sys
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from time import monotonic

import aiohttp
import pytest
from sqlalchemy import select

from bot.common.clock import system_clock
from bot.services.couriers.profiles import Profiles
from bot.store.encryption import parse_keys
from bot.store.engine import open_store
from bot.store.models.trainings import RegistrationRow
from tests.support.fakes.telegram import TOKEN, FakeTelegram
from tests.support.trainings import broken_rules, create_couriers, create_training

pytestmark = [pytest.mark.long, pytest.mark.timeout(1800)]

KILLS = 55  # on each of the two databases
COURIERS, SEATS, AT_ONCE = 120, 40, 6
SECRET, KEYS = "fault-secret", "1:" + "A" * 43 + "="
LONGEST_LIFE = 1.5
"""Seconds that a replica serves before it is killed, at most."""


class Replica:
    """One port, served by one process after another."""

    def __init__(self, process: asyncio.subprocess.Process, port: int) -> None:
        self._process = process
        self.url = f"http://127.0.0.1:{port}/telegram/webhook"
        self.kills = 0
        self.away: list[float] = []
        self.serving = 0

    async def _says(self) -> list[str]:
        assert self._process.stdout is not None
        line = await asyncio.wait_for(self._process.stdout.readline(), 120)
        return line.decode().split()

    async def start(self) -> None:
        """Serves by a new process, `serving`."""
        begun = monotonic()
        assert self._process.stdin is not None
        self._process.stdin.write(b"live\n")
        await self._process.stdin.drain()
        word, pid = await self._says()
        assert word == "serves"
        self.away.append(monotonic() - begun)
        self.serving = int(pid)

    async def live_and_die(self, times: int, chance: random.Random) -> None:
        """Serves and is killed so often; then serves on."""
        for _ in range(times):
            await self.start()
            await asyncio.sleep(chance.uniform(0.02, LONGEST_LIFE))
            os.kill(self.serving, signal.SIGKILL)
            self.serving = 0
            assert await self._says() == ["ended"]
            self.kills += 1
        await self.start()


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port


@asynccontextmanager
async def replica(url: str, telegram: FakeTelegram) -> AsyncIterator[Replica]:
    port = free_port()
    settings = {
        "YIZHAN_DATABASE_URL": url,
        "YIZHAN_TELEGRAM_TOKEN": TOKEN,
        "YIZHAN_TELEGRAM_API_BASE": telegram.url,
        "YIZHAN_TELEGRAM_WEBHOOK_URL": "https://bot.example.org/telegram/webhook",
        "YIZHAN_TELEGRAM_WEBHOOK_SECRET": SECRET,
        "YIZHAN_SECRET_KEYS": KEYS,
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.support.killable_service", str(port),
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL, env={**os.environ, **settings},
    )  # fmt: skip
    made = Replica(process, port)
    try:
        yield made
    finally:
        if made.serving:
            os.kill(made.serving, signal.SIGKILL)
        if process.stdin is not None:
            process.stdin.close()
        await process.wait()


class Platform:
    """Posts updates and repeats each until it is acknowledged, to one replica or the other."""

    def __init__(self, replicas: list[Replica], http: aiohttp.ClientSession) -> None:
        self._replicas = replicas
        self._http = http
        self._turn = 0
        self.repeats = self.acknowledged = 0

    async def deliver(self, update: dict[str, object]) -> None:
        headers = {"X-Telegram-Bot-Api-Secret-Token": SECRET}
        while True:
            self._turn += 1
            to = self._replicas[self._turn % len(self._replicas)]
            try:
                async with self._http.post(to.url, json=update, headers=headers) as answer:
                    if answer.status == 200:
                        self.acknowledged += 1
                        return
            except aiohttp.ClientError:
                await asyncio.sleep(0.02)
            self.repeats += 1


async def test_replicas_killed_while_couriers_register(
    database_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    now, chance = system_clock(), random.Random(2026)
    store = await open_store(database_url)
    async with store.writing() as db:
        starts = [now + timedelta(days=3 * n) for n in (1, 2, 3)]
        trainings = [
            await create_training(db, at, now=now, capacity=SEATS, title=f"课{n}")
            for n, at in enumerate(starts)
        ]
        couriers = await create_couriers(db, COURIERS, now)
        profiles = Profiles(parse_keys(KEYS))
        for one in couriers:
            await profiles.remember(db, one, "王强", f"138{one:08}", now, "web")
    async with AsyncExitStack() as stack:
        telegram = await stack.enter_async_context(FakeTelegram())
        telegram.messages.update({int(f"9{one}"): [] for one in couriers})
        http = await stack.enter_async_context(aiohttp.ClientSession())
        replicas = [
            await stack.enter_async_context(replica(database_url, telegram)) for _ in range(2)
        ]
        platform = Platform(replicas, http)
        deeds = [(one, training) for one in couriers for training in trainings]
        chance.shuffle(deeds)
        waiting = iter(deeds)

        async def courier() -> None:
            for one, training in waiting:
                await platform.deliver(
                    telegram.query(int(f"9{one}"), f"training.register:{training}")
                )
            while not killing.done():  # goes on asking, so that every kill meets a busy replica
                one = chance.choice(couriers)
                await platform.deliver(telegram.message(int(f"9{one}"), {"text": "我的培训"}))

        async def kill() -> None:
            async with asyncio.TaskGroup() as both:
                for each, times in zip(replicas, (KILLS // 2, KILLS - KILLS // 2), strict=True):
                    both.create_task(each.live_and_die(times, chance))

        async with asyncio.TaskGroup() as group:
            killing = group.create_task(kill())
            for _ in range(AT_ONCE):
                group.create_task(courier())
        told = Counter(
            int(call.params["chat_id"])
            for call in telegram.calls
            if call.method == "sendMessage" and call.status == 200
        )
    async with store.reading() as db:
        rows = (
            await db.execute(select(RegistrationRow.courier_id, RegistrationRow.training_id))
        ).all()
        oversold = await broken_rules(db, trainings)
    await store.close()
    made = Counter((row.courier_id, row.training_id) for row in rows)
    lost = [deed for deed in deeds if deed not in made]
    doubled = [deed for deed, times in made.items() if times > 1]
    silent = [one for one in couriers if told[int(f"9{one}")] < len(trainings)]
    away = sorted(one for each in replicas for one in each.away[1:])
    with capsys.disabled():
        print(  # noqa: T201 - the figures are what one wants to see
            f"\n{'SQLite' if store.is_sqlite else 'PostgreSQL'}: {sum(r.kills for r in replicas)}"
            f" kills of two replicas, {len(deeds)} registrations: lost {len(lost)}, doubled"
            f" {len(doubled)}, oversold {len(oversold)}; {platform.repeats} updates repeated,"
            f" couriers without all answers {len(silent)}, {told.total()} messages for"
            f" {platform.acknowledged} updates;"
            f" a replica serves again after {statistics.median(away):.1f} s,"
            f" at most {away[-1]:.1f} s"
        )
    assert sum(one.kills for one in replicas) == KILLS
    assert (lost, doubled, oversold, silent) == ([], [], [], [])
