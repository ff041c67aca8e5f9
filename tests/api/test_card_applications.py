"""`POST /api/v1/card-applications` as the bank calls it, signed; and as strangers try it."""

import asyncio
import hashlib
import hmac
import io
import json
import logging
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import pytest
import requests
import schemathesis
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from hypothesis import HealthCheck, Phase, given, settings
from requests.auth import AuthBase
from schemathesis.core.result import Ok
from sqlalchemy import func, insert, select
from structlog.testing import capture_logs

from bot.api import card_applications, signing
from bot.api.card_applications import PATH, CardApplicationsApi
from bot.api.errors import BODY_BYTES, SENTENCES, ErrorCode
from bot.common.clock import Clock, system_clock
from bot.common.http_requests import read_body
from bot.services.cards import api_batches
from bot.store.encryption import new_key, parse_keys
from bot.store.engine import Store, open_store
from bot.store.models.api import ApiRequestRow
from bot.store.models.cards import CardApplicationRow, CardBindingRow, CardStageRow
from bot.store.models.couriers import CourierRow
from bot.store.models.notifications import OutboxRow
from tests.conftest import WallClock

KEYS = parse_keys(new_key())
SECRET = "a secret that both sides know"
ITEM = {
    "number": "NM20260001",
    "status": "审核中",
    "status_at": "2026-11-20T14:00:00+08:00",
    "name": "王小强",
    "phone": "13812345678",
}
Told = tuple[int, dict[str, Any]]
Socket = tuple[asyncio.StreamReader, asyncio.StreamWriter]


def body_of(*items: dict[str, Any], as_of: str = "2026-11-22T18:00:00+08:00") -> bytes:
    return json.dumps({"as_of": as_of, "items": list(items)}, ensure_ascii=False).encode()


@dataclass(slots=True)
class Bank:
    """Signs like the other side: by the letter of the description, not with our code."""

    client: TestClient[Any, Any]
    clock: Clock
    keys: Iterator[int] = field(default_factory=lambda: count(1))

    async def sends(
        self,
        body: bytes,
        *,
        key: str | None = None,
        away: int = 0,
        secret: str = SECRET,
        **headers: str,
    ) -> Told:
        """The answer to a body, signed `away` seconds from now; `headers` replace ours."""
        timestamp = str(int(self.clock().timestamp()) + away)
        signed = timestamp.encode() + b"." + body
        signature = hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()
        given = {
            "X-Timestamp": timestamp,
            "X-Signature": signature,
            "Idempotency-Key": key or f"batch-{next(self.keys)}",
            **{name.replace("_", "-"): value for name, value in headers.items()},
        }
        answer = await self.client.post(PATH, data=io.BytesIO(body), headers=given)
        return answer.status, await answer.json()


@pytest.fixture
async def bank(store: Store, clock: WallClock) -> AsyncIterator[Bank]:
    """Two replicas would share the database alone: one is enough to serve it."""
    http = web.Application()
    http.add_routes(CardApplicationsApi(store, KEYS, SECRET, clock).routes())
    async with TestClient(TestServer(http)) as client:
        yield Bank(client, clock)


async def rows(store: Store, table: type) -> int:
    async with store.reading() as db:
        return await db.scalar(select(func.count()).select_from(table)) or 0


def kinds(told: Told) -> list[str]:
    assert told[0] == 200, told
    return [one["outcome"] for one in told[1]["results"]]


async def test_a_signed_batch_is_taken_and_answered_item_by_item(bank: Bank, store: Store) -> None:
    bad = {**ITEM, "number": "NM20260002", "name": "王 150102199003071234"}
    told = await bank.sends(body_of(ITEM, bad, {"number": "NM20260003", "status": "审核中"}))
    assert told == (
        200,
        {
            "results": [
                {"index": 0, "outcome": "new"},
                {"index": 1, "outcome": "refused", "reason": "forbidden", "field": "name"},
                {"index": 2, "outcome": "refused", "reason": "no_fact"},
            ],
            "counts": {"new": 1, "refused": 2},
        },
    )
    assert await rows(store, CardApplicationRow) == 1


