"""Large, slow and broken request bodies."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from structlog.testing import capture_logs

from bot.api import card_applications
from bot.api.card_applications import PATH, CardApplicationsApi
from bot.api.errors import BODY_BYTES
from bot.common.http_requests import read_body
from bot.store.engine import open_store
from bot.store.models.cards import CardApplicationRow
from tests.api.bank import ITEM, KEYS, SECRET, Bank, Socket, body_of, kinds, rows
from tests.conftest import ManualClock


async def test_ten_thousand_items_are_taken_in_one_batch_and_one_more_is_refused(
    sqlite_url: str, clock: ManualClock
) -> None:
    store = await open_store(sqlite_url)
    http = web.Application()
    http.add_routes(CardApplicationsApi(store, KEYS, SECRET, clock).routes())
    items = [
        {
            **ITEM, "number": f"NM{number:08}", "id_last4": "123X", "office": "呼和浩特新城支行",
            "outlet_code": f"S{number % 50}", "outlet_name": "呼和浩特新城支行", "firm": "中通快递",
        }
        for number in range(10_001)
    ]  # fmt: skip
    async with TestClient(TestServer(http)) as client:
        bank = Bank(client, clock)
        told = await bank.sends(body_of(*items[:-1]))
        assert told[1]["counts"] == {"new": 10_000}
        status, told_too = await bank.sends(body_of(*items))
        assert (status, told_too["code"]) == (422, "schema")
    assert await rows(store, CardApplicationRow) == 10_000
    await store.close()


async def test_a_body_that_is_too_large_is_refused(bank: Bank) -> None:
    status, told = await bank.sends(b" " * (BODY_BYTES + 1))
    assert (status, told["code"]) == (413, "too_large")


@asynccontextmanager
async def knocking(bank: Bank, length: int, **headers: str) -> AsyncIterator[Socket]:
    """A stranger's connection that has sent all headers, well formed, and nothing of the body."""
    host, port = bank.client.host, bank.client.port
    assert port is not None
    reading, writing = await asyncio.open_connection(host, port)
    given = {
        "Host": host,
        "Content-Length": str(length),
        "X-Timestamp": str(int(bank.clock().timestamp())),
        "X-Signature": "0" * 64,
        "Idempotency-Key": "a",
    } | {name.replace("_", "-"): value for name, value in headers.items()}
    lines = [f"POST {PATH} HTTP/1.1", *(f"{name}: {value}" for name, value in given.items())]
    writing.write("\r\n".join([*lines, "", ""]).encode())
    await writing.drain()
    yield reading, writing
    writing.close()
    with suppress(ConnectionError):
        await writing.wait_closed()


@pytest.mark.parametrize(
    ("length", "headers", "status"),
    [
        (BODY_BYTES, {"X_Signature": ""}, 401),
        (BODY_BYTES, {"X_Signature": "0" * 63}, 401),
        (BODY_BYTES, {"X_Timestamp": "1"}, 401),
        (BODY_BYTES + 1, {}, 413),
    ],
)
async def test_a_body_is_not_waited_for_that_will_be_refused(
    bank: Bank, length: int, headers: dict[str, str], status: int
) -> None:
    async with knocking(bank, length, **headers) as (reading, _):
        assert (await reading.readline()).split()[1] == str(status).encode()


async def test_two_large_bodies_at_most_are_read_at_once(
    bank: Bank, monkeypatch: pytest.MonkeyPatch
) -> None:
    now, most = 0, 0

    async def counted(request: web.Request, limit: int, seconds: float) -> bytes | None:
        nonlocal now, most
        now += 1
        most = max(most, now)
        try:
            return await read_body(request, limit, seconds)
        finally:
            now -= 1

    monkeypatch.setattr(card_applications, "read_body", counted)
    large = body_of(ITEM) + b" " * (4 * card_applications.SMALL_BYTES)
    answers = await asyncio.gather(*(bank.sends(large, away=one) for one in range(8)))
    assert {status for status, _ in answers} == {200}
    assert most <= card_applications.LARGE_AT_ONCE


async def test_strangers_who_send_slowly_do_not_keep_small_batches_out(bank: Bank) -> None:
    async with AsyncExitStack() as stack:
        for _ in range(card_applications.LARGE_AT_ONCE + 1):
            await stack.enter_async_context(knocking(bank, BODY_BYTES))
        assert kinds(await bank.sends(body_of(ITEM))) == ["new"]


async def test_a_body_that_never_comes_is_given_up(
    bank: Bank, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(card_applications, "READ_SECONDS", 0.01)
    async with knocking(bank, 1000) as (reading, _):
        assert (await reading.readline()).split()[1] == b"408"


async def test_a_sender_who_hangs_up_is_no_error(
    bank: Bank, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def lose(_: web.Request, _limit: int, _seconds: float) -> bytes | None:
        raise ConnectionResetError("Connection lost")  # as a body does whose connection is gone

    monkeypatch.setattr(card_applications, "read_body", lose)
    with capture_logs() as logs:
        await bank.sends(body_of(ITEM))
    assert [(one["event"], one["log_level"]) for one in logs] == [("api.hung_up", "info")]
