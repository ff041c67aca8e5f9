"""Couriers and the platform between them and a bot, for `bench.turns`: updates out, calls in."""

import asyncio
import random
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from typing import Any, Protocol, Self

import aiohttp
import orjson
from aiohttp import web

from bench.bots import SECRET
from bench.processes import processor
from bot.channels.telegram.webhook import HEADER

WARM_UP = 0.2  # seconds
PATIENCE = 20.0  # seconds after which a turn counts as lost, and the run with it
TOWNS = ((40.842, 111.750), (40.657, 109.840), (39.608, 109.781), (49.212, 119.766))
CHAT = re.compile(rb'chat_id"?[:=](\d+)')  # in JSON or in a form
USER = {"id": 4242, "is_bot": True, "first_name": "bench", "username": "bench_bot"}
MESSAGE = {"message_id": 1, "date": 1, "chat": {"id": 1, "type": "private"}, "text": "well"}
ANSWER = orjson.dumps({"ok": True, "result": MESSAGE})
ANSWER_TO_WHO = orjson.dumps({"ok": True, "result": USER})


@dataclass(frozen=True, slots=True)
class Scenario:
    """What a courier sends, and what the body of one of the calls that answer it must hold."""

    name: str
    send: Callable[[random.Random], dict[str, Any]]
    proof: bytes


@dataclass(frozen=True, slots=True)
class Speed:
    """One point: turns a second, the bot's processor time a turn, 99th percentile of the wait.

    In seconds; `calls` of the Bot API that answered a turn, `turns` with those of the warm-up.
    """

    rate: float
    processor: float
    p99: float
    calls: float
    turns: int


class Side(Protocol):
    """A platform and its couriers. `calls` counts those that the bot made there."""

    calls: int

    async def turn(self, webhook: str, chat: int, scenario: Scenario) -> None:
        """One courier's message, until it was taken and answered."""
        ...


class Platform:
    """Telegram, constant: posts updates, takes every call and gives the same answer to all."""

    def __init__(self) -> None:
        self.calls = 0
        self._awaited: dict[int, tuple[bytes, asyncio.Future[None]]] = {}
        self._numbers = count(1)
        self._rng = random.Random(2026)

    async def __aenter__(self) -> Self:
        self._runner = web.ServerRunner(web.Server(self._serve, access_log=None))
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0, backlog=1024)
        await site.start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        headers = {HEADER: SECRET, "Content-Type": "application/json"}
        self._http = aiohttp.ClientSession(headers=headers, connector=every_connection())
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._http.close()
        await self._runner.cleanup()

    async def turn(self, webhook: str, chat: int, scenario: Scenario) -> None:
        """One courier's message, until it was taken and answered."""
        number = next(self._numbers)
        message = {
            "message_id": number,
            "date": 1,
            "chat": {"id": chat, "type": "private", "first_name": "骑手"},
            "from": {"id": chat, "is_bot": False, "first_name": "骑手", "language_code": "zh-hans"},
            **scenario.send(self._rng),
        }
        heard = asyncio.get_running_loop().create_future()
        self._awaited[chat] = scenario.proof, heard
        body = orjson.dumps({"update_id": number, "message": message})
        async with asyncio.timeout(PATIENCE):
            async with self._http.post(webhook, data=body) as response:
                await response.read()
                assert response.status == 200, response.status
            await heard

    async def _serve(self, request: web.BaseRequest) -> web.Response:
        body = await request.read()
        answer = ANSWER_TO_WHO if request.path.endswith("/getMe") else ANSWER
        if found := CHAT.search(body):
            self.calls += 1
            proof, heard = self._awaited[int(found[1])]
            if proof in body and not heard.done():
                heard.set_result(None)
        return web.Response(body=answer, content_type="application/json")


async def measure(
    platform: Side, webhook: str, pid: int, scenario: Scenario, chats: int, seconds: float
) -> Speed:
    """So many couriers, each writing as soon as they are answered."""

    async def courier(chat: int, ends: float, times: list[float]) -> None:
        while (start := time.perf_counter()) < ends:
            await platform.turn(webhook, chat, scenario)
            times.append(time.perf_counter() - start)

    async def crowd(seconds: float) -> list[float]:
        times: list[float] = []
        ends = time.perf_counter() + seconds
        async with asyncio.TaskGroup() as group:
            for chat in range(7001, 7001 + chats):
                group.create_task(courier(chat, ends, times))
        return times

    before = await crowd(WARM_UP)
    calls, used, start = platform.calls, processor(pid), time.perf_counter()
    times = await crowd(seconds)
    took, used = time.perf_counter() - start, processor(pid) - used
    turns = len(times)
    return Speed(
        rate=turns / took,
        processor=used / turns,
        p99=sorted(times)[int(turns * 0.99)],
        calls=(platform.calls - calls) / turns,
        turns=turns + len(before),
    )


def every_connection() -> aiohttp.TCPConnector:
    """No courier waits for the connection of another: a pool would be a queue of its own."""
    return aiohttp.TCPConnector(limit=0)


def somewhere(rng: random.Random) -> dict[str, Any]:
    """A shared location within some kilometres of a town's centre."""
    lat, lon = rng.choice(TOWNS)
    return {"location": {"latitude": rng.gauss(lat, 0.02), "longitude": rng.gauss(lon, 0.02)}}
