"""Health endpoints: is the process alive, can it serve, and its metrics."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from bot.app.clock_guard import ClockGuard
from bot.channels.spec import ConnectedChannel
from bot.conversation.dispatcher import Dispatcher
from bot.outbox.worker import Worker
from bot.store import migrate
from bot.store.engine import Store
from bot.store.write_probe import can_write

PROBE_INTERVAL: Final = 5.0
"""Seconds for which a write that succeeded counts: whoever asks often writes no more often."""
WRITE_FAILURE_LASTS: Final = 30.0
"""Seconds after a turn's failed write: on a full disk small writes may still find room."""


@dataclass(slots=True)
class HealthEndpoints:
    """`delivers`: this process sends notices, and is not ready while its worker is stuck."""

    store: Store
    worker: Worker
    dispatcher: Dispatcher
    clock_guard: ClockGuard
    channels: Mapping[str, ConnectedChannel]
    monotonic: Callable[[], float]
    delivers: bool = False
    _written_at: float | None = field(init=False, default=None)

    def routes(self) -> list[web.RouteDef]:
        """`/healthz`, `/readyz` and `/metrics`."""
        return [
            web.get("/healthz", _healthy),
            web.get("/readyz", self._ready),
            web.get("/metrics", _metrics),
        ]

    async def _ready(self, _request: web.Request) -> web.Response:
        try:
            current = await migrate.is_current(self.store)
        except Exception:  # noqa: BLE001 - whatever the driver raises, the answer is "not ready"
            current = False
        if not current:
            return web.Response(text="not ready", status=503)
        if not await self._writes():
            return web.Response(text="the database cannot be written to", status=503)
        if self.delivers and not self.worker.alive():
            return web.Response(text="delivery stands still", status=503)
        lines = ["ready", *self._waits()]
        if fault := await self.clock_guard.check():
            why = f"{fault}: nothing is closed, expired, deleted or pushed meanwhile"
            # Stored times alone may be what is wrong: that must not take the service away.
            if fault.certain:
                return web.Response(text=why, status=503)
            lines.append(why)
        return web.Response(text="\n".join(lines))

    def _waits(self) -> Iterator[str]:
        """What waits for a platform, or for the database: still ready, but somebody may want to
        know. One message may wait for a row that is locked, while others are answered."""
        for channel, connected in self.channels.items():
            count, seconds = connected.waiting()
            if count:
                yield f"{channel}: {count} messages wait for the database, {seconds:.0f} s by now"
        for channel, (paused, chats) in self.worker.waits().items():
            yield f"{channel} asked to wait: all messages {paused:.0f} s; chats that wait: {chats}"

    async def _writes(self) -> bool:
        """Whether the database takes writes, by a write of our own and by those of turns."""
        if self.dispatcher.write_failed(WRITE_FAILURE_LASTS):
            return False
        now = self.monotonic()
        if self._written_at is not None and now - self._written_at < PROBE_INTERVAL:
            return True
        if not await can_write(self.store):
            return False
        self._written_at = now
        return True


async def _healthy(_request: web.Request) -> web.Response:
    return web.Response(text="ok")


async def _metrics(_request: web.Request) -> web.Response:
    return web.Response(body=generate_latest(), headers={"Content-Type": CONTENT_TYPE_LATEST})
