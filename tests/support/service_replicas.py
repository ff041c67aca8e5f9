"""Two replicas as processes of their own, the platform that repeats updates, and what became of all
registrations: for the long tests of faults.
"""

import asyncio
import contextlib
import os
import random
import signal
import socket
import sys
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from time import monotonic
from typing import Self

import aiohttp
from sqlalchemy import select

from bot.common.clock import system_clock
from bot.services.couriers.profiles import Profiles
from bot.store.encryption import parse_keys
from bot.store.engine import Store
from bot.store.models.trainings import RegistrationRow
from tests.support.fakes.telegram import TOKEN, FakeTelegram
from tests.support.trainings import broken_rules, create_couriers, create_training

SECRET, KEYS = "fault-secret", "1:" + "A" * 43 + "="
COURIERS, SEATS, AT_ONCE = 120, 40, 6
LONGEST_LIFE = 1.5
"""Seconds that a replica serves before it is killed, at most."""


class Replica:
    """One port, served by one process after another."""

    def __init__(self, process: asyncio.subprocess.Process, port: int) -> None:
        self._process = process
        self.base = f"http://127.0.0.1:{port}"
        self.url = f"{self.base}/telegram/webhook"
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
        self.replicas = replicas
        self.http = http
        self._turn = 0
        self.repeats = self.acknowledged = 0

    async def deliver(self, update: dict[str, object]) -> None:
        headers = {"X-Telegram-Bot-Api-Secret-Token": SECRET}
        while True:
            self._turn += 1
            to = self.replicas[self._turn % len(self.replicas)]
            with contextlib.suppress(aiohttp.ClientError):
                async with self.http.post(to.url, json=update, headers=headers) as answer:
                    if answer.status == 200:
                        self.acknowledged += 1
                        return
            self.repeats += 1
            await asyncio.sleep(0.02)


@dataclass(frozen=True, slots=True)
class Registrations:
    """Couriers who each register for every training, by presses that come in any order."""

    couriers: list[int]
    trainings: list[int]

    @classmethod
    async def prepare(cls, store: Store) -> Self:
        """Adds trainings of the coming days, and couriers with a profile."""
        now = system_clock()
        async with store.writing() as db:
            trainings = [
                await create_training(
                    db, now + timedelta(days=3 * n), now=now, capacity=SEATS, title=f"课{n}"
                )
                for n in (1, 2, 3)
            ]
            couriers = await create_couriers(db, COURIERS, now)
            profiles = Profiles(parse_keys(KEYS))
            for one in couriers:
                await profiles.remember(db, one, "王强", f"138{one:08}", now, "web")
        return cls(couriers, trainings)

    def shuffled(self, chance: random.Random) -> list[tuple[int, int]]:
        """All deeds, courier and training of each."""
        deeds = [(one, training) for one in self.couriers for training in self.trainings]
        chance.shuffle(deeds)
        return deeds

    async def outcome(self, store: Store, telegram: FakeTelegram) -> "RegistrationOutcome":
        """What became of them, once every update has been acknowledged."""
        rows = select(RegistrationRow.courier_id, RegistrationRow.training_id)
        rows = rows.where(RegistrationRow.training_id.in_(self.trainings))
        async with store.reading() as db:
            made = Counter((row[0], row[1]) for row in (await db.execute(rows)).all())
            oversold = await broken_rules(db, self.trainings)
        told = Counter(
            (int(call.params["chat_id"]), number)
            for call in telegram.calls
            if call.method == "sendMessage" and call.status == 200
            for number in (1, 2, 3)
            if f"课{number}" in call.params["text"] and "我的培训" not in call.params["text"]
        )
        answers = {(int(f"9{one}"), number) for one in self.couriers for number in (1, 2, 3)}
        return RegistrationOutcome(
            deeds=len(answers),
            lost=[deed for deed in self.shuffled(random.Random(0)) if deed not in made],
            doubled=[deed for deed, times in made.items() if times > 1],
            oversold=oversold,
            unanswered=[one for one in answers if not told[one]],
            repeated=sum(told[one] - 1 for one in answers if told[one] > 1),
        )


@dataclass(frozen=True, slots=True)
class RegistrationOutcome:
    """Registrations that are missing, made twice or too many; answers missing and sent again."""

    deeds: int
    lost: list[tuple[int, int]]
    doubled: list[tuple[int, int]]
    oversold: list[str]
    unanswered: list[tuple[int, int]]
    repeated: int

    def __str__(self) -> str:
        return (
            f"{self.deeds} registrations: lost {len(self.lost)}, doubled {len(self.doubled)},"
            f" oversold {len(self.oversold)}; messages lost {len(self.unanswered)},"
            f" repeated {self.repeated}"
        )

    def check(self) -> None:
        """Fails where a deed or a message was lost, or a deed was made twice or too many."""
        found = (self.lost, self.doubled, self.oversold, self.unanswered)
        assert found == ([], [], [], [])


@asynccontextmanager
async def two_replicas(
    url: str, couriers: list[int]
) -> AsyncIterator[tuple[Platform, FakeTelegram]]:
    """Two replicas that are not serving yet, and the platform that both serve."""
    async with AsyncExitStack() as stack:
        telegram = await stack.enter_async_context(FakeTelegram())
        telegram.messages.update({int(f"9{one}"): [] for one in couriers})
        http = await stack.enter_async_context(aiohttp.ClientSession())
        replicas = [await stack.enter_async_context(replica(url, telegram)) for _ in range(2)]
        yield Platform(replicas, http), telegram
