"""Health endpoints: is the process alive, can it serve, and its metrics."""

from collections.abc import Iterator
from dataclasses import dataclass

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from bot.outbox.worker import Worker
from bot.store import migrate
from bot.store.engine import Store


@dataclass(slots=True)
class HealthEndpoints:
    """`delivers`: this process sends notices, and is not ready while its worker is stuck."""

    store: Store
    worker: Worker
    delivers: bool = False

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
        if self.delivers and not self.worker.alive():
            return web.Response(text="delivery stands still", status=503)
        lines = ["ready", *self._waits()]
        return web.Response(text="\n".join(lines))

    def _waits(self) -> Iterator[str]:
        """Which platforms have asked to wait: still ready, but somebody may want to know."""
        for channel, (paused, chats) in self.worker.waits().items():
            yield f"{channel} asked to wait: all messages {paused:.0f} s; chats that wait: {chats}"


async def _healthy(_request: web.Request) -> web.Response:
    return web.Response(text="ok")


async def _metrics(_request: web.Request) -> web.Response:
    return web.Response(body=generate_latest(), headers={"Content-Type": CONTENT_TYPE_LATEST})