async def test_a_change_of_stage_tells_once_however_often_it_is_sent(
    bank: Bank, store: Store, clock: WallClock
) -> None:
    await bank.sends(body_of(ITEM))
    async with store.writing() as db:
        db.add(CourierRow(id=1, created_at=clock(), seen_at=clock()))
        await db.flush()
        found = await db.scalar(select(CardApplicationRow.id))
        await db.execute(
            insert(CardBindingRow).values(courier_id=1, application_id=found, at=clock())
        )
    moved = body_of({**ITEM, "status": "待领取", "status_at": "2026-11-21T09:00:00+08:00"})
    answers = await asyncio.gather(*(bank.sends(moved, away=one) for one in range(8)))
    assert sorted(kinds(one)[0] for one in answers) == ["moved"] + ["unchanged"] * 7
    assert (await rows(store, OutboxRow), await rows(store, CardStageRow)) == (1, 2)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"secret": "another secret altogether"}, ErrorCode.FORGED),
        ({"away": 301}, ErrorCode.STALE),
        ({"away": -301}, ErrorCode.STALE),
        ({"X_Signature": ""}, ErrorCode.UNSIGNED),
        ({"X_Timestamp": ""}, ErrorCode.UNSIGNED),
        ({"X_Timestamp": "yesterday"}, ErrorCode.UNSIGNED),
        ({"X_Signature": "0" * 64}, ErrorCode.FORGED),
        ({"X_Signature": "é"}, ErrorCode.FORGED),
        ({"X_Timestamp": "1"}, ErrorCode.STALE),
    ],
)
async def test_what_is_not_signed_is_refused(
    bank: Bank, store: Store, change: dict[str, Any], code: ErrorCode
) -> None:
    assert await bank.sends(body_of(ITEM), **change) == (
        401,
        {"code": code, "error": SENTENCES[code]},
    )
    assert await rows(store, CardApplicationRow) == 0


@pytest.mark.parametrize("away", [-299, 299])
async def test_clocks_may_differ_by_five_minutes(bank: Bank, away: int) -> None:
    assert kinds(await bank.sends(body_of(ITEM), away=away)) == ["new"]


async def test_another_body_under_the_same_signature_is_refused(
    bank: Bank, clock: WallClock
) -> None:
    timestamp = str(int(clock().timestamp()))
    signature = signing.sign(SECRET.encode(), timestamp, body_of(ITEM))
    other = body_of({**ITEM, "status": "待领取"})
    status, told = await bank.sends(other, X_Timestamp=timestamp, X_Signature=signature)
    assert (status, told["code"]) == (401, "forged")


async def test_a_replay_is_refused_and_a_repetition_gets_the_same_answer(
    bank: Bank, store: Store, clock: WallClock
) -> None:
    body = body_of(ITEM)
    first = await bank.sends(body, key="a")
    assert await bank.sends(body, key="a") == first  # the very same request
    clock.forward(minutes=1)
    assert await bank.sends(body, key="a") == first  # signed anew
    assert kinds(await bank.sends(body, key="b", away=1)) == ["unchanged"]  # another batch
    status, told = await bank.sends(body, key="c")
    assert (status, told["code"]) == (401, "replayed")
    assert await rows(store, ApiRequestRow) == 2


async def test_a_key_with_another_body_is_refused(bank: Bank) -> None:
    await bank.sends(body_of(ITEM), key="a")
    status, told = await bank.sends(body_of({**ITEM, "status": "待领取"}), key="a")
    assert (status, told["code"]) == (409, "key_reused")


@pytest.mark.parametrize("key", [" ", "两个", "x" * 81, "a b"])
async def test_a_key_is_required(bank: Bank, key: str) -> None:
    status, told = await bank.sends(body_of(ITEM), Idempotency_Key=key)
    assert (status, told["code"]) == (400, "no_key")


