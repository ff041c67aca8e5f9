"""A fake Bot API that records messages, and fails or kills its client as a test sets it."""

import asyncio
import json
import os
import random
import signal
from collections import Counter
from collections.abc import Callable
from types import TracebackType
from typing import Self

from aiohttp import web


class Platform:
    """`accepted`: how often each text was taken. One answer takes up to `delay` seconds."""

    def __init__(self, seed: int = 2026, delay: float = 0.01) -> None:
        self.accepted: Counter[str] = Counter()
        self.calls = 0
        self.swallow = 0  # so many coming calls are taken and never answered
        self.when_swallowed: Callable[[], None] = lambda: None  # called after the last of these
        self.drop = 0  # so many are taken, and then the connection breaks
        self.throttle = 0  # so many are refused with a 429
        self.kills = 0
        self.killed = asyncio.Event()
        self.at_call: dict[int, asyncio.Event] = {}
        self._rng = random.Random(seed)
        self._delay = delay
        self._victim = 0
        self._calls_to_live = 0
        self._phase = ""
        self._timers: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        self._runner = web.ServerRunner(
            web.Server(self._serve, access_log=None), shutdown_timeout=0.1
        )
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for timer in self._timers:
            timer.cancel()
        await self._runner.cleanup()

    def aim(self, pid: int) -> None:
        """Kills that process at a random point: by call and phase of a call, or by the clock."""
        self._victim = pid
        self.killed.clear()
        self._calls_to_live = self._rng.randint(1, 10)
        self._phase = self._rng.choice(("before", "taken", "answered", "clock"))
        if self._phase == "clock":
            self._in_a_moment(0.4)

    def _in_a_moment(self, most: float) -> None:
        async def strike(pid: int, pause: float) -> None:
            await asyncio.sleep(pause)
            self._kill(pid)

        timer = asyncio.create_task(strike(self._victim, self._rng.uniform(0, most)))
        self._timers.add(timer)
        timer.add_done_callback(self._timers.discard)

    def _kill(self, pid: int) -> None:
        if pid and pid == self._victim:
            os.kill(pid, signal.SIGKILL)
            self._victim = 0
            self.kills += 1
            self.killed.set()

    async def _serve(self, request: web.BaseRequest) -> web.StreamResponse:
        fields = json.loads(await request.read() or b"{}")
        self.calls += 1
        if self.calls in self.at_call:
            self.at_call[self.calls].set()
        self._calls_to_live -= 1
        last = bool(self._victim) and self._calls_to_live == 0
        if last and self._phase == "before":
            self._kill(self._victim)
            return web.Response(status=500)
        if self.throttle:
            self.throttle -= 1
            return _refusal(429, "Too Many Requests", retry_after=3)
        await asyncio.sleep(self._rng.uniform(0, self._delay))
        self.accepted[fields["text"]] += 1
        if last and self._phase == "taken":
            self._kill(self._victim)
        if last and self._phase == "answered":
            self._in_a_moment(0.05)
        if self.drop:
            self.drop -= 1
            assert request.transport is not None
            request.transport.abort()
        if self.swallow:
            self.swallow -= 1
            if not self.swallow:
                self.when_swallowed()
            await asyncio.Event().wait()
        chat = {"id": int(fields["chat_id"]), "type": "private"}
        message = {"message_id": self.calls, "date": 1, "chat": chat, "text": "…"}
        return web.json_response({"ok": True, "result": message})


def _refusal(status: int, words: str, retry_after: int) -> web.Response:
    body = {"ok": False, "error_code": status, "description": words}
    return web.json_response({**body, "parameters": {"retry_after": retry_after}}, status=status)
