"""Half-sent requests, silent sockets and too many connections, on real sockets."""

import asyncio
import errno
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress

import aiohttp
import pytest
from aiohttp import web
from structlog.testing import capture_logs

from bot.app.listening import LimitedSite, ListeningLimits, log_accept_errors, mark_request

HALF = b"GET / HTTP/1.1\r\nHost: a.example\r\nX-Slow: "
WHOLE = b"GET / HTTP/1.1\r\nHost: a.example\r\n\r\n"
PATIENCE = 10.0  # seconds after which a test that waits for something fails
SHORT = 0.05
LONG = 60.0


async def hello(_: web.Request) -> web.Response:
    return web.Response(text="hello")


async def large(_: web.Request) -> web.Response:
    return web.Response(body=bytes(32 << 20))


async def websocket(request: web.Request) -> web.WebSocketResponse:
    socket = web.WebSocketResponse()
    await socket.prepare(request)
    async for message in socket:
        await socket.send_str(message.data)
    return socket


class Client:
    """A socket of a client that sends what it likes, from a loopback address of its own."""

    def __init__(self, port: int, address: str = "127.0.0.1") -> None:
        self._port = port
        self._address = address

    async def __aenter__(self) -> "Client":
        self.reader, self.writer = await asyncio.open_connection(
            "127.0.0.1", self._port, local_addr=(self._address, 0)
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        self.writer.close()
        with suppress(ConnectionError):
            await self.writer.wait_closed()

    async def send(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()

    async def answered(self) -> bool:
        """Whether a request sent now is answered; False where the connection is closed."""
        with suppress(ConnectionError):
            await self.send(WHOLE)
            async with asyncio.timeout(PATIENCE):
                return (await self.reader.read(4096)).startswith(b"HTTP/1.1 200")
        return False

    async def closed(self) -> bool:
        """Returns True once the server has closed the connection without a word."""
        async with asyncio.timeout(PATIENCE):
            try:
                return await self.reader.read(4096) == b""
            except ConnectionError:
                return True


@asynccontextmanager
async def listening(limits: ListeningLimits) -> AsyncIterator[int]:
    """A server within these limits; its port."""
    app = web.Application(middlewares=[mark_request])
    app.add_routes([web.get("/", hello), web.get("/large", large), web.get("/ws", websocket)])
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await LimitedSite(runner, "127.0.0.1", 0, limits).start()
    try:
        yield runner.addresses[0][1]
    finally:
        await runner.cleanup()


@pytest.mark.parametrize("sent", [b"", b"G", HALF])
async def test_a_request_that_never_comes_whole_is_closed(sent: bytes) -> None:
    async with (
        listening(ListeningLimits(10, 10, head=SHORT, keep_alive=LONG)) as port,
        Client(port) as slow,
    ):
        await slow.send(sent)
        assert await slow.closed()


async def test_a_second_request_that_never_comes_whole_is_closed() -> None:
    async with (
        listening(ListeningLimits(10, 10, head=LONG, keep_alive=SHORT)) as port,
        Client(port) as slow,
    ):
        assert await slow.answered()
        await slow.send(HALF)
        assert await slow.closed()


async def test_a_connection_that_was_answered_may_rest_between_two_requests() -> None:
    async with (
        listening(ListeningLimits(10, 10, head=SHORT, keep_alive=LONG)) as port,
        Client(port) as calm,
        Client(port) as silent,
    ):
        assert await calm.answered()
        assert await silent.closed()  # its time for the first request was over after the other's
        assert await calm.answered()


async def test_an_open_websocket_is_not_taken_for_a_silent_one() -> None:
    async with (
        listening(ListeningLimits(10, 10, head=SHORT, keep_alive=SHORT)) as port,
        aiohttp.ClientSession() as http,
        http.ws_connect(f"http://127.0.0.1:{port}/ws") as page,
        Client(port) as silent,
    ):
        assert await silent.closed()
        await page.send_str("在吗")
        assert await page.receive_str(timeout=PATIENCE) == "在吗"


async def test_beyond_its_capacity_connections_are_closed_and_places_are_free_again() -> None:
    async with listening(ListeningLimits(5, 5)) as port, AsyncExitStack() as stack:
        held = [await stack.enter_async_context(Client(port)) for _ in range(5)]
        assert await held[0].answered()
        with capture_logs() as logs:
            for _ in range(20):
                async with Client(port) as late:
                    assert await late.closed()
        (line,) = [one for one in logs if one["event"] == "http.refused"]
        assert (line["why"], line["open"]) == ("full", 5)
        await held[1].__aexit__()
        assert await _becomes_answered(lambda: Client(port))


async def test_half_sent_requests_of_one_address_leave_room_for_the_others() -> None:
    async with listening(ListeningLimits(20, 5)) as port, AsyncExitStack() as stack:
        for _ in range(50):
            slow = await stack.enter_async_context(Client(port, "127.0.0.2"))
            with suppress(ConnectionError):
                await slow.send(HALF)
        async with Client(port, "127.0.0.2") as same, Client(port, "127.0.0.3") as other:
            assert await same.closed()
            assert await other.answered()


async def test_half_sent_requests_from_everywhere_make_room_in_time() -> None:
    async with (
        listening(ListeningLimits(20, 20, head=SHORT)) as port,
        AsyncExitStack() as stack,
    ):
        for _ in range(60):
            slow = await stack.enter_async_context(Client(port))
            with suppress(ConnectionError):
                await slow.send(HALF)
        assert await _becomes_answered(lambda: Client(port))


async def test_a_body_that_nobody_reads_frees_its_place_though_it_never_ends() -> None:
    """As on each path that refuses the request at its head, and on paths that are none."""
    slow_body = b"POST / HTTP/1.1\r\nHost: a.example\r\nContent-Length: 99999\r\n\r\nslow"
    async with listening(ListeningLimits(1, 1, head=SHORT)) as port, Client(port) as slow:
        await slow.send(slow_body)
        assert (await slow.reader.readline()).split()[1] == b"405"
        assert await _becomes_answered(lambda: Client(port))


async def test_a_client_that_does_not_read_its_answer_frees_its_place() -> None:
    async with listening(ListeningLimits(1, 1, unread=0.5)) as port, Client(port) as greedy:
        await greedy.send(WHOLE.replace(b"GET /", b"GET /large"))
        assert await _becomes_answered(lambda: Client(port))


async def test_a_malformed_request_frees_its_place() -> None:
    async with listening(ListeningLimits(1, 1)) as port:
        async with Client(port) as bad:
            await bad.send(b"NONSENSE\r\n\r\n")
            assert (await bad.reader.read(4096)).startswith(b"HTTP/1.0 400")
        assert await _becomes_answered(lambda: Client(port))


async def test_running_out_of_descriptors_is_logged_once_a_minute() -> None:
    loop = asyncio.get_running_loop()
    others: list[str] = []
    loop.set_exception_handler(lambda _, context: others.append(context["message"]))
    log_accept_errors(loop)
    full = OSError(errno.EMFILE, "Too many open files")
    try:
        with capture_logs() as logs:
            for _ in range(500):  # as asyncio reports each attempt
                loop.call_exception_handler(
                    {"message": "accept", "exception": full, "socket": object()}
                )
            loop.call_exception_handler({"message": "another", "exception": full})
    finally:
        loop.set_exception_handler(None)
    assert [(one["event"], one["error"]) for one in logs] == [("http.accept_failed", "EMFILE")]
    assert others == ["another"]


async def _becomes_answered(client: Callable[[], Client]) -> bool:
    """True as soon as a new connection is served: the server hears later of one that was closed."""
    async with asyncio.timeout(PATIENCE):
        while True:
            async with client() as one:
                if await one.answered():
                    return True
