"""Connections to one origin: made, kept, given back, waited for, and closed."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator

import pytest
from telegram.error import NetworkError
from yarl import URL

from bot.channels.telegram import connection_pool
from bot.channels.telegram.connection_pool import ConnectionPool, request_head
from bot.channels.telegram.http_connection import NotSentError, Response
from tests.channels.telegram.scripted_server import Peer, ScriptedServer, whole

SHORT = 0.05  # seconds, for time-outs that must happen
LONG = 20.0  # seconds, for those that must not


@pytest.fixture
async def server() -> AsyncIterator[ScriptedServer]:
    async with ScriptedServer() as running:
        yield running


async def post(pool: ConnectionPool, wait: float = LONG, connect: float = LONG) -> Response:
    head = request_head(URL("http://test.invalid/botT/getMe"), "test")
    return await pool.post(head, b"{}", wait=wait, connect=connect, read=LONG, total=LONG)


async def hold(peer: Peer) -> None:
    await peer.end()


async def test_calls_in_turn_share_one_connection(server: ScriptedServer) -> None:
    pool = ConnectionPool(server.origin, 9)
    for _ in range(20):
        await post(pool)
    assert server.connected == 1
    pool.close()
    await server.until(lambda: server.open == 0)


async def test_more_calls_at_once_than_connections_are_all_answered(server: ScriptedServer) -> None:
    async def script(peer: Peer) -> None:
        await server.until(lambda: len(server.requests) >= 256)
        await peer.send(whole())

    server.scripts.extend([script] * 256)
    pool = ConnectionPool(server.origin, 256)
    answers = await asyncio.gather(*(post(pool) for _ in range(300)))
    assert [one.status for one in answers] == [200] * 300
    assert server.connected == server.most == 256
    pool.close()
    await server.until(lambda: server.open == 0)


async def test_who_waits_too_long_for_a_connection_has_sent_nothing(server: ScriptedServer) -> None:
    server.scripts.append(hold)
    pool = ConnectionPool(server.origin, 1)
    held = asyncio.create_task(post(pool))
    await server.until(lambda: len(server.requests) == 1)
    with pytest.raises(NotSentError):
        await post(pool, wait=SHORT)
    waiting = asyncio.create_task(post(pool))
    held.cancel()
    with pytest.raises(asyncio.CancelledError):
        await held
    assert (await waiting).status == 200
    assert len(server.requests) == 2
    pool.close()


async def test_a_cancelled_call_closes_its_connection_and_frees_its_place(
    server: ScriptedServer,
) -> None:
    async def begun(peer: Peer) -> None:
        await peer.send(whole(b"of another")[:-1])
        await peer.end()

    pool = ConnectionPool(server.origin, 1)
    for number, script in enumerate([hold, begun], 1):
        server.scripts.append(script)
        call = asyncio.create_task(post(pool))
        await server.until(lambda number=number: len(server.requests) == number)  # type: ignore[misc]
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
        await server.until(lambda: server.open == 0)
    assert (await post(pool)).body == b"{}"
    pool.close()


async def test_who_is_cancelled_while_waiting_takes_no_place(server: ScriptedServer) -> None:
    async def script(peer: Peer) -> None:
        await server.until(lambda: cancelled)
        await peer.send(whole())

    cancelled = False
    server.scripts.append(script)
    pool = ConnectionPool(server.origin, 1)
    held = asyncio.create_task(post(pool))
    await server.until(lambda: len(server.requests) == 1)
    waiting = asyncio.create_task(post(pool))
    await asyncio.wait([waiting], timeout=SHORT)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    cancelled = True
    server.notify()
    await held
    await post(pool)
    assert len(server.requests) == 2
    pool.close()


@pytest.mark.parametrize("reset", [False, True], ids=["closed", "reset"])
async def test_a_kept_connection_that_the_server_ends_is_not_used(
    server: ScriptedServer, reset: bool
) -> None:
    async def script(peer: Peer) -> None:
        await peer.send(whole())
        await server.until(lambda: answered)
        if reset:
            peer.reset()
        else:
            peer.half_close()
            await peer.end()

    answered = False
    server.scripts.append(script)
    pool = ConnectionPool(server.origin, 1)
    await post(pool)
    answered = True
    server.notify()
    await server.until(lambda: server.open == 0)
    await post(pool)
    assert server.connected == len(server.requests) == 2
    pool.close()


async def test_a_request_that_meets_the_end_of_its_kept_connection_is_not_repeated(
    server: ScriptedServer,
) -> None:
    async def script(peer: Peer) -> None:
        peer.reset()

    pool = ConnectionPool(server.origin, 1)
    await post(pool)
    server.scripts.append(script)
    with pytest.raises(NetworkError) as caught:
        await post(pool)
    assert type(caught.value) is NetworkError
    assert len(server.requests) == 2
    await post(pool)
    pool.close()


async def test_a_connection_is_closed_when_it_was_idle_for_long(
    server: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection_pool, "IDLE", SHORT)
    pool = ConnectionPool(server.origin, 9)
    for number in (1, 2):
        await asyncio.gather(*(post(pool) for _ in range(3)))
        assert server.connected == 3 * number
        await server.until(lambda: server.open == 0)
    pool.close()


async def test_closing_leaves_a_call_its_answer(server: ScriptedServer) -> None:
    async def script(peer: Peer) -> None:
        await server.until(lambda: closed)
        await peer.send(whole(b"late"))

    closed = False
    server.scripts.append(script)
    pool = ConnectionPool(server.origin, 2)
    held = asyncio.create_task(post(pool))
    await server.until(lambda: len(server.requests) == 1)
    await post(pool)
    pool.close()
    await server.until(lambda: server.open == 1)
    closed = True
    server.notify()
    assert (await held).body == b"late"
    await server.until(lambda: server.open == 0)


@pytest.mark.parametrize("first", ["refuses", "does not answer"])
async def test_the_second_address_of_a_host_is_tried(
    server: ScriptedServer, monkeypatch: pytest.MonkeyPatch, unused_tcp_port: int, first: str
) -> None:
    async def addresses(*_: object, **__: object) -> list[object]:
        kind = (socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP, "")
        other = unused_tcp_port if first == "refuses" else full.getsockname()[1]
        return [(*kind, ("127.0.0.1", port)) for port in (other, server.origin.port)]

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", addresses)
    monkeypatch.setattr(connection_pool, "NEXT_ADDRESS", SHORT)
    pool = ConnectionPool(URL("http://two.invalid:1"), 1)
    with socket.socket() as full, contextlib.ExitStack() as waiting:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        for _ in range(3):  # more than its queue holds: what comes now gets no answer
            client = waiting.enter_context(socket.socket())
            client.setblocking(False)
            client.connect_ex(full.getsockname())
        await post(pool)
    pool.close()


async def test_one_look_up_serves_all_that_connect(
    server: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    lookups, found = 0, asyncio.Event()

    async def addresses(*_: object, **__: object) -> list[object]:
        nonlocal lookups
        lookups += 1
        await found.wait()
        if lookups == 1:
            raise socket.gaierror
        kind = (socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP, "")
        return [(*kind, ("127.0.0.1", server.origin.port))]

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", addresses)
    pool = ConnectionPool(URL("http://slow.invalid:1"), 9)
    with pytest.raises(NotSentError):
        await post(pool, connect=SHORT)
    calls = [asyncio.create_task(post(pool)) for _ in range(9)]
    await asyncio.wait(calls, timeout=SHORT)
    found.set()
    for call in calls:
        with pytest.raises(NotSentError):
            await call
    assert lookups == 1
    await asyncio.gather(*(post(pool) for _ in range(9)))
    assert lookups == 2
    pool.close()


@pytest.mark.parametrize("host", ["127.0.0.1", "nowhere.invalid", "a" * 64 + ".invalid"])
async def test_no_connection_is_surely_not_sent(host: str, unused_tcp_port: int) -> None:
    pool = ConnectionPool(URL(f"http://{host}:{unused_tcp_port}"), 1)
    for _ in range(2):  # the first gave its place back
        with pytest.raises(NotSentError):
            await post(pool)


def test_user_and_password_of_an_address_are_sent_as_a_header_alone() -> None:
    head = request_head(URL("http://li:s%20e:t@test.invalid/botT/getMe"), "test")
    assert b"\r\nAuthorization: Basic bGk6cyBlOnQ=\r\n" in head
    assert b"li:" not in head
    assert b"Authorization" not in request_head(URL("http://test.invalid/botT/getMe"), "test")


@pytest.mark.parametrize("origin", ["ftp://example.org", "nonsense://example.org:1"])
def test_an_origin_that_is_not_http_is_refused(origin: str) -> None:
    with pytest.raises(ValueError, match="not an address"):
        ConnectionPool(URL(origin), 1)
