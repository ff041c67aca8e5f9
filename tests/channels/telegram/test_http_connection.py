"""Answers in every form that HTTP/1.1 has, and in some that it has not."""

from collections.abc import AsyncIterator

import pytest
from telegram.error import NetworkError, TimedOut

from bot.channels.telegram import http_connection
from bot.channels.telegram.connection_pool import ConnectionPool, request_head
from bot.channels.telegram.http_connection import Response
from tests.channels.telegram.scripted_server import Peer, ScriptedServer, whole

SHORT = 0.05  # seconds, for time-outs that must happen
LONG = 20.0  # seconds, for those that must not
BODY = '{"ok":true,"result":"爱心驿站"}'.encode()
CHUNKED = b"HTTP/1.1 200 OK\r\nDate: d\r\nTransfer-Encoding: chunked\r\n\r\n"
CHUNKS = b"3;a=b\r\n%b\r\n%X\r\n%b\r\n0\r\n" % (BODY[:3], len(BODY) - 3, BODY[3:])
INTERIM = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nContent-Length: 0\r\n\r\n"


@pytest.fixture
async def server() -> AsyncIterator[ScriptedServer]:
    async with ScriptedServer() as running:
        yield running


@pytest.fixture
async def pool(server: ScriptedServer) -> AsyncIterator[ConnectionPool]:
    pool = ConnectionPool(server.origin, 1)
    yield pool
    pool.close()


async def post(
    pool: ConnectionPool,
    server: ScriptedServer,
    body: bytes = b"{}",
    read: float = LONG,
    total: float = LONG,
) -> Response:
    head = request_head(server.origin / "botT/getMe", "test")
    return await pool.post(head, body, wait=LONG, connect=LONG, read=read, total=total)


@pytest.mark.parametrize("in_pieces", [False, True], ids=["whole", "byte by byte"])
@pytest.mark.parametrize(
    ("answer", "response", "kept"),
    [
        (whole(BODY, b"Date: d"), Response(200, "d", BODY), True),
        (whole(BODY, b"dAtE:d", b"CONNECTION: CLOSE"), Response(200, "d", BODY), False),
        (CHUNKED + CHUNKS + b"\r\n", Response(200, "d", BODY), True),
        (CHUNKED + CHUNKS + b"Trailer: x\r\n\r\n", Response(200, "d", BODY), True),
        (INTERIM + whole(BODY), Response(200, "", BODY), True),
        (INTERIM + CHUNKED + CHUNKS + b"\r\n", Response(200, "d", BODY), True),
        (b"HTTP/1.1 204 No Content\r\n\r\n", Response(204, "", b""), True),
        (b"HTTP/1.1 502 Bad\r\nContent-Length: 1\r\n\r\n<", Response(502, "", b"<"), True),
        (b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\n{}", Response(200, "", b"{}"), False),
    ],
    ids=[
        "with its length",
        "and closing",
        "in chunks",
        "in chunks with a trailer",
        "after interim answers",
        "in chunks after interim answers",
        "without a body",
        "of an error",
        "of HTTP/1.0",
    ],
)
async def test_an_answer_is_read_and_its_connection_used_again_where_it_may_be(
    server: ScriptedServer,
    pool: ConnectionPool,
    answer: bytes,
    response: Response,
    kept: bool,
    in_pieces: bool,
) -> None:
    server.scripts.append(lambda peer: peer.drip(answer) if in_pieces else peer.send(answer))
    assert await post(pool, server) == response
    assert await post(pool, server) == Response(200, "", b"{}")
    assert server.connected == (1 if kept else 2)
    if not kept:
        await server.until(lambda: server.open == 1)


@pytest.mark.parametrize("interim", [b"", INTERIM], ids=["alone", "after interim answers"])
async def test_an_answer_without_a_length_ends_with_its_connection(
    server: ScriptedServer, pool: ConnectionPool, interim: bytes
) -> None:
    async def script(peer: Peer) -> None:
        await peer.drip(interim + b"HTTP/1.1 200 OK\r\n\r\n" + BODY)
        peer.close()

    server.scripts.append(script)
    assert await post(pool, server) == Response(200, "", BODY)
    await post(pool, server)
    assert server.connected == 2


async def test_an_answer_without_a_length_that_is_broken_off_is_none(
    server: ScriptedServer, pool: ConnectionPool
) -> None:
    async def script(peer: Peer) -> None:
        await peer.drip(b"HTTP/1.1 200 OK\r\n\r\n" + BODY)
        peer.reset()

    server.scripts.append(script)
    with pytest.raises(NetworkError) as caught:
        await post(pool, server)
    assert type(caught.value) is NetworkError


@pytest.mark.parametrize(
    "more",
    [b"garbage", whole(b"of another"), b"HTTP/1.1 2", INTERIM],
    ids=["garbage", "an answer", "a part of one", "interim answers"],
)
async def test_what_follows_an_answer_unasked_is_never_taken_for_the_next_one(
    server: ScriptedServer, pool: ConnectionPool, more: bytes
) -> None:
    server.answer(whole(BODY) + more)
    assert (await post(pool, server)).body == BODY
    assert (await post(pool, server)).body == b"{}"
    assert server.connected == 2


@pytest.mark.parametrize("more", [b"garbage", whole(b"of another")], ids=["garbage", "an answer"])
async def test_what_comes_while_nothing_is_asked_closes_the_connection(
    server: ScriptedServer, pool: ConnectionPool, more: bytes
) -> None:
    assert (await post(pool, server)).body == b"{}"

    async def script(peer: Peer) -> None:
        await peer.send(whole(BODY))
        await server.until(lambda: answered)
        await peer.send(more)
        await peer.end()

    answered = False
    server.scripts.append(script)
    assert (await post(pool, server)).body == BODY
    answered = True
    server.notify()
    await server.until(lambda: server.open == 0)
    assert (await post(pool, server)).body == b"{}"
    assert server.connected == 2


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"garbage\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Le",
        b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\nConnection: close\r\n\r\n{",
        b"HTTP/1.1 200 OK\r\nContent-Length: nine\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        CHUNKED,
        CHUNKED + b"3\r\n{",
        CHUNKED + b"-1\r\n{}\r\n0\r\n\r\n",
        INTERIM,
        b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\nx",
    ],
)
async def test_an_answer_that_is_broken_is_of_unknown_outcome(
    server: ScriptedServer,
    pool: ConnectionPool,
    caplog: pytest.LogCaptureFixture,
    answer: bytes,
) -> None:
    async def script(peer: Peer) -> None:
        await peer.send(answer)
        peer.half_close()
        await peer.end()

    server.scripts.append(script)
    with pytest.raises(NetworkError) as caught:
        await post(pool, server)
    assert type(caught.value) is NetworkError
    await server.until(lambda: server.open == 0)
    assert (await post(pool, server)).body == b"{}"
    assert len(server.requests) == 2  # the first was not sent once more
    assert not caplog.records  # nothing went past the parser's errors