async def test_two_at_once_with_one_key_take_it_once(bank: Bank, store: Store) -> None:
    answers = await asyncio.gather(*(bank.sends(body_of(ITEM), key="a") for _ in range(6)))
    assert {status for status, _ in answers} <= {200, 409}
    taken = [told for status, told in answers if status == 200]
    assert taken
    assert all(told["results"] == [{"index": 0, "outcome": "new"}] for told in taken)
    assert await rows(store, CardStageRow) == 1


async def test_a_batch_that_failed_half_way_is_taken_when_it_is_sent_again(
    bank: Bank, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(*_: object) -> None:
        raise RuntimeError("NM20260001 王小强")

    body = body_of(ITEM)
    with monkeypatch.context() as broken:
        broken.setattr(api_batches, "take", fail)
        status, told = await bank.sends(body, key="a")
    assert (status, told) == (500, {"code": "failed", "error": SENTENCES[ErrorCode.FAILED]})
    assert kinds(await bank.sends(body, key="a")) == ["new"]
    assert kinds(await bank.sends(body, key="a")) == ["new"]


async def test_a_batch_whose_process_died_may_be_taken_over_after_a_while(
    bank: Bank, store: Store, clock: WallClock
) -> None:
    body = body_of(ITEM)
    async with store.writing() as db:
        digest = hashlib.sha256(body).digest()
        db.add(ApiRequestRow(key="a", body_hash=digest, at=clock()))
    status, told = await bank.sends(body, key="a")
    assert (status, told["code"]) == (409, "in_progress")
    clock.forward(minutes=2)
    assert kinds(await bank.sends(body, key="a")) == ["new"]


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "The body: Invalid JSON"),
        (b"{", "The body: Invalid JSON"),
        (b"[]", "The body: "),
        (b'{"as_of":"2026-11-22","items":[]}', "items: "),
        (b'{"as_of":"now","items":[{"number":"1","status":"x"}]}', "as_of: "),
        (b'{"as_of":"2026-11-22","items":[{"number":1,"status":"x"}]}', "items[0].number: "),
        (b'{"as_of":"2026-11-22","items":[{"status":"x"}]}', "items[0].number: "),
        (
            b'{"as_of":"2026-11-22","items":[{"number":"1","status":"x","13812345678":1}]}',
            "items[0]: ",
        ),
    ],
)
async def test_what_is_no_batch_is_refused_in_one_sentence(
    bank: Bank, body: bytes, said: str
) -> None:
    status, told = await bank.sends(body)
    assert (status, told["code"]) == (422, "schema")
    assert told["error"].startswith(said)
    assert "\n" not in told["error"]
    assert "13812345678" not in told["error"]


async def test_ten_thousand_items_are_taken_in_one_batch_and_one_more_is_refused(
    sqlite_url: str, clock: WallClock
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

    async def counted(request: web.Request, limit: int) -> bytes | None:
        nonlocal now, most
        now += 1
        most = max(most, now)
        try:
            return await read_body(request, limit)
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
    async def lose(_: web.Request, _limit: int) -> bytes | None:
        raise ConnectionResetError("Connection lost")  # as a body does whose connection is gone

    monkeypatch.setattr(card_applications, "read_body", lose)
    with capture_logs() as logs:
        await bank.sends(body_of(ITEM))
    assert [(one["event"], one["log_level"]) for one in logs] == [("api.hung_up", "info")]


async def test_nothing_that_was_sent_is_logged(
    bank: Bank, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    await bank.sends(body_of(ITEM))
    await bank.sends(body_of({**ITEM, "phone": 1}))
    await bank.sends(body_of({**ITEM, "name": "王 150102199003071234"}))
    out, err = capfd.readouterr()
    for value in ("NM20260001", "王", "13812345678", "150102199003071234"):
        assert value not in caplog.text + out + err


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
