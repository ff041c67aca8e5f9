"""The endpoint does what its OpenAPI document says."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import requests
import schemathesis
from aiohttp import web
from hypothesis import HealthCheck, Phase, given, settings
from requests.auth import AuthBase
from schemathesis.core.result import Ok

from bot.api import signing
from bot.api.card_applications import CardApplicationsApi
from bot.common.clock import system_clock
from bot.store.engine import Store, open_store
from tests.api.bank import KEYS, SECRET


class Signing(AuthBase):
    """Signs what goes out, unless it was left unsigned on purpose."""

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        if not {"X-Timestamp", "X-Signature"} <= request.headers.keys():
            return request
        body = request.body or b""
        raw = body.encode() if isinstance(body, str) else body
        assert isinstance(raw, bytes)
        timestamp = str(int(system_clock().timestamp()))
        request.headers["X-Timestamp"] = timestamp
        request.headers["X-Signature"] = signing.sign(SECRET.encode(), timestamp, raw)
        return request


@contextmanager
def serving(url: str) -> Iterator[str]:
    """The interface on a free port, in a thread with a loop of its own."""
    loop = asyncio.new_event_loop()

    async def start() -> tuple[Store, web.AppRunner]:
        store = await open_store(url)
        http = web.Application()
        http.add_routes(CardApplicationsApi(store, KEYS, SECRET, system_clock).routes())
        runner = web.AppRunner(http, access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        return store, runner

    async def stop(store: Store, runner: web.AppRunner) -> None:
        await runner.cleanup()
        await store.close()

    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    store, runner = asyncio.run_coroutine_threadsafe(start(), loop).result(30)
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        asyncio.run_coroutine_threadsafe(stop(store, runner), loop).result(30)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(30)
        loop.close()


@pytest.mark.parametrize("mode", list(schemathesis.GenerationMode))
def test_it_does_what_its_description_says(
    sqlite_url: str, mode: schemathesis.GenerationMode
) -> None:
    """schemathesis reads the served document and sends what it allows, and what it forbids."""
    with serving(sqlite_url) as address:
        schema = schemathesis.openapi.from_url(f"{address}/api/v1/openapi.json")
        schema.auth.set_from_requests(Signing())
        seen: set[int] = set()
        for found in schema.get_all_operations():
            assert isinstance(found, Ok)
            operation = found.ok()

            @settings(
                max_examples=60,
                database=None,
                phases=[Phase.explicit, Phase.generate],
                suppress_health_check=list(HealthCheck),
            )
            @given(case=operation.as_strategy(generation_mode=mode))
            def call(case: schemathesis.Case[Any]) -> None:
                answer = case.call()
                seen.add(answer.status_code)
                case.validate_response(answer)

            call()
        assert seen & ({200} if mode is schemathesis.GenerationMode.POSITIVE else {400, 422})