@pytest.mark.parametrize(
    "begin", [b"HTTP/1.1 200 OK\r\nA: ", b"HTTP/1.1 200 OK\r\n\r\n", CHUNKED + b"FFFFFFF\r\n"]
)
async def test_an_answer_without_an_end_is_cut_off(
    server: ScriptedServer,
    pool: ConnectionPool,
    monkeypatch: pytest.MonkeyPatch,
    begin: bytes,
) -> None:
    monkeypatch.setattr(http_connection, "BODY_BYTES", 1 << 20)

    async def script(peer: Peer) -> None:
        await peer.send(begin)
        while True:
            await peer.send(b"x" * 4096)

    server.scripts.append(script)
    with pytest.raises(NetworkError, match="too long"):
        await post(pool, server)
    await server.until(lambda: server.open == 0)


async def test_endless_interim_answers_are_cut_off(
    server: ScriptedServer, pool: ConnectionPool
) -> None:
    server.answer(INTERIM * 2000)
    with pytest.raises(NetworkError, match="too long"):
        await post(pool, server)


async def test_a_long_answer_in_one_piece_keeps_its_connection(
    server: ScriptedServer, pool: ConnectionPool
) -> None:
    body = b"x" * (4 * http_connection.HEAD_BYTES)
    server.answer(whole(body))
    assert (await post(pool, server)).body == body
    await post(pool, server)
    assert server.connected == 1


@pytest.mark.parametrize(
    "begin",
    [b"", b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{"],
    ids=["at once", "in its head", "in its body"],
)
async def test_an_answer_that_stalls_is_a_timeout(
    server: ScriptedServer, pool: ConnectionPool, begin: bytes
) -> None:
    async def script(peer: Peer) -> None:
        await peer.send(begin)
        await peer.end()

    server.scripts.append(script)
    with pytest.raises(TimedOut):
        await post(pool, server, read=SHORT)
    await server.until(lambda: server.open == 0)
    await post(pool, server)


async def test_an_answer_that_drips_may_take_longer_than_one_wait(
    server: ScriptedServer, pool: ConnectionPool
) -> None:
    server.scripts.append(lambda peer: peer.drip(whole(BODY), SHORT / 10))
    assert (await post(pool, server, read=4 * SHORT)).body == BODY


async def test_an_answer_that_drips_ends_with_the_limit_for_everything(
    server: ScriptedServer, pool: ConnectionPool
) -> None:
    server.scripts.append(lambda peer: peer.drip(whole(bytes(10_000)), SHORT / 10))
    with pytest.raises(TimedOut):
        await post(pool, server, total=3 * SHORT)
    await server.until(lambda: server.open == 0)


async def test_a_request_has_what_it_needs_and_asks_for_no_compression(
    server: ScriptedServer, pool: ConnectionPool
) -> None:
    body = ("驿站" * 300_000).encode()
    await post(pool, server, body)
    assert server.requests == [
        b"POST /botT/getMe HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nUser-Agent: test\r\nAccept: */*\r\n"
        b"Content-Type: application/json\r\nContent-Length: %d\r\n\r\n%b"
        % (server.origin.port or 0, len(body), body)
    ]
